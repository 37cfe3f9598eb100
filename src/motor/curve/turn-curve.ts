// The curves of a turn, and how they are asked for.

import type { Reservoir } from "../../model/types.js";
import type { Warning } from "../../model/warning.js";
import type { PeriodicCurve } from "../../numerics/periodic/periodic.js";
import type { Dephasing } from "../../transport/forces/options.js";
import type { ForceErrors } from "../../transport/forces/result.js";
import type { RotorCurve } from "../rotor/rotor.js";

/** How the curves of a turn are computed. */
export interface TurnCurveOptions {
  /**
   * Asked error of every curve, relative to its largest value (currents: that of any lead); default
   * 1e-8.
   */
  tolerance?: number;
  /** What probes do; default "voltage". */
  dephasing?: Dephasing;
  /**
   * Also integrates linear response at this reservoir over the turn, where it can be had on the
   * same energies: see the builder's `response`.
   */
  response?: Reservoir;
  /** Told the angles done and the number now aimed at. */
  progress?: (done: number, total: number) => void;
}

/**
 * What the electrons do to the angle over a turn (`turnCurve`). Energies in the model's unit,
 * angles in radians; signs of CONVENTIONS.md. Lists are by lead, probes included.
 */
export interface TurnCurve extends RotorCurve {
  /** Angles 2 pi j / n, radians, as many as the curves were resolved with. */
  theta: Float64Array;
  /**
   * Torque of the sea in equilibrium at the mean chemical potential and temperature of the
   * reservoirs: its turn average vanishes.
   */
  conservativeTorque: PeriodicCurve;
  /**
   * D(theta) of the torque noise, <xi xi'> = D delta(t - t'), not negative; 2 T friction in
   * equilibrium.
   */
  noise: PeriodicCurve;
  /** Names of the leads. */
  leads: string[];
  /** True for probes. */
  probes: boolean[];
  /**
   * Chemical potentials of the reservoirs; a probe's is the mean over the turn of where it settles.
   */
  chemicalPotential: Float64Array;
  /** Temperatures of the reservoirs; a probe's is their mean. */
  temperature: Float64Array;
  /** Particles per time into the device at rest. */
  current: PeriodicCurve[];
  /** What an angular speed of one adds to them: particles per radian. */
  currentPerVelocity: PeriodicCurve[];
  /** Energy per time into the device at rest. */
  energyCurrent: PeriodicCurve[];
  /** What an angular speed of one adds to it: energy per radian. */
  energyCurrentPerVelocity: PeriodicCurve[];
  /** Entropy produced at rest per time; absent if a reservoir has T = 0. */
  entropyProduction?: PeriodicCurve;
  /**
   * Heat -sum_a (J^E_a - mu_a J_a) given to all leads at rest per time (probes at their own
   * potentials).
   */
  frozenHeat: PeriodicCurve;
  /**
   * Largest error over all curves, interpolation and energy integrals, each relative to its scale
   * (CONVENTIONS.md).
   */
  error: number;
  /** Absolute errors of the curves between the angles, by quantity (torque: `force`). */
  errors: ForceErrors;
  /**
   * Error of the integrals over the turn, relative as `error`; given where the curves have kinks
   * and it is smaller.
   */
  integralError?: number;
  /** Largest max |S^+ S - 1| met. */
  unitarity: number;
  /** Remarks on the curves. */
  warnings: Warning[];
  /** Energies at which the device was solved. */
  evaluations: number;
}
