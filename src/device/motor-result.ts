// What `device.motor` answers.

import type { Reservoir, Rotor } from "../model/types.js";
import type { Warning } from "../model/warning.js";
import type { MotorCertificate, MotorCertificates } from "../motor/curve/certificate.js";
import type {
  LinearResponse,
  LinearResponseCertificate,
  LinearResponseCertificates,
} from "../motor/performance/linear-response.js";
import type { Dissipation, ThermalEfficiency } from "../motor/performance/thermodynamics.js";
import type { ForceErrors } from "../transport/forces/result.js";

/** Values at equispaced angles over one turn. */
export interface MotorCurve {
  /** Angles 2 pi j / n, radians; all other lists go with them. */
  theta: Float64Array;
  /** Mean torque of the electrons at rest, energy per radian; positive drives forwards. */
  torque: Float64Array;
  /**
   * Torque of the sea in equilibrium at the mean chemical potential and temperature, energy per
   * radian; its turn average vanishes.
   */
  conservativeTorque: Float64Array;
  /** Friction coefficient of the electrons, torque per angular speed; positive brakes. */
  friction: Float64Array;
  /**
   * D of the torque noise, <xi xi'> = D delta(t - t'), not negative; 2 T friction in equilibrium.
   */
  noise: Float64Array;
  /** Particles per time from each lead at rest. */
  current: Record<string, Float64Array>;
  /** What an angular speed of one adds to them: particles per radian. */
  currentPerVelocity: Record<string, Float64Array>;
}

/**
 * The state in which a rotor without noise ends, its powers averaged over time; what does not apply
 * is left out.
 */
export interface SteadyState {
  /**
   * "running": it turns; "locked": it rests at an angle; "bistable": both, by history (the numbers
   * are those of running).
   */
  regime: "running" | "locked" | "bistable";
  /** Mean angular speed, radians per time; 0 if locked. */
  omega: number;
  /**
   * Angles in [0, 2 pi) where it can rest (finite inertia); if it only rests, the powers are those
   * at the first.
   */
  lockedAngles?: number[];
  /** Electrical input sum_a mu_a <J_a>, order 1 in the speed included; energy per time. */
  powerIn: number;
  /** Mechanical output, load x mean speed, energy per time; negative where the load drives. */
  powerOut: number;
  /** powerOut / powerIn; given where both are positive. */
  efficiency?: number;
  /**
   * Net output over the heat taken from the reservoirs, with its bound; given where they differ in
   * temperature and both are positive.
   */
  thermalEfficiency?: ThermalEfficiency;
  /** Where the power goes that does not go out. */
  dissipation: Dissipation;
  /** Heat leaving each reservoir per time, orders 0 and 1 in the speed. */
  heatCurrent?: Record<string, number>;
  /**
   * Entropy produced per time, not negative. Left out where a reservoir, or a bearing that rubs, is
   * at T = 0.
   */
  entropyProduction?: number;
}

/**
 * Natural units; energies in the model's unit; signs of CONVENTIONS.md. A quantity that does not
 * apply is left out.
 */
export interface MotorResult {
  /** Work of the electrons on the rotor per positive turn, loop torque dtheta; an energy. */
  workPerTurn: number;
  /**
   * Friction per turn, loop gamma dtheta, without that of the bearing; times the angular speed it
   * is the energy lost per turn.
   */
  frictionPerTurn: number;
  /** Noise per turn, loop D dtheta. */
  noisePerTurn: number;
  /**
   * Particles entering from each lead per positive turn: order 1 in the speed, at the reservoirs in
   * force.
   */
  charge: Record<string, number>;
  /** Turn average of the particle current from each lead at rest, per time. */
  current: Record<string, number>;
  /** The load at which uniform rotation stalls, workPerTurn / 2pi; energy per radian. */
  stallLoad: number;
  /**
   * Finite inertia: the smallest bias, of the sign of the reservoirs' own, at which a rotor at rest
   * starts by itself; left out if none is found.
   */
  startBias?: number;
  /**
   * Z = Q^2 / (4 pi^2 <gamma><G>) of `linearResponse`; left out with it and in a magnetic field.
   */
  figureOfMerit?: number;
  /**
   * (sqrt(1 + Z) - 1) / (sqrt(1 + Z) + 1), the best efficiency in linear response, below 1; left
   * out with Z.
   */
  maximumEfficiency?: number;
  /**
   * Linear response at the mean chemical potential and temperature of the reservoirs; left out
   * where there are fewer than two, and, with a warning, for energy-resolved probes at T > 0 and
   * where it is not known to the tolerance.
   */
  linearResponse?: LinearResponse;
  /** The reservoirs in force, by lead. */
  reservoirs: Record<string, Reservoir>;
  /** The rotor in force. */
  rotor: Rotor;
  /** What the electrons do to the angle over the turn. */
  curve: MotorCurve;
  /** Left out, with a warning, where there is none: friction that does not brake over a turn. */
  steadyState?: SteadyState;
  /** Largest error over all curves, each relative to its scale. */
  error: number;
  /** Absolute errors of the curves between the angles (torque: `force`). */
  errors: ForceErrors;
  /**
   * What the curves must fulfil whatever the device, as it was found; `bound` is that of linear
   * response.
   */
  certificate: MotorCertificate & Partial<Pick<LinearResponseCertificate, "bound">>;
  /** The same as what was found, what is allowed, and whether it holds. */
  certificates: MotorCertificates & Partial<Pick<LinearResponseCertificates, "bound">>;
  /** Remarks on the curves and on the state, and what is left out. */
  warnings: Warning[];
  /** Energies at which the device was solved for the curve. */
  evaluations: number;
}
