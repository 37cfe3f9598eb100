// What comments and pages refer to exists: sections of docs/physics.md and docs/numerics.md, and files by their names.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: root, encoding: "utf8" })
  .trim()
  .split("\n")
  .filter((path) => existsSync(root + path));

/** Files that are written at build, or by a command. */
const written =
  /(^|\/)(abi\.ts|all\.ts|binaries\.ts|index\.js|cli\.js|worker\.js|actions\.js|report\.js|index\.d\.ts|results\.json|model\.json|FILE\.\w+|NAME\.\w+)$/;

/** The numbers of the sections of a page: "## 4. Force, friction, noise". */
const sections = (page: string): Set<string> =>
  new Set([...readFileSync(`${root}docs/${page}.md`, "utf8").matchAll(/^## (\d+)\. /gm)].map(([, n]) => n));

/** Sections that a text cites, with those of a page that do not exist. */
function danglingSections(text: string, known: Record<string, Set<string>>): string[] {
  const cited = text.matchAll(
    /\b(physics|numerics)\.md(?:\)|\]\([^)]*\))?,?\s+(?:\/\/ |\* )?sections? (\d+)(?:(?:, (\d+))*,? (?:and|to) (\d+))?/g,
  );
  return [...cited].flatMap(([, page, ...numbers]) =>
    numbers.filter((n) => n !== undefined && !known[page].has(n)).map((n) => `${page} ${n}`),
  );
}

/** Names of source files and pages in a text that end no path of the project. */
function danglingFiles(text: string, paths: string[]): string[] {
  const names = text.matchAll(/(?<![\w./{}$-])([\w-]+(?:\/[\w-]+)*\.(?:ts|md|mjs))(?![\w-])/g);
  return [...new Set([...names].map(([, name]) => name))].filter(
    (name) => !written.test(name) && !paths.some((path) => path === name || path.endsWith(`/${name}`)),
  );
}

/** The comments of a source file; of a page everything. */
function prose(path: string, text: string): string {
  if (path.endsWith(".md")) return text;
  return [...text.matchAll(/^\s*(?:\/\/|\/?\*).*$|\s\/\/ .*$/gm)].map(([line]) => line).join("\n");
}

describe("references", () => {
  const texts = files
    .filter((path) => /\.(ts|mjs|js|md|py)$/.test(path) && path !== "test/house/citations.test.ts")
    .map((path) => ({ path, text: readFileSync(root + path, "utf8") }));

  test("every cited section exists", () => {
    const known = { physics: sections("physics"), numerics: sections("numerics") };
    expect([known.physics.size, known.numerics.size].every((count) => count > 5)).toBe(true);
    const dangling = texts.flatMap(({ path, text }) =>
      danglingSections(text, known).map((what) => `${path}: ${what}`),
    );
    expect(dangling).toEqual([]);
    const some = { physics: new Set(["4", "5"]), numerics: new Set<string>() };
    expect(danglingSections("(docs/physics.md, sections 4 and 7)", some)).toEqual(["physics 7"]);
    expect(danglingSections("physics.md, section 12", some)).toEqual(["physics 12"]);
  });

  test("every file that a comment or a page names exists", () => {
    const dangling = texts
      .filter(({ path }) => !path.startsWith("CHANGELOG"))
      .flatMap(({ path, text }) => danglingFiles(prose(path, text), files).map((name) => `${path}: ${name}`));
    expect(dangling).toEqual([]);
    expect(danglingFiles("as in deep/nothing.ts and point.ts", files)).toEqual(["deep/nothing.ts"]);
  });
});
