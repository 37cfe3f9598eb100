// Collocation at the Radau points (the right end included) for one scalar equation dy/dx = g(x, y):
// implicit, stiffly accurate, of order 2s - 1 at the ends of steps. It serves the rotor's kinetic
// energy as a function of the angle, which is stiff at small inertia. The step length is controlled
// by the defect of the collocation polynomial between its points, which is damped where the
// equation is stiff. The whole polynomial is therefore accurate, not only its ends. Points and
// weights are computed, not tabulated (Hairer, Wanner, Solving Ordinary Differential Equations II,
// IV.5 and IV.8).

import { lazily } from "../../base/lazily.js";

/**
 * A Radau rule on [0, 1]: its points c in (0, 1], the integrals of the Lagrange polynomials, and
 * the weights.
 */
export interface RadauRule {
  stages: number;
  points: Float64Array;
  /** integral[i * s + j] = int_0^{c_i} L_j. The last row is the quadrature rule of order 2s - 1. */
  integral: Float64Array;
  weights: Float64Array;
}

const STAGES = 7;

/** The Legendre polynomials P_0..P_n at x in [-1, 1]. */
function legendre(n: number, x: number): number[] {
  const p = [1, x];
  for (let k = 2; k <= n; k++) p.push(((2 * k - 1) * x * p[k - 1] - (k - 1) * p[k - 2]) / k);
  return p;
}

/** The root of `f` between a and b, where f has opposite signs, by bisection to the last bit. */
function bisect(f: (x: number) => number, a: number, b: number): number {
  let [low, high] = [a, b];
  const sign = Math.sign(f(low));
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (Math.sign(f(middle)) === sign) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The values of the Lagrange polynomials of `points` at x. */
export function lagrange(points: Float64Array, x: number): Float64Array {
  return Float64Array.from(points, (c, j) =>
    points.reduce((product, other, k) => (k === j ? product : (product * (x - other)) / (c - other)), 1),
  );
}

/**
 * The integrals of the Lagrange polynomials from 0 to x, exactly, by the Gauss rule with as many
 * nodes.
 */
function lagrangeIntegral(points: Float64Array, x: number): Float64Array {
  const { nodes, weights } = points.length === STAGES ? gauss() : gaussRule(points.length);
  const sum = new Float64Array(points.length);
  nodes.forEach((node, q) => {
    const values = lagrange(points, x * node);
    for (let j = 0; j < sum.length; j++) sum[j] += x * weights[q] * values[j];
  });
  return sum;
}

/** The Gauss-Legendre rule with n nodes on [0, 1]. */
export function gaussRule(n: number): { nodes: Float64Array; weights: Float64Array } {
  const nodes = new Float64Array(n);
  const weights = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 0;
    for (let step = 0; step < 20; step++) {
      const p = legendre(n, x);
      slope = (n * (x * p[n] - p[n - 1])) / (x * x - 1);
      x -= p[n] / slope;
    }
    nodes[i] = (1 + x) / 2;
    weights[i] = 1 / ((1 - x * x) * slope * slope);
  }
  return { nodes, weights };
}

const gauss = lazily(() => gaussRule(STAGES));

/** The Radau rule with `stages` points, which are the zeros of P_s - P_(s-1) mapped to (0, 1]. */
function radauRule(stages: number): RadauRule {
  const difference = (x: number) => {
    const p = legendre(stages, x);
    return p[stages] - p[stages - 1];
  };
  const points: number[] = [];
  const grid = 40 * stages * stages;
  // x = 1 is itself a zero. The other zeros are simple and lie inside.
  for (let i = 0; i < grid - 1; i++) {
    const a = -Math.cos((Math.PI * i) / grid);
    const b = -Math.cos((Math.PI * (i + 1)) / grid);
    if (Math.sign(difference(a)) !== Math.sign(difference(b)))
      points.push((1 + bisect(difference, a, b)) / 2);
  }
  const c = Float64Array.from([...points, 1]);
  const integral = new Float64Array(stages * stages);
  c.forEach((x, i) => {
    integral.set(lagrangeIntegral(c, x), i * stages);
  });
  return { stages, points: c, integral, weights: integral.slice(stages * (stages - 1)) };
}

/** Writes dy/dx and d(dy/dx)/dy to `out`. */
export type ScalarEquation = (x: number, y: number, out: { value: number; slope: number }) => void;

/** One accepted step: y and dy/dx at the collocation points. */
export interface RadauStep {
  /** Beginning of the step and its length, in the unit of x. */
  start: number;
  length: number;
  /** y at the beginning of the step. */
  initial: number;
  /** y at the collocation points. */
  y: Float64Array;
  /** dy/dx at the collocation points. */
  slope: Float64Array;
}

/** The accuracy of an integration and the limits of its steps. */
export interface RadauOptions {
  /** Allowed error of y over a step near the value y. */
  admissible: (y: number) => number;
  /** Length of the longest step. */
  longest: number;
  /** Length of the shortest step that is tried from the value y on. */
  shortest: (y: number) => number;
  /**
   * y(x + h) by a method of lower order, for the shortest step if collocation fails there (at a
   * kink of g on a stiff stretch).
   */
  rescue: (x: number, y: number, h: number) => number;
}

/**
 * Solves the dense system a x = b in place with partial pivoting. Returns false if it is singular.
 */
function solve(n: number, a: Float64Array, b: Float64Array): boolean {
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(a[i * n + k]) > Math.abs(a[pivot * n + k])) pivot = i;
    if (!(Math.abs(a[pivot * n + k]) > 0)) return false;
    if (pivot !== k) {
      for (let j = 0; j < n; j++) {
        const held = a[k * n + j];
        a[k * n + j] = a[pivot * n + j];
        a[pivot * n + j] = held;
      }
      const held = b[k];
      b[k] = b[pivot];
      b[pivot] = held;
    }
    for (let i = k + 1; i < n; i++) {
      const factor = a[i * n + k] / a[k * n + k];
      for (let j = k + 1; j < n; j++) a[i * n + j] -= factor * a[k * n + j];
      b[i] -= factor * b[k];
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    for (let j = k + 1; j < n; j++) b[k] -= a[k * n + j] * b[j];
    b[k] /= a[k * n + k];
  }
  return true;
}

const collocation = lazily(() => {
  const rule = radauRule(STAGES);
  const at = (x: number) => ({
    x,
    values: lagrange(rule.points, x),
    integrals: lagrangeIntegral(rule.points, x),
  });
  return {
    rule,
    /**
     * Points inside a step at which the defect is measured, with values and integrals of the
     * Lagrange polynomials.
     */
    tests: [0, 0.45].map(at),
    /** The integrals from 0 to 1/16, 2/16, ..., 1. */
    evenParts: Array.from({ length: 16 }, (_, i) => lagrangeIntegral(rule.points, (i + 1) / 16)),
  };
});

/**
 * The collocation points of a step of length one, and their weights in an integral over the step,
 * which has order 13.
 */
export function radauNodes(): { points: Float64Array; weights: Float64Array } {
  return collocation().rule;
}

/**
 * Integrates from x = a, y = y0 to x = b > a. Each accepted step is passed to `accept`, which may
 * return false to stop. Returns y at the end. A step costs a few solutions of 7 x 7 systems with 7
 * evaluations of g each.
 */
export function integrateRadau(
  g: ScalarEquation,
  [a, b]: readonly [number, number],
  y0: number,
  { admissible, longest, shortest, rescue }: RadauOptions,
  accept: (step: RadauStep) => boolean = () => true,
): number {
  const { rule, tests } = collocation();
  const s = rule.stages;
  const out = { value: 0, slope: 0 };
  const matrix = new Float64Array(s * s);
  const residual = new Float64Array(s);
  const stiffness = new Float64Array(s);
  let x = a;
  let y = y0;
  let h = Math.min(longest, b - a);
  while (x < b) {
    const least = shortest(y);
    if (x + h >= b - 1e-9 * (b - a)) h = b - x;
    const values = new Float64Array(s).fill(y);
    const slopes = new Float64Array(s);
    let solved = false;
    let previous = Number.POSITIVE_INFINITY;
    for (let iteration = 0; iteration < 15; iteration++) {
      for (let j = 0; j < s; j++) {
        g(x + h * rule.points[j], values[j], out);
        slopes[j] = out.value;
        stiffness[j] = out.slope;
      }
      for (let i = 0; i < s; i++) {
        let sum = y - values[i];
        for (let j = 0; j < s; j++) {
          const weight = h * rule.integral[i * s + j];
          sum += weight * slopes[j];
          matrix[i * s + j] = (i === j ? 1 : 0) - weight * stiffness[j];
        }
        residual[i] = sum;
      }
      if (!solve(s, matrix, residual)) break;
      let change = 0;
      for (let i = 0; i < s; i++) {
        values[i] += residual[i];
        change = Math.max(change, Math.abs(residual[i]) / admissible(values[i]));
      }
      // The iteration has converged, or has reached the level of rounding, where further steps
      // change nothing.
      if (change < 1e-3 || (change < 1 && change >= previous)) {
        solved = true;
        break;
      }
      if (!(change < 1e12)) break;
      previous = change;
    }
    let error = Number.POSITIVE_INFINITY;
    if (solved) {
      for (let j = 0; j < s; j++) {
        g(x + h * rule.points[j], values[j], out);
        slopes[j] = out.value;
      }
      error = 0;
      for (const test of tests) {
        let inside = y;
        let slope = 0;
        for (let j = 0; j < s; j++) {
          inside += h * test.integrals[j] * slopes[j];
          slope += test.values[j] * slopes[j];
        }
        g(x + h * test.x, inside, out);
        const defect = (h * Math.abs(out.value - slope)) / (1 + h * Math.abs(out.slope));
        error = Math.max(error, defect / admissible(inside));
      }
    }
    if (!(error <= 1)) {
      h *= Number.isFinite(error) ? Math.max(0.2, 0.85 * error ** (-1 / (s + 1))) : 0.3;
      if (h > least) continue;
      h = Math.min(least, b - x);
      const next = rescue(x, y, h);
      values.forEach((_, j) => {
        values[j] = y + rule.points[j] * (next - y);
      });
      slopes.fill((next - y) / h);
      error = 1;
    }
    if (!accept({ start: x, length: h, initial: y, y: values, slope: slopes })) return values[s - 1];
    x = x + h >= b - 1e-14 * (b - a) ? b : x + h;
    y = values[s - 1];
    h = Math.min(longest, h * Math.min(3, Math.max(0.3, 0.85 * Math.max(error, 1e-10) ** (-1 / (s + 1)))));
  }
  return y;
}

/** The value of a step's polynomial at `start + part * length`, with `part` in [0, 1]. */
export function radauValue(step: RadauStep, part: number): number {
  return combined(step, lagrangeIntegral(collocation().rule.points, part));
}

/** The values of a step's polynomial at 1/16, 2/16, ..., 1 of its length. */
export function radauSamples(step: RadauStep): Float64Array {
  return Float64Array.from(collocation().evenParts, (integrals) => combined(step, integrals));
}

function combined(step: RadauStep, integrals: Float64Array): number {
  let value = step.initial;
  for (let j = 0; j < integrals.length; j++) value += step.length * integrals[j] * step.slope[j];
  return value;
}
