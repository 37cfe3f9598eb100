// Writes the lists of things that register themselves by being there, so that a new one is a new file and nothing else: a list imports one export of every
// file beside it and keeps it under the file's name. Not kept in git; written before every build.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/**
 * Lists to be written: the folder and the file of the list there, the name of what it exports, which export of each file it holds, and, where asked for,
 * the name of a type of its keys.
 */
const lists = [
  {
    folder: "src/model/presets",
    file: "all",
    name: "presets",
    of: "default",
    type: "PresetName",
    what: "Name of a preset.",
  },
  { folder: "src/cli/commands", file: "all", name: "actions", of: "default" },
  { folder: "src/cli/commands", file: "entries", name: "entries", of: "entry" },
];
const written = lists.map(({ file }) => file);

const camel = (name) => name.replaceAll(/-(.)/g, (_, letter) => letter.toUpperCase());

for (const { folder, file: list, name, of, type, what } of lists) {
  const files = (await readdir(join(root, folder), { withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.ts$/.test(entry.name) && !/^index\.ts$/.test(entry.name))
    .map((entry) => entry.name.slice(0, -3))
    .filter((file) => !written.includes(file))
    .sort();
  const text = [
    "// Written by scripts/lists.mjs from the files of this folder; not to be edited.",
    "",
    ...files.map(
      (file) =>
        `import ${of === "default" ? camel(file) : `{ ${of} as ${camel(file)} }`} from "./${file}.js";`,
    ),
    "",
    `export const ${name} = {`,
    ...files.map((file) => (camel(file) === file ? `  ${file},` : `  "${file}": ${camel(file)},`)),
    "};",
    "",
    ...(type
      ? [`/** ${what} */`, `export type ${type} = ${files.map((file) => `"${file}"`).join(" | ")};`, ""]
      : []),
  ].join("\n");
  const path = join(root, folder, `${list}.ts`);
  if ((await readFile(path, "utf8").catch(() => "")) !== text) await writeFile(path, text);
}
