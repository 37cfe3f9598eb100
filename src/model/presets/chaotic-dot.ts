// A random-matrix dot: H = H0 + x K1 + y K2, all M x M from the Gaussian orthogonal (real) or
// unitary (complex) ensemble. H0 has a semicircle of half-width 2, so that its mean level spacing
// at E = 0 is D = pi/M. A diagonal element of K has the variance D^2. Contacts are wide-band leads
// of width 2 on single orbitals, which transmit ideally at E = 0 (mean S = 0 for large M).
// `dephasing` is the width of one voltage probe that couples to every orbital alike.

import * as v from "valibot";
import { InputError } from "../../base/errors.js";
import { anyNumber, wholeNumber } from "../file/fields.js";
import type { Lead, Triplet } from "../types.js";
import { circle, freeRotor, type PresetModel, reservoirsAbout } from "./parts/pieces.js";
import { dephasing, type OptionsOf, preset } from "./parts/preset.js";
import { gaussianNumbers } from "./parts/random-numbers.js";

const entries = {
  size: v.optional(wholeNumber(2, 1024, "Size M of the random matrices"), 64),
  channels: v.optional(wholeNumber(1, 512, "Open channels per lead"), 1),
  symmetry: v.optional(
    v.pipe(
      v.picklist(["orthogonal", "unitary"]),
      v.description("Ensemble: orthogonal (real) or unitary (complex: in a magnetic field)"),
    ),
    "orthogonal",
  ),
  seed: v.optional(wholeNumber(0, 0xffffffff, "Seed of the sample"), 1),
  radius: v.optional(anyNumber("Radius of the circle; 1 moves a level by about its spacing"), 1),
  dephasing: dephasing("one voltage probe that touches all levels alike"),
};

type Options = OptionsOf<typeof entries>;

/** Hermitian random matrix whose diagonal elements have the given standard deviation. */
function gaussianMatrix(
  size: number,
  diagonalDeviation: number,
  complex: boolean,
  gauss: () => number,
): Triplet[] {
  const elements: Triplet[] = [];
  // <|h_ij|^2> is half the variance of the diagonal in the orthogonal ensemble. In the unitary one
  // it equals that variance, and real and imaginary part have half of it each.
  const partDeviation = diagonalDeviation / Math.SQRT2;
  for (let i = 0; i < size; i++) {
    elements.push([i, i, diagonalDeviation * gauss()]);
    for (let j = i + 1; j < size; j++) {
      const re = partDeviation * gauss();
      elements.push(complex ? [i, j, re, partDeviation * gauss()] : [i, j, re]);
    }
  }
  return elements;
}

function model(options: Options): PresetModel {
  const { size, channels, symmetry, seed, radius, dephasing } = options;
  if (2 * channels > size) {
    throw new InputError("device.channels", "more channels than orbitals", {
      expected: `at most ${Math.floor(size / 2)} for size ${size}`,
      found: String(channels),
    });
  }
  const complex = symmetry === "unitary";
  const gauss = gaussianNumbers(seed);
  const spacing = Math.PI / size;
  const contact = (name: string, first: number): Lead => ({
    name,
    kind: "wideband",
    orbitals: Array.from({ length: channels }, (_, i) => first + i),
    width: 2,
  });
  const everywhere = Array.from({ length: size }, (_, i) => i);
  return {
    format: "nanopinwheel/1",
    title: `Chaotic dot, size ${size}, ${symmetry}, seed ${seed}`,
    device: {
      orbitals: size,
      hamiltonian: gaussianMatrix(size, Math.sqrt((complex ? 1 : 2) / size), complex, gauss),
      parameters: {
        x: gaussianMatrix(size, spacing, complex, gauss),
        y: gaussianMatrix(size, spacing, complex, gauss),
      },
      leads: [
        contact("left", 0),
        contact("right", channels),
        ...(dephasing > 0
          ? [{ name: "probe", kind: "probe", orbitals: everywhere, width: dephasing } as const]
          : []),
      ],
    },
    cycle: circle(0, radius),
    reservoirs: reservoirsAbout(0),
    rotor: freeRotor(),
  };
}

export default preset({
  description: "Random-matrix dot with ideal contacts, driven on a circle by two random perturbations",
  entries,
  model,
});
