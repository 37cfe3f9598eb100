// Chooses the solver of a device. A device with a Hamiltonian is solved by the kernels, a chain by
// the kernel for chains. A device that is known by its S alone has a solver of its own.

import type { Kernels } from "../engine/kernels.js";
import type { ResolvedDevice } from "../model/types.js";
import type { DeviceSolver } from "./contract.js";
import { chainOf } from "./solvers/chain.js";
import { ChainSolver } from "./solvers/chain-solver.js";
import { GivenSolver } from "./solvers/given-s.js";
import { KernelSolver } from "./solvers/solver.js";

export type { DeviceSolver } from "./contract.js";

/**
 * Opens the solver. With `tangent` it has one direction, which `configure` sets, instead of one per
 * parameter.
 */
export function openSolver(kernels: Kernels, device: ResolvedDevice, tangent: boolean): DeviceSolver {
  if (device.scattering) return new GivenSolver(device, tangent);
  const chain = chainOf(device);
  return chain
    ? new ChainSolver(kernels, device, tangent, chain)
    : new KernelSolver(kernels, device, tangent);
}
