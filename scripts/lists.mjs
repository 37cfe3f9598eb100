// Writes the lists of presets and commands from the files of their folders, so that a new one needs
// only a new file. A list imports one export of every file in its folder and stores it under the
// file's name. The lists are not kept in git and are written before every build.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/**
 * The lists: folder and file of the list there, the name of its export, the export of each file
 * that it collects, and optionally the name of a type for its keys.
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

/** A name in the program for a file's; `import` is a word of the language. */
const camel = (name) =>
  name === "import" ? "imports" : name.replaceAll(/-(.)/g, (_, letter) => letter.toUpperCase());

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
