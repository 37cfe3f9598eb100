// The integrands of integrand.ts and of linear response, written out for the most frequent case:
// two leads with one open channel each, one direction, no probe. The formulas are the same, without
// loops and work matrices. They take a fifth of the time, which beside the kernel of chains is most
// of the total.

import { TURN } from "../../../base/constants.js";
import type { ScatteringPoint } from "../../../scattering/point.js";
import { SOLVES } from "../integrand.js";
import type { ForceLayout } from "../layout.js";
import { WEIGHTS } from "./weights.js";

/** Whether points of a device with this layout may have one channel per lead. */
export function mayBePair({ directions, leads }: ForceLayout, probes: readonly boolean[]): boolean {
  return directions === 1 && leads === 2 && !probes.includes(true);
}

/** Whether this point has one open channel per lead. */
export function isPair({ channels, channelLead }: ScatteringPoint): boolean {
  return channels === 2 && channelLead[0] === 0 && channelLead[1] === 1;
}

/** Writes S, S', K and P of a pair into `out`, one after the other. */
export function flatten(point: ScatteringPoint, out: Float64Array): void {
  out.set(point.S);
  out.set(point.dSdE, 8);
  out.set(point.K[0], 16);
  out.set(point.P[0], 24);
}

/** Largest absolute value of the eight numbers from the index `at` on. */
function largest(a: Float64Array, at: number): number {
  const first = Math.max(Math.abs(a[at]), Math.abs(a[at + 1]), Math.abs(a[at + 2]), Math.abs(a[at + 3]));
  const last = Math.max(Math.abs(a[at + 4]), Math.abs(a[at + 5]), Math.abs(a[at + 6]), Math.abs(a[at + 7]));
  return Math.max(first, last);
}

/**
 * Adds what ForceIntegrand.filled and .fermiSurface add at a point of two channels, one per lead
 * (a = 0, b = 1), and the time delay. Linear response adds what addCharges and addMotor
 * (emissivity.ts) add. `table` holds the weights of entry k (weights.ts). This function is the twin
 * of the kernel, for devices that have no kernel.
 */
export function addPair(
  layout: ForceLayout,
  table: Float64Array,
  k: number,
  numbers: Float64Array,
  out: Float64Array,
): void {
  const w = WEIGHTS * k;
  const energy = table[w];
  const fa = table[w + 1];
  const emptyA = table[w + 2];
  const derivativeA = table[w + 3];
  const excessA = table[w + 4];
  const fb = table[w + 5];
  const emptyB = table[w + 6];
  const derivativeB = table[w + 7];
  const excessB = table[w + 8];
  const bias = table[w + 9];
  const s0 = numbers[0];
  const s1 = numbers[1];
  const s2 = numbers[2];
  const s3 = numbers[3];
  const s4 = numbers[4];
  const s5 = numbers[5];
  const s6 = numbers[6];
  const s7 = numbers[7];
  const d0 = numbers[8];
  const d1 = numbers[9];
  const d2 = numbers[10];
  const d3 = numbers[11];
  const d4 = numbers[12];
  const d5 = numbers[13];
  const d6 = numbers[14];
  const d7 = numbers[15];
  const ka = numbers[16];
  const kb = numbers[22];
  const kr = numbers[18];
  const ki = numbers[19];
  const square = kr * kr + ki * ki;

  out[layout.force] -= (excessA * ka + excessB * kb) / TURN;
  if (layout.equilibrium < layout.response) out[layout.equilibrium] -= (table[w + 11] * (ka + kb)) / TURN;
  const into = (bias * (s2 * s2 + s3 * s3)) / TURN;
  const outOf = (-bias * (s4 * s4 + s5 * s5)) / TURN;
  out[layout.current] += into;
  out[layout.current + 1] += outOf;
  out[layout.energyCurrent] += energy * into;
  out[layout.energyCurrent + 1] += energy * outOf;
  const own = fa * emptyA * ka * ka + fb * emptyB * kb * kb;
  out[layout.noise] += (own + (fa * emptyB + fb * emptyA) * square) / TURN;

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

  const friction =
    -2 * (derivativeA * ka * ka + derivativeB * kb * kb) - 2 * (derivativeA + derivativeB) * square;
  let velocityA = derivativeA * aa + derivativeB * ab;
  let velocityB = derivativeA * ba + derivativeB * bb;
  const magnitude =
    Math.abs(derivativeA) * (Math.abs(aa) + Math.abs(ba)) +
    Math.abs(derivativeB) * (Math.abs(ab) + Math.abs(bb));
  out[layout.counted + 5] += magnitude;
  out[layout.counted + 6] += magnitude * Math.abs(energy);
  let biased = 0;
  if (excessA !== 0 || excessB !== 0) {
    const p1 = numbers[25];
    const p2 = numbers[26];
    const p3 = numbers[27];
    const p4 = numbers[28];
    const p5 = numbers[29];
    const p7 = numbers[31];
    // The terms of P that stand beside K_ba = K_ab^*.
    biased = bias * (p2 * kr + p3 * ki - p4 * kr + p5 * ki);
    // The rounding of either part of an element is that of the whole element.
    const cancelling =
      (Math.abs(p2) + Math.abs(p3) + Math.abs(p4) + Math.abs(p5)) * (Math.abs(kr) + Math.abs(ki));
    out[layout.counted + 2] += 2 * SOLVES * Math.abs(bias) * cancelling;
    const size = SOLVES * (largest(numbers, 8) * largest(numbers, 16) + 2 * largest(numbers, 24));
    const most = Math.max(Math.abs(excessA), Math.abs(excessB)) * size;
    out[layout.counted + 5] += most;
    out[layout.counted + 6] += most * Math.abs(energy);
    // V = P^+ - P enters S' K + S V, whose products with S follow, minus those of S' with T.
    const va = -2 * p1;
    const vb = -2 * p7;
    const vr = p4 - p2;
    const vi = -p5 - p3;
    if (excessA !== 0) {
      const u0 = d0 * ka + d2 * kr + d3 * ki - s1 * va - s2 * vr - s3 * vi;
      const u1 = d1 * ka + d3 * kr - d2 * ki + s0 * va - s3 * vr + s2 * vi;
      const u4 = d4 * ka + d6 * kr + d7 * ki - s5 * va - s6 * vr - s7 * vi;
      const u5 = d5 * ka + d7 * kr - d6 * ki + s4 * va - s7 * vr + s6 * vi;
      velocityA -= excessA * (u0 * s0 + u1 * s1 - d0 * t0 - d1 * t1);
      velocityB -= excessA * (u4 * s4 + u5 * s5 - d4 * t4 - d5 * t5);
    }
    if (excessB !== 0) {
      const u2 = d0 * kr - d1 * ki + d2 * kb + s0 * vr - s1 * vi - s3 * vb;
      const u3 = d0 * ki + d1 * kr + d3 * kb + s0 * vi + s1 * vr + s2 * vb;
      const u6 = d4 * kr - d5 * ki + d6 * kb + s4 * vr - s5 * vi - s7 * vb;
      const u7 = d4 * ki + d5 * kr + d7 * kb + s4 * vi + s5 * vr + s6 * vb;
      velocityA -= excessB * (u2 * s2 + u3 * s3 - d2 * t2 - d3 * t3);
      velocityB -= excessB * (u6 * s6 + u7 * s7 - d6 * t6 - d7 * t7);
    }
  }
  out[layout.friction] += biased / TURN + friction / (8 * Math.PI);
  velocityA /= TURN;
  velocityB /= TURN;
  out[layout.currentPerVelocity] += velocityA;
  out[layout.currentPerVelocity + 1] += velocityB;
  out[layout.energyPerVelocity] += energy * velocityA;
  out[layout.energyPerVelocity + 1] += energy * velocityB;
  const delay = s0 * d1 - s1 * d0 + s2 * d3 - s3 * d2;
  out[layout.delay] += delay + s4 * d5 - s5 * d4 + s6 * d7 - s7 * d6;
  if (layout.response === layout.counted) return;
  const weight = table[w + 10];
  const to = layout.response;
  // The diagonal (S K S^+)_aa is the row sum of Re T_ab S_ab^*.
  out[to] -= (weight * (aa + ab)) / TURN;
  out[to + 1] -= (weight * (ba + bb)) / TURN;
  out[to + 2] += (weight * (ka * ka + kb * kb + 2 * square)) / (2 * TURN);
  out[to + 3] += (weight * (s2 * s2 + s3 * s3)) / TURN;
  out[to + 4] += weight / 2;
}
