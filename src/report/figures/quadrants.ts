// The four quadrants of bias and load: where the machine is a motor, a generator that its load
// turns backwards, or only a heater.

import type * as Plot from "@observablehq/plot";
import type { EnergyUnit } from "../../index.js";
import { colour, efficiencySteps } from "../theme.js";
import { axisOf, inertiaText } from "./drawing/axes.js";
import { draw, type Figure, type Panel } from "./drawing/draw.js";
import { note } from "./drawing/marks.js";

export const modes = ["motor", "generator", "dissipator", "locked"] as const;
export type Mode = (typeof modes)[number];

/**
 * The data, stored by rows: the index is bias * length of load + load. Both grids have equal steps.
 */
export interface QuadrantData {
  bias: ArrayLike<number>;
  load: ArrayLike<number>;
  mode: readonly Mode[];
  /** Efficiency of motor and generator, 0 to 1; other modes do not use it. */
  efficiency: ArrayLike<number>;
  /** Inertia of the file's rotor. The map is that of uniform rotation. */
  fileInertia: number | "infinite";
}

const fillOf = (mode: Mode, step: number): string =>
  colour(mode === "motor" || mode === "generator" ? `${mode}-${step}` : mode);

/** Number of the fill of a cell. Modes with an efficiency have five fills. */
function cellKey({ mode, efficiency }: QuadrantData, k: number): string {
  const step = Math.min(efficiencySteps - 1, Math.max(0, Math.floor(efficiencySteps * (efficiency[k] || 0))));
  return fillOf(mode[k], step);
}

/** One path per colour, of boxes that join the equal cells of a column. */
function cells(data: QuadrantData, x: ArrayLike<number>, y: ArrayLike<number>): Plot.RenderFunction {
  return (_index, scales, _values, dimensions, context) => {
    const document = context.document as Document;
    const [sx, sy] = [scales.x as (v: number) => number, scales.y as (v: number) => number];
    const edges = (grid: ArrayLike<number>, i: number): [number, number] => {
      const half = (grid[1] - grid[0]) / 2;
      const [first, last] = [grid[0], grid[grid.length - 1]];
      return [Math.max(first, grid[i] - half), Math.min(last, grid[i] + half)];
    };
    const paths = new Map<string, string>();
    for (let i = 0; i < x.length; i++) {
      const [left, right] = edges(x, i).map((value) => sx(value).toFixed(1));
      let from = 0;
      for (let j = 0; j < y.length; j++) {
        const key = cellKey(data, i * y.length + j);
        if (j + 1 < y.length && cellKey(data, i * y.length + j + 1) === key) continue;
        const bottom = sy(edges(y, from)[0]).toFixed(1);
        const top = sy(edges(y, j)[1]).toFixed(1);
        paths.set(key, `${paths.get(key) ?? ""}M${left},${bottom}V${top}H${right}V${bottom}Z`);
        from = j + 1;
      }
    }
    const group = document.createElementNS("http://www.w3.org/2000/svg", "g");
    group.setAttribute("shape-rendering", "crispEdges");
    for (const [fill, d] of paths) {
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("fill", fill);
      path.setAttribute("d", d);
      group.append(path);
    }
    void dimensions;
    return group as unknown as SVGElement;
  };
}

/**
 * The places for the names of the modes: in each larger region the cell farthest from its edge.
 */
function labelPlaces(data: QuadrantData): { mode: Mode; i: number; j: number }[] {
  const [n, m] = [data.bias.length, data.load.length];
  const places: { mode: Mode; i: number; j: number }[] = [];
  for (const mode of modes) {
    let left = new Set<number>();
    data.mode.forEach((cell, k) => {
      if (cell === mode) left.add(k);
    });
    // Regions that are joined only by a narrow neck get separate names.
    for (let layer = 0; layer < 2; layer++) left = peeled(left, n, m);
    while (left.size > 0) {
      const piece = connected(left, n, m);
      // A region too small for a word gets none.
      if (piece.length < 0.008 * n * m) continue;
      const centre = deepest(new Set(piece), n, m);
      places.push({ mode, i: Math.floor(centre / m), j: centre % m });
    }
  }
  return places;
}

/** Removes one connected region from a set of cells and returns it. */
function connected(cellSet: Set<number>, n: number, m: number): number[] {
  const [start] = cellSet;
  cellSet.delete(start);
  const piece = [start];
  for (let at = 0; at < piece.length; at++) {
    for (const next of neighbours(piece[at], n, m)) if (cellSet.delete(next)) piece.push(next);
  }
  return piece;
}

function neighbours(k: number, n: number, m: number): number[] {
  const [i, j] = [Math.floor(k / m), k % m];
  return [
    ...(i > 0 ? [k - m] : []),
    ...(i + 1 < n ? [k + m] : []),
    ...(j > 0 ? [k - 1] : []),
    ...(j + 1 < m ? [k + 1] : []),
  ];
}

/** The cells without those at the edge. */
const peeled = (cellSet: ReadonlySet<number>, n: number, m: number): Set<number> =>
  new Set(
    [...cellSet].filter((k) => {
      const around = neighbours(k, n, m);
      return around.length === 4 && around.every((next) => cellSet.has(next));
    }),
  );

/** The cell that remains longest when the edge is removed layer by layer. */
function deepest(cellSet: Set<number>, n: number, m: number): number {
  let inside = cellSet;
  let [survivor] = inside;
  while (inside.size > 0) {
    survivor = [...inside][Math.floor(inside.size / 2)];
    inside = peeled(inside, n, m);
  }
  return survivor;
}

export function quadrantFigure(data: QuadrantData, units: EnergyUnit): Figure {
  const { bias, load } = data;
  const x = axisOf("bias V", "voltage", units, [bias], { tight: true });
  const y = axisOf("load", "torque", units, [load], { tight: true });
  const [xs, ys] = [x.scaled(bias), y.scaled(load)];
  const present = (mode: Mode): boolean => data.mode.includes(mode);
  const steps = (mode: Mode): string[] =>
    Array.from({ length: efficiencySteps }, (_, step) => fillOf(mode, step));
  const marks: Plot.Markish[] = [
    cells(data, xs, ys) as unknown as Plot.Markish,
    ...labelPlaces(data).map(({ mode, i, j }) => note(xs[i], ys[j], mode)),
  ];
  const panel: Panel = {
    x,
    y,
    height: 280,
    grid: false,
    marks,
  };
  return draw({
    name: "quadrants",
    title: "What the machine is: bias against load",
    caption:
      "Uniform rotation (infinite inertia)" +
      (data.fileInertia === "infinite"
        ? ". "
        : `: the file's rotor (${inertiaText(data.fileInertia, units)}) may rest near the borders, where this one turns. `) +
      "Motor: the bias turns the rotor against the load. Generator: the load turns the rotor and the electrons against the bias. Dissipator: both " +
      "put energy in. Locked: the rotor rests. Darker or stronger: higher efficiency (of the generator: electrical output over mechanical input), in steps of 20 %.",
    legend: [
      ...(["motor", "generator"] as const).flatMap((mode) =>
        present(mode) ? [{ name: `${mode}, η 0 to 100 %`, boxes: steps(mode) }] : [],
      ),
      ...(["dissipator", "locked"] as const).flatMap((mode) =>
        present(mode) ? [{ name: mode, boxes: [fillOf(mode, 0)] }] : [],
      ),
    ],
    panels: [panel],
  });
}
