// Words and lines inside the figures: a word keeps off the curve it belongs to, and a line is drawn only where it means something.

import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { textWidth } from "../../src/report/figures/drawing/style.js";
import { drawFigure } from "../../src/report/figures/index.js";

const grid = (from: number, to: number, count: number) =>
  Float64Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));

const documentOf = (svg: string) => parseHTML(`<html><body>${svg}</body></html>`).document;

/** x and y of a translation. */
const shift = (element: Element | null): [number, number] => {
  const found = element?.getAttribute("transform")?.match(/translate\(([-\d.]+),\s*([-\d.]+)\)/);
  return found ? [Number(found[1]), Number(found[2])] : [0, 0];
};

/** Points of an SVG path of straight pieces. */
const pointsOf = (path: Element): [number, number][] =>
  [...path.getAttribute("d")!.matchAll(/(-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);

test.each([
  ["falling from the left edge", (x: number) => 0.9 - 0.8 * x],
  ["steeply falling from the left edge", (x: number) => Math.exp(-6 * x)],
  ["rising to the right edge", (x: number) => 0.1 + 0.8 * x],
  ["with a maximum inside", (x: number) => 4 * x * (1 - x)],
  ["with a narrow maximum", (x: number) => Math.exp(-((40 * (x - 0.5)) ** 2))],
])("the best efficiency's number keeps off a curve %s", (_, eta) => {
  const load = grid(0, 1, 101);
  const efficiency = load.map(eta);
  const { svg } = drawFigure(
    {
      kind: "efficiency",
      load,
      powerIn: load.map(() => 1),
      powerOut: efficiency,
      efficiency,
      inertia: { of: "infinite", file: "infinite" },
    },
    "none",
  );
  const document = documentOf(svg);
  const text = [...document.querySelectorAll("text")].find((one) =>
    /^\d+(\.\d+)? %$/.test(one.textContent ?? ""),
  )!;
  const word = text.textContent!;
  const group = text.closest('g[aria-label="text"]')!;
  const [x, y] = [shift(text), shift(group)].reduce(([a, b], [c, d]) => [a + c, b + d]);
  const anchor = text.getAttribute("text-anchor") ?? group.getAttribute("text-anchor") ?? "middle";
  const left = x - { start: 0, middle: 0.5, end: 1 }[anchor as "start"]! * textWidth(word);
  const panel = group.parentElement!;
  const points = [...panel.querySelectorAll('g[aria-label="line"] path')].flatMap(pointsOf);
  expect(points.length).toBeGreaterThan(90);
  const touched = points.filter(
    ([px, py]) => px > left && px < left + textWidth(word) && Math.abs(py - y) < 7,
  );
  expect(touched).toEqual([]);
  const frame = panel.querySelector('[aria-label="frame"]')!;
  const [from, width] = ["x", "width"].map((name) => Number(frame.getAttribute(name)));
  expect(left).toBeGreaterThan(from);
  expect(left + textWidth(word)).toBeLessThan(from + width);
});

const trajectories = (meanVelocity: number, start: number) =>
  drawFigure(
    {
      kind: "trajectories",
      time: grid(0, 100, 51),
      angles: [0, 1].map((k) => grid(0, 100, 51).map((t) => start + k + meanVelocity * t)),
      meanVelocity,
      seed: 1,
    },
    "none",
  );

test("trajectories: the mean motion starts where they do, and is left out of a rotor that stays where it is", () => {
  const running = trajectories(0.5, 20);
  expect(running.caption).toContain("Dashed: mean speed");
  const lines = [...documentOf(running.svg).querySelectorAll('g[aria-label="line"] path')].map(pointsOf);
  expect(lines.length).toBe(3);
  // Between the two of them, at every time.
  for (const [i, [, y]] of lines[2].entries()) expect(2 * y).toBeCloseTo(lines[0][i][1] + lines[1][i][1], 0);
  const resting = trajectories(1e-5, 20);
  expect(resting.caption).toContain("less than half a turn");
  expect(documentOf(resting.svg).querySelectorAll('g[aria-label="line"] path').length).toBe(2);
  expect(resting.svg).not.toContain("mean speed");
});

test.each([
  [0, "end", 0],
  [Math.PI, "start", 0],
  [Math.PI / 2, "middle", 1],
  [-Math.PI / 2, "middle", -1],
])("the word at the start of the path at %f stands inside it", (from, anchor, below) => {
  const turn = grid(0, 2 * Math.PI, 257).slice(0, 256);
  const path = { first: turn.map((t) => Math.cos(from + t)), second: turn.map((t) => Math.sin(from + t)) };
  const { svg } = drawFigure({ kind: "cycle", parameters: ["x", "y"], lead: "left", path }, "none");
  const document = documentOf(svg);
  const text = [...document.querySelectorAll("text")].find((one) => one.textContent === "θ = 0")!;
  const group = text.closest('g[aria-label="text"]')!;
  expect(text.getAttribute("text-anchor") ?? group.getAttribute("text-anchor") ?? "middle").toBe(anchor);
  const dot = [...document.querySelectorAll("circle")].at(-1)!;
  const y = shift(text)[1] + shift(group)[1];
  expect(Math.sign(Math.round((y - Number(dot.getAttribute("cy"))) / 10)) + 0).toBe(below);
});

test("panels below one another stand in line", () => {
  const theta = grid(0, 2 * Math.PI, 65);
  const { svg } = drawFigure(
    {
      kind: "friction",
      theta,
      friction: theta.map((t) => 0.0123 * (2 + Math.cos(t))),
      noise: theta.map((t) => 3 + Math.sin(t)),
      external: 0,
    },
    "none",
  );
  const frames = [...documentOf(svg).querySelectorAll('[aria-label="frame"]')];
  expect(frames.length).toBe(2);
  const edges = frames.map((frame) => ["x", "width"].map((name) => Number(frame.getAttribute(name))));
  expect(edges[1]).toEqual(edges[0]);
});
