// The two rules of the panels of a turn (panels.ts), both with 16 nodes: Legendre polynomials, and
// for a panel at a kink polynomials and polynomials times the logarithm of the distance from it.

import { lazily } from "../../base/lazily.js";
import { factorise, solveFactored } from "../../numerics/linear-algebra/dense-real.js";

/** Nodes of a panel. */
export const NODES = 16;

/** P_0 .. P_(NODES-1) at x. */
export function legendre(x: number): Float64Array {
  const p = new Float64Array(NODES + 1);
  p[0] = 1;
  p[1] = x;
  for (let k = 1; k < NODES; k++) p[k + 1] = ((2 * k + 1) * x * p[k] - k * p[k - 1]) / (k + 1);
  return p;
}

/** Nodes in (-1, 1), and the matrix from values at the nodes to Legendre coefficients. */
export const rule = lazily(() => {
  const nodes = new Float64Array(NODES);
  const toCoefficients = new Float64Array(NODES * NODES);
  for (let j = 0; j < NODES; j++) {
    let x = -Math.cos((Math.PI * (j + 0.75)) / (NODES + 0.5));
    let slope = 1;
    for (let step = 0; step < 12; step++) {
      const p = legendre(x);
      slope = (NODES * (p[NODES - 1] - x * p[NODES])) / (1 - x * x);
      x -= p[NODES] / slope;
    }
    nodes[j] = x;
    const weight = 2 / ((1 - x * x) * slope * slope);
    const p = legendre(x);
    for (let k = 0; k < NODES; k++) toCoefficients[k * NODES + j] = (k + 0.5) * weight * p[k];
  }
  return { nodes, toCoefficients };
});

/**
 * Half of the functions of a panel at a kink. Its integrals are exact for HALF polynomials and HALF
 * polynomials times a logarithm. Its values come from the best fit of fewer functions, so that
 * noise stays small.
 */
const HALF = NODES / 2;
/** Polynomials that the values at a kink are fitted with. */
export const POLYNOMIALS = 6;
/** Polynomials times a logarithm in the same fit. */
export const LOGARITHMS = 4;
export const FITTED = POLYNOMIALS + LOGARITHMS;

/** P_k(2x - 1) for k < polynomials, then P_k(2x - 1) log x for k < logarithms. */
export function singularBasis(x: number, polynomials: number, logarithms: number): Float64Array {
  const p = legendre(2 * x - 1);
  const log = Math.log(Math.max(x, 1e-30));
  return Float64Array.from({ length: polynomials + logarithms }, (_, k) =>
    k < polynomials ? p[k] : p[k - polynomials] * log,
  );
}

/** Integrals from 0 to 1 of the functions of singularBasis: 1, 0, ...; -1, 1/2, -1/6, ... */
const singularIntegrals = (polynomials: number, logarithms: number): Float64Array =>
  Float64Array.from({ length: polynomials + logarithms }, (_, m) => {
    const k = m - polynomials;
    if (k < 0) return m === 0 ? 1 : 0;
    return k === 0 ? -1 : (k % 2 === 1 ? 1 : -1) / (k * (k + 1));
  });

/**
 * The nodes of a panel at a kink are those of Gauss-Legendre, as distances from the kink, to this
 * power. Rounding at a node grows like the third power of the inverse distance at a bias, so that
 * the first node must not be nearer than necessary. With powers below 1.45 some weights are
 * negative.
 */
const CROWDING = 1.5;

/**
 * The rule of a panel at a kink, in the distance x from the kink (0 .. 1): nodes; weights of the
 * integral, all positive; and the best fit, which consists of an orthonormal basis q of the fitted
 * functions on the nodes and the triangle r from q to their coefficients.
 */
export const singular = lazily(() => {
  const nodes = rule().nodes.map((t) => ((1 + t) / 2) ** CROWDING);
  const basis = Array.from(nodes, (x) => singularBasis(x, HALF, HALF));
  const moments = Float64Array.from(
    { length: NODES * NODES },
    (_, at) => basis[at % NODES][Math.floor(at / NODES)],
  );
  const weights = solveFactored(factorise(NODES, moments), singularIntegrals(HALF, HALF), 1);
  const functions = Array.from(nodes, (x) => singularBasis(x, POLYNOMIALS, LOGARITHMS));
  const q = Array.from({ length: FITTED }, (_, m) => Float64Array.from(functions, (row) => row[m]));
  const r = Array.from({ length: FITTED }, () => new Float64Array(FITTED));
  // Gram-Schmidt runs twice, for orthogonality to rounding.
  for (let m = 0; m < FITTED; m++) {
    for (let round = 0; round < 2; round++)
      for (let k = 0; k < m; k++) {
        const share = dot(q[k], q[m]);
        r[k][m] += share;
        for (let j = 0; j < NODES; j++) q[m][j] -= share * q[k][j];
      }
    r[m][m] = Math.sqrt(dot(q[m], q[m]));
    for (let j = 0; j < NODES; j++) q[m][j] /= r[m][m];
  }
  return { nodes, weights, q, r, integrals: singularIntegrals(POLYNOMIALS, LOGARITHMS) };
});

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j] * b[j];
  return sum;
}
