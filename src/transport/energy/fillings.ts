// The fillings of all leads at one energy: f, 1 - f, df/dE, and their differences between leads and
// to a reference filling.

import { meanReservoir } from "../../model/reservoirs.js";
import type { Reservoir } from "../../model/types.js";
import { emptiness, fermi, fermiDerivative, fermiDifference } from "./fermi.js";

/** Fillings of all leads at one energy, and of the reference filling f_ref. */
export class Fillings {
  /** Chemical potential of each lead. */
  readonly mu: Float64Array;
  /** Temperature of each lead. */
  readonly temperature: Float64Array;
  referenceMu = 0;
  referenceTemperature = 0;
  /** A further filling in equilibrium, whose difference to the reference is wanted (optional). */
  equilibrium: Reservoir | undefined;
  readonly f: Float64Array;
  /** 1 - f of each lead. */
  readonly empty: Float64Array;
  /** df/dE. */
  readonly derivative: Float64Array;
  referenceDerivative = 0;
  /** f_a - f_ref. */
  readonly excess: Float64Array;
  /** Filling of `equilibrium` minus f_ref. */
  equilibriumExcess = 0;
  /** f_a - f_b at index [a leads + b]. */
  readonly difference: Float64Array;
  /** True if all leads have the reference filling, so that all `excess` are exactly zero. */
  uniform = false;

  constructor(leads: number) {
    this.mu = new Float64Array(leads);
    this.temperature = new Float64Array(leads);
    this.f = new Float64Array(leads);
    this.empty = new Float64Array(leads);
    this.derivative = new Float64Array(leads);
    this.excess = new Float64Array(leads);
    this.difference = new Float64Array(leads * leads);
  }

  /**
   * Takes mu and T of each lead from its reservoir. Probes have none and start at the mean of all
   * reservoirs. The reference is the first lead with a reservoir. `leads` are names for errors.
   */
  setReservoirs(
    reservoirs: readonly (Reservoir | undefined)[],
    probes: readonly boolean[],
    leads: readonly string[],
  ): void {
    const { mu, temperature } = this;
    const first = Math.max(probes.indexOf(false), 0);
    const given = reservoirs.filter((_, a) => !probes[a]);
    // Without any reservoir nothing fixes mu, and the mean is 0.
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

  /** Spread of the chemical potentials plus the temperatures, the energy scale of currents. */
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
   * Computes all fillings at the energy `energy` + `low`. It takes one exponential per lead and one
   * per pair, and agrees with fermi.ts to the last bit.
   */
  at(energy: number, low = 0): void {
    const { mu, temperature, f, empty, derivative, excess, difference } = this;
    const leads = mu.length;
    this.uniform = true;
    this.referenceDerivative = Number.NaN;
    for (let a = 0; a < leads; a++) {
      const t = temperature[a];
      const x = energy - mu[a] + low;
      if (t === 0) {
        f[a] = fermi(x, 0, 0);
        empty[a] = emptiness(x, 0, 0);
        derivative[a] = 0;
      } else {
        const e = Math.exp(-Math.abs(x) / t);
        f[a] = (x >= 0 ? e : 1) / (1 + e);
        empty[a] = (x <= 0 ? e : 1) / (1 + e);
        derivative[a] = -e / ((1 + e) * (1 + e) * t);
      }
      excess[a] = Number.NaN;
      if (mu[a] === this.referenceMu && t === this.referenceTemperature) {
        excess[a] = 0;
        this.referenceDerivative = derivative[a];
      }
      for (let b = 0; b < a; b++) {
        const d = this.between(energy, low, a, b);
        difference[a * leads + b] = d;
        difference[b * leads + a] = -d;
        if (mu[b] === this.referenceMu && temperature[b] === this.referenceTemperature) excess[a] = d;
      }
      // No earlier lead has the reference filling.
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
    if (Number.isNaN(this.referenceDerivative))
      this.referenceDerivative = fermiDerivative(
        energy - this.referenceMu + low,
        0,
        this.referenceTemperature,
      );
  }

  /** f_a - f_b as in fermiDifference, from f and 1 - f of both leads. */
  private between(energy: number, low: number, a: number, b: number): number {
    const { mu, temperature, f, empty } = this;
    const [s, t] = [temperature[a], temperature[b]];
    if (s === t && mu[a] === mu[b]) return 0;
    if (s === 0 || t === 0) return fermiDifference(energy, mu[a], s, mu[b], t, low);
    const gap = ((energy - mu[a] + low) * (t - s) + s * (mu[b] - mu[a])) / (s * t);
    return gap > 0 ? f[b] * empty[a] * Math.expm1(-gap) : -f[a] * empty[b] * Math.expm1(gap);
  }

  /**
   * Computes the fillings at a chemical potential of cold leads (T = 0). The df/dE of these leads
   * is a delta function there, and `derivative` holds its weight -1.
   */
  atStep(energy: number): void {
    const { mu, temperature, derivative } = this;
    this.at(energy);
    for (let a = 0; a < mu.length; a++) derivative[a] = temperature[a] === 0 && mu[a] === energy ? -1 : 0;
    this.referenceDerivative = this.referenceTemperature === 0 && this.referenceMu === energy ? -1 : 0;
  }
}
