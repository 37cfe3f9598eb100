// The fillings of all leads at one energy: f, 1 - f, df/dE, differences between leads and to a reference filling.

import { emptiness, fermi, fermiDifference, fermiSlope } from "./fermi.js";

/** Fillings of all leads at one energy, and of the reference filling f_ref. */
export class Fillings {
  /** mu and T per lead (set by the caller). */
  readonly mu: Float64Array;
  readonly temperature: Float64Array;
  referenceMu = 0;
  referenceTemperature = 0;
  readonly f: Float64Array;
  readonly empty: Float64Array;
  /** df/dE. */
  readonly slope: Float64Array;
  referenceSlope = 0;
  /** f_a - f_ref. */
  readonly excess: Float64Array;
  /** f_a - f_b, leads x leads. */
  readonly difference: Float64Array;
  /** True if all excesses are zero by construction. */
  uniform = false;

  constructor(leads: number) {
    this.mu = new Float64Array(leads);
    this.temperature = new Float64Array(leads);
    this.f = new Float64Array(leads);
    this.empty = new Float64Array(leads);
    this.slope = new Float64Array(leads);
    this.excess = new Float64Array(leads);
    this.difference = new Float64Array(leads * leads);
  }

  /** At an energy of the window. */
  at(energy: number): void {
    const { mu, temperature, f, empty, slope, excess, difference } = this;
    const leads = mu.length;
    this.uniform = true;
    for (let a = 0; a < leads; a++) {
      f[a] = fermi(energy, mu[a], temperature[a]);
      empty[a] = emptiness(energy, mu[a], temperature[a]);
      slope[a] = fermiSlope(energy, mu[a], temperature[a]);
      excess[a] = fermiDifference(energy, mu[a], temperature[a], this.referenceMu, this.referenceTemperature);
      if (excess[a] !== 0) this.uniform = false;
      for (let b = 0; b < a; b++) {
        const d = fermiDifference(energy, mu[a], temperature[a], mu[b], temperature[b]);
        difference[a * leads + b] = d;
        difference[b * leads + a] = -d;
      }
    }
    this.referenceSlope = fermiSlope(energy, this.referenceMu, this.referenceTemperature);
  }

  /** At a chemical potential of cold leads (T = 0), whose slopes are delta functions there: weight -1 each. */
  atStep(energy: number): void {
    const { mu, temperature, slope } = this;
    this.at(energy);
    for (let a = 0; a < mu.length; a++) slope[a] = temperature[a] === 0 && mu[a] === energy ? -1 : 0;
    this.referenceSlope = this.referenceTemperature === 0 && this.referenceMu === energy ? -1 : 0;
  }
}
