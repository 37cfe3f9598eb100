// The number of levels below an energy: eigenvalues of H + Re Sigma(E) - E below zero, by
// Sylvester's law of inertia from the slices.

import { NumericalError } from "../../base/errors.js";
import type { KernelCalls } from "./kernel-calls.js";

/**
 * Shifts of the energy at which levels are counted if a level lies exactly at the energy, in units
 * of the energy scale of the device.
 */
const BESIDE = [1e-14, -1e-13, 1e-12, -1e-11];

/**
 * Number of eigenvalues of H + Re Sigma(E) below E. `scale` is the size of the device's energies.
 * Throws NumericalError if a level lies at every energy tried.
 */
export function levelsBelow(calls: KernelCalls, energy: number, scale: number): number {
  for (const shift of [0, ...BESIDE]) {
    const count = counted(calls, energy + shift * scale);
    if (count >= 0) return count;
  }
  // H + Re Sigma(E) - E is singular at every E for one site of a clean chain. Therefore Sigma is
  // kept at E, and only the energy that H is compared with is shifted.
  for (const shift of BESIDE) {
    const count = calls.inertia(energy + shift * scale, energy);
    if (count >= 0) return count;
  }
  throw new NumericalError("the eigenvalues below the energy cannot be counted", { energy });
}

/**
 * The count at one energy, or a negative number if a level of the whole device lies there. A slice
 * that has a level of its own at this energy is merged with its neighbour.
 */
function counted(calls: KernelCalls, energy: number): number {
  for (;;) {
    const count = calls.inertia(energy);
    const block = -count - 1;
    const last = calls.here.plans.blockOrder.starts.length - 2;
    if (count >= 0 || block >= last || !calls.join(block)) return count;
  }
}
