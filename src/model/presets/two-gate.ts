// Wire of `sites` orbitals, hopping -1, with gates on two of them: x and y are the gate potentials, driven on a circle.

import { InputError } from "../errors.js";
import type { PresetOptions } from "./options.js";
import { chainHopping, chainLeads, circle, freeRotor, type PresetModel, reservoirsAbout } from "./parts.js";

export function twoGate({ sites, gates, mean, radius, energy }: PresetOptions<"two-gate">): PresetModel {
  gates.forEach((gate, i) => {
    if (gate >= sites) {
      throw new InputError(`device.gates[${i}]`, "no such site", {
        expected: `0 to ${sites - 1}`,
        found: String(gate),
      });
    }
  });
  return {
    format: "nanopinwheel/1",
    title: `Wire of ${sites} sites with gates on ${gates[0]} and ${gates[1]}`,
    device: {
      orbitals: sites,
      hamiltonian: chainHopping(sites),
      parameters: { x: [[gates[0], gates[0], 1]], y: [[gates[1], gates[1], 1]] },
      leads: chainLeads(sites),
    },
    cycle: circle(mean, radius),
    reservoirs: reservoirsAbout(energy),
    rotor: freeRotor(),
  };
}
