// The curves of a turn, the options for computing them, and curves from copies of them.

import { InputError } from "../../base/errors.js";
import { described, isObject } from "../../base/wording.js";
import { numbersOption } from "../../model/options.js";
import type { Reservoir } from "../../model/types.js";
import type { Warning } from "../../model/warning.js";
import { PeriodicCurve } from "../../numerics/periodic/periodic.js";
import type { Dephasing } from "../../transport/forces/options.js";
import type { ForceErrors } from "../../transport/forces/result.js";
import type { Crew } from "../../transport/tasks/crew.js";
import type { RotorCurve } from "../rotor/rotor.js";

/** How the curves of a turn are computed. */
export interface TurnCurveOptions {
  /**
   * Allowed error of every curve relative to its scale, for currents the largest of all leads;
   * between 0 and 1, default 1e-8.
   */
  tolerance?: number;
  /** The condition that probes fulfil; default "voltage". */
  dephasing?: Dephasing;
  /**
   * Reservoir at which linear response over the turn is computed as well, if the same energies
   * allow it (see the builder's `response`).
   */
  response?: Reservoir;
  /** Receives the number of finished angles and the number at present aimed at. */
  progress?: (done: number, total: number) => void;
  /** Threads that take angles as well. */
  crew?: Crew;
}

/**
 * The effect of the electrons on the angle over a turn (`turnCurve`). Energies are in the model's
 * unit and angles in radians; signs are those of CONVENTIONS.md. Lists have one entry per lead,
 * with probes.
 */
export interface TurnCurve extends RotorCurve {
  /** Angles 2 pi j / n in radians, as many as resolved the curves. */
  theta: Float64Array;
  /**
   * Torque of the sea in equilibrium at the mean chemical potential and temperature of the
   * reservoirs, energy per radian. Its turn average vanishes.
   */
  conservativeTorque: PeriodicCurve;
  /**
   * Noise D(theta) of the torque, <xi xi'> = D delta(t - t'). It is not negative, and 2 T friction
   * in equilibrium.
   */
  noise: PeriodicCurve;
  /** Names of the leads. */
  leads: string[];
  /** Whether each lead is a probe. */
  probes: boolean[];
  /** Chemical potentials of the reservoirs. That of a probe is its mean over the turn. */
  chemicalPotential: Float64Array;
  /** Temperatures of the reservoirs. That of a probe is the mean of the reservoirs. */
  temperature: Float64Array;
  /** Particles per time that enter the device from each lead at rest. */
  current: PeriodicCurve[];
  /** Change of these currents per angular speed: particles per radian. */
  currentPerVelocity: PeriodicCurve[];
  /** Energy per time that enters the device from each lead at rest. */
  energyCurrent: PeriodicCurve[];
  /** Change of these energy currents per angular speed: energy per radian. */
  energyCurrentPerVelocity: PeriodicCurve[];
  /** Entropy produced per time at rest; absent if a reservoir has T = 0. */
  entropyProduction?: PeriodicCurve;
  /**
   * Heat -sum_a (J^E_a - mu_a J_a) per time given to all leads at rest, with probes at their own
   * chemical potentials.
   */
  frozenHeat: PeriodicCurve;
  /**
   * Largest error of all curves, from interpolation and energy integrals, each relative to its
   * scale (CONVENTIONS.md).
   */
  error: number;
  /** Absolute errors of the curves at any angle, by quantity; that of the torque is `force`. */
  errors: ForceErrors;
  /**
   * Relative error of the integrals over the turn. Present if the curves have kinks and it is
   * smaller than `error`.
   */
  integralError?: number;
  /** Largest max |S^+ S - 1| over all samples. */
  unitarity: number;
  /** Warnings about the curves. */
  warnings: Warning[];
  /** Number of energies at which the device was solved. */
  evaluations: number;
}

const curveKeys = ["torque", "conservativeTorque", "friction", "noise", "frozenHeat"] as const;
const leadCurveKeys = ["current", "currentPerVelocity", "energyCurrent", "energyCurrentPerVelocity"] as const;
const numberKeys = ["theta", "chemicalPotential", "temperature"] as const;
const numbers = numbersOption("a list of numbers", 0);

/**
 * The curves of a turn of which `copy` is a copy: by structuredClone, from another thread, or from
 * JSON. A copy has the numbers of the curves without their methods, which this gives back; the
 * numbers keep their bits. Throws InputError that names what a copy would not lack.
 */
export function restoredTurnCurve(copy: object): TurnCurve {
  if (!isObject(copy)) throw notCurves("copy", "an object", copy);
  const given = copy as Record<string, unknown>;
  const restored: Record<string, unknown> = { ...given };
  const curveOf = (value: unknown, field: string): PeriodicCurve =>
    PeriodicCurve.restored(value as object, field);
  for (const key of curveKeys) restored[key] = curveOf(given[key], key);
  if (given.entropyProduction !== undefined)
    restored.entropyProduction = curveOf(given.entropyProduction, "entropyProduction");
  const { leads } = given;
  if (!Array.isArray(leads)) throw notCurves("leads", "a list of names", leads);
  for (const key of leadCurveKeys) {
    const list = given[key];
    if (!Array.isArray(list) || list.length !== leads.length)
      throw notCurves(key, `a curve for each of ${leads.length} leads`, list);
    restored[key] = list.map((value, a) => curveOf(value, `${key}[${a}]`));
  }
  for (const key of numberKeys) {
    if (given[key] === undefined) throw notCurves(key, "a list of numbers", given[key]);
    numbers(given[key], key);
    restored[key] = Float64Array.from(given[key] as ArrayLike<number>);
  }
  return restored as unknown as TurnCurve;
}

function notCurves(field: string, expected: string, found: unknown): InputError {
  return new InputError(field, "not the copy of a turn's curves", { expected, found: described(found) });
}
