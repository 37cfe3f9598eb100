// The integrands of integrand.ts, and of linear response, written out for the commonest case by far: two leads of one open channel each, one
// direction, no probe. The same formulas without loops and work matrices: a fifth of the time, which beside the chain kernel is most of it.

import type { ScatteringPoint } from "../scattering/point.js";
import type { Fillings } from "./fillings.js";
import { SOLVES } from "./integrand.js";
import type { ForceLayout } from "./layout.js";

const TURN = 2 * Math.PI;

/** Whether points may be of this kind. */
export function mayBePair({ directions, leads }: ForceLayout, probes: readonly boolean[]): boolean {
  return directions === 1 && leads === 2 && !probes.includes(true);
}

/** Whether this one is: each lead has one open channel. */
export function isPair({ channels, channelLead }: ScatteringPoint): boolean {
  return channels === 2 && channelLead[0] === 0 && channelLead[1] === 1;
}

/** Largest real or imaginary part. */
function largest(a: Float64Array): number {
  const first = Math.max(Math.abs(a[0]), Math.abs(a[1]), Math.abs(a[2]), Math.abs(a[3]));
  return Math.max(first, Math.abs(a[4]), Math.abs(a[5]), Math.abs(a[6]), Math.abs(a[7]));
}

/**
 * Adds, from place `from` of `out` on, what ForceIntegrand.filled and .slope add for a point of two channels, one per lead (a = 0, b = 1), at energy
 * number k, and the time delay. S K, S' K + S (P^+ - P) and the rest element by element. (Numbers go by their places: handed over one by one
 * they would have to be allocated.)
 */
export function addPair(
  layout: ForceLayout,
  fillings: Fillings,
  point: ScatteringPoint,
  energies: Float64Array,
  k: number,
  out: Float64Array,
  from: number,
): void {
  const energy = energies[k];
  const { S, dSdE: D } = point;
  const [K, P] = [point.K[0], point.P[0]];
  const { f, empty, slope, excess, difference, uniform } = fillings;
  const s0 = S[0];
  const s1 = S[1];
  const s2 = S[2];
  const s3 = S[3];
  const s4 = S[4];
  const s5 = S[5];
  const s6 = S[6];
  const s7 = S[7];
  const ka = K[0];
  const kb = K[6];
  const kr = K[2];
  const ki = K[3];
  const square = kr * kr + ki * ki;
  const bias = difference[1];

  out[from + layout.force] -= (excess[0] * ka + excess[1] * kb) / TURN;
  const into = (bias * (s2 * s2 + s3 * s3)) / TURN;
  const outOf = (-bias * (s4 * s4 + s5 * s5)) / TURN;
  out[from + layout.current] += into;
  out[from + layout.current + 1] += outOf;
  out[from + layout.energyCurrent] += energy * into;
  out[from + layout.energyCurrent + 1] += energy * outOf;
  const own = f[0] * empty[0] * ka * ka + f[1] * empty[1] * kb * kb;
  out[from + layout.noise] += (own + (f[0] * empty[1] + f[1] * empty[0]) * square) / TURN;

  // T = S K.
  const t0 = s0 * ka + s2 * kr + s3 * ki;
  const t1 = s1 * ka + s3 * kr - s2 * ki;
  const t2 = s0 * kr - s1 * ki + s2 * kb;
  const t3 = s0 * ki + s1 * kr + s3 * kb;
  const t4 = s4 * ka + s6 * kr + s7 * ki;
  const t5 = s5 * ka + s7 * kr - s6 * ki;
  const t6 = s4 * kr - s5 * ki + s6 * kb;
  const t7 = s4 * ki + s5 * kr + s7 * kb;
  // Re T_ab S_ab^*.
  const aa = t0 * s0 + t1 * s1;
  const ab = t2 * s2 + t3 * s3;
  const ba = t4 * s4 + t5 * s5;
  const bb = t6 * s6 + t7 * s7;

  const friction = -2 * (slope[0] * ka * ka + slope[1] * kb * kb) - 2 * (slope[0] + slope[1]) * square;
  let velocityA = slope[0] * aa + slope[1] * ab;
  let velocityB = slope[0] * ba + slope[1] * bb;
  const magnitude =
    Math.abs(slope[0]) * (Math.abs(aa) + Math.abs(ba)) + Math.abs(slope[1]) * (Math.abs(ab) + Math.abs(bb));
  out[from + layout.counted + 5] += magnitude;
  out[from + layout.counted + 6] += magnitude * Math.abs(energy);
  let biased = 0;
  if (!uniform) {
    // K_ba is K_ab^*: what the parts of P beside it add.
    const x = P[2] * kr;
    const y = P[3] * ki;
    const u = P[4] * kr;
    const v = -P[5] * ki;
    biased = bias * (x + y - u - v);
    const cancelling = Math.abs(x) + Math.abs(y) + Math.abs(u) + Math.abs(v);
    out[from + layout.counted + 2] += 2 * SOLVES * Math.abs(bias) * cancelling;
    const size = SOLVES * (largest(D) * largest(K) + 2 * largest(P));
    const most = Math.max(Math.abs(excess[0]), Math.abs(excess[1])) * size;
    out[from + layout.counted + 5] += most;
    out[from + layout.counted + 6] += most * Math.abs(energy);
    // V = P^+ - P; columns of S' K + S V against S, less S' against T.
    const va = -2 * P[1];
    const vb = -2 * P[7];
    const vr = P[4] - P[2];
    const vi = -P[5] - P[3];
    if (excess[0] !== 0) {
      const u0 = D[0] * ka + D[2] * kr + D[3] * ki - s1 * va - s2 * vr - s3 * vi;
      const u1 = D[1] * ka + D[3] * kr - D[2] * ki + s0 * va - s3 * vr + s2 * vi;
      const u4 = D[4] * ka + D[6] * kr + D[7] * ki - s5 * va - s6 * vr - s7 * vi;
      const u5 = D[5] * ka + D[7] * kr - D[6] * ki + s4 * va - s7 * vr + s6 * vi;
      velocityA -= excess[0] * (u0 * s0 + u1 * s1 - D[0] * t0 - D[1] * t1);
      velocityB -= excess[0] * (u4 * s4 + u5 * s5 - D[4] * t4 - D[5] * t5);
    }
    if (excess[1] !== 0) {
      const u2 = D[0] * kr - D[1] * ki + D[2] * kb + s0 * vr - s1 * vi - s3 * vb;
      const u3 = D[0] * ki + D[1] * kr + D[3] * kb + s0 * vi + s1 * vr + s2 * vb;
      const u6 = D[4] * kr - D[5] * ki + D[6] * kb + s4 * vr - s5 * vi - s7 * vb;
      const u7 = D[4] * ki + D[5] * kr + D[7] * kb + s4 * vi + s5 * vr + s6 * vb;
      velocityA -= excess[1] * (u2 * s2 + u3 * s3 - D[2] * t2 - D[3] * t3);
      velocityB -= excess[1] * (u6 * s6 + u7 * s7 - D[6] * t6 - D[7] * t7);
    }
  }
  out[from + layout.friction] += biased / TURN + friction / (8 * Math.PI);
  velocityA /= TURN;
  velocityB /= TURN;
  out[from + layout.currentPerVelocity] += velocityA;
  out[from + layout.currentPerVelocity + 1] += velocityB;
  out[from + layout.energyPerVelocity] += energy * velocityA;
  out[from + layout.energyPerVelocity + 1] += energy * velocityB;
  const delay = s0 * D[1] - s1 * D[0] + s2 * D[3] - s3 * D[2];
  out[from + layout.delay] += delay + s4 * D[5] - s5 * D[4] + s6 * D[7] - s7 * D[6];
}

/** Adds what addCharges and addMotor (emissivity.ts) add from place `at` on, for such a point. */
export function addPairResponse(point: ScatteringPoint, weight: number, out: Float64Array, at: number): void {
  const { S } = point;
  const K = point.K[0];
  const ka = K[0];
  const kb = K[6];
  const kr = K[2];
  const ki = K[3];
  const transmission = S[2] * S[2] + S[3] * S[3];
  // Re sum_ij S_ci K_ij S_cj^*: the diagonal and twice the upper triangle.
  const crossA = (S[0] * S[2] + S[1] * S[3]) * kr - (S[1] * S[2] - S[0] * S[3]) * ki;
  const crossB = (S[4] * S[6] + S[5] * S[7]) * kr - (S[5] * S[6] - S[4] * S[7]) * ki;
  out[at] -= (weight * ((S[0] * S[0] + S[1] * S[1]) * ka + transmission * kb + 2 * crossA)) / TURN;
  const diagonalB = (S[4] * S[4] + S[5] * S[5]) * ka + (S[6] * S[6] + S[7] * S[7]) * kb;
  out[at + 1] -= (weight * (diagonalB + 2 * crossB)) / TURN;
  out[at + 2] += (weight * (ka * ka + kb * kb + 2 * (kr * kr + ki * ki))) / (2 * TURN);
  out[at + 3] += (weight * transmission) / TURN;
  out[at + 4] += weight / 2;
}
