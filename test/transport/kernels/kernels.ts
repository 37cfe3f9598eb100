// Random devices on the kernels, turns of their cycles, and what tests of both share.

import type { Kernels } from "../../../src/engine/kernels.js";
import { loadKernels } from "../../../src/engine/load.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { Reservoir } from "../../../src/model/types.js";
import type { ScatteringSolver } from "../../../src/scattering/contract.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import { type RandomModel, type RandomModelOptions, randomModel } from "../../twins/random-device.js";

export interface KernelDevice {
  kernels: Kernels;
  model: RandomModel;
  solver: KernelSolver;
  /** Per lead; undefined for probes. */
  reservoirs: (Reservoir | undefined)[];
}

/** The kernels' solver for a model; `tangent`: one direction along the cycle. */
export function kernelsOf(kernels: Kernels, model: RandomModel, tangent = false): KernelDevice {
  const resolved = resolveModel(model);
  const solver = new KernelSolver(kernels, resolved.device, tangent);
  const reservoirs = resolved.device.leads.map((lead) => resolved.reservoirs?.[lead.name]);
  return { kernels, model, solver, reservoirs };
}

/** Runs `check` on seeded random devices; all failing seeds are named. */
export async function onRandomDevices(
  seeds: readonly number[],
  options: RandomModelOptions | ((seed: number) => RandomModelOptions),
  tangent: boolean,
  check: (device: KernelDevice, seed: number) => void,
): Promise<void> {
  const kernels = await loadKernels();
  const failures: string[] = [];
  for (const seed of seeds) {
    const model = randomModel(seed, typeof options === "function" ? options(seed) : options);
    const device = kernelsOf(kernels, model, tangent);
    try {
      check(device, seed);
    } catch (error) {
      failures.push(`seed ${seed}: ${error instanceof Error ? error.message : error}`);
    } finally {
      device.solver.release();
    }
  }
  if (failures.length > 0) throw new Error(failures.join("\n"));
}

/** X(theta) and dX/dtheta of a random model's cycle. */
export function onCycle(model: RandomModel, theta: number): [Float64Array, Float64Array] {
  const names = Object.keys(model.device.parameters as object);
  const values = new Float64Array(names.length);
  const tangent = new Float64Array(names.length);
  for (const [nu, name] of names.entries()) {
    const { mean = 0, cos = [], sin = [] } = model.cycle[name];
    values[nu] = mean;
    for (const [k, a] of cos.entries()) {
      values[nu] += a * Math.cos((k + 1) * theta);
      tangent[nu] -= (k + 1) * a * Math.sin((k + 1) * theta);
    }
    for (const [k, a] of sin.entries()) {
      values[nu] += a * Math.sin((k + 1) * theta);
      tangent[nu] += (k + 1) * a * Math.cos((k + 1) * theta);
    }
  }
  return [values, tangent];
}

/** dF_y/dx and dF_x/dy of a force in the plane at (0.2, 0.1), by central differences. */
export function crossSlopes(
  force: (x: number, y: number) => ArrayLike<number>,
  h: number,
): { yx: number; xy: number } {
  const [east, west, north, south] = [
    force(0.2 + h, 0.1),
    force(0.2 - h, 0.1),
    force(0.2, 0.1 + h),
    force(0.2, 0.1 - h),
  ];
  return { yx: (east[1] - west[1]) / (2 * h), xy: (north[0] - south[0]) / (2 * h) };
}

/** The solver point by point, without its batch. */
export function unbatched(solver: KernelSolver): ScatteringSolver {
  return {
    leads: solver.leads,
    probes: solver.probes,
    reciprocal: solver.reciprocal,
    directions: solver.directions,
    configure: (values, tangent) => solver.configure(values, tangent),
    budget: undefined,
    limits: undefined,
    batch: undefined,
    solve: (energy, options) => solver.solve(energy, options),
    solveEach: (energies, count, options, visit) => solver.solveEach(energies, count, options, visit),
    surfaceLevels: (low, high) => solver.surfaceLevels(low, high),
    lambdaScale: () => solver.lambdaScale(),
    eigenvaluesBelow: (energy) => solver.eigenvaluesBelow(energy),
    certainEigenvaluesBelow: (energy) => solver.certainEigenvaluesBelow(energy),
    bandEdges: () => solver.bandEdges(),
    edgeLow: (edge) => solver.edgeLow(edge),
    energyScale: () => solver.energyScale(),
  };
}

export function largest(list: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < list.length; i++) most = Math.max(most, Math.abs(list[i]));
  return most;
}

export function below(value: number, bound: number, what: string): void {
  if (!(value < bound)) throw new Error(`${what} ${value}, expected below ${bound}`);
}
