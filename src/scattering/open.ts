// The solver of a device: the kernels for a Hamiltonian (the chain's own where it is a chain), the given S for a device known by that alone.

import type { Kernels } from "../engine/kernels.js";
import type { ResolvedDevice } from "../model/types.js";
import { chainOf } from "./chain.js";
import { ChainSolver } from "./chain-solver.js";
import { GivenSolver } from "./given-s.js";
import type { DeviceSolver } from "./point.js";
import { KernelSolver } from "./solver.js";

export type { DeviceSolver } from "./point.js";

/** `tangent`: one direction, set by configure, instead of one per parameter. */
export function openSolver(kernels: Kernels, device: ResolvedDevice, tangent: boolean): DeviceSolver {
  if (device.scattering) return new GivenSolver(device, tangent);
  const chain = chainOf(device);
  return chain
    ? new ChainSolver(kernels, device, tangent, chain)
    : new KernelSolver(kernels, device, tangent);
}
