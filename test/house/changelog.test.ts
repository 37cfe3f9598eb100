// CHANGELOG.md: versions with the sections of Keep a Changelog, entries that are whole and stand there once, and the version of the package,
// which CITATION.cff names as well. Entries that two branches have added can be mangled where they are merged line by line.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
const sections = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];

/** What is wrong with a changelog. */
function faultsOf(text: string, version: string): string[] {
  const faults: string[] = [];
  const [, ...versions] = text.split(/^## /m);
  if (!versions[0]?.startsWith(`${version} `)) faults.push(`the newest version is not ${version}`);
  const seen = new Set<string>();
  for (const one of versions) {
    const [heading, ...parts] = one.split(/^### /m);
    if (/^- /m.test(heading)) faults.push("an entry above the first section");
    const names = parts.map((part) => part.split("\n")[0]);
    const expected = sections.filter((name) => names.includes(name));
    if (names.join() !== expected.join()) faults.push(`sections ${names.join()}`);
    for (const part of parts)
      for (const entry of part.split(/^- /m).slice(1)) {
        const words = entry.trim().replace(/\s+/g, " ");
        if (!words.endsWith(".")) faults.push(`no end: ${words.slice(-60)}`);
        if (seen.has(words)) faults.push(`twice: ${words.slice(0, 60)}`);
        seen.add(words);
        if (/^(<<<<<<<|=======|>>>>>>>)/m.test(entry)) faults.push("marks of a merge");
      }
  }
  if (seen.size === 0) faults.push("no entries");
  return faults;
}

const { version } = JSON.parse(read("package.json"));

test("sections in their order, whole entries, none twice", () => {
  expect(faultsOf(read("CHANGELOG.md"), version)).toEqual([]);
});

test("the promise for file format, library and numbers stands at its head", () => {
  const [head] = read("CHANGELOG.md").split(/^## /m);
  for (const word of ["nanopinwheel/1", "major version", "stated errors", "Changed"])
    expect(head).toContain(word);
});

test("CITATION.cff names the version of the package", () => {
  expect(read("CITATION.cff")).toMatch(new RegExp(`^version: ${version.replaceAll(".", "\\.")}$`, "m"));
});

test("what merges do to a changelog is seen", () => {
  const good = "# Changelog\n\n## 1.0.0 (date)\n\n### Added\n\n- One\n  thing.\n\n### Fixed\n\n- Two.\n";
  expect(faultsOf(good, "1.0.0")).toEqual([]);
  expect(faultsOf(good, "1.1.0")).toHaveLength(1);
  expect(faultsOf(good.replace("- Two.", "- One thing."), "1.0.0")).toEqual(["twice: One thing."]);
  expect(faultsOf(good.replace("- Two.", "- Two and"), "1.0.0")).toEqual(["no end: Two and"]);
  expect(faultsOf(good.replace("### Added", "- Three.\n\n### Added"), "1.0.0")).toHaveLength(1);
  expect(faultsOf(good.replace("Fixed", "Added"), "1.0.0")).toEqual(["sections Added,Added"]);
  expect(faultsOf(good.replace("Fixed", "Repaired"), "1.0.0")).toHaveLength(1);
});
