// The complex product against sums written out, in every mode, size and stride, also in passes through a large depth. The numbers are small
// integers, so that every sum is exact: equal bits are asked for.

import { describe, expect, test } from "vitest";
import { loadKernels } from "../../src/engine/load.js";
import { builds } from "../twins/builds.js";
import { randomSource } from "../twins/random.js";

const SENTINEL = 77;

describe.each(builds)("%s kernels", (build) => {
  test.each([
    [1, 1, 1],
    [2, 2, 5],
    [3, 5, 7],
    [8, 6, 4],
    [13, 12, 31],
    [7, 9, 256],
    [66, 5, 300],
    [5, 67, 390],
    [71, 69, 257],
    [130, 36, 513],
  ])("%i x %i, depth %i", async (rows, columns, depth) => {
    const kernels = await loadKernels(build);
    const random = randomSource(rows + columns + depth);
    for (let trial = 0; trial < 12; trial++) {
      const [mode, conjugate, lower, transposed] = [trial % 3, trial % 2 === 1, trial % 4 > 1, trial % 5 > 1];
      const [aRow, aDepth] = transposed ? [1, rows + 1] : [depth + 2, 1];
      const [bRow, cRow] = [columns + (trial % 2), columns + 3];
      const sizes = [rows * aRow + depth * aDepth, depth * bRow, rows * cRow];
      const starts = sizes.map((size) => kernels.allocate(16 * size));
      const { floats } = kernels;
      const [a, b, c] = starts.map((start) => start / 8);
      for (const [k, start] of starts.entries())
        for (let i = 0; i < 2 * sizes[k]; i++) floats[start / 8 + i] = random.integer(-9, 9);
      for (let i = 0; i < rows; i++)
        floats.fill(SENTINEL, c + 2 * (i * cRow + columns), c + 2 * (i + 1) * cRow);
      const before = floats.slice(c, c + 2 * rows * cRow);
      kernels.calls.zgemm(
        rows,
        columns,
        depth,
        8 * a,
        aRow,
        aDepth,
        8 * b,
        bRow,
        8 * c,
        cRow,
        mode,
        conjugate,
        lower,
      );
      let wrong = 0;
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < (lower ? Math.min(i + 1, columns) : columns); j++) {
          let [re, im] = [0, 0];
          for (let k = 0; k < depth; k++) {
            const [p, q] = [a + 2 * (i * aRow + k * aDepth), b + 2 * (k * bRow + j)];
            const ai = conjugate ? -floats[p + 1] : floats[p + 1];
            re += floats[p] * floats[q] - ai * floats[q + 1];
            im += floats[p] * floats[q + 1] + ai * floats[q];
          }
          const at = 2 * (i * cRow + j);
          const [sign, kept] = [mode === 2 ? -1 : 1, mode === 0 ? 0 : 1];
          if (floats[c + at] !== kept * before[at] + sign * re) wrong++;
          if (floats[c + at + 1] !== kept * before[at + 1] + sign * im) wrong++;
        }
        for (let j = columns; j < cRow; j++) if (floats[c + 2 * (i * cRow + j)] !== SENTINEL) wrong++;
      }
      expect(wrong, `trial ${trial}`).toBe(0);
      for (const start of starts) kernels.release(start);
    }
  });
});
