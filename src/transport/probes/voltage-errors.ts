// What is unknown about voltage probes (voltage.ts), and what follows for forces, friction, noise and
// currents: the currents that remain in the probes and the errors of the integrals, by way of the
// potentials, of their drift, and of their response to the velocity.

import type { Forces } from "../forces/result.js";

/** Rounding of an element of Pi - S^+ Pi S, with a margin for the sums over channels. */
const OPERATOR_ROUNDING = 1e-15;

/** The integral of the probes' currents and responses, and what was made of it. */
export interface ProbeResponse {
  /** Lead index of each probe. */
  probes: Int32Array;
  /**
   * J per lead, then dJ/dmu_q and dJ^E/dmu_q (leads x probes), dF/dmu_q (directions x probes),
   * dJ_q/dX (probes x directions), and the delay; with their errors.
   */
  values: Float64Array;
  unknown: Float64Array;
  /** First component of each of these groups. */
  starts: readonly number[];
  /** (dJ/dmu)^-1, dmu_a/dX_nu, and the weights of the noise's operator. */
  inverse: Float64Array;
  drift: Float64Array;
  noiseMix: Float64Array;
  /** Width of the energy window. */
  span: number;
}

/** Adds the errors of all quantities. `delay` is the longest one met. */
export function addProbeErrors(response: ProbeResponse, result: Forces, delay: number): void {
  const { probes, values, inverse, unknown, noiseMix, starts, span } = response;
  const { errors, friction, noise, currentPerVelocity: own } = result;
  const count = probes.length;
  const of = (list: Float64Array, group: number) => largest(list, starts[group], starts[group + 1]);
  const [currents, energies, pushes] = [1, 2, 3].map((group) => of(values, group));
  const [blurred, , pushBlurred] = [1, 2, 3].map((group) => of(unknown, group));
  // Largest change of a potential by one of the currents, of all their errors, and of the inverse.
  let [blur, most] = [0, 0];
  for (let q = 0; q < count; q++) {
    let [step, sum] = [0, 0];
    for (let p = 0; p < count; p++) {
      const factor = Math.abs(inverse[q * count + p]);
      step += factor * (Math.abs(values[probes[p]]) + unknown[probes[p]]);
      sum += factor;
    }
    blur = Math.max(blur, step);
    most = Math.max(most, sum);
  }
  const relative = most * count * blurred;
  const [strongest, loudest] = [friction, noise].map((list) => largest(list, 0, list.length));
  errors.current += blur * currents;
  errors.energyCurrent += blur * energies;
  errors.force += blur * pushes;
  // The noise that a bias makes is at most about this bias times the friction.
  const mixed = 2 * (relative + (pushes > 0 ? pushBlurred / pushes : 0));
  errors.noise += blur * (strongest + delay * loudest) + mixed * loudest;
  // The operator of the noise cancels down to its size from that of its parts.
  const parts = largest(noiseMix, 0, noiseMix.length);
  errors.noise += OPERATOR_ROUNDING * parts * Math.sqrt(loudest * span);
  const charges = largest(own, 0, own.length);
  errors.friction += blur * delay * strongest;
  errors.currentPerVelocity += blur * delay * charges;
  errors.energyCurrentPerVelocity += blur * delay * largest(result.energyCurrentPerVelocity, 0, own.length);
  addResponseErrors(response, result, delay);
}

/** Adds the errors of the drift and of the response to the velocity, by the rules of products. */
function addResponseErrors(response: ProbeResponse, result: Forces, delay: number): void {
  const { probes, values, unknown, inverse, drift, starts } = response;
  const { errors, currentPerVelocity: own, directions: d, leads } = result;
  const [, jacobian, energyResponse, forceResponse, currentGradient] = starts;
  const count = probes.length;
  const given = errors.currentPerVelocity;
  let [ofFriction, ofCharge, ofEnergy] = [0, 0, 0];
  for (let nu = 0; nu < d; nu++) {
    const shift = Array.from(probes, (_, p) => {
      let sum = 0;
      for (let q = 0; q < count; q++) sum += inverse[p * count + q] * own[probes[q] * d + nu];
      return Math.abs(sum);
    });
    // What the inverse makes of the errors of currents, and of those of its own elements.
    const offs = Array.from(probes, (_, p) => {
      let [shifted, drifted] = [0, 0];
      for (let q = 0; q < count; q++) {
        const row = jacobian + probes[q] * count;
        let [byShift, byDrift] = [given, unknown[currentGradient + q * d + nu]];
        for (let s = 0; s < count; s++) {
          byShift += unknown[row + s] * shift[s];
          byDrift += unknown[row + s] * Math.abs(drift[probes[s] * d + nu]);
        }
        shifted += Math.abs(inverse[p * count + q]) * byShift;
        drifted += Math.abs(inverse[p * count + q]) * byDrift;
      }
      return shifted + delay * drifted;
    });
    const effect = (from: number) => {
      let sum = 0;
      for (let p = 0; p < count; p++)
        sum += Math.abs(values[from + p]) * offs[p] + unknown[from + p] * shift[p];
      return sum;
    };
    for (let i = 0; i < d; i++) ofFriction = Math.max(ofFriction, effect(forceResponse + i * count));
    for (let a = 0; a < leads.length; a++) {
      ofCharge = Math.max(ofCharge, effect(jacobian + a * count));
      ofEnergy = Math.max(ofEnergy, effect(energyResponse + a * count));
    }
  }
  errors.friction += ofFriction;
  errors.currentPerVelocity += ofCharge;
  errors.energyCurrentPerVelocity += ofEnergy;
}

/** Largest absolute value of the components from `from` to `to`. */
export function largest(list: ArrayLike<number>, from: number, to: number): number {
  let most = 0;
  for (let i = from; i < to; i++) most = Math.max(most, Math.abs(list[i]));
  return most;
}
