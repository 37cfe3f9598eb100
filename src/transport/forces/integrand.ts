// The integrands of docs/physics.md, sections 4 and 5, at one energy, from the small matrices S,
// S', K, P of a scattering point: bias part of the force, noise, symmetric and antisymmetric
// friction, currents of charge and energy to order 0 and 1 in the velocity. There are two parts.
// `filled` holds the products of fillings and is integrated over the window. `fermiSurface` holds
// everything with df/dE; it belongs to the same integral at T > 0 and is evaluated once at the
// chemical potential at T = 0. Cost: a few M^3 operations per direction, for M channels.
//
// In the symmetric friction of section 4 the part of f_a (1 - f_b) that is symmetric in a and b is
// integrated by parts, because the bracket is there dK/dE times K. This removes the cancellation of
// two large terms at narrow resonances:
//
//   gamma^s = (1/2pi) sum_ab int dE { -(f'_a + f'_b)/4 Re K'_ab K_ab^*
//             + (f_a - f_b)/2 Re [P'_ab K_ab^* + K'_ab P_ab^*] }
//
// What still cancels there at one energy may come from the point already subtracted in higher
// precision (ReducedMatrices in point.ts).
//
// Longer than most files: the formulas of two sections stand side by side because they share the
// products of S, K and P.

import { pairIndex, type ReducedMatrices, type ScatteringPoint } from "../../scattering/point.js";
import { Fillings } from "../energy/fillings.js";
import type { ForceLayout } from "./layout.js";

/**
 * Relative error of a product of elements of P, S' and K, in units of rounding. Each element comes
 * from two solves.
 */
export const SOLVES = 3;

/** The integrands at one energy, with the fillings and work matrices that they need. */
export class ForceIntegrand {
  readonly layout: ForceLayout;
  readonly fillings: Fillings;
  /**
   * Weights [nu leads + q] of the force operators of the noise, if probes follow their
   * fluctuations; else null. The noise is that of K_nu + sum_q mix[nu, q] (Pi_q - S^+ Pi_q S).
   */
  noiseMix: Float64Array | null = null;
  private readonly reciprocal: boolean;
  // Work matrices, channels x channels, enlarged on demand.
  private T = new Float64Array(0);
  private U = new Float64Array(0);
  private V = new Float64Array(0);
  private operators: Float64Array[];

  constructor(layout: ForceLayout, reciprocal: boolean) {
    this.layout = layout;
    this.reciprocal = reciprocal;
    this.fillings = new Fillings(layout.leads);
    this.operators = Array.from({ length: layout.directions }, () => new Float64Array(0));
  }

  /**
   * Adds everything except the terms with df/dE, at the energy of the fillings. The point must have
   * been solved with energyDerivative.
   */
  filled(point: ScatteringPoint, energy: number, out: Float64Array): void {
    this.reserve(point.channels);
    this.addForceAndCurrent(point, energy, out);
    this.addNoiseAndFriction(point, out);
    if (this.fillings.uniform) return;
    this.addFilledAntisymmetricFriction(point, out);
    for (let nu = 0; nu < this.layout.directions; nu++)
      this.addFilledVelocityCurrents(point, nu, energy, out);
  }

  private reserve(channels: number): void {
    const size = 2 * channels * channels;
    if (this.T.length >= size) return;
    this.T = new Float64Array(size);
    this.U = new Float64Array(size);
    this.V = new Float64Array(size);
    for (let nu = 0; nu < this.operators.length; nu++) this.operators[nu] = new Float64Array(size);
  }

  /**
   * Adds to the force -(1/2pi) (f_a - f_ref) (K_nu)_aa, to the equilibrium force the same with one
   * filling for all leads, and to the current (1/2pi) |S_ab|^2 (f_a - f_b).
   */
  private addForceAndCurrent(point: ScatteringPoint, energy: number, out: Float64Array): void {
    const { channels: m, channelLead, S, K } = point;
    const { force, equilibrium, response, current, energyCurrent, leads, directions } = this.layout;
    const { excess, difference, equilibriumExcess } = this.fillings;
    for (let nu = 0; nu < directions; nu++) {
      let sum = 0;
      for (let a = 0; a < m; a++) sum += excess[channelLead[a]] * K[nu][2 * (a * m + a)];
      out[force + nu] -= sum / (2 * Math.PI);
      if (equilibrium === response) continue;
      let trace = 0;
      for (let a = 0; a < m; a++) trace += K[nu][2 * (a * m + a)];
      out[equilibrium + nu] -= (equilibriumExcess * trace) / (2 * Math.PI);
    }
    for (let a = 0; a < m; a++) {
      const to = channelLead[a];
      let sum = 0;
      for (let b = 0; b < m; b++) {
        const weight = difference[to * leads + channelLead[b]];
        if (weight === 0) continue;
        const p = 2 * (a * m + b);
        sum += weight * (S[p] * S[p] + S[p + 1] * S[p + 1]);
      }
      out[current + to] += sum / (2 * Math.PI);
      out[energyCurrent + to] += (energy * sum) / (2 * Math.PI);
    }
  }

  /**
   * Adds to the noise (1/2pi) f_a (1 - f_b) Re K'_ab K_ab^*, and to the friction
   * (1/4pi) (f_a - f_b) Re [P'_ab K_ab^* + K'_ab P_ab^*].
   */
  private addNoiseAndFriction(point: ScatteringPoint, out: Float64Array): void {
    const { channels: m, channelLead, K, reduced } = point;
    const P = reduced ? reduced.firstOrderRemainder : point.P;
    const { noise, friction, directions, leads } = this.layout;
    const { f, empty, difference, uniform } = this.fillings;
    const operators = this.noiseMix ? this.mixedOperators(point, this.noiseMix) : K;
    let [pair, magnitude] = [0, 0];
    for (let nu = 0; nu < directions; nu++) {
      for (let mu = nu; mu < directions; mu++, pair++) {
        const [k1, k2, p1, p2, n1, n2] = [K[nu], K[mu], P[nu], P[mu], operators[nu], operators[mu]];
        let [sumNoise, sumFriction] = [0, 0];
        for (let a = 0; a < m; a++) {
          const filling = f[channelLead[a]];
          for (let b = 0; b < m; b++) {
            const i = 2 * (a * m + b);
            const j = i + 1;
            sumNoise += filling * empty[channelLead[b]] * (n2[i] * n1[i] + n2[j] * n1[j]);
            const bias = uniform ? 0 : difference[channelLead[a] * leads + channelLead[b]];
            if (bias === 0) continue;
            sumFriction += bias * (p2[i] * k1[i] + k2[i] * p1[i] + p2[j] * k1[j] + k2[j] * p1[j]);
            // The rounding of either part of an element is that of the whole element.
            const [first, second] = [sizeAt(p2, i) * sizeAt(k1, i), sizeAt(k2, i) * sizeAt(p1, i)];
            magnitude += Math.abs(bias) * (first + second);
          }
        }
        out[noise + pair] += sumNoise / (2 * Math.PI);
        out[friction + pair] += sumFriction / (4 * Math.PI);
      }
    }
    if (!uniform) magnitude = reduced ? magnitude + leftOver(point, reduced) : roundings(point) * magnitude;
    out[this.layout.counted + 2] += magnitude;
  }

  /** Returns K_nu + sum_q mix[nu, q] (Pi_q - S^+ Pi_q S) per direction. */
  private mixedOperators(point: ScatteringPoint, mix: Float64Array): Float64Array[] {
    const { channels: m, channelLead, S, K } = point;
    const { directions, leads } = this.layout;
    for (let nu = 0; nu < directions; nu++) {
      const operator = this.operators[nu];
      for (let i = 0; i < 2 * m * m; i++) operator[i] = K[nu][i];
      for (let c = 0; c < m; c++) {
        const weight = mix[nu * leads + channelLead[c]];
        if (weight === 0) continue;
        operator[2 * (c * m + c)] += weight;
        for (let a = 0; a < m; a++) {
          const [x, y] = [S[2 * (c * m + a)], S[2 * (c * m + a) + 1]];
          for (let b = 0; b < m; b++) {
            const [u, v] = [S[2 * (c * m + b)], S[2 * (c * m + b) + 1]];
            operator[2 * (a * m + b)] -= weight * (x * u + y * v);
            operator[2 * (a * m + b) + 1] -= weight * (x * v - y * u);
          }
        }
      }
    }
    return this.operators;
  }

  /**
   * Adds (1/2pi) (f_a - f_ref) c_a, with c_a = b_a - Re (K_nu P_nu' - K_nu' P_nu)_aa and b_a from
   * the point.
   */
  private addFilledAntisymmetricFriction(point: ScatteringPoint, out: Float64Array): void {
    const { channels: m, channelLead, K, P, antisymmetricFriction, reduced } = point;
    const { excess } = this.fillings;
    let [pair, magnitude, most] = [0, 0, 0];
    for (let a = 0; a < m; a++) most = Math.max(most, Math.abs(excess[channelLead[a]]));
    for (let nu = 0; nu < this.layout.directions; nu++) {
      for (let mu = nu + 1; mu < this.layout.directions; mu++, pair++) {
        let sum = 0;
        for (let a = 0; a < m; a++) {
          const weight = excess[channelLead[a]];
          if (weight === 0) continue;
          let c = antisymmetricFriction[pair][2 * a + 1];
          let size = Math.abs(c);
          for (let k = 0; k < m && !reduced; k++) {
            const [i, j] = [2 * (a * m + k), 2 * (k * m + a)];
            const first = K[nu][i] * P[mu][j] - K[nu][i + 1] * P[mu][j + 1];
            const second = K[mu][i] * P[nu][j] - K[mu][i + 1] * P[nu][j + 1];
            c += second - first;
            size += Math.abs(first) + Math.abs(second);
          }
          sum += weight * c;
          magnitude += Math.abs(weight) * size;
        }
        out[this.layout.antisymmetricFriction + pair] += sum / (2 * Math.PI);
      }
    }
    out[this.layout.counted + 2] += reduced
      ? magnitude + leftOver(point, reduced)
      : roundings(point) * magnitude + most * (point.rounding?.b ?? 0);
  }

  /**
   * Adds the terms of I_nu that contain f, with S_nu = -i S K and A_nu = (S' K + S (P^+ - P)) / 2:
   *
   *   -(1/2pi) (f_b - f_ref) { Re[(S' K + S (P^+ - P))_ab S_ab^*] - Re[S'_ab (S K)_ab^*] }
   *
   * A point with reduced matrices gives the same with S times `velocityCorrection` in place of
   * S' K + S (P^+ - P), and S times `delayRemainder` in place of S'.
   */
  private addFilledVelocityCurrents(
    point: ScatteringPoint,
    nu: number,
    energy: number,
    out: Float64Array,
  ): void {
    const { channels: m, channelLead, S, dSdE, K, P, reduced } = point;
    const { T, U, V } = this;
    const { directions, currentPerVelocity, energyPerVelocity, counted } = this.layout;
    product(S, K[nu], m, T, false);
    // U is S' K + S (P^+ - P), and `dS` is S'. Both are products of elements that become large
    // at a narrow resonance; `magnitude` bounds what cancels between them.
    let [dS, magnitude] = [dSdE, 0];
    const size = largest(dSdE, m) * largest(K[nu], m) + 2 * largest(P[nu], m);
    if (reduced) {
      dS = V;
      product(S, reduced.velocityCorrection[nu], m, U, false);
      product(S, reduced.delayRemainder[nu], m, V, false);
      magnitude =
        largest(reduced.velocityCorrection[nu], m) +
        largest(reduced.delayRemainder[nu], m) * largest(K[nu], m);
      magnitude += reduced.precision * size;
    } else {
      product(dSdE, K[nu], m, U, false);
      antiHermitianPart(P[nu], m, V);
      product(S, V, m, U, true);
      magnitude = roundings(point) * size;
    }
    let most = 0;
    for (let a = 0; a < m; a++) {
      let sum = 0;
      most = Math.max(most, Math.abs(this.fillings.excess[channelLead[a]]));
      for (let b = 0; b < m; b++) {
        const i = 2 * (a * m + b);
        const own = U[i] * S[i] + U[i + 1] * S[i + 1] - dS[i] * T[i] - dS[i + 1] * T[i + 1];
        sum += this.fillings.excess[channelLead[b]] * own;
      }
      const at = channelLead[a] * directions + nu;
      out[currentPerVelocity + at] -= sum / (2 * Math.PI);
      out[energyPerVelocity + at] -= (energy * sum) / (2 * Math.PI);
    }
    out[counted + 5] += most * magnitude;
    out[counted + 6] += most * magnitude * Math.abs(energy);
  }

  /**
   * Adds the effects of fillings that move with X. `rates` holds df_b/dX_nu of the probes at this
   * energy, [b directions + nu]. Scattering states keep the filling with which they entered. This
   * adds the currents (1/2pi) f_b,nu Im[S'_ab S_ab^*], which carry the charge that must enter, and
   * the friction -(1/2pi) f_b,nu' Im (P_nu)_bb. Without these terms the charges of a turn do not
   * balance at a bias.
   */
  moving(point: ScatteringPoint, energy: number, rates: Float64Array, out: Float64Array): void {
    const { channels: m, channelLead, S, dSdE, P } = point;
    const {
      directions: d,
      currentPerVelocity,
      energyPerVelocity,
      friction,
      antisymmetricFriction,
    } = this.layout;
    for (let b = 0; b < m; b++) {
      for (let nu = 0; nu < d; nu++) {
        const rate = rates[channelLead[b] * d + nu] / (2 * Math.PI);
        if (rate === 0) continue;
        for (let a = 0; a < m; a++) {
          const i = 2 * (a * m + b);
          const flow = rate * (dSdE[i + 1] * S[i] - dSdE[i] * S[i + 1]);
          const at = channelLead[a] * d + nu;
          out[currentPerVelocity + at] += flow;
          out[energyPerVelocity + at] += energy * flow;
        }
        // Element (mu, nu) of the friction tensor contributes to its symmetric and antisymmetric
        // part.
        for (let mu = 0; mu < d; mu++) {
          const element = -rate * P[mu][2 * (b * m + b) + 1];
          const [low, high] = [Math.min(mu, nu), Math.max(mu, nu)];
          const pair = low * d - (low * (low - 1)) / 2 + high - low;
          out[friction + pair] += mu === nu ? element : element / 2;
          if (mu !== nu)
            out[antisymmetricFriction + pairIndex(low, high, d)] += (mu < nu ? 1 : -1) * (element / 2);
        }
      }
    }
  }

  /** Adds the terms with df/dE: both parts of the friction, and the currents of order 1. */
  fermiSurface(point: ScatteringPoint, energy: number, out: Float64Array): void {
    this.reserve(point.channels);
    this.addSurfaceFriction(point, out);
    const { channels: m, channelLead, S, K } = point;
    const { directions, currentPerVelocity, energyPerVelocity, counted } = this.layout;
    const { derivative } = this.fillings;
    let magnitude = 0;
    // The current of order 1 is (1/2pi) f'_b Re[(S K)_ab S_ab^*].
    for (let nu = 0; nu < directions; nu++) {
      product(S, K[nu], m, this.T, false);
      for (let a = 0; a < m; a++) {
        let sum = 0;
        for (let b = 0; b < m; b++) {
          const i = 2 * (a * m + b);
          const part = derivative[channelLead[b]] * (this.T[i] * S[i] + this.T[i + 1] * S[i + 1]);
          sum += part;
          magnitude += Math.abs(part);
        }
        const at = channelLead[a] * directions + nu;
        out[currentPerVelocity + at] += sum / (2 * Math.PI);
        out[energyPerVelocity + at] += (energy * sum) / (2 * Math.PI);
      }
    }
    out[counted + 5] += magnitude;
    out[counted + 6] += magnitude * Math.abs(energy);
  }

  /**
   * Adds (1/8pi) (-f'_a - f'_b) Re K'_ab K_ab^* and (1/2pi) (f'_a - f'_ref / 2) y_a, with y_a from
   * the point.
   */
  private addSurfaceFriction(point: ScatteringPoint, out: Float64Array): void {
    const { channels: m, channelLead, K, antisymmetricFriction } = point;
    const { derivative, referenceDerivative } = this.fillings;
    const { friction, directions } = this.layout;
    const reference = this.reciprocal ? 0 : 0.5 * referenceDerivative;
    const vanishes = this.reciprocal && this.fillings.inEquilibrium;
    if (point.rounding && !vanishes) {
      let most = 0;
      for (let a = 0; a < m; a++) most = Math.max(most, Math.abs(derivative[channelLead[a]] - reference));
      out[this.layout.counted + 2] += most * point.rounding.y;
    }
    let [pair, cross] = [0, 0];
    for (let nu = 0; nu < directions; nu++) {
      for (let mu = nu; mu < directions; mu++, pair++) {
        const [k1, k2] = [K[nu], K[mu]];
        let sum = 0;
        for (let a = 0; a < m; a++) {
          for (let b = 0; b < m; b++) {
            const i = 2 * (a * m + b);
            sum -=
              (derivative[channelLead[a]] + derivative[channelLead[b]]) *
              (k2[i] * k1[i] + k2[i + 1] * k1[i + 1]);
          }
        }
        out[friction + pair] += sum / (8 * Math.PI);
        // It vanishes in equilibrium, and need not have been computed.
        if (mu === nu || vanishes) continue;
        let antisymmetric = 0;
        for (let a = 0; a < m; a++)
          antisymmetric += (derivative[channelLead[a]] - reference) * antisymmetricFriction[cross][2 * a];
        out[this.layout.antisymmetricFriction + cross] += antisymmetric / (2 * Math.PI);
        cross++;
      }
    }
  }
}

/** Relative error of a product of elements of P, S' and K in units of rounding. */
const roundings = ({ rounding }: ScatteringPoint): number => SOLVES + (rounding?.relative ?? 0);

/**
 * Largest rounding of products of P and K with reduced matrices, in units of the rounding of
 * doubles.
 */
function leftOver({ channels: m, K, P }: ScatteringPoint, { precision }: ReducedMatrices): number {
  let [largestK, largestP] = [0, 0];
  for (let nu = 0; nu < K.length; nu++) {
    largestK = Math.max(largestK, largest(K[nu], m));
    largestP = Math.max(largestP, largest(P[nu], m));
  }
  return 2 * precision * largestK * largestP;
}

/** |Re| + |Im| of the complex number at index i. */
const sizeAt = (a: Float64Array, i: number): number => Math.abs(a[i]) + Math.abs(a[i + 1]);

/** Largest absolute real or imaginary part. */
function largest(a: Float64Array, m: number): number {
  let most = 0;
  for (let i = 0; i < 2 * m * m; i++) most = Math.max(most, Math.abs(a[i]));
  return most;
}

/** c = a b, or c += a b with `add`; complex m x m matrices with interleaved parts. */
function product(a: Float64Array, b: Float64Array, m: number, c: Float64Array, add: boolean): void {
  for (let i = 0; i < m; i++) {
    if (!add) c.fill(0, 2 * i * m, 2 * (i + 1) * m);
    for (let k = 0; k < m; k++) {
      const x = a[2 * (i * m + k)];
      const y = a[2 * (i * m + k) + 1];
      for (let j = 0; j < m; j++) {
        const p = 2 * (i * m + j);
        const q = 2 * (k * m + j);
        c[p] += x * b[q] - y * b[q + 1];
        c[p + 1] += x * b[q + 1] + y * b[q];
      }
    }
  }
}

/** c = a^+ - a. */
function antiHermitianPart(a: Float64Array, m: number, c: Float64Array): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) {
      const [p, q] = [2 * (i * m + j), 2 * (j * m + i)];
      c[p] = a[q] - a[p];
      c[p + 1] = -a[q + 1] - a[p + 1];
    }
  }
}
