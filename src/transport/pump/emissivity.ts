// The contributions of one scattering point to integrals over a turn: emissivities per lead,
// friction, transmission, and the curvature. K is the force operator of direction 0, which is
// dH/dtheta along the cycle.

import { TURN } from "../../base/constants.js";
import { norm } from "../../numerics/linear-algebra/small-products.js";
import type { ScatteringPoint } from "../../scattering/point.js";

/** Adds weight x -(1/2pi) Tr[Pi_a S K S^+] per lead a to `out` from the index `at` on. */
export function addCharges(point: ScatteringPoint, weight: number, out: Float64Array, at = 0): void {
  const { channels: m, channelLead, S } = point;
  const K = point.K[0];
  for (let c = 0; c < m; c++) {
    // The sum over ij of S_ci K_ij conj(S_cj) is its diagonal plus twice the real part of the upper
    // triangle.
    let total = 0;
    for (let i = 0; i < m; i++) {
      const [re, im] = [S[2 * (c * m + i)], S[2 * (c * m + i) + 1]];
      total += (re * re + im * im) * K[2 * (i * m + i)];
      for (let j = i + 1; j < m; j++) {
        const [x, y] = [S[2 * (c * m + j)], S[2 * (c * m + j) + 1]];
        total += 2 * ((re * x + im * y) * K[2 * (i * m + j)] - (im * x - re * y) * K[2 * (i * m + j) + 1]);
      }
    }
    out[at + channelLead[c]] -= (weight * total) / TURN;
  }
}

/**
 * Adds weight x Tr K^2 / 4pi, T_01 / 2pi and N_0 N_rest / (N_0 + N_rest) from the index `at` on.
 */
export function addMotor(point: ScatteringPoint, weight: number, out: Float64Array, at: number): void {
  const { channels: m, channelLead, S } = point;
  const K = point.K[0];
  let square = 0;
  let transmission = 0;
  let first = 0;
  for (let i = 0; i < 2 * m * m; i++) square += K[i] * K[i];
  for (let i = 0; i < m; i++) {
    if (channelLead[i] !== 0) continue;
    first++;
    for (let j = 0; j < m; j++) {
      if (channelLead[j] !== 1) continue;
      transmission += S[2 * (i * m + j)] ** 2 + S[2 * (i * m + j) + 1] ** 2;
    }
  }
  out[at] += (weight * square) / (2 * TURN);
  out[at + 1] += (weight * transmission) / TURN;
  if (m > 0) out[at + 2] += (weight * first * (m - first)) / m;
}

/**
 * Adds weight x what a given S may be off by: of the charges, and behind them, as far as `out` goes,
 * of friction and transmission / 2 pi; channels are exact.
 */
export function addGivenErrors(
  { channels: m, K, errors }: ScatteringPoint,
  weight: number,
  out: Float64Array,
) {
  if (!errors) return;
  const k = norm(K[0]);
  const eK = errors.K[0];
  const root = Math.sqrt(m);
  out[0] += (weight * (root * eK + (2 * k + eK) * errors.S)) / TURN;
  if (out.length === 1) return;
  out[1] += (weight * (2 * k + eK) * eK) / (2 * TURN);
  out[2] += (weight * (2 * root + errors.S) * errors.S) / TURN;
}

/** Adds weight x (1/pi) Im Tr[Pi_a S K' K S^+] per lead a. */
export function addCurvature(
  { channels: m, channelLead, S }: ScatteringPoint,
  K: Float64Array,
  KPrime: Float64Array,
  weight: number,
  out: Float64Array,
): void {
  for (let c = 0; c < m; c++) {
    // With the rows u = (S K')_c and v = (S K)_c the trace is the sum of u_j conj(v_j).
    let total = 0;
    for (let j = 0; j < m; j++) {
      let [ur, ui, vr, vi] = [0, 0, 0, 0];
      for (let i = 0; i < m; i++) {
        const [re, im] = [S[2 * (c * m + i)], S[2 * (c * m + i) + 1]];
        const k = 2 * (i * m + j);
        ur += re * KPrime[k] - im * KPrime[k + 1];
        ui += re * KPrime[k + 1] + im * KPrime[k];
        vr += re * K[k] - im * K[k + 1];
        vi += re * K[k + 1] + im * K[k];
      }
      total += ui * vr - ur * vi;
    }
    out[channelLead[c]] += (weight * total) / Math.PI;
  }
}

/** Adds weight x what a given S may be off by in that, for two directions. */
export function addCurvatureError(
  { K, errors }: ScatteringPoint,
  nu: number,
  nuPrime: number,
  weight: number,
  out: Float64Array,
): void {
  if (!errors) return;
  const [first, second] = [norm(K[nu]), norm(K[nuPrime]) + errors.K[nuPrime]];
  const products = errors.K[nu] * second + first * errors.K[nuPrime] + 2 * errors.S * first * second;
  out[0] += (weight * products) / Math.PI;
}
