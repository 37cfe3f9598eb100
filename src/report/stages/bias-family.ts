// Curves of the angle at any bias of a range, from a few computed ones, by polynomial interpolation
// in the bias through Chebyshev points (Berrut, Trefethen, SIAM Review 46, 501 (2004)). The number
// of points is doubled, which keeps the existing ones, until the new curves agree with their
// prediction. Figures need three digits; the error reached is stated.

import { PeriodicCurve } from "../../numerics/periodic/periodic.js";

/** Curves at any bias of a range. */
export interface BiasFamily {
  /** The curves at a bias inside the range, in the order in which they were given. */
  at: (bias: number) => PeriodicCurve[];
  /** The biases at which curves were computed, ascending, with these curves. */
  nodes: { bias: number; curves: PeriodicCurve[] }[];
  /**
   * Largest difference of a computed curve from its prediction, relative to the largest value of
   * its kind.
   */
  error: number;
}

/** The range of biases, and how the curves are computed. */
export interface BiasFamilyOptions {
  from: number;
  to: number;
  /** Relative error that suffices; default 1e-3. */
  tolerance?: number;
  /** Largest number of biases, one more than a power of two; default 17. */
  most?: number;
  /** Called before each bias. */
  progress?: (done: number, expected: number) => void;
}

/**
 * Weights of the interpolating polynomial at a point, for Chebyshev points of the second kind in
 * ascending order.
 */
function weightsAt(nodes: readonly number[], x: number): number[] {
  const last = nodes.length - 1;
  const exact = nodes.indexOf(x);
  if (exact >= 0) return nodes.map((_, k) => (k === exact ? 1 : 0));
  const terms = nodes.map((node, k) => {
    const end = k === 0 || k === last ? 0.5 : 1;
    return (end * (k % 2 === 0 ? 1 : -1)) / (x - node);
  });
  const sum = terms.reduce((total, term) => total + term, 0);
  return terms.map((term) => term / sum);
}

/** Largest difference of two curves at the angles of the finer one. */
function distance(a: PeriodicCurve, b: PeriodicCurve): number {
  const n = Math.max(a.size, b.size);
  const [p, q] = [a.resample(n), b.resample(n)];
  return p.reduce((most, value, i) => Math.max(most, Math.abs(value - q[i])), 0);
}

/**
 * Computes curves at 3, 5, 9, ... biases of the range until they agree with their prediction, or
 * until there are `most` of them.
 */
export function biasFamily(
  curvesAt: (bias: number) => PeriodicCurve[],
  { from, to, tolerance = 1e-3, most = 17, progress = () => {} }: BiasFamilyOptions,
): BiasFamily {
  // By the sine the points lie in exact pairs about the middle, which is 0 for biases of both signs.
  const place = (k: number, intervals: number): number =>
    (from + to) / 2 - ((to - from) / 2) * Math.sin((Math.PI * (intervals - 2 * k)) / (2 * intervals));
  let done = 0;
  const node = (bias: number, expected: number) => {
    progress(done++, expected);
    return { bias, curves: curvesAt(bias) };
  };
  let nodes = [0, 1, 2].map((k) => node(place(k, 2), 5));
  const kinds = nodes[0].curves.map((_, i) => i);
  const family = (error: number): BiasFamily => {
    const fixed = nodes;
    const biases = fixed.map(({ bias }) => bias);
    const at = (bias: number): PeriodicCurve[] => {
      const weights = weightsAt(biases, bias);
      return kinds.map((i) =>
        PeriodicCurve.combination(
          fixed.map(({ curves }) => curves[i]),
          weights,
        ),
      );
    };
    return { at, nodes: fixed, error };
  };
  for (let intervals = 4; ; intervals *= 2) {
    const { at } = family(0);
    const scales = kinds.map((i) => Math.max(...nodes.map(({ curves }) => curves[i].scale)));
    let error = 0;
    nodes = Array.from({ length: intervals + 1 }, (_, k) => {
      if (k % 2 === 0) return nodes[k / 2];
      const found = node(place(k, intervals), intervals + 1);
      const predicted = at(found.bias);
      for (const i of kinds)
        if (scales[i] > 0) error = Math.max(error, distance(found.curves[i], predicted[i]) / scales[i]);
      return found;
    });
    if (error <= tolerance || 2 * intervals + 1 > most) return family(error);
  }
}
