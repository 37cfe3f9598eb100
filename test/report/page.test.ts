// The report as a reader's browser shows it: nothing loaded, nothing refused, every axis with its unit, no two texts on each other.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeReport, type ReportContent } from "../../src/report/report.js";
import { certificateRow, certificateTable } from "../../src/report/tables/certificates.js";
import { launch, noBrowser, serve } from "./browser.js";
import { everyFigure } from "./synthetic.js";

const content: ReportContent = {
  title: 'A motor <script>alert("no")</script> & more',
  summary: "64 orbitals; leads left, right; parameters x, y",
  units: "none",
  tables: [
    {
      id: "results",
      title: "Results",
      head: ["quantity", "symbol", "value", "unit"],
      numeric: [2],
      rows: [["charge per turn from left", "Q_left", "−0.9999999344", "e"]],
    },
  ],
  checks: [
    {
      id: "certificates",
      title: "Certificates",
      head: ["identity", "defect", "verdict"],
      numeric: [1],
      verdict: 2,
      rows: [["charge balance", "1.1e-16", "holds"]],
    },
  ],
  figures: everyFigure,
  warnings: [{ code: "isolated", text: "a warning with a < in it" }],
  missing: [],
  model: '{ "title": "<b>" }',
  provenance: "nanopinwheel",
};

interface Box {
  text: string;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Boxes of the texts of every figure, and of the figure itself. */
const boxes = (page: Page): Promise<{ name: string; frame: Box; texts: Box[] }[]> =>
  page.$$eval("figure", (figures) =>
    figures.map((figure) => {
      const boxOf = (element: Element) => {
        const { left, right, top, bottom } = element.getBoundingClientRect();
        return { text: element.textContent ?? "", left, right, top, bottom };
      };
      const svg = figure.querySelector("svg")!;
      return {
        name: figure.id,
        frame: boxOf(svg),
        texts: [...svg.querySelectorAll("text")].map(boxOf),
      };
    }),
  );

/** Pairs of texts that overlap by more than a pixel both ways. */
function overlaps(texts: readonly Box[]): string[] {
  const found: string[] = [];
  texts.forEach((a, i) => {
    for (const b of texts.slice(i + 1)) {
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 1 && high > 3) found.push(`${a.text} / ${b.text}`);
    }
  });
  return found;
}

describe.skipIf(noBrowser)("the report in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  test.each([
    ["none", 1200],
    ["meV", 1200],
    ["none", 390],
  ] as const)("units %s, %d pixels wide: complete, quiet, readable", async (units, width) => {
    const { html } = makeReport({ ...content, units });
    const server = await serve(html);
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    const said: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(error.message));
    try {
      await page.goto(server.url);
      expect(said).toEqual([]);
      expect(server.requests).toEqual(["/"]);
      expect(await page.title()).toBe(content.title);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);

      const labels = await page.$$eval("figure", (figures) =>
        figures.map((figure) =>
          ["x-axis label", "y-axis label"].map((name) =>
            [...figure.querySelectorAll(`[aria-label="${name}"]`)].map((label) => label.textContent),
          ),
        ),
      );
      expect(labels.length).toBe(everyFigure.length);
      for (const [x, y] of labels) {
        expect(x.length).toBeGreaterThan(0);
        expect(y.length).toBe(x.length);
        for (const label of [...x, ...y]) expect(label).toMatch(/^\S.* \([^()]+\)$/);
      }

      for (const { name, frame, texts } of await boxes(page)) {
        expect(overlaps(texts), name).toEqual([]);
        for (const { text, left, right, top, bottom } of texts) {
          const inside = left >= frame.left - 1 && right <= frame.right + 1;
          expect([text, inside && top >= frame.top - 1 && bottom <= frame.bottom + 1]).toEqual([text, true]);
          // On a telephone too, letters stay as tall as small print.
          expect(Math.max(bottom - top, right - left), text).toBeGreaterThan(8);
        }
      }
    } finally {
      await page.close();
      server.close();
    }
  });

  test("dark and light, every figure has colours that stand out from the ground", async () => {
    const { html } = makeReport(content);
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await browser.newPage({ colorScheme });
      await page.setContent(html);
      const contrasts = await page.evaluate(() => {
        const luminance = (colour: string): number => {
          const parts = colour
            .match(/[\d.]+/g)!
            .slice(0, 3)
            .map((part) => Number(part) / 255)
            .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
          return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
        };
        const ratio = (a: string, b: string): number => {
          const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
          return (x + 0.05) / (y + 0.05);
        };
        const ground = getComputedStyle(document.body).backgroundColor;
        const of = (selector: string, property: "color" | "fill" | "stroke"): [string, number][] =>
          [...document.querySelectorAll(selector)].map((element) => [
            selector,
            ratio(getComputedStyle(element)[property], ground),
          ]);
        return {
          text: [
            ...of("figcaption, p, td, th, h1, h2, h3, footer, summary", "color"),
            ...of("svg text", "fill"),
          ],
          lines: of('g[aria-label="line"]', "stroke").filter(([, value]) => value > 1.01),
        };
      });
      expect(contrasts.text.length).toBeGreaterThan(100);
      for (const [what, ratio] of contrasts.text)
        expect(ratio, `${colorScheme} ${what}`).toBeGreaterThan(4.5);
      expect(contrasts.lines.length).toBeGreaterThan(15);
      for (const [what, ratio] of contrasts.lines) expect(ratio, `${colorScheme} ${what}`).toBeGreaterThan(3);
      await page.close();
    }
  });

  test("on paper: light, with all figures, in the width of the page", async () => {
    const page = await browser.newPage({ colorScheme: "dark", viewport: { width: 700, height: 900 } });
    await page.setContent(makeReport(content).html);
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(
      "rgb(255, 255, 255)",
    );
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(700);
    expect((await page.pdf({ format: "A4" })).length).toBeGreaterThan(20_000);
    await page.close();
  });
});

describe.skipIf(noBrowser)("on a sheet of A4", () => {
  test("the certificates, the widest table, fit beside margins of 14 mm", async () => {
    const browser = await launch();
    // 182 mm at 96 dots per inch.
    const page = await browser.newPage({ viewport: { width: 688, height: 976 } });
    const checks = [
      certificateTable([
        ["friction bounds the charge", "Q² ≤ 4π⟨γ⟩ N_L N_R/(N_L + N_R)", "0.193083", "≤ 1.39401", "holds"],
        certificateRow("energy that enters in a turn is its work", "|∮ΣJᴱ dθ − W|, relative", {
          value: 3e-17,
          allowed: 1e-8,
          holds: true,
        }),
        ["charges of a turn balance", "|Σ Q|, at the reservoirs", "2.2e-16", "≤ 2.9e-8", "holds"],
      ]),
    ];
    await page.setContent(makeReport({ ...content, checks }).html);
    await page.emulateMedia({ media: "print" });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(688);
    await browser.close();
  });
});

test("the page names nothing outside itself and runs nothing", () => {
  const { html } = makeReport(content);
  expect(html).not.toMatch(/<(script|img|iframe|object|embed|base)\b/i);
  const addresses = [...html.matchAll(/\b(?:href|src)="([^"]*)"/g)].map((match) => match[1]);
  expect(addresses).toEqual(["data:,"]);
  expect(html).not.toMatch(/\sstyle="|@import|url\((?!#)/);
  expect(html).toContain("default-src 'none'; style-src 'sha256-");
});

test("each figure has a title and a description that its SVG names", () => {
  for (const { name, svg } of makeReport(content).figures) {
    expect(svg).toContain(`aria-labelledby="${name}-title ${name}-description"`);
    expect(svg).toMatch(
      new RegExp(`<title id="${name}-title">[^<]{5,}</title><desc id="${name}-description">[^<]{20,}</desc>`),
    );
    expect(svg).not.toContain("var(");
    // On white whatever the ground of the page that shows it.
    expect(svg).toContain('</desc><rect width="100%" height="100%" fill="#ffffff"/>');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  }
});

test("the same content gives the same bytes", () => {
  const [first, second] = [makeReport(content), makeReport(content)];
  expect(first.html === second.html).toBe(true);
  expect(first.figures.every(({ svg }, i) => svg === second.figures[i].svg)).toBe(true);
});
