// The solver of a device: the kernels for a Hamiltonian (the chain's own where it is a chain), the
// given S for a device known by that alone.

import type { Kernels } from "../engine/kernels.js";
import type { ResolvedDevice } from "../model/types.js";
import type { DeviceSolver } from "./contract.js";
import { chainOf } from "./solvers/chain.js";
import { ChainSolver } from "./solvers/chain-solver.js";
import { GivenSolver } from "./solvers/given-s.js";
import { KernelSolver } from "./solvers/solver.js";

export type { DeviceSolver } from "./contract.js";

/** `tangent`: one direction, set by configure, instead of one per parameter. */
export function openSolver(kernels: Kernels, device: ResolvedDevice, tangent: boolean): DeviceSolver {
  if (device.scattering) return new GivenSolver(device, tangent);
  const chain = chainOf(device);
  return chain
    ? new ChainSolver(kernels, device, tangent, chain)
    : new KernelSolver(kernels, device, tangent);
}
