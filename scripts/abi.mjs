// Writes src/engine/abi.ts, the interface between the library and the kernels, from the sources of
// the kernels, so that both sides agree. It contains the fields of each table
// (`export const NAME: i32 = k;`, counted from 0), other constants of the same files, and the
// signature of every exported function. The file is not kept in git.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** The tables, by the file that lists their fields. */
const tables = {
  plan: "device/plan.ts",
  chain: "chain/chain-plan.ts",
  chainPoint: "chain/point-plan.ts",
  dots: "dots/dots-plan.ts",
};

const camel = (name) => name.toLowerCase().replaceAll(/_(.)/g, (_, letter) => letter.toUpperCase());

/**
 * The constants of a file. The first i32 of each value is a field; further ones, and those of
 * another type, are constants.
 */
function constantsOf(text) {
  const found = [...text.matchAll(/^export const ([A-Z][A-Z0-9_]*): (i32|usize) = (\d+);/gm)];
  const fields = [];
  const constants = {};
  for (const [, name, type, digits] of found) {
    const value = Number(digits);
    if (type === "i32" && fields[value] === undefined) fields[value] = camel(name);
    else constants[camel(name)] = value;
  }
  return { fields, constants };
}

/** The functions that assembly/index.ts exports, as members of an interface. */
async function signatures(sources) {
  const index = sources.get("index.ts");
  const names = [...index.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list]) =>
    list.split(",").map((name) => name.trim()),
  );
  const all = [...sources.values()].join("\n");
  const own = [...index.matchAll(/^export function (\w+)/gm)].map(([, name]) => name);
  return [...names, ...own].map((name) => {
    const match = all.match(new RegExp(`^export function ${name}\\(([^)]*)\\): (\\w+)`, "m"));
    if (!match) throw new Error(`assembly: no function ${name}`);
    const type = (of) => (of === "bool" ? "boolean" : of === "void" ? "void" : "number");
    const parameters = match[1]
      .split(",")
      .map((part) => part.replaceAll(/\/\/.*$/gm, "").trim())
      .filter((part) => part !== "")
      .map((part) => {
        const [parameter, of] = part.split(":").map((half) => half.trim());
        return `${parameter}: ${type(of)}`;
      });
    return `  ${name}(${parameters.join(", ")}): ${type(match[2])};`;
  });
}

const sources = new Map();
for (const entry of await readdir(join(root, "assembly"), { recursive: true }))
  if (entry.endsWith(".ts"))
    sources.set(entry.replaceAll("\\", "/"), await readFile(join(root, "assembly", entry), "utf8"));

const parts = ["// Written by scripts/abi.mjs from the sources of the kernels; not to be edited.", ""];
for (const [name, file] of Object.entries(tables)) {
  const { fields, constants } = constantsOf(sources.get(file));
  if (fields.includes(undefined))
    throw new Error(`assembly/${file}: the fields are not counted from 0 without gaps`);
  parts.push(`export const ${name}Fields = [`, ...fields.map((field) => `  "${field}",`), "] as const;", "");
  if (Object.keys(constants).length > 0)
    parts.push(
      `export const ${name}Constants = {`,
      ...Object.entries(constants).map(([key, value]) => `  ${key}: ${value},`),
      "} as const;",
      "",
    );
}
parts.push(
  "/** The exports of assembly/index.ts; sizes and addresses are 32-bit integers. */",
  "export interface Exports {",
  "  memory: WebAssembly.Memory;",
);
parts.push(...(await signatures(sources)), "}", "");
const text = parts.join("\n");
const path = join(root, "src/engine/abi.ts");
if ((await readFile(path, "utf8").catch(() => "")) !== text) await writeFile(path, text);
