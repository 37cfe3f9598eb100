// Higher precision is asked for only where rounding, and not the panels, keeps an integral from the tolerance.

import { expect, test } from "vitest";
import type { Reservoir } from "../../../src/model/types.js";
import type { PointSolver } from "../../../src/scattering/contract.js";
import { ForceCalculator } from "../../../src/transport/forces/forces.js";
import type { Forces } from "../../../src/transport/forces/result.js";
import { onRandomDevices } from "../kernels/kernels.js";

const configuration = (count: number) => Float64Array.from({ length: count }, (_, nu) => 0.4 - 0.3 * nu);

/** Forces, and at how many energies higher precision was asked for. */
function computed(
  solver: PointSolver,
  reservoirs: readonly (Reservoir | undefined)[],
  tolerance: number,
): { forces: Forces; refined: number } {
  let refined = 0;
  const own = solver.solveRefined!;
  solver.solveRefined = (...args) => {
    refined++;
    return own.call(solver, ...args);
  };
  try {
    return { forces: new ForceCalculator(solver).compute(reservoirs, { tolerance }), refined };
  } finally {
    solver.solveRefined = own;
  }
}

test("higher precision is asked for where rounding stands in the way, and nowhere else", async () => {
  const counts = new Map<string, number>();
  await onRandomDevices([2, 8], {}, false, ({ solver, reservoirs }, seed) => {
    solver.configure(configuration(solver.directions));
    // Resonances of width 1e-5 and 1e-7 of the device's energies, which leave eight digits.
    for (const tolerance of [1e-8, 1e-11]) {
      const { forces, refined } = computed(solver, reservoirs, tolerance);
      expect(forces.error).toBeLessThanOrEqual(tolerance);
      counts.set(`${seed} ${tolerance}`, refined);
    }
  });
  expect(counts.get("2 1e-8")).toBe(0);
  expect(counts.get("8 1e-8")).toBe(0);
  expect(counts.get("8 1e-11")).toBeGreaterThan(0);
});
