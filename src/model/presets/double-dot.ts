// Two dots in series: H = [[level + x, -tunnelling], [-tunnelling, level + y]], wide-band leads on either, (x, y) on a circle.
// With level = mu the pumped charge vanishes by symmetry.

import type { PresetOptions } from "./options.js";
import { circle, freeRotor, type PresetModel, probes, reservoirsAbout } from "./parts.js";

export function doubleDot(options: PresetOptions<"double-dot">): PresetModel {
  const { level, depth, tunnelling, width, dephasing, energy } = options;
  return {
    format: "nanopinwheel/1",
    title: "Double dot",
    device: {
      orbitals: 2,
      hamiltonian: [
        [0, 0, level],
        [0, 1, -tunnelling],
        [1, 1, level],
      ],
      parameters: { x: [[0, 0, 1]], y: [[1, 1, 1]] },
      leads: [
        { name: "left", kind: "wideband", orbitals: [0], width },
        { name: "right", kind: "wideband", orbitals: [1], width },
        ...probes([0, 1], dephasing),
      ],
    },
    cycle: circle(0, depth),
    reservoirs: reservoirsAbout(energy),
    rotor: freeRotor(),
  };
}
