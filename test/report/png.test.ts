// PNG of the figures with the shipped font alone, which is a part of DejaVu Sans.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { drawFigure } from "../../src/report/figures/index.js";
import { pngWriter } from "../../src/report/png.js";
import { everyFigure } from "./synthetic.js";

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const font = path("dist/DejaVuSans.ttf");
const wholeFont = path("node_modules/dejavu-fonts-ttf/ttf/DejaVuSans.ttf");

/** Characters of the shipped font: first and last ones of its ranges. */
const { ranges }: { ranges: [number, number][] } = await import(
  new URL("../../scripts/font.mjs", import.meta.url).href
);

test("every figure, three pixels per unit, with its words", async () => {
  const png = await pngWriter(font);
  for (const data of everyFigure) {
    const { svg, name } = drawFigure(data, "none");
    const [width, height] = svg
      .match(/viewBox="0 0 (\d+) (\d+)"/)!
      .slice(1)
      .map(Number);
    const image = Buffer.from(png(svg));
    expect(image.subarray(1, 4).toString(), name).toBe("PNG");
    expect([image.readUInt32BE(16), image.readUInt32BE(20)], name).toEqual([3 * width, 3 * height]);
    const wordless = Buffer.from(png(svg.replaceAll(/<text[^>]*>[^<]*<\/text>/g, "")));
    expect(image.length - wordless.length, name).toBeGreaterThan(2000);
  }
});

test("every character of the shipped font looks as in the whole one, alone and as a part of others", async () => {
  const [png, reference] = [await pngWriter(font), await pngWriter(wholeFont)];
  const codes = ranges.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, k) => first + k),
  );
  expect(codes.length).toBeGreaterThan(900);
  for (let at = 0; at < codes.length; at += 100) {
    const texts = codes
      .slice(at, at + 100)
      .map(
        (code, k) => `<text x="${30 * (k % 10) + 5}" y="${30 * Math.floor(k / 10) + 22}">&#${code};</text>`,
      );
    const svg = (content: string) =>
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 300" font-family="DejaVu Sans" font-size="16">${content}</svg>`;
    const drawn = Buffer.from(png(svg(texts.join("")), 600));
    expect(drawn.equals(Buffer.from(reference(svg(texts.join("")), 600))), `from ${codes[at]}`).toBe(true);
    expect(drawn.length).toBeGreaterThan(Buffer.from(png(svg(""), 600)).length + 1000);
  }
});

test("the shipped font has every character that figures are written in", () => {
  const texts = ["src/report", "src/model", "src/motor"].flatMap((folder) =>
    readdirSync(path(folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(path(`${folder}/${name}`), "utf8")),
  );
  const used = new Set(texts.join("").replaceAll(/^\s*(\/\/|\*|\/\*).*$/gm, ""));
  used.delete("\n");
  const codes = [...used].map((character) => character.codePointAt(0)!);
  expect(codes.length).toBeGreaterThan(100);
  const missing = codes.filter((code) => !ranges.some(([first, last]) => first <= code && code <= last));
  expect(missing.map((code) => String.fromCodePoint(code))).toEqual([]);
});
