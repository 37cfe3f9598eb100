// Isolated pieces of a device: orbitals without a path to a lead. No reservoir determines their
// filling. S does not depend on them, but a force on them would, so that such a force is refused.

import { InputError } from "../../base/errors.js";
import { unreachableOrbitals } from "../../model/resolve/reachability.js";
import type { ResolvedDevice, SparseHermitian } from "../../model/types.js";
import type { Hamiltonian } from "./hamiltonian.js";

/**
 * Returns per parameter whether it acts on an isolated orbital. `connected` is 1 for the orbitals
 * that are part of the block order.
 */
export function isolatedParameters(
  { orbitals, leads }: ResolvedDevice,
  { matrices, derivatives, linear }: Hamiltonian,
  connected: Uint8Array,
): boolean[] {
  const isolated = linear ? new Uint8Array(orbitals) : connected.map((reached) => 1 - reached);
  // A file is judged by the values of its elements. For a function only the pattern so far is
  // known.
  if (linear) for (const i of unreachableOrbitals(orbitals, matrices, leads)) isolated[i] = 1;
  const touches = ({ rows, columns, re, im }: SparseHermitian) => {
    for (let k = 0; k < rows.length; k++)
      if ((isolated[rows[k]] || isolated[columns[k]]) && (re[k] !== 0 || im[k] !== 0)) return true;
    return false;
  };
  return derivatives.map(touches);
}

/** The error for a question about the force of such a parameter. */
export function isolatedForce(parameter: string): InputError {
  return new InputError(`device.parameters.${parameter}`, "acts on an isolated piece of the device", {
    expected: "elements between orbitals that some path connects to a lead",
    found: "elements on orbitals whose filling no lead decides",
    advice: "Connect the piece to a lead, or take it out of the device: nothing fixes its force.",
  });
}
