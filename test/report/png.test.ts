// PNG of the figures with the shipped font alone.

import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { drawFigure } from "../../src/report/figures/index.js";
import { pngWriter } from "../../src/report/png.js";
import { everyFigure } from "./synthetic.js";

const font = fileURLToPath(
  new URL("../../node_modules/dejavu-fonts-ttf/ttf/DejaVuSans.ttf", import.meta.url),
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
