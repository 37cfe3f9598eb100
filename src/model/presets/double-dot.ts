// Two dots in series: H = [[level + x, -tunnelling], [-tunnelling, level + y]] with a wide-band
// lead on each dot and (x, y) on a circle. With level = mu the pumped charge vanishes by symmetry.

import * as v from "valibot";
import { anyNumber, positive } from "../file/fields.js";
import { circle, freeRotor, type PresetModel, probes, reservoirsAbout } from "./parts/pieces.js";
import { dephasing, energy, type OptionsOf, preset } from "./parts/preset.js";

const entries = {
  level: v.optional(anyNumber("Mean level of both dots"), -1),
  depth: v.optional(anyNumber("Amplitude of the levels' motion"), 1),
  tunnelling: v.optional(anyNumber("Tunnel coupling of the dots"), 1),
  width: v.optional(positive("Broadening of each dot by its lead"), 1),
  dephasing: dephasing("a voltage probe on either dot"),
  energy: energy(0),
};

type Options = OptionsOf<typeof entries>;

function model(options: Options): PresetModel {
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

export default preset({
  description: "Two tunnel-coupled dots in series whose levels turn on a circle",
  entries,
  model,
});
