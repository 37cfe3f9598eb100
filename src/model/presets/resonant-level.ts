// One level between two wide-band leads: H = level + x, x = depth cos(theta). One parameter
// encloses no area, so that it pumps nothing and makes no motor. Its friction is the textbook case,
// for which the preset has no bias.

import * as v from "valibot";
import { anyNumber, positive } from "../file/fields.js";
import { freeRotor, type PresetModel, reservoirsAbout } from "./parts/pieces.js";
import { energy, type OptionsOf, preset } from "./parts/preset.js";

const entries = {
  level: v.optional(anyNumber("Mean level"), 0),
  depth: v.optional(anyNumber("Amplitude of the level's motion"), 1),
  widthLeft: v.optional(positive("Broadening by the left lead"), 0.5),
  widthRight: v.optional(positive("Broadening by the right lead"), 0.5),
  energy: energy(0),
};

type Options = OptionsOf<typeof entries>;

function model(options: Options): PresetModel {
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

export default preset({
  description: "One level between two leads, moved by one parameter: the textbook friction; pumps nothing",
  entries,
  model,
});
