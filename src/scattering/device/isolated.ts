// Isolated pieces of a device: orbitals that no path connects to a lead have no reservoir that
// would fill them. S does not know them, but a force on them would: it is refused.

import { InputError } from "../../base/errors.js";
import { unreachableOrbitals } from "../../model/resolve/reachability.js";
import type { ResolvedDevice, SparseHermitian } from "../../model/types.js";
import type { Hamiltonian } from "./hamiltonian.js";

/**
 * Whether each parameter acts on an isolated orbital; `connected`: the orbitals that take part in
 * the block order.
 */
export function isolatedParameters(
  { orbitals, leads }: ResolvedDevice,
  { matrices, derivatives, linear }: Hamiltonian,
  connected: Uint8Array,
): boolean[] {
  const isolated = linear ? new Uint8Array(orbitals) : connected.map((reached) => 1 - reached);
  // By the elements' values; of a function only the pattern so far is known.
  if (linear) for (const i of unreachableOrbitals(orbitals, matrices, leads)) isolated[i] = 1;
  const touches = ({ rows, columns, re, im }: SparseHermitian) => {
    for (let k = 0; k < rows.length; k++)
      if ((isolated[rows[k]] || isolated[columns[k]]) && (re[k] !== 0 || im[k] !== 0)) return true;
    return false;
  };
  return derivatives.map(touches);
}

/** The error of asking for the force of such a parameter. */
export function isolatedForce(parameter: string): InputError {
  return new InputError(`device.parameters.${parameter}`, "acts on an isolated piece of the device", {
    expected: "elements between orbitals that some path connects to a lead",
    found: "elements on orbitals whose filling no lead decides",
    advice: "Connect the piece to a lead, or take it out of the device: nothing fixes its force.",
  });
}
