// The energy landscape of the angle: minus the integral of torque minus load, over two turns, with
// the angles where the rotor rests and those between, from which it falls.

import type { EnergyUnit } from "../../index.js";
import { colour } from "../theme.js";
import { angleAxis, axisOf } from "./drawing/axes.js";
import { draw, type Figure } from "./drawing/draw.js";
import { dots, line } from "./drawing/marks.js";
import { type LineStyle, series } from "./drawing/style.js";

/** One landscape with its angles of rest. */
export interface Landscape {
  /** Name for the legend, e.g. "with bias 0.02 and load 0.01". */
  name: string;
  /**
   * U at the angles of one turn, with the first point repeated at the end. The difference over the
   * turn continues in the next one.
   */
  potential: ArrayLike<number>;
  /** Angles between 0 and 2 pi where the rotor stands still, stable and unstable. */
  rest?: { stable: ArrayLike<number>; unstable: ArrayLike<number> };
}

export interface LandscapeData {
  /** Equal steps of the angle from 0 to 2 pi, both included. */
  theta: ArrayLike<number>;
  landscapes: readonly Landscape[];
}

const turns = 2;

/** The curve continued over several turns. */
function continued(theta: ArrayLike<number>, potential: ArrayLike<number>): { x: number[]; y: number[] } {
  const n = theta.length - 1;
  const fall = potential[n] - potential[0];
  const [x, y]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < turns; turn++) {
    for (let i = turn === 0 ? 0 : 1; i <= n; i++) {
      x.push(theta[i] + 2 * Math.PI * turn);
      y.push(potential[i] + fall * turn);
    }
  }
  return { x, y };
}

/** Value at an angle, interpolated linearly between its neighbours. */
function interpolated(theta: ArrayLike<number>, values: ArrayLike<number>, angle: number): number {
  const n = theta.length - 1;
  const place = (angle / (2 * Math.PI)) * n;
  const i = Math.min(n - 1, Math.max(0, Math.floor(place)));
  return values[i] + (place - i) * (values[i + 1] - values[i]);
}

export function landscapeFigure({ theta, landscapes }: LandscapeData, units: EnergyUnit): Figure {
  const curves = landscapes.map(({ potential }) => continued(theta, potential));
  const y = axisOf(
    "potential U",
    "energy",
    units,
    curves.map((curve) => curve.y),
  );
  const stable = { fill: colour("ink"), stroke: colour("paper") };
  const unstable = { fill: colour("paper"), stroke: colour("ink") };
  const places = (angles: ArrayLike<number>, potential: ArrayLike<number>) => {
    const n = potential.length - 1;
    const [xs, ys]: [number[], number[]] = [[], []];
    for (let turn = 0; turn < turns; turn++) {
      for (const angle of Array.from(angles)) {
        xs.push(angle + 2 * Math.PI * turn);
        ys.push(y.at(interpolated(theta, potential, angle) + turn * (potential[n] - potential[0])));
      }
    }
    return { xs, ys };
  };
  const styles: LineStyle[] = landscapes.map((_, i) => series[i % series.length]);
  const resting = landscapes.flatMap(({ rest, potential }) =>
    rest === undefined
      ? []
      : (
          [
            [rest.stable, stable],
            [rest.unstable, unstable],
          ] as const
        ).map(([angles, style]) => {
          const { xs, ys } = places(angles, potential);
          return dots(xs, ys, style);
        }),
  );
  const some = (kind: "stable" | "unstable"): boolean =>
    landscapes.some(({ rest }) => rest !== undefined && rest[kind].length > 0);
  return draw({
    name: "landscape",
    title: "Energy landscape of the angle",
    caption:
      "Potential U(θ) = −∫ (τ − load) dθ over two turns. Downhill is where the rotor is driven; its fall per turn is work per turn minus 2π load. " +
      (some("stable")
        ? "Full dots: angles where the rotor rests; open dots: the crests between them."
        : "It has no minima: the rotor rests nowhere."),
    legend: [
      ...landscapes.map(({ name }, i) => ({ name, line: styles[i] })),
      ...(some("stable") ? [{ name: "rest", dot: stable }] : []),
      ...(some("unstable") ? [{ name: "crest", dot: unstable }] : []),
    ],
    panels: [
      {
        x: angleAxis([0, turns]),
        y,
        height: 250,
        marks: [...curves.map((curve, i) => line(curve.x, y.scaled(curve.y), styles[i])), ...resting],
      },
    ],
  });
}
