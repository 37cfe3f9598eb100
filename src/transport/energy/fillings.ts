// The fillings of all leads at one energy: f, 1 - f, df/dE, differences between leads and to a
// reference filling.

import { meanReservoir } from "../../model/reservoirs.js";
import type { Reservoir } from "../../model/types.js";
import { emptiness, fermi, fermiDifference, fermiSlope } from "./fermi.js";

/** Fillings of all leads at one energy, and of the reference filling f_ref. */
export class Fillings {
  /** mu and T per lead. */
  readonly mu: Float64Array;
  readonly temperature: Float64Array;
  referenceMu = 0;
  referenceTemperature = 0;
  /** Another filling, in equilibrium, if that is of interest. */
  equilibrium: Reservoir | undefined;
  readonly f: Float64Array;
  readonly empty: Float64Array;
  /** df/dE. */
  readonly slope: Float64Array;
  referenceSlope = 0;
  /** f_a - f_ref. */
  readonly excess: Float64Array;
  /** That of `equilibrium` less f_ref. */
  equilibriumExcess = 0;
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

  /**
   * Takes over mu and T of each lead from its reservoir; probes, which have none, start at the
   * mean. The reference is the first lead with a reservoir. `leads`: names, for errors.
   */
  setReservoirs(
    reservoirs: readonly (Reservoir | undefined)[],
    probes: readonly boolean[],
    leads: readonly string[],
  ): void {
    const { mu, temperature } = this;
    const first = Math.max(probes.indexOf(false), 0);
    const given = reservoirs.filter((_, a) => !probes[a]);
    // Without any reservoir but probes nothing fixes mu: zero.
    const mean = meanReservoir(given);
    for (let a = 0; a < leads.length; a++) {
      const reservoir = probes[a] ? mean : reservoirs[a];
      if (!reservoir) throw new Error(`no reservoir for lead ${leads[a]}`);
      mu[a] = reservoir.chemicalPotential;
      temperature[a] = reservoir.temperature;
    }
    this.referenceMu = mu[first];
    this.referenceTemperature = temperature[first];
  }

  /** Width of bias and temperatures. */
  get span(): number {
    const { mu, temperature } = this;
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let a = 0; a < mu.length; a++) {
      low = Math.min(low, mu[a] - 4 * temperature[a]);
      high = Math.max(high, mu[a] + 4 * temperature[a]);
    }
    return high - low;
  }

  /** Whether all leads have the same filling. */
  get inEquilibrium(): boolean {
    const { mu, temperature } = this;
    return mu.every((value) => value === mu[0]) && temperature.every((value) => value === temperature[0]);
  }

  /**
   * At an energy of the window, `low` more than the double says: one exponential per lead and one
   * per pair, otherwise as fermi.ts has them, to the last bit.
   */
  at(energy: number, low = 0): void {
    const { mu, temperature, f, empty, slope, excess, difference } = this;
    const leads = mu.length;
    this.uniform = true;
    this.referenceSlope = Number.NaN;
    for (let a = 0; a < leads; a++) {
      const t = temperature[a];
      const x = energy - mu[a] + low;
      if (t === 0) {
        f[a] = fermi(x, 0, 0);
        empty[a] = emptiness(x, 0, 0);
        slope[a] = 0;
      } else {
        const e = Math.exp(-Math.abs(x) / t);
        f[a] = (x >= 0 ? e : 1) / (1 + e);
        empty[a] = (x <= 0 ? e : 1) / (1 + e);
        slope[a] = -e / ((1 + e) * (1 + e) * t);
      }
      excess[a] = Number.NaN;
      if (mu[a] === this.referenceMu && t === this.referenceTemperature) {
        excess[a] = 0;
        this.referenceSlope = slope[a];
      }
      for (let b = 0; b < a; b++) {
        const d = this.between(energy, low, a, b);
        difference[a * leads + b] = d;
        difference[b * leads + a] = -d;
        if (mu[b] === this.referenceMu && temperature[b] === this.referenceTemperature) excess[a] = d;
      }
      // A reference that is none of the leads before.
      if (Number.isNaN(excess[a]))
        excess[a] = fermiDifference(energy, mu[a], t, this.referenceMu, this.referenceTemperature, low);
      if (excess[a] !== 0) this.uniform = false;
    }
    if (this.equilibrium) {
      const { chemicalPotential, temperature: t } = this.equilibrium;
      this.equilibriumExcess = fermiDifference(
        energy,
        chemicalPotential,
        t,
        this.referenceMu,
        this.referenceTemperature,
        low,
      );
    }
    if (Number.isNaN(this.referenceSlope))
      this.referenceSlope = fermiSlope(energy - this.referenceMu + low, 0, this.referenceTemperature);
  }

  /** f_a - f_b from f and 1 - f of both: fermiDifference. */
  private between(energy: number, low: number, a: number, b: number): number {
    const { mu, temperature, f, empty } = this;
    const [s, t] = [temperature[a], temperature[b]];
    if (s === t && mu[a] === mu[b]) return 0;
    if (s === 0 || t === 0) return fermiDifference(energy, mu[a], s, mu[b], t, low);
    const gap = ((energy - mu[a] + low) * (t - s) + s * (mu[b] - mu[a])) / (s * t);
    return gap > 0 ? f[b] * empty[a] * Math.expm1(-gap) : -f[a] * empty[b] * Math.expm1(gap);
  }

  /**
   * At a chemical potential of cold leads (T = 0), whose slopes are delta functions there: weight
   * -1 each.
   */
  atStep(energy: number): void {
    const { mu, temperature, slope } = this;
    this.at(energy);
    for (let a = 0; a < mu.length; a++) slope[a] = temperature[a] === 0 && mu[a] === energy ? -1 : 0;
    this.referenceSlope = this.referenceTemperature === 0 && this.referenceMu === energy ? -1 : 0;
  }
}
