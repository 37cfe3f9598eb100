// The solver for x - X x Y = c that the reflections of leads use: one solution reduces the residual
// as far as its callers expect, for matrices of any size and modes of any decay.
import { beforeAll, expect, test } from "vitest";
import type { Kernels } from "../../../src/engine/kernels.js";
import { loadKernels } from "../../../src/engine/load.js";
import { type Block, Workspace } from "../../../src/engine/workspace.js";
import { SteinSolver } from "../../../src/scattering/leads/periodic/wave-stein.js";
import { type RandomSource, randomSource } from "../../twins/random.js";
import { seeds } from "../../twins/seeds.js";

let kernels: Kernels;
beforeAll(async () => {
  kernels = await loadKernels();
});

const random = (w: Workspace, source: RandomSource, rows: number, columns: number): Block =>
  w.from(
    Array.from({ length: 2 * rows * columns }, () => source.between(-1, 1)),
    rows,
    columns,
  );

/** V diag(values) V^-1 with a random V, V and V^-1. */
function withModes(w: Workspace, source: RandomSource, values: readonly (readonly [number, number])[]) {
  const n = values.length;
  const V = w.addToDiagonal(w.scale(random(w, source, n, n), 1 / n), 1);
  const inverse = w.solve(w.factor(w.copy(V))!, w.addToDiagonal(w.zeros(n, n), 1));
  const scaled = w.copy(V);
  const numbers = w.values(scaled);
  for (let i = 0; i < n; i++)
    values.forEach(([re, im], j) => {
      const p = 2 * (i * n + j);
      const [a, b] = [numbers[p], numbers[p + 1]];
      numbers[p] = a * re - b * im;
      numbers[p + 1] = a * im + b * re;
    });
  return { matrix: w.times(scaled, inverse), V, inverse };
}

test("x - X x Y = c is solved with and without propagating modes, large ones in fewer directions", () => {
  for (const seed of seeds(30, 10)) {
    const source = randomSource(400 + seed);
    const w = Workspace.of(kernels);
    const n = source.integer(2, 60);
    const open = seed % 3 === 0 ? 0 : Math.min(n, source.integer(1, 4));
    // A few modes that decay slowly, and many that decay at once.
    const decays = (k: number) =>
      k < open ? 1 : k < open + 3 ? 1 - 10 ** source.between(-6, -1) : source.between(0, 0.8);
    const modes = (from: number) =>
      Array.from({ length: n }, (_, k) => {
        const phase = k < open ? from + 0.9 * k : source.between(-3, 3);
        return [decays(k) * Math.cos(phase), decays(k) * Math.sin(phase)] as const;
      });
    const [left, right] = [modes(0.3), modes(1.1)];
    const X = withModes(w, source, left);
    const Y = withModes(w, source, right);
    const column = (a: Block) => w.part(a, 0, 0, n, open);
    const row = (a: Block) => w.part(a, 0, 0, open, n);
    const flat = (list: typeof left) => Float64Array.from(list.slice(0, open).flat());
    const solver = SteinSolver.of(w, X.matrix, Y.matrix, {
      U: column(Y.V),
      P: row(Y.inverse),
      lambda: flat(right),
      Q: column(X.V),
      dualQ: row(X.inverse),
      mu: flat(left),
    })!;
    const c = random(w, source, n, n);
    let rest = w.copy(c);
    const x = w.zeros(n, n);
    const sizes: number[] = [];
    for (let round = 0; round < 3; round++) {
      w.add(x, solver.solve(rest));
      rest = w.add(w.add(w.times(X.matrix, w.times(x, Y.matrix)), x, -1), c);
      sizes.push(w.largest(rest) / (1 + w.largest(x)));
    }
    expect(sizes[0], `seed ${seed}: the first solution`).toBeLessThan(1e-5);
    expect(Math.min(...sizes), `seed ${seed}`).toBeLessThan(3e-14);
  }
});
