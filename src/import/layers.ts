// Layers along an axis: the Hamiltonian of a crystal at one transverse Bloch vector,
// H_r = sum of exp(2 pi i k.R) H(R) over the R that lie r cells along the axis. It is Hermitian if
// H_-r = H_r^+, which is checked, and what rounding leaves of the difference is averaged away.

import { InputError } from "../base/errors.js";
import { described } from "../base/wording.js";
import type { WannierHamiltonian } from "./wannier90.js";

/** A square complex matrix. */
export interface Layer {
  re: Float64Array;
  im: Float64Array;
}

/** Matrices between layers of the crystal. */
export interface Layers {
  orbitals: number;
  /** H_0, H_1, ...: <layer l|H|layer l + r>. */
  hoppings: Layer[];
  /** Largest element of H_-r - H_r^+, before the two were averaged. */
  hermiticityDefect: number;
  /** Largest element of the H_r that were left out by `range`; 0 if none were. */
  dropped: number;
}

/** Largest defect of Hermiticity relative to the largest element: files have six decimals. */
const largestDefect = 1e-4;

const largest = ({ re, im }: Layer): number =>
  re.reduce((most, part, i) => Math.max(most, Math.hypot(part, im[i])), 0);

/** Sums the blocks into layers along axis 0, 1 or 2. */
export function layersOf(
  { orbitals, blocks }: WannierHamiltonian,
  axis: number,
  k: readonly number[],
  range: number | undefined,
): Layers {
  const transverse = [0, 1, 2].filter((one) => one !== axis);
  const sums = new Map<number, Layer>();
  for (const { vector, re, im } of blocks) {
    const r = vector[axis];
    const sum = sums.get(r) ?? { re: new Float64Array(orbitals ** 2), im: new Float64Array(orbitals ** 2) };
    sums.set(r, sum);
    const angle = 2 * Math.PI * transverse.reduce((total, one, i) => total + k[i] * vector[one], 0);
    const [cos, sin] = angle === 0 ? [1, 0] : [Math.cos(angle), Math.sin(angle)];
    for (let i = 0; i < re.length; i++) {
      sum.re[i] += cos * re[i] - sin * im[i];
      sum.im[i] += cos * im[i] + sin * re[i];
    }
  }
  const none: Layer = { re: new Float64Array(orbitals ** 2), im: new Float64Array(orbitals ** 2) };
  const reach = Math.max(0, ...[...sums].filter(([, sum]) => largest(sum) > 0).map(([r]) => Math.abs(r)));
  const scale = Math.max(0, ...[...sums.values()].map(largest));
  const hoppings: Layer[] = [];
  let hermiticityDefect = 0;
  for (let r = 0; r <= reach; r++) {
    const [there, back] = [sums.get(r) ?? none, sums.get(-r) ?? none];
    const mean: Layer = { re: new Float64Array(orbitals ** 2), im: new Float64Array(orbitals ** 2) };
    for (let m = 0; m < orbitals; m++)
      for (let n = 0; n < orbitals; n++) {
        const [i, j] = [m * orbitals + n, n * orbitals + m];
        const defect = Math.hypot(there.re[i] - back.re[j], there.im[i] + back.im[j]);
        if (defect > largestDefect * scale)
          throw new InputError("hamiltonian", "not Hermitian", {
            expected: "H(-R) equal to the adjoint of H(R)",
            found: `a difference of ${defect.toExponential(2)} between functions ${m + 1} and ${n + 1}, ${described(r)} cells apart`,
          });
        hermiticityDefect = Math.max(hermiticityDefect, defect);
        mean.re[i] = (there.re[i] + back.re[j]) / 2;
        mean.im[i] = (there.im[i] - back.im[j]) / 2;
      }
    hoppings.push(mean);
  }
  const kept = hoppings.slice(0, 1 + (range ?? reach));
  const dropped = Math.max(0, ...hoppings.slice(kept.length).map(largest));
  return { orbitals, hoppings: kept, hermiticityDefect, dropped };
}
