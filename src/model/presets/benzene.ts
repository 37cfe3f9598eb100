// Hueckel ring of six, hopping -1, with a turning dipole U cos(2 pi n/6 - theta); wide-band leads at site 0 and at 3 (para) or 2 (meta).
// Para: the mirror through both contacts reverses the turn and leaves the leads in place, so that the pumped charge vanishes exactly.

import type { Triplet } from "../types.js";
import type { PresetOptions } from "./options.js";
import { circle, diagonal, freeRotor, type PresetModel, reservoirsAbout } from "./parts.js";

const ring: Triplet[] = [
  [0, 1, -1],
  [0, 5, -1],
  [1, 2, -1],
  [2, 3, -1],
  [3, 4, -1],
  [4, 5, -1],
];

export function benzene({ contacts, width, depth, energy }: PresetOptions<"benzene">): PresetModel {
  const angles = Array.from({ length: 6 }, (_, n) => (Math.PI * n) / 3);
  return {
    format: "nanopinwheel/1",
    title: `Benzene rotor, ${contacts} contacts`,
    device: {
      orbitals: 6,
      hamiltonian: ring.map((element): Triplet => [...element]),
      parameters: { x: diagonal(angles.map(Math.cos)), y: diagonal(angles.map(Math.sin)) },
      leads: [
        { name: "left", kind: "wideband", orbitals: [0], width },
        { name: "right", kind: "wideband", orbitals: [contacts === "para" ? 3 : 2], width },
      ],
    },
    cycle: circle(0, depth),
    reservoirs: reservoirsAbout(energy),
    rotor: freeRotor(),
  };
}
