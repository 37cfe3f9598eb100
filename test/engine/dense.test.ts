// Dense kernels on their own: eigenvalues, Schur forms and products, by what they must fulfil and against the twin, in both builds.

import { describe, expect, test } from "vitest";
import { delayTimes, hermitianEigen, product, quickHermitianEigen } from "../../src/engine/dense.js";
import type { Kernels } from "../../src/engine/kernels.js";
import { loadKernels } from "../../src/engine/load.js";
import type { ComplexMatrix } from "../../src/model/types.js";
import { builds } from "../twins/builds.js";
import {
  add,
  adjoint,
  distance,
  multiply,
  scalar,
  scaled,
  hermitianEigen as twin,
} from "../twins/linear-algebra.js";
import { randomSource } from "../twins/random.js";

/** Schur form A = Q T Q^+ of an n x n matrix: copies of T and Q; undefined without convergence. */
function schurForm(kernels: Kernels, n: number, matrix: Float64Array) {
  const size = 16 * n * n;
  const start = kernels.allocate(2 * size + 32 * n);
  kernels.f64(start, 2 * n * n).set(matrix);
  const status = kernels.calls.zschur(n, start, start + size, start + 2 * size);
  const [T, Q] = [start, start + size].map((at) => kernels.f64(at, 2 * n * n).slice());

  return status === 0 ? { T, Q } : undefined;
}

const sizes = [1, 2, 3, 5, 8, 13, 20];

function random(n: number, seed: number): ComplexMatrix {
  const source = randomSource(seed);
  return { shape: [n, n], data: Float64Array.from({ length: 2 * n * n }, () => source.normal()) };
}

/** Hermitian matrices of several structures: full, degenerate, of low rank, diagonal, zero, scaled over many decades. */
function hermitian(n: number): ComplexMatrix[] {
  const a = random(n, n);
  const full = scaled(add(a, adjoint(a)), 0.5);
  const column: ComplexMatrix = { shape: [n, 1], data: a.data.slice(0, 2 * n) };
  const lowRank = multiply(column, adjoint(column));
  const ring = scalar(n, 0);
  for (let i = 0; i < n; i++) {
    ring.data[2 * (i * n + ((i + 1) % n))] -= 1;
    ring.data[2 * (((i + 1) % n) * n + i)] -= 1;
  }
  return [full, lowRank, ring, scalar(n, 0.7), scalar(n, 0), scaled(full, 1e-9), scaled(full, 1e9)];
}

/** Matrices with their eigenvalues by the twin, which is slow: once for all tests. */
const cases = sizes.map((n) => ({
  n,
  list: hermitian(n).map((matrix) => ({ matrix, values: twin(matrix).values })),
}));

describe.each(builds)("%s kernels", (build) => {
  test.each([
    ["Jacobi", hermitianEigen],
    ["QL", quickHermitianEigen],
  ] as const)("%s: A V = V diag, V unitary, eigenvalues of the twin", async (_, solve) => {
    const kernels = await loadKernels(build);
    for (const { n, list } of cases)
      for (const [index, { matrix, values: expected }] of list.entries()) {
        const found = solve(kernels, n, matrix.data);
        const V: ComplexMatrix = { shape: [n, n], data: found.vectors.slice() };
        const diagonal = scalar(n, 0);
        found.values.forEach((value, i) => {
          diagonal.data[2 * i * (n + 1)] = value;
        });
        const scale = n * (distance(matrix) + 1e-30);
        const name = `size ${n}, matrix ${index}`;
        expect(distance(multiply(matrix, V), multiply(V, diagonal)) / scale, name).toBeLessThan(3e-15);
        expect(distance(multiply(adjoint(V), V), scalar(n)), name).toBeLessThan(1e-14);
        Float64Array.from(found.values)
          .sort()
          .forEach((value, i) => {
            expect(Math.abs(value - expected[i]) / scale, name).toBeLessThan(3e-15);
          });
      }
  });

  test("delay times: S' = i S Q with Q Hermitian gives the eigenvalues of Q, the smallest of a graded Q with all their digits", async () => {
    const kernels = await loadKernels(build);
    for (const { n, list } of cases)
      for (const [index, { matrix, values: expected }] of list.entries()) {
        const { vectors } = hermitianEigen(kernels, n, cases.find((one) => one.n === n)!.list[0].matrix.data);
        const S: ComplexMatrix = { shape: [n, n], data: vectors.slice() };
        const turned = multiply(S, matrix).data;
        const slope = Float64Array.from(turned, (_, k) => (k % 2 === 0 ? -turned[k + 1] : turned[k - 1]));
        const { eigenvalues, trace } = delayTimes(kernels, n, S.data, slope);
        const scale = n * (distance(matrix) + 1e-30);
        const name = `size ${n}, matrix ${index}`;
        eigenvalues.forEach((value, i) => {
          expect(Math.abs(value - expected[i]) / scale, name).toBeLessThan(1e-14);
        });
        const sum = expected.reduce((a, b) => a + b, 0);
        expect(Math.abs(trace - sum) / scale, name).toBeLessThan(1e-14);
      }
    // diag(1e12, 1, 2, 3) seen through small angles: the short delays are known to the rounding of themselves.
    const graded = Float64Array.of(
      0,
      1e12,
      0,
      1e2,
      0,
      0,
      0,
      0,
      0,
      1e2,
      0,
      1,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      2,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      3,
    );
    const { eigenvalues } = delayTimes(kernels, 4, scalar(4, 1).data, graded);
    [1 - 1e-8, 2, 3].forEach((value, i) => {
      expect(Math.abs(eigenvalues[i] - value)).toBeLessThan(1e-14);
    });
    expect(delayTimes(kernels, 0, new Float64Array(), new Float64Array()).eigenvalues.length).toBe(0);
  });

  test("Schur: A = Q T Q^+ with Q unitary and T upper triangular, singular and nilpotent matrices included", async () => {
    const kernels = await loadKernels(build);
    for (const n of sizes) {
      const nilpotent = scalar(n, 0);
      for (let i = 0; i + 1 < n; i++) nilpotent.data[2 * (i * n + i + 1)] = 1;
      const column: ComplexMatrix = { shape: [n, 1], data: random(n, 9).data.slice(0, 2 * n) };
      const row: ComplexMatrix = { shape: [1, n], data: random(n, 10).data.slice(0, 2 * n) };
      const matrices = [
        random(n, 50 + n),
        nilpotent,
        adjoint(nilpotent),
        multiply(column, row),
        scalar(n, 0),
        scalar(n, 0, 2),
      ];
      for (const [index, matrix] of matrices.entries()) {
        const form = schurForm(kernels, n, matrix.data)!;
        const [T, Q]: ComplexMatrix[] = [form.T, form.Q].map((data) => ({ shape: [n, n], data }));
        const name = `size ${n}, matrix ${index}`;
        expect(distance(multiply(Q, T, adjoint(Q)), matrix), name).toBeLessThan(
          1e-14 * n * (1 + distance(matrix)),
        );
        expect(distance(multiply(adjoint(Q), Q), scalar(n)), name).toBeLessThan(1e-14);
        for (let i = 0; i < n; i++)
          for (let j = 0; j < i; j++) {
            expect(Math.hypot(T.data[2 * (i * n + j)], T.data[2 * (i * n + j) + 1]), name).toBe(0);
          }
      }
    }
  });

  test("products of any shape", async () => {
    const kernels = await loadKernels(build);
    for (const [rows, depth, columns] of [
      [1, 1, 1],
      [3, 5, 2],
      [7, 1, 4],
      [12, 9, 13],
    ]) {
      const a: ComplexMatrix = { shape: [rows, depth], data: random(13, 1).data.slice(0, 2 * rows * depth) };
      const b: ComplexMatrix = {
        shape: [depth, columns],
        data: random(13, 2).data.slice(0, 2 * depth * columns),
      };
      const out = new Float64Array(2 * rows * columns);
      product(kernels, rows, depth, columns, a.data, b.data, out);
      expect(distance({ shape: [rows, columns], data: out }, multiply(a, b))).toBeLessThan(1e-13);
    }
  });
});
