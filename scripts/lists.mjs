// Writes the lists of things that register themselves by being there, so that a new one is a new file and nothing else: FOLDER/all.ts imports the default
// export of every file beside it and keeps it under the file's name. Not kept in git; written before every build.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Folders of such files, what their list is called, and the type of its keys. */
const lists = { "src/model/presets": ["presets", "PresetName", "Name of a preset."] };

const camel = (name) => name.replaceAll(/-(.)/g, (_, letter) => letter.toUpperCase());

for (const [folder, [name, key, what]] of Object.entries(lists)) {
  const files = (await readdir(join(root, folder), { withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.ts$/.test(entry.name) && !/^(all|index)\.ts$/.test(entry.name))
    .map((entry) => entry.name.slice(0, -3))
    .sort();
  const text = [
    "// Written by scripts/lists.mjs from the files of this folder; not to be edited.",
    "",
    ...files.map((file) => `import ${camel(file)} from "./${file}.js";`),
    "",
    `export const ${name} = {`,
    ...files.map((file) => (camel(file) === file ? `  ${file},` : `  "${file}": ${camel(file)},`)),
    "};",
    "",
    `/** ${what} */`,
    `export type ${key} = ${files.map((file) => `"${file}"`).join(" | ")};`,
    "",
  ].join("\n");
  const path = join(root, folder, "all.ts");
  if ((await readFile(path, "utf8").catch(() => "")) !== text) await writeFile(path, text);
}
