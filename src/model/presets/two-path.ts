// Two arms with one level each between two leads. Each lead couples to both arms coherently, with
// Gamma = width w w^+ and w = (e^{i flux/4}, e^{-i flux/4}) on the left and its conjugate on the
// right. The pumped charge is odd in the flux.

import * as v from "valibot";
import { anyNumber, positive } from "../file/fields.js";
import type { Lead } from "../types.js";
import { circle, freeRotor, type PresetModel, probes, reservoirsAbout } from "./parts/pieces.js";
import { dephasing, energy, type OptionsOf, preset } from "./parts/preset.js";

const entries = {
  level: v.optional(anyNumber("Mean level of both arms"), -0.5),
  depth: v.optional(anyNumber("Amplitude of the levels' motion"), 1),
  width: v.optional(positive("Broadening of each arm by each lead"), 0.5),
  flux: v.optional(anyNumber("Aharonov-Bohm phase through the loop, in radians"), Math.PI / 2),
  dephasing: dephasing("a voltage probe on either arm"),
  energy: energy(0),
};

type Options = OptionsOf<typeof entries>;

function model({ level, depth, width, flux, dephasing, energy }: Options): PresetModel {
  const coherent = (name: string, phase: number): Lead => ({
    name,
    kind: "wideband",
    orbitals: [0, 1],
    width: [
      [0, 0, width],
      [0, 1, width * Math.cos(phase), width * Math.sin(phase)],
      [1, 1, width],
    ],
  });
  return {
    format: "nanopinwheel/1",
    title: "Two-path interferometer",
    device: {
      orbitals: 2,
      hamiltonian: [
        [0, 0, level],
        [1, 1, level],
      ],
      parameters: { x: [[0, 0, 1]], y: [[1, 1, 1]] },
      leads: [coherent("left", flux / 2), coherent("right", -flux / 2), ...probes([0, 1], dephasing)],
    },
    cycle: circle(0, depth),
    reservoirs: reservoirsAbout(energy),
    rotor: freeRotor(),
  };
}

export default preset({
  description: "Two-path interferometer with a flux: a pump by interference alone",
  entries,
  model,
});
