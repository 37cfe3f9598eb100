// One level between two wide-band leads: H = level + x, x = depth cos(theta). One parameter encloses no area: it pumps nothing and
// makes no motor, but its friction is the textbook case, so it comes without a bias.

import type { PresetOptions } from "./options.js";
import { freeRotor, type PresetModel, reservoirsAbout } from "./parts.js";

export function resonantLevel(options: PresetOptions<"resonant-level">): PresetModel {
  const { level, depth, widthLeft, widthRight, energy } = options;
  return {
    format: "nanopinwheel/1",
    title: "Resonant level",
    device: {
      orbitals: 1,
      hamiltonian: [[0, 0, level]],
      parameters: { x: [[0, 0, 1]] },
      leads: [
        { name: "left", kind: "wideband", orbitals: [0], width: widthLeft },
        { name: "right", kind: "wideband", orbitals: [0], width: widthRight },
      ],
    },
    cycle: { x: { mean: 0, cos: [depth] } },
    reservoirs: reservoirsAbout(energy, 0),
    rotor: freeRotor(),
  };
}
