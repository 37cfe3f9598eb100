// The results of `device.motor`.

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

/** The curves of a turn at equispaced angles. */
export interface MotorCurve {
  /** Angles 2 pi j / n in radians. All other lists have one value per angle. */
  theta: Float64Array;
  /**
   * Mean torque of the electrons at rest, energy per radian. A positive torque drives towards
   * increasing angles.
   */
  torque: Float64Array;
  /**
   * Torque of the sea in equilibrium at the mean chemical potential and temperature, energy per
   * radian. Its turn average vanishes.
   */
  conservativeTorque: Float64Array;
  /**
   * Friction coefficient of the electrons, torque per angular speed. It brakes where it is
   * positive.
   */
  friction: Float64Array;
  /**
   * Noise D of the torque, <xi xi'> = D delta(t - t'). It is not negative, and 2 T friction in
   * equilibrium.
   */
  noise: Float64Array;
  /** Particles per time that enter from each lead at rest. */
  current: Record<string, Float64Array>;
  /** Change of these currents per angular speed: particles per radian. */
  currentPerVelocity: Record<string, Float64Array>;
}

/**
 * The final state of a rotor without noise, with time averages of its powers. Quantities that do
 * not apply are absent.
 */
export interface SteadyState {
  /**
   * "running": the rotor turns. "locked": it rests at an angle. "bistable": either, depending on
   * its history; the numbers are then those of running.
   */
  regime: "running" | "locked" | "bistable";
  /** Mean angular speed, radians per time; 0 if the rotor is locked. */
  omega: number;
  /**
   * Angles in [0, 2 pi) at which the rotor can rest (finite inertia). If it cannot run, the powers
   * are those at the first angle.
   */
  lockedAngles?: number[];
  /**
   * Electrical input sum_a mu_a <J_a>, energy per time, with the currents to order 1 in the speed.
   */
  powerIn: number;
  /**
   * Mechanical output, load x mean speed, energy per time; negative if the load drives the rotor.
   */
  powerOut: number;
  /** powerOut / powerIn; present if both are positive. */
  efficiency?: number;
  /**
   * Net output over the heat taken from the reservoirs, with its bound. Present if the reservoirs
   * differ in temperature and both are positive.
   */
  thermalEfficiency?: ThermalEfficiency;
  /** Heat that the power turns into. */
  dissipation: Dissipation;
  /** Heat per time that leaves each reservoir, orders 0 and 1 in the speed. */
  heatCurrent?: Record<string, number>;
  /**
   * Entropy produced per time; not negative. Absent if a reservoir, or a bearing with friction, is
   * at T = 0.
   */
  entropyProduction?: number;
}

/**
 * The results for a motor, in natural units with energies in the model's unit; signs are those of
 * CONVENTIONS.md. Quantities that do not apply are absent.
 */
export interface MotorResult {
  /** Work of the electrons on the rotor per positive turn, loop torque dtheta; an energy. */
  workPerTurn: number;
  /**
   * Friction per turn, loop gamma dtheta, without the bearing. Times the angular speed it is the
   * energy lost per turn.
   */
  frictionPerTurn: number;
  /** Noise per turn, loop D dtheta. */
  noisePerTurn: number;
  /**
   * Particles that enter from each lead per positive turn at the present reservoirs: order 1 in the
   * speed.
   */
  charge: Record<string, number>;
  /** Turn average of the particle current from each lead at rest, per time. */
  current: Record<string, number>;
  /** Load workPerTurn / 2pi at which uniform rotation stalls, energy per radian. */
  stallLoad: number;
  /**
   * Smallest bias, of the sign of the reservoirs' own, at which a rotor at rest starts by itself
   * (finite inertia); an energy, to 1e-6 of itself. Absent if the rotor does not start, and with a
   * warning if the search takes more than twice the energies of the curve, and more than 20,000.
   */
  startBias?: number;
  /**
   * Z = Q^2 / (4 pi^2 <gamma><G>) of `linearResponse`. Absent without linear response and in a
   * magnetic field.
   */
  figureOfMerit?: number;
  /**
   * Largest efficiency in linear response, (sqrt(1 + Z) - 1) / (sqrt(1 + Z) + 1), below 1. Absent
   * if Z is.
   */
  maximumEfficiency?: number;
  /**
   * Linear response at the mean chemical potential and temperature of the reservoirs. Absent with
   * fewer than two reservoirs. Absent with a warning for energy-resolved probes at T > 0, and if it
   * misses the tolerance.
   */
  linearResponse?: LinearResponse;
  /** The reservoirs of this answer, by lead. */
  reservoirs: Record<string, Reservoir>;
  /** The rotor of this answer. */
  rotor: Rotor;
  /** The effect of the electrons on the angle over the turn. */
  curve: MotorCurve;
  /** The steady state. Absent with a warning if friction does not brake over a turn. */
  steadyState?: SteadyState;
  /** Largest error of all curves, each relative to its scale. */
  error: number;
  /** Absolute errors of the curves at any angle; that of the torque is `force`. */
  errors: ForceErrors;
  /** Deviations from identities that hold for every device; `bound` belongs to linear response. */
  certificate: MotorCertificate & Partial<Pick<LinearResponseCertificate, "bound">>;
  /** The same deviations with their allowed values, and whether each holds. */
  certificates: MotorCertificates & Partial<Pick<LinearResponseCertificates, "bound">>;
  /** Warnings about curves and state, and what is absent. */
  warnings: Warning[];
  /** Number of energies at which the device was solved for the curve. */
  evaluations: number;
}
