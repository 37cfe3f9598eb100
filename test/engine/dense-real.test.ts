// The real block kernels against sums written out: product in every mode, size and stride, inverses with and without symmetry.

import { describe, expect, test } from "vitest";
import { loadKernels } from "../../src/engine/load.js";
import { builds } from "../twins/builds.js";
import { randomSource } from "../twins/random.js";

describe.each(builds)("%s kernels", (build) => {
  test("dgemm", async () => {
    const kernels = await loadKernels(build);
    const random = randomSource(5);
    const start = kernels.allocate(1 << 16);
    for (let trial = 0; trial < 200; trial++) {
      const [rows, columns, depth] = [random.integer(1, 13), random.integer(1, 13), random.integer(1, 13)];
      const transposed = trial % 2 === 1;
      const [aRow, aDepth] = transposed ? [1, rows + 2] : [depth + 1, 1];
      const [bRow, cRow] = [columns + (trial % 3), columns + 1];
      const a = start / 8;
      const [b, c] = [a + 512, a + 1024];
      const { floats } = kernels;
      for (let k = a; k < c + 512; k++) floats[k] = random.normal();
      const before = floats.slice(c, c + rows * cRow);
      const mode = trial % 5 < 3 ? trial % 3 : 0;
      const lower = trial % 7 === 0;
      kernels.calls.dgemm(rows, columns, depth, 8 * a, aRow, aDepth, 8 * b, bRow, 8 * c, cRow, mode, lower);
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < (lower ? Math.min(i + 1, columns) : columns); j++) {
          let sum = 0;
          for (let k = 0; k < depth; k++) sum += floats[a + i * aRow + k * aDepth] * floats[b + k * bRow + j];
          const expected = mode === 0 ? sum : before[i * cRow + j] + (mode === 1 ? sum : -sum);
          expect(Math.abs(floats[c + i * cRow + j] - expected)).toBeLessThan(1e-13);
        }
    }
  });

  test("dgemm of tall and deep products, in passes over copied panels", async () => {
    const kernels = await loadKernels(build);
    const random = randomSource(8);
    for (const [rows, columns, depth, lower] of [
      [64, 9, 33, false],
      [131, 30, 40, false],
      [70, 70, 300, true],
      [5, 6, 600, false],
      [129, 131, 32, true],
    ] as const)
      for (const mode of [0, 1, 2]) {
        const sizes = [rows * depth, depth * columns, rows * columns];
        const [a, b, c] = sizes.map((size) => kernels.allocate(8 * (size + 8)));
        const { floats } = kernels;
        for (const [k, start] of [a, b, c].entries())
          for (let i = 0; i < sizes[k]; i++) floats[start / 8 + i] = random.normal();
        const before = floats.slice(c / 8, c / 8 + rows * columns);
        kernels.calls.dgemm(rows, columns, depth, a, 1, rows, b, columns, c, columns, mode, lower);
        let defect = 0;
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < (lower ? Math.min(i + 1, columns) : columns); j++) {
            let sum = 0;
            for (let k = 0; k < depth; k++)
              sum += floats[a / 8 + k * rows + i] * floats[b / 8 + k * columns + j];
            const expected = mode === 0 ? sum : before[i * columns + j] + (mode === 1 ? sum : -sum);
            defect = Math.max(defect, Math.abs(floats[c / 8 + i * columns + j] - expected));
          }
        expect(defect).toBeLessThan(1e-12);
        [a, b, c].forEach((start) => {
          kernels.release(start);
        });
      }
  });

  test("inverses: A A^-1 = 1, a vanishing first pivot, a singular matrix", async () => {
    const kernels = await loadKernels(build);
    const random = randomSource(6);
    const bytes = 8 * 60 * 60;
    const [a, pivots, work] = [kernels.allocate(bytes), kernels.allocate(1024), kernels.allocate(bytes)];
    for (const n of [1, 2, 3, 7, 16, 17, 24, 33, 48, 57])
      for (const symmetric of [false, true]) {
        const matrix = Float64Array.from({ length: n * n }, () => random.normal());
        if (symmetric)
          for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) matrix[j * n + i] = matrix[i * n + j];
        // Symmetric: far from singular panels, so that the sweep is stable.
        for (let i = 0; i < n; i++) matrix[i * (n + 1)] += symmetric ? 4 * Math.sqrt(n) : 0;
        if (!symmetric && n > 1) matrix[0] = 0;
        kernels.floats.set(matrix, a / 8);
        if (symmetric) expect(kernels.calls.dsyinverse(n, a, pivots, work)).toBeLessThan(1e3);
        else expect(kernels.calls.dinverse(n, a, pivots)).toBe(0);
        const found = kernels.floats.slice(a / 8, a / 8 + n * n);
        const size = found.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) {
            let sum = i === j ? -1 : 0;
            for (let k = 0; k < n; k++) sum += matrix[i * n + k] * found[k * n + j];
            expect(Math.abs(sum), `n = ${n}`).toBeLessThan(1e-14 * n * n * size);
          }
      }
    kernels.floats.set([1, 2, 2, 4], a / 8);
    expect(kernels.calls.dinverse(2, a, pivots)).toBe(2);
  });

  test("inverses by halves: growth tells the digits lost, also where the first half is singular", async () => {
    const kernels = await loadKernels(build);
    const random = randomSource(9);
    const bytes = 8 * 60 * 60;
    const [a, pivots, work] = [kernels.allocate(bytes), kernels.allocate(1024), kernels.allocate(bytes)];
    let kept = 0;
    for (const n of [13, 18, 20, 27, 40, 53])
      for (const kind of ["indefinite", "first half zero", "both halves zero"]) {
        const half = ((n >> 1) + 3) & ~3;
        const zero = (i: number) => kind === "both halves zero" || (kind === "first half zero" && i < half);
        const matrix = new Float64Array(n * n);
        for (let i = 0; i < n; i++)
          for (let j = 0; j <= i; j++)
            if (!(i < half === j < half && zero(i))) matrix[i * n + j] = matrix[j * n + i] = random.normal();
        kernels.floats.set(matrix, a / 8);
        const growth = kernels.calls.dsyinverse(n, a, pivots, work);
        if (kind === "both halves zero") {
          expect(growth < 1e3).toBe(false);
          continue;
        }
        // From here on the caller takes full pivoting.
        if (!(growth < 1e3)) continue;
        kept++;
        const found = kernels.floats.slice(a / 8, a / 8 + n * n);
        const size = found.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
        let defect = 0;
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) {
            let sum = i === j ? -1 : 0;
            for (let k = 0; k < n; k++) sum += matrix[i * n + k] * found[k * n + j];
            defect = Math.max(defect, Math.abs(sum));
            expect(found[i * n + j]).toBe(found[j * n + i]);
          }
        expect(defect, `${kind}, n = ${n}, growth ${growth}`).toBeLessThan(1e-15 * n * size * growth);
      }
    expect(kept).toBeGreaterThan(3);
  });

  test("inertia of symmetric matrices with a known number of positive eigenvalues", async () => {
    const kernels = await loadKernels(build);
    const random = randomSource(7);
    const [a, work] = [kernels.allocate(8 * 40 * 40), kernels.allocate(8 * 80)];
    const counted = (n: number, matrix: Float64Array) => {
      kernels.floats.set(matrix, a / 8);
      return kernels.calls.dsyinertia(n, a, work);
    };
    for (let trial = 0; trial < 300; trial++) {
      const n = random.integer(1, 30);
      const signs = Array.from({ length: n }, () => random.uniform() < 0.5);
      // M^T diag(+-1) M has the inertia of the signs (Sylvester); a zero diagonal asks for 2 x 2 pivots.
      const M = Float64Array.from({ length: n * n }, () => random.normal());
      const matrix = new Float64Array(n * n);
      for (let k = 0; k < n; k++)
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) matrix[i * n + j] += (signs[k] ? 1 : -1) * M[k * n + i] * M[k * n + j];
      expect(counted(n, matrix), `trial ${trial}`).toBe(signs.filter(Boolean).length);
    }
    // Open chains at zero energy: eigenvalues +-2 cos, half of them positive, an exact zero for odd lengths.
    for (let n = 2; n <= 24; n++) {
      const chain = new Float64Array(n * n);
      for (let i = 0; i + 1 < n; i++) chain[i * n + i + 1] = chain[(i + 1) * n + i] = -1;
      expect(counted(n, chain), `chain of ${n}`).toBe(n % 2 === 0 ? n / 2 : -1);
    }
  });
});
