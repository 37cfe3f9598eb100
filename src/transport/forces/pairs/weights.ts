// Energies, fillings and factors in the order in which the integrands of pairs read them, for one
// energy (integrand.ts) or many.

import type { Reservoir } from "../../../model/types.js";
import { fermiDerivative } from "../../energy/fermi.js";
import type { Fillings } from "../../energy/fillings.js";

/**
 * Numbers per energy in a PairWeights table: energy; f, 1 - f, df/dE and f - f_ref of lead a, and
 * of lead b; f_a - f_b; -df/dE for linear response; the equilibrium filling minus f_ref; and a
 * common factor of all integrands.
 */
export const WEIGHTS = 13;

/** The fillings of both leads at a list of energies. */
export class PairWeights {
  table = new Float64Array();
  /** Energies of the present table. */
  #energies = new Float64Array();
  /** Factors of the present table. */
  #factors = new Float64Array();
  #count = 0;
  /**
   * mu and T of both leads, of the reference, of linear response and of the equilibrium filling,
   * for which the table was made.
   */
  #kept = new Float64Array(10);
  #asked = new Float64Array(10);

  /** Sets `table` for the first `count` energies; returns false if it has not changed. */
  lay(
    fillings: Fillings,
    response: Reservoir | undefined,
    energies: Float64Array,
    count: number,
    factors?: Float64Array,
  ): boolean {
    if (this.#isKept(fillings, response, energies, count, factors)) return false;
    if (this.table.length < WEIGHTS * count) {
      this.table = new Float64Array(2 * WEIGHTS * count);
      this.#energies = new Float64Array(2 * count);
      this.#factors = new Float64Array(2 * count);
    }
    const { table } = this;
    const { f, empty, derivative, excess, difference } = fillings;
    for (let k = 0, at = 0; k < count; k++, at += WEIGHTS) {
      const energy = energies[k];
      fillings.at(energy);
      table[at] = energy;
      for (let a = 0, to = at + 1; a < 2; a++, to += 4) {
        table[to] = f[a];
        table[to + 1] = empty[a];
        table[to + 2] = derivative[a];
        table[to + 3] = excess[a];
      }
      table[at + 9] = difference[1];
      table[at + 10] = response
        ? -fermiDerivative(energy, response.chemicalPotential, response.temperature)
        : 0;
      table[at + 11] = fillings.equilibriumExcess;
      table[at + 12] = factors ? factors[k] : 1;
      this.#energies[k] = energy;
      this.#factors[k] = table[at + 12];
    }
    [this.#kept, this.#asked] = [this.#asked, this.#kept];
    this.#count = count;
    return true;
  }

  #isKept(
    { mu, temperature, referenceMu, referenceTemperature, equilibrium }: Fillings,
    response: Reservoir | undefined,
    energies: Float64Array,
    count: number,
    factors: Float64Array | undefined,
  ): boolean {
    const asked = this.#asked;
    asked.set(mu);
    asked.set(temperature, 2);
    asked[4] = referenceMu;
    asked[5] = referenceTemperature;
    asked[6] = response?.chemicalPotential ?? 0;
    asked[7] = response?.temperature ?? 0;
    asked[8] = equilibrium?.chemicalPotential ?? 0;
    asked[9] = equilibrium?.temperature ?? 0;
    if (count !== this.#count) return false;
    for (let i = 0; i < asked.length; i++) if (asked[i] !== this.#kept[i]) return false;
    const [keptEnergies, keptFactors] = [this.#energies, this.#factors];
    for (let k = 0; k < count; k++)
      if (keptEnergies[k] !== energies[k] || keptFactors[k] !== (factors ? factors[k] : 1)) return false;
    return true;
  }
}
