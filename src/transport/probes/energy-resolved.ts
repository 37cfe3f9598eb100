// Energy-resolved dephasing probes, which conserve the particles at each energy (elastic dephasing
// without heat). Every probe p has a filling f_p(E) instead of a chemical potential, and all its
// effects are local in energy. T_ab are the probabilities summed over channels, N_p is the number
// of channels of probe p, and A_pq = N_p delta_pq - T_pq.
//
// - The bias part f_q follows from sum_q A_pq f_q = sum_b T_pb f_b (b: reservoirs), with its
//   derivatives by E and by X (integrand.ts, moving).
// - The velocity part is delta f_q = -2 pi sum_p (A^-1)_qp I_p,nu, where I_p,nu is the spectral
//   current of order one into probe p. It adds (1/2pi) (K_nu)_qq delta f_q to the friction and
//   (1/2pi) A_aq delta f_q to the currents.
// - With the fluctuations the noise is that of
//   K_nu - sum_pq (K_nu)_pp (A^-1)_pq (Pi_q - S^+ Pi_q S).

import { invert } from "../../numerics/linear-algebra/small-matrix.js";
import type { ScatteringPoint } from "../../scattering/point.js";
import type { Fillings } from "../energy/fillings.js";
import type { ForceLayout } from "../forces/layout.js";

/**
 * Transmission to all reservoirs below which a probe is isolated, as outside the leads' bands. An
 * isolated probe is filled like the sea.
 */
const ISOLATED = 1e-13;

/** The energy-resolved probes of one device, at one energy after the other. */
export class DephasingProbes {
  /** Weights of Pi_q - S^+ Pi_q S in the force operator of the noise, directions x leads. */
  readonly noiseMix: Float64Array;
  private readonly layout: ForceLayout;
  private readonly fillings: Fillings;
  /** Lead index of each probe. */
  private readonly probes: Int32Array;
  /** Whether each lead is a probe. */
  private readonly isProbe: boolean[];
  private readonly channels: Float64Array;
  /** T_ab, leads x leads. */
  private readonly probability: Float64Array;
  /** dT_ab/dE, leads x leads. */
  private readonly probabilityDerivative: Float64Array;
  private readonly matrix: Float64Array;
  private readonly inverse: Float64Array;
  /** df_a/dX_nu, leads x directions; nonzero for probes only. */
  readonly rates: Float64Array;
  /** dT_ab/dX_nu, directions x leads x leads. */
  private readonly gradient: Float64Array;
  /** Change of the fillings per velocity, probes x directions. */
  private readonly shift: Float64Array;
  /** Trace of K_nu over the probe's channels, directions x probes. */
  private readonly emissivity: Float64Array;
  private readonly right: Float64Array;

  constructor(layout: ForceLayout, isProbe: boolean[], fillings: Fillings) {
    const { leads, directions } = layout;
    this.layout = layout;
    this.fillings = fillings;
    this.isProbe = isProbe;
    this.probes = Int32Array.from(isProbe.flatMap((probe, a) => (probe ? [a] : [])));
    const count = this.probes.length;
    this.channels = new Float64Array(leads);
    this.probability = new Float64Array(leads * leads);
    this.probabilityDerivative = new Float64Array(leads * leads);
    this.matrix = new Float64Array(count * count);
    this.inverse = new Float64Array(count * count);
    this.shift = new Float64Array(count * directions);
    this.emissivity = new Float64Array(directions * count);
    this.right = new Float64Array(count);
    this.noiseMix = new Float64Array(directions * leads);
    this.rates = new Float64Array(leads * directions);
    this.gradient = new Float64Array(directions * leads * leads);
  }

  /**
   * Sets the probes' fillings at the energy of the point. The point needs energyDerivative unless
   * `atStep` says that only the delta functions of cold leads matter.
   */
  fill(point: ScatteringPoint, atStep: boolean): void {
    this.setProbabilities(point, atStep);
    const { fillings, probes, inverse, probability, probabilityDerivative, right, isProbe } = this;
    const { f, empty, excess, derivative, difference } = fillings;
    const [leads, count] = [f.length, probes.length];
    // Each filling of a probe is a weighted mean of those of the reservoirs.
    for (const list of [f, empty, excess]) this.mean(list);
    for (let p = 0; p < count; p++) {
      right[p] = 0;
      for (let b = 0; b < leads; b++) {
        const at = probes[p] * leads + b;
        if (!isProbe[b]) right[p] += probability[at] * derivative[b];
        if (!atStep) right[p] += probabilityDerivative[at] * excess[b];
      }
    }
    for (let p = 0; p < count; p++) {
      let sum = 0;
      for (let q = 0; q < count; q++) sum += inverse[p * count + q] * right[q];
      derivative[probes[p]] = sum;
    }
    if (!atStep) this.setRates();
    if (fillings.uniform) return;
    for (let a = 0; a < leads; a++) {
      for (let b = 0; b < leads; b++)
        if (isProbe[a] || isProbe[b]) difference[a * leads + b] = excess[a] - excess[b];
    }
  }

  /**
   * Solves A f_,nu = T_,nu f, with f - f_ref in place of f, since the sums of T_,nu over all leads
   * vanish.
   */
  private setRates(): void {
    const { probes, inverse, gradient, rates, right, layout } = this;
    const { excess } = this.fillings;
    const [leads, d, count] = [layout.leads, layout.directions, probes.length];
    for (let nu = 0; nu < d; nu++) {
      for (let p = 0; p < count; p++) {
        right[p] = 0;
        for (let b = 0; b < leads; b++)
          right[p] += gradient[(nu * leads + probes[p]) * leads + b] * excess[b];
      }
      for (let q = 0; q < count; q++) {
        let sum = 0;
        for (let p = 0; p < count; p++) sum += inverse[q * count + p] * right[p];
        rates[probes[q] * d + nu] = sum;
      }
    }
  }

  /**
   * Adds the response of the probes' fillings to the velocity. `out` must hold the integrands of
   * this energy and nothing else.
   */
  respond(energy: number, out: Float64Array): void {
    const { layout, probes, inverse, shift, probability, channels, emissivity } = this;
    const {
      directions: d,
      leads,
      currentPerVelocity,
      energyPerVelocity,
      friction,
      antisymmetricFriction,
    } = layout;
    const count = probes.length;
    for (let q = 0; q < count; q++) {
      for (let nu = 0; nu < d; nu++) {
        let sum = 0;
        for (let p = 0; p < count; p++)
          sum -= inverse[q * count + p] * out[currentPerVelocity + probes[p] * d + nu];
        shift[q * d + nu] = 2 * Math.PI * sum;
      }
    }
    for (let a = 0; a < leads; a++) {
      for (let nu = 0; nu < d; nu++) {
        let sum = 0;
        for (let q = 0; q < count; q++) {
          const b = probes[q];
          sum += ((a === b ? channels[b] : 0) - probability[a * leads + b]) * shift[q * d + nu];
        }
        out[currentPerVelocity + a * d + nu] += sum / (2 * Math.PI);
        out[energyPerVelocity + a * d + nu] += (energy * sum) / (2 * Math.PI);
      }
    }
    const response = (i: number, nu: number): number => {
      let sum = 0;
      for (let q = 0; q < count; q++) sum += emissivity[i * count + q] * shift[q * d + nu];
      return sum / (2 * Math.PI);
    };
    let [pair, cross] = [0, 0];
    for (let i = 0; i < d; i++) {
      for (let j = i; j < d; j++, pair++) {
        const [forward, backward] = [response(i, j), response(j, i)];
        out[friction + pair] += (forward + backward) / 2;
        if (j > i) out[antisymmetricFriction + cross++] += (forward - backward) / 2;
      }
    }
  }

  /** Replaces the entries of the probes by their weighted means over the reservoirs. */
  private mean(list: Float64Array): void {
    const { probes, inverse, probability, right, isProbe } = this;
    const [leads, count] = [list.length, probes.length];
    for (let p = 0; p < count; p++) {
      right[p] = 0;
      for (let b = 0; b < leads; b++)
        if (!isProbe[b]) right[p] += probability[probes[p] * leads + b] * list[b];
    }
    for (let p = 0; p < count; p++) {
      let sum = 0;
      for (let q = 0; q < count; q++) sum += inverse[p * count + q] * right[q];
      list[probes[p]] = sum;
    }
  }

  /** Computes T_ab, its derivatives, the channels, and the inverse of A. */
  private setProbabilities({ channels: m, channelLead, S, dSdE, K }: ScatteringPoint, atStep: boolean): void {
    const { probes, probability, probabilityDerivative, channels, matrix, emissivity, layout } = this;
    const [leads, count] = [layout.leads, probes.length];
    probability.fill(0);
    probabilityDerivative.fill(0);
    channels.fill(0);
    emissivity.fill(0);
    this.gradient.fill(0);
    for (let a = 0; a < m; a++) {
      channels[channelLead[a]]++;
      for (let b = 0; b < m; b++) {
        const [i, at] = [2 * (a * m + b), channelLead[a] * leads + channelLead[b]];
        probability[at] += S[i] * S[i] + S[i + 1] * S[i + 1];
        if (!atStep) probabilityDerivative[at] += 2 * (S[i] * dSdE[i] + S[i + 1] * dSdE[i + 1]);
      }
      const probe = probes.indexOf(channelLead[a]);
      if (probe < 0) continue;
      for (let nu = 0; nu < layout.directions; nu++) {
        emissivity[nu * count + probe] += K[nu][2 * (a * m + a)];
        if (!atStep) this.addGradient(a, nu, channelLead, S, K[nu], m);
      }
    }
    for (let p = 0; p < count; p++) {
      for (let q = 0; q < count; q++) {
        matrix[p * count + q] =
          (p === q ? channels[probes[p]] : 0) - probability[probes[p] * leads + probes[q]];
      }
    }
    invert(matrix, count, this.inverse, ISOLATED);
    this.setNoiseMix();
  }

  /** Adds d|S_ab|^2/dX_nu = 2 Im[S_ab^* (S K_nu)_ab] for all b. */
  private addGradient(
    a: number,
    nu: number,
    channelLead: Int32Array,
    S: Float64Array,
    K: Float64Array,
    m: number,
  ): void {
    const { leads } = this.layout;
    for (let b = 0; b < m; b++) {
      let [re, im] = [0, 0];
      for (let c = 0; c < m; c++) {
        const [p, q] = [2 * (a * m + c), 2 * (c * m + b)];
        re += S[p] * K[q] - S[p + 1] * K[q + 1];
        im += S[p] * K[q + 1] + S[p + 1] * K[q];
      }
      const i = 2 * (a * m + b);
      this.gradient[(nu * leads + channelLead[a]) * leads + channelLead[b]] +=
        2 * (S[i] * im - S[i + 1] * re);
    }
  }

  /** Sets mix[nu, q] = -sum_p (K_nu)_pp (A^-1)_pq. */
  private setNoiseMix(): void {
    const { probes, emissivity, inverse, noiseMix, layout } = this;
    const count = probes.length;
    noiseMix.fill(0);
    for (let nu = 0; nu < layout.directions; nu++) {
      for (let q = 0; q < count; q++) {
        let sum = 0;
        for (let p = 0; p < count; p++) sum -= emissivity[nu * count + p] * inverse[p * count + q];
        noiseMix[nu * layout.leads + probes[q]] = sum;
      }
    }
  }
}
