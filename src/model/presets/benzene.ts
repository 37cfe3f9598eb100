// A Hueckel ring of six sites with hopping -1 and a rotating dipole potential
// U cos(2 pi n/6 - theta). Wide-band leads contact site 0 and site 3 (para) or 2 (meta). With para
// contacts the mirror through both of them reverses the rotation and leaves the leads in place, so
// that the pumped charge vanishes exactly.

import * as v from "valibot";
import { anyNumber, positive } from "../file/fields.js";
import type { Triplet } from "../types.js";
import { circle, diagonal, freeRotor, type PresetModel, reservoirsAbout } from "./parts/pieces.js";
import { energy, type OptionsOf, preset } from "./parts/preset.js";

const entries = {
  contacts: v.optional(
    v.pipe(
      v.picklist(["para", "meta"]),
      v.description("Right lead opposite (para) or at the second site (meta)"),
    ),
    "para",
  ),
  width: v.optional(positive("Broadening of a contacted site by its lead"), 1),
  depth: v.optional(anyNumber("Amplitude U of the turning dipole"), 0.5),
  energy: energy(-1),
};

type Options = OptionsOf<typeof entries>;

const ring: Triplet[] = [
  [0, 1, -1],
  [0, 5, -1],
  [1, 2, -1],
  [2, 3, -1],
  [3, 4, -1],
  [4, 5, -1],
];

function model({ contacts, width, depth, energy }: Options): PresetModel {
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

export default preset({
  description:
    "Hueckel ring of six with a turning dipole; para contacts pump exactly nothing (mirror symmetry)",
  entries,
  model,
});
