// The pages of the machines: one per preset, complete, with figures that exist; their numbers are checked in docs-numbers.test.ts.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { presetNames } from "../../src/index.js";

const docs = (path: string) => fileURLToPath(new URL(`../../docs/${path}`, import.meta.url));

test.each(presetNames)("%s has its page, with sources, numbers and figures", (preset) => {
  const text = readFileSync(docs(`${preset}.md`), "utf8");
  expect(text).toMatch(/^# \S/);
  for (const heading of ["Figures", "Checked numbers", "Options", "Sources"])
    expect(text).toContain(`## ${heading}`);
  expect(text).toContain(`--preset ${preset}`);
  const example = text.match(/\]\(\.\.\/(examples\/[^)]+)\)/)?.[1] ?? "none";
  expect(existsSync(docs(`../${example}`)), example).toBe(true);
  const figures = [...text.matchAll(/!\[[^\]]+\]\((figures\/[^)]+\.svg)\)/g)].map((match) => match[1]);
  expect(figures.length).toBeGreaterThanOrEqual(3);
  for (const figure of figures) expect(existsSync(docs(figure)), figure).toBe(true);
  // A drawing of the machine comes first; the list names the page and shows it.
  expect(figures[0]).toBe(`figures/${preset}-machine.svg`);
  const list = readFileSync(docs("README.md"), "utf8");
  expect(list).toContain(`(${preset}.md)`);
  expect(list).toContain(`<a href="${preset}.md"><img src="${figures[0]}"`);
});

test("no figure lies unused, none names anything outside itself", () => {
  const pages = readdirSync(docs("."))
    .filter((name) => name.endsWith(".md"))
    .map((name) => readFileSync(docs(name), "utf8"))
    .join("\n");
  for (const name of readdirSync(docs("figures"))) {
    expect(pages).toContain(`figures/${name}`);
    const svg = readFileSync(docs(`figures/${name}`), "utf8");
    expect(svg).not.toMatch(/\b(href|src)=|url\((?!#)|NaN|undefined/);
  }
});
