// The solver of a device: the kernels for a Hamiltonian, the given S for a device known by that alone.

import type { Kernels } from "../engine/kernels.js";
import type { ResolvedDevice } from "../model/types.js";
import { GivenSolver } from "./given-s.js";
import { KernelSolver } from "./solver.js";

export type DeviceSolver = KernelSolver | GivenSolver;

/** `tangent`: one direction, set by configure, instead of one per parameter. */
export function openSolver(kernels: Kernels, device: ResolvedDevice, tangent: boolean): DeviceSolver {
  return device.scattering ? new GivenSolver(device, tangent) : new KernelSolver(kernels, device, tangent);
}
