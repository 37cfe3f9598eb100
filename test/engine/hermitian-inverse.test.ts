// Inverses of Hermitian matrices by halves against sums written out: random ones, a vanishing first half, singular ones; and what they return.

import { describe, expect, test } from "vitest";
import { loadKernels } from "../../src/engine/load.js";
import { builds } from "../twins/builds.js";
import { randomSource } from "../twins/random.js";

const most = 60;

/** A random Hermitian matrix, interleaved, with the diagonal blocks of the rows in `zero` vanishing. */
function hermitian(random: ReturnType<typeof randomSource>, n: number, zero: (i: number) => boolean) {
  const half = ((n >> 1) + 3) & ~3;
  const matrix = new Float64Array(2 * n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      if (i < half === j < half && zero(i)) continue;
      const [re, im] = [random.normal(), i === j ? 0 : random.normal()];
      matrix.set([re, im], 2 * (i * n + j));
      matrix.set([re, -im], 2 * (j * n + i));
    }
  return matrix;
}

/** max |A B - 1|. */
function defectOf(n: number, a: Float64Array, b: Float64Array): number {
  let defect = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let [re, im] = [i === j ? -1 : 0, 0];
      for (let k = 0; k < n; k++) {
        const [p, q] = [2 * (i * n + k), 2 * (k * n + j)];
        re += a[p] * b[q] - a[p + 1] * b[q + 1];
        im += a[p] * b[q + 1] + a[p + 1] * b[q];
      }
      defect = Math.max(defect, Math.hypot(re, im));
    }
  return defect;
}

describe.each(builds)("%s kernels", (build) => {
  test.each([
    ["indefinite", "none"],
    ["first half zero", "first"],
    ["both halves zero", "both"],
  ])("%s: growth tells the digits lost", async (_, kind) => {
    const kernels = await loadKernels(build);
    const random = randomSource(4);
    const [a, work] = [kernels.allocate(16 * most * most), kernels.allocate(16 * most * most)];
    const pivots = kernels.allocate(4 * most);
    let kept = 0;
    for (const n of [1, 2, 3, 5, 7, 8, 12, 13, 16, 18, 20, 24, 27, 40, 53, 56]) {
      const half = ((n >> 1) + 3) & ~3;
      // A vanishing part larger than the other one makes the matrix singular.
      if (kind === "first" && (n < 13 || half > n - half)) continue;
      if (kind === "both" && n < 13) continue;
      const zero = (i: number) => kind === "both" || (kind === "first" && i < half);
      const matrix = hermitian(random, n, zero);
      kernels.floats.set(matrix, a / 8);
      const growth = kernels.calls.zheinverse(n, a, pivots, work);
      if (kind === "both") {
        expect(growth < 1e3).toBe(false);
        continue;
      }
      // From here on the caller takes full pivoting.
      if (!(growth < 1e3)) continue;
      kept++;
      const found = kernels.floats.slice(a / 8, a / 8 + 2 * n * n);
      const size = found.reduce((largest, x) => Math.max(largest, Math.abs(x)), 1);
      expect(defectOf(n, matrix, found), `n = ${n}, growth ${growth}`).toBeLessThan(
        2e-15 * n * size * Math.max(growth, 1),
      );
      // Exactly Hermitian.
      for (let i = 0; i < n; i++)
        for (let j = 0; j <= i; j++) {
          expect(found[2 * (i * n + j)]).toBe(found[2 * (j * n + i)]);
          expect(found[2 * (i * n + j) + 1] + 0).toBe(0 - found[2 * (j * n + i) + 1]);
        }
    }
    expect(kept).toBeGreaterThanOrEqual({ none: 10, first: 2, both: 0 }[kind]!);
  });

  test("a small part pivots past a vanishing diagonal, and says where it is singular", async () => {
    const kernels = await loadKernels(build);
    const [a, work, pivots] = [kernels.allocate(4096), kernels.allocate(4096), kernels.allocate(256)];
    // [[0, -i], [i, 0]] is its own inverse.
    kernels.floats.set([0, 0, 0, -1, 0, 1, 0, 0], a / 8);
    expect(kernels.calls.zheinverse(2, a, pivots, work)).toBeCloseTo(2, 14);
    expect(Array.from(kernels.floats.slice(a / 8, a / 8 + 8), (x) => x + 0)).toEqual([
      0, 0, 0, -1, 0, 1, 0, 0,
    ]);
    // [[1, i], [-i, 1]] has rank 1.
    kernels.floats.set([1, 0, 0, 1, 0, -1, 1, 0], a / 8);
    expect(kernels.calls.zheinverse(2, a, pivots, work)).toBeNaN();
  });
});
