// The floors of the house (CONTRIBUTING.md): a file of src/ imports its own floor or one below, and only the entry files
// know Node. Read from the import lines themselves.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../src/", import.meta.url));

/** From the ground up; the public library stands between what computes and what prints. */
const floors = [
  "base",
  "numerics",
  "engine",
  "model",
  "import",
  "scattering",
  "transport",
  "motor",
  "run",
  "public",
  "report",
  "cli",
];

/** Packages and Node modules a floor may use; everything that runs in a browser uses none of Node. */
const outside: Record<string, RegExp> = {
  engine: /^@assemblyscript\/loader$/,
  model: /^(valibot|@valibot\/to-json-schema)$/,
  report: /^(cli-table3|@observablehq\/plot|@resvg\/resvg-js|node:.*)$/,
  cli: /^(commander|node:.*)$/,
};

const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => path.split(sep).join("/"));

/** The floor of a path below src/. */
function floorOf(path: string): string {
  const [first, ...rest] = path.split("/");
  return rest.length === 0 || first === "device" ? "public" : first;
}

/** What a source file imports or passes on, written statically or as `import("...")`. */
function importsOf(text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const statements = code.matchAll(/^(?:import|export)(?:[^;"'()=]*\bfrom)?\s*["']([^"']+)["']/gm);
  const calls = code.matchAll(/\bimport\(\s*["']([^"']+)["']\s*\)/g);
  return [...statements, ...calls].map((match) => match[1]);
}

interface Import {
  file: string;
  target: string;
}

const imports: Import[] = files.flatMap((file) =>
  importsOf(readFileSync(join(root, file), "utf8")).map((target) => ({ file, target })),
);

/** Imports that climb to a higher floor. */
function climbing(list: Import[]): string[] {
  return list
    .filter(({ target }) => target.startsWith("."))
    .map(({ file, target }) => ({ file, to: relative(root, join(root, dirname(file), target)) }))
    .filter(({ file, to }) => floors.indexOf(floorOf(to)) > floors.indexOf(floorOf(file)))
    .map(({ file, to }) => `${file} -> ${to}`);
}

/** Groups of files each of which imports all the others, by whatever way (R. Tarjan's strongly connected components). */
function circles(list: Import[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { file, target } of list.filter((one) => one.target.startsWith("."))) {
    const to = relative(root, join(root, dirname(file), target)).replace(/\.js$/, ".ts");
    targets.set(file, [...(targets.get(file) ?? []), to]);
  }
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const found: string[] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    lowest.set(file, order.get(file)!);
    open.push(file);
    for (const to of targets.get(file) ?? []) {
      if (!order.has(to)) visit(to);
      if (open.includes(to)) lowest.set(file, Math.min(lowest.get(file)!, lowest.get(to)!));
    }
    if (lowest.get(file) !== order.get(file)) return;
    const members = open.splice(open.indexOf(file));
    if (members.length > 1) found.push(members.sort().join(" "));
  };
  for (const file of targets.keys()) if (!order.has(file)) visit(file);
  return found;
}

describe("floors", () => {
  test("every folder of src/ is a floor", () => {
    expect(files.map(floorOf).filter((floor) => !floors.includes(floor))).toEqual([]);
    expect(files.length).toBeGreaterThan(50);
  });

  test("nothing imports upwards", () => {
    expect(imports.length).toBeGreaterThan(150);
    expect(climbing(imports)).toEqual([]);
  });

  test("no file imports itself through others", () => {
    expect(circles(imports)).toEqual([]);
    const circle = [
      { file: "a.ts", target: "./b/c.js" },
      { file: "b/c.ts", target: "../d.js" },
      { file: "d.ts", target: "./a.js" },
      { file: "e.ts", target: "./a.js" },
    ];
    expect(circles(circle)).toEqual(["a.ts b/c.ts d.ts"]);
  });

  test("a folder holds at most twelve files beside its index", () => {
    const counts = new Map<string, number>();
    for (const file of files.filter((path) => !/(^|\/)(index|all)\.ts$/.test(path)))
      counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > 12)).toEqual([]);
    expect(counts.size).toBeGreaterThan(30);
  });

  test("a file of more than 350 lines says why in its head", () => {
    const written = /(^|\/)(abi|binaries|all|entries)\.ts$/;
    const silent = files
      .filter((path) => !written.test(path))
      .filter((path) => {
        const text = readFileSync(join(root, path), "utf8");
        const head = text.slice(0, text.search(/^(?!\/\/)/m));
        return text.split("\n").length > 351 && !/Longer than most files/.test(head);
      });
    expect(silent).toEqual([]);
  });

  test("the test sees an import that climbs", () => {
    const text =
      'import {\n  a,\n} from "../motor/curve.js";\nexport * from "./b.js";\nimport "../../cli/main.js";';
    const list = importsOf(text).map((target) => ({ file: "transport/deep/pump.ts", target }));
    expect(climbing(list)).toEqual(["transport/deep/pump.ts -> cli/main.js"]);
    const upper = [{ file: "engine/plan.ts", target: "../model/errors.js" }];
    expect(climbing(upper)).toEqual(["engine/plan.ts -> model/errors.js"]);
  });

  test("packages and Node modules only where they belong", () => {
    const foreign = imports
      .filter(({ target }) => !target.startsWith("."))
      .filter(({ file, target }) => !(outside[floorOf(file)] ?? /^$/).test(target))
      .map(({ file, target }) => `${file} -> ${target}`);
    expect(foreign).toEqual([]);
  });

  test("only the command imports the report: the library stays small", () => {
    const importers = imports.filter(
      ({ file, target }) => /(^|\/)report\//.test(target) && !/^(report|cli)\//.test(file),
    );
    expect(importers).toEqual([]);
  });
});
