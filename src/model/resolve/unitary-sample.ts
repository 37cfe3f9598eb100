// The unitary matrix nearest to an S that is given with the errors of printed numbers, and its
// derivatives. Matrices are m x m, stored by rows, interleaved.

import { addTo, adjointTimes, norm, times } from "../../numerics/linear-algebra/small-products.js";
import { unitarityDefect } from "../../numerics/linear-algebra/unitary.js";
import type { ComplexMatrix, SampleErrors, ScatteringSample } from "../types.js";

/**
 * Largest max |S^+ S - 1| of an S that is accepted. Numbers printed with d decimals have errors of
 * 10^-d / 2, which for a few channels makes a defect of about 10^-d, so that four decimals are
 * sufficient.
 */
export const PRINTED = 1e-3;
/**
 * An S with a smaller defect is as unitary as doubles and closed formulas can be, and is not
 * changed.
 */
const ROUNDED = 1e-10;
/** Most rounds of the iterations, and the error at which they end. */
const ROUNDS = 6;
const DONE = 1e-17;
/** Least errors of matrices, relative to them: doubles that come from a few operations. */
const DOUBLES = 1e-15;
/** Errors of derivatives in units of the part that shows: unitarity leaves half of their numbers free. */
const UNSEEN = 2;

/**
 * The sample with the unitary matrix U nearest to its S (the polar factor, S = U P) and the
 * derivatives of U. With the antihermitian Omega = U^+ dU these follow from
 * Omega P + P Omega = U^+ dS - dS^+ U. Unitarity determines the Hermitian part of U^+ d2U, the
 * mixed derivative; the rest is taken as given and is correct to the defect of S. S must be nearly
 * unitary. One that is unitary to rounding is returned unchanged.
 */
export function madeUnitary(sample: ScatteringSample, m: number): ScatteringSample {
  const defect = unitarityDefect(sample.S.data, m);
  if (defect <= ROUNDED) return sample;
  const shape: [number, number] = [m, m];
  // U <- U (3 - U^+ U) / 2 squares the defect.
  let U = sample.S.data;
  for (let [round, left] = [0, m * defect]; round < ROUNDS && left > DONE; round++, left *= left) {
    const half = adjointTimes(U, U, m).map((x) => -0.5 * x);
    for (let a = 0; a < m; a++) half[2 * a * (m + 1)] += 1.5;
    U = times(U, half, m);
  }
  const excess = adjointTimes(U, sample.S.data, m);
  for (let a = 0; a < m; a++) excess[2 * a * (m + 1)] -= 1;
  const turned = (matrix: ComplexMatrix): ComplexMatrix => {
    const right = antiHermitian(adjointTimes(U, matrix.data, m), m);
    let omega = right;
    // Each round multiplies the error with the defect.
    for (let [round, rest] = [0, 1]; round < ROUNDS && rest > DONE; round++, rest *= m * defect) {
      const [left, other] = [times(omega, excess, m), times(excess, omega, m)];
      omega = right.map((x, k) => x - 0.5 * (left[k] + other[k]));
    }
    return { shape, data: times(U, omega, m) };
  };
  const byName = (list: Record<string, ComplexMatrix>, of: (name: string) => ComplexMatrix) =>
    Object.fromEntries(Object.keys(list).map((name) => [name, of(name)]));
  const dSdE = sample.dSdE && turned(sample.dSdE);
  const dS = sample.dS && byName(sample.dS, (name) => turned(sample.dS![name]));
  const mixedOf = (name: string): ComplexMatrix => {
    const given = sample.mixed![name];
    if (!dSdE || !dS) return given;
    const inner = antiHermitian(adjointTimes(U, given.data, m), m);
    const cross = adjointTimes(dSdE.data, dS[name].data, m);
    for (let a = 0; a < m; a++)
      for (let b = 0; b < m; b++) {
        const [p, q] = [2 * (a * m + b), 2 * (b * m + a)];
        inner[p] -= 0.5 * (cross[p] + cross[q]);
        inner[p + 1] -= 0.5 * (cross[p + 1] - cross[q + 1]);
      }
    return { shape, data: times(U, inner, m) };
  };
  return {
    ...sample,
    S: { shape, data: U },
    dSdE,
    dS,
    mixed: sample.mixed && byName(sample.mixed, mixedOf),
  };
}

/**
 * What the matrices of a function may be off by, as far as they tell: S^+ S = 1 and its derivatives
 * S^+ dS + dS^+ S = 0 and S^+ d2S + dE S^+ dX S + their adjoints = 0 hold but for the errors.
 */
export function sampleErrors(sample: ScatteringSample, m: number, defect: number): SampleErrors {
  const { S, dSdE, dS, mixed, A } = sample;
  const relative = Math.max(DOUBLES, defect);
  const errorOf = (matrix: ComplexMatrix, product: Float64Array): number =>
    Math.max(relative * norm(matrix.data), UNSEEN * hermitianSize(product, m));
  const byName = (list: Record<string, ComplexMatrix>, of: (name: string) => number) =>
    Object.fromEntries(Object.keys(list).map((name) => [name, of(name)]));
  const mixedOf = (name: string): number => {
    const product = adjointTimes(S.data, mixed![name].data, m);
    if (!dSdE || !dS) return relative * norm(mixed![name].data);
    addTo(product, adjointTimes(dSdE.data, dS[name].data, m), 1);
    return errorOf(mixed![name], product);
  };
  return {
    S: relative * norm(S.data),
    ...(dSdE && { dSdE: errorOf(dSdE, adjointTimes(S.data, dSdE.data, m)) }),
    ...(dS && { dS: byName(dS, (name) => errorOf(dS[name], adjointTimes(S.data, dS[name].data, m))) }),
    ...(mixed && { mixed: byName(mixed, mixedOf) }),
    ...(A && { A: byName(A, (name) => relative * norm(A[name].data)) }),
  };
}

/** Size of the Hermitian part (a + a^+) / 2. */
function hermitianSize(a: Float64Array, m: number): number {
  const other = antiHermitian(a, m);
  return norm(a.map((x, k) => x - other[k]));
}

/** (a - a^+) / 2. */
function antiHermitian(a: Float64Array, m: number): Float64Array {
  const out = new Float64Array(a.length);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) {
      const [p, q] = [2 * (i * m + j), 2 * (j * m + i)];
      out[p] = 0.5 * (a[p] - a[q]);
      out[p + 1] = 0.5 * (a[p + 1] + a[q + 1]);
    }
  return out;
}
