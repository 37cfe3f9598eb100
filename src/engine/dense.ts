// Dense kernels for matrices outside the kernels' memory: each call copies its arguments in,
// computes, and copies the results out. They serve calculations once per device or once per energy
// (leads), not per point. Each device has one scratch region, which grows to the size of its
// largest call.

import type { Kernels } from "./kernels.js";

const scratchRegions = new WeakMap<Kernels, { start: number; bytes: number }>();

/** Address of at least `bytes` of scratch memory, valid until the next call. */
function scratch(kernels: Kernels, bytes: number): number {
  const region = scratchRegions.get(kernels);
  if (region && region.bytes >= bytes) return region.start;
  if (region) kernels.release(region.start);
  // The old region is forgotten before the new one is requested, because that request may fail.
  scratchRegions.delete(kernels);
  const start = kernels.allocate(bytes);
  scratchRegions.set(kernels, { start, bytes });
  return start;
}

/**
 * Eigenvalues (not sorted) and eigenvectors (columns, interleaved) of a dense Hermitian n x n
 * matrix. The vectors are a view that is valid until the next call. Small eigenvalues keep all
 * their digits.
 */
export function hermitianEigen(
  kernels: Kernels,
  n: number,
  matrix: Float64Array,
): { values: Float64Array; vectors: Float64Array } {
  const size = 16 * n * n;
  const start = scratch(kernels, 2 * size);
  kernels.f64(start, 2 * n * n).set(matrix);
  kernels.calls.zheev(n, start, start + size);
  const diagonal = kernels.f64(start, 2 * n * n);
  const values = Float64Array.from({ length: n }, (_, i) => diagonal[2 * i * (n + 1)]);
  return { values, vectors: kernels.f64(start + size, 2 * n * n) };
}

/**
 * The same by a faster method. Its errors are of the order of the rounding of the largest
 * eigenvalue, also for small eigenvalues.
 */
export function quickHermitianEigen(
  kernels: Kernels,
  n: number,
  matrix: Float64Array,
): { values: Float64Array; vectors: Float64Array } {
  const size = 16 * n * n;
  const start = scratch(kernels, 3 * size + 64 * n);
  kernels.f64(start, 2 * n * n).set(matrix);
  if (kernels.calls.zheevq(n, start, start + size, start + 2 * size) !== 0)
    return hermitianEigen(kernels, n, matrix);
  const diagonal = kernels.f64(start, 2 * n * n);
  const values = Float64Array.from({ length: n }, (_, i) => diagonal[2 * i * (n + 1)]);
  return { values, vectors: kernels.f64(start + size, 2 * n * n) };
}

/** out (rows x columns) = a (rows x depth) b (depth x columns), all interleaved. */
export function product(
  kernels: Kernels,
  rows: number,
  depth: number,
  columns: number,
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
): void {
  const start = scratch(kernels, 16 * (rows * depth + depth * columns + rows * columns));
  const second = start + 16 * rows * depth;
  const third = second + 16 * depth * columns;
  kernels.f64(start, 2 * rows * depth).set(a);
  kernels.f64(second, 2 * depth * columns).set(b);
  kernels.calls.zgemm(
    rows,
    columns,
    depth,
    start,
    depth,
    1,
    second,
    columns,
    third,
    columns,
    0,
    false,
    false,
  );
  out.set(kernels.f64(third, 2 * rows * columns));
}

/**
 * Surface Green's function of a periodic lead at one energy. The arrays are views that are valid
 * until the next call.
 */
export interface SurfaceGreen {
  /** g = [z - h0 - h1 g h1^+]^-1 and dg/dz, n x n, interleaved. */
  green: Float64Array;
  slope: Float64Array;
  /** Eigenvalues of h1 g (inverse advanced modes) and of g h1^+ (retarded modes), interleaved. */
  mu: Float64Array;
  lambda: Float64Array;
  /** Relative residuals of s = h1 g h1^+ and of ds/dz. */
  residual: number;
  slopeResidual: number;
}

/**
 * Computes the surface Green's function of the lead with cell h0 and hopping h1 (n x n,
 * interleaved) at z = re + i im. `eta` > 0 is only the imaginary part at which the iteration starts
 * and does not affect the result. Undefined if g is singular or an iteration fails.
 */
export function surfaceGreen(
  kernels: Kernels,
  n: number,
  h0: Float64Array,
  h1: Float64Array,
  [re, im, eta]: readonly [number, number, number],
): SurfaceGreen | undefined {
  const square = 16 * n * n;
  const outBytes = 2 * square + 32 * n + 16;
  const start = scratch(kernels, 2 * square + outBytes + 17 * square + 80 * n);
  const out = start + 2 * square;
  kernels.f64(start, 2 * n * n).set(h0);
  kernels.f64(start + square, 2 * n * n).set(h1);
  const status = kernels.calls.zsurface(n, re, im, eta, start, start + square, out, out + outBytes);
  if (status !== 0) return undefined;
  const [residual, slopeResidual] = kernels.f64(out + 2 * square + 32 * n, 2);
  return {
    green: kernels.f64(out, 2 * n * n),
    slope: kernels.f64(out + square, 2 * n * n),
    mu: kernels.f64(out + 2 * square, 2 * n),
    lambda: kernels.f64(out + 2 * square + 16 * n, 2 * n),
    residual,
    slopeResidual,
  };
}

/** Eigenvalues (ascending) and trace of the Hermitian part of -i S^+ S', n x n. */
export function delayTimes(
  kernels: Kernels,
  n: number,
  S: Float64Array,
  slope: Float64Array,
): { eigenvalues: Float64Array; trace: number } {
  if (n === 0) return { eigenvalues: new Float64Array(), trace: 0 };
  const size = 16 * n * n;
  const start = scratch(kernels, 4 * size + 64 * n + 16 * (n + 1));
  const [outAt, workAt] = [start + 2 * size, start + 2 * size + 16 * Math.ceil((n + 1) / 2)];
  const { floats } = kernels;
  floats.set(S, start / 8);
  floats.set(slope, (start + size) / 8);
  kernels.calls.zdelay(n, start, start + size, outAt, workAt);
  const eigenvalues = new Float64Array(n);
  for (let k = 0; k < n; k++) eigenvalues[k] = floats[outAt / 8 + k];
  return { eigenvalues, trace: floats[outAt / 8 + n] };
}
