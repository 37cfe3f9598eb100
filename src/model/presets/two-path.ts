// Two one-level arms between two leads, each lead coupled to both arms coherently: Gamma = width w w^+ with
// w = (e^{i flux/4}, e^{-i flux/4}) on the left and its conjugate on the right. The pumped charge is odd in the flux.

import type { Lead } from "../types.js";
import type { PresetOptions } from "./options.js";
import { circle, freeRotor, type PresetModel, probes, reservoirsAbout } from "./parts.js";

export function twoPath({
  level,
  depth,
  width,
  flux,
  dephasing,
  energy,
}: PresetOptions<"two-path">): PresetModel {
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
