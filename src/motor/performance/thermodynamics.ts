// The energy balance of a steady state. Time averages are in <>. J_a and J^E_a are the currents
// from lead a of order 0 (at rest) and 1 (per angular speed), and J^Q_a = J^E_a - mu_a J_a:
//
//   electrical input    sum_a mu_a <J_a>
//   mechanical output   load <omega>
//   frozen Joule heat   sum_a mu_a <J_a, order 0>
//   friction heat       <gamma omega^2>, electronic and external
//   first law           sum_a loop J^E_a (order 1) dtheta = loop torque dtheta
//   balance             input + heat carried by the motion = frozen + output + friction heat
//
// The heat carried by the motion, the sum of J^Q_a of order 1, vanishes in linear response. Beyond
// it the heat of the reservoirs takes part. Orders above the first are known only through the heat
// of friction, which ends in the leads in unknown shares. The entropy production counts this heat
// at the hottest lead, which gives a lower bound that is exact if all leads have the same
// temperature.

import { InputError } from "../../base/errors.js";
import { described } from "../../base/wording.js";
import { objectOption } from "../../model/options.js";
import type { PeriodicCurve } from "../../numerics/periodic/periodic.js";
import {
  checkCurve,
  periodicOption,
  type RotorCurve,
  type RotorSettings,
  rotorForces,
} from "../rotor/rotor.js";
import { type RunningOrbit, steadyStates } from "../rotor/steady-states.js";

/** Curves of a motor with its currents. Lists have one entry per lead, in the order of `leads`. */
export interface TransportCurve extends RotorCurve {
  /** Names of the leads. */
  leads: readonly string[];
  /**
   * Whether each lead is a voltage probe. Probes carry no net current and count neither as input
   * nor as reservoirs. Default: no lead is.
   */
  probes?: readonly boolean[];
  /** Chemical potential of each lead, an energy. */
  chemicalPotential: ArrayLike<number>;
  /** Temperature of each lead, an energy >= 0. */
  temperature: ArrayLike<number>;
  /** Particles per time that enter the device from each lead at rest. */
  current: readonly PeriodicCurve[];
  /** Change of these currents per angular speed: particles per radian. */
  currentPerVelocity: readonly PeriodicCurve[];
  /**
   * Energy per time that enters the device from each lead at rest. Without it heat and entropy are
   * absent.
   */
  energyCurrent?: readonly PeriodicCurve[];
  /**
   * Change of these energy currents per angular speed: energy per radian. Without it heat and
   * entropy are absent.
   */
  energyCurrentPerVelocity?: readonly PeriodicCurve[];
}

/** A steady state: a running orbit, or rest at an angle. */
export type SteadyMotion = RunningOrbit | RestingAngle;

/** Rest at an angle. */
export interface RestingAngle {
  /** The angle, radians. */
  angle: number;
}

/** Time averages of the heat of a steady state, energies per time. */
export interface Dissipation {
  /** Joule heat of the currents at rest, sum_a mu_a <J_a, order 0>. */
  frozen: number;
  /** Heat of the electronic friction, <gamma omega^2>; negative where it drives. */
  electronicFriction: number;
  /** Heat of the bearing, <gamma_ext omega^2>, >= 0. */
  externalFriction: number;
}

/** Efficiency of an engine between reservoirs of different temperatures. */
export interface ThermalEfficiency {
  /** Net output over the heat taken from the reservoirs that give heat. */
  value: number;
  /** Carnot's bound 1 - T_cold / T_hot, with the coldest and the hottest reservoir. */
  carnot: number;
}

/**
 * Deviations of a steady state from the laws of thermodynamics. The first two and the last need the
 * energy currents.
 */
export interface ThermodynamicsCertificate {
  /** |energy entering per turn (order 1) - work per turn|, relative to the sizes of its terms. */
  firstLaw?: number;
  /**
   * |input + carried heat - frozen - output - friction heat|, relative to the sizes of its terms.
   */
  balance?: number;
  /**
   * |sum over leads of the charge entering per turn (order 1)|, relative to the sizes of its terms.
   */
  chargeBalance: number;
  /**
   * The smaller of the entropy production at rest and the whole one. Only rounding makes it
   * negative.
   */
  secondLaw?: number;
}

/**
 * The energy balance of a steady state: time averages of energies per time in natural units.
 * Quantities that do not apply are absent.
 */
export interface Thermodynamics {
  /** Mean angular speed, radians per time; 0 at rest. */
  omega: number;
  /** Electrical input sum_a mu_a <J_a> of orders 0 and 1 in the speed, without probes. */
  powerIn: number;
  /** Mechanical output, load x <omega>; negative if the load drives the rotor. */
  powerOut: number;
  /**
   * powerOut / powerIn if both are positive; powerIn / powerOut if both are negative (generator).
   */
  efficiency?: number;
  /** Heat that the power turns into. */
  dissipation: Dissipation;
  /** Particles per time that enter the device from each lead, orders 0 and 1. */
  current: Float64Array;
  /** Heat per time that leaves each lead, orders 0 and 1. */
  heatCurrent?: Float64Array;
  /** Heat per time of order 1 that the motion takes from all leads. */
  carriedHeat?: number;
  /**
   * (powerOut - powerIn) over the heat taken from the leads that give heat. Present if the leads
   * differ in temperature and both are positive.
   */
  thermalEfficiency?: ThermalEfficiency;
  /**
   * Entropy produced per time. Present if every lead (and the bearing, if it has friction) has a
   * temperature above zero.
   */
  entropyProduction?: number;
  /** Deviations from the laws of thermodynamics, as found. */
  certificate: ThermodynamicsCertificate;
}

/** Nodes of a motion with their shares of the time. */
function nodesOf(motion: SteadyMotion): { angle: Float64Array; share: Float64Array; velocity: Float64Array } {
  if (!("period" in motion)) {
    return {
      angle: Float64Array.of(motion.angle),
      share: Float64Array.of(1),
      velocity: new Float64Array(1),
    };
  }
  const { angle, velocity, period } = motion;
  const share = motion.weight.map((weight, i) => weight / (Math.abs(velocity[i]) * period));
  return { angle, share, velocity };
}

const relative = (defect: number, ...terms: number[]): number => {
  const size = terms.reduce((sum, term) => sum + Math.abs(term), 0);
  return size > 0 ? Math.abs(defect) / size : 0;
};

/**
 * Powers, heat, entropy and efficiencies of one steady state.
 *
 *     const { running } = steadyStates({ curve, rotor });
 *     const { powerIn, efficiency } = thermodynamics(curve, rotor, running[0]);
 *
 * The result is exact for the given curves, up to the accuracy of the orbit. Throws InputError if a
 * list does not have one entry per lead.
 */
export function thermodynamics(
  curve: TransportCurve,
  rotor: RotorSettings,
  motion: SteadyMotion,
): Thermodynamics {
  checkCurve(curve);
  objectOption(motion, "motion");
  const { leads } = curve;
  if (!Array.isArray(leads))
    throw new InputError("curve.leads", "wrong value", {
      expected: "a list of names",
      found: described(leads),
    });
  for (const name of [
    "current",
    "currentPerVelocity",
    "energyCurrent",
    "energyCurrentPerVelocity",
  ] as const) {
    const list = curve[name];
    if (list === undefined && name.startsWith("energy")) continue;
    if (!Array.isArray(list) || list.length !== leads.length) {
      throw new InputError(`curve.${name}`, "not one curve per lead", {
        expected: `${leads.length} curves`,
        found: Array.isArray(list) ? `${list.length}` : described(list),
      });
    }
    list.forEach((one, lead) => {
      periodicOption(one, `curve.${name}[${lead}]`);
    });
  }
  const { load, externalFriction } = rotorForces({ curve, rotor });
  const { angle, share, velocity } = nodesOf(motion);
  const average = (quantity: PeriodicCurve, power: number) => {
    let sum = 0;
    for (let i = 0; i < angle.length; i++) {
      sum +=
        share[i] * velocity[i] ** power * (power === 0 || velocity[i] !== 0 ? quantity.value(angle[i]) : 0);
    }
    return sum;
  };
  let omega = 0;
  let squared = 0;
  for (let i = 0; i < angle.length; i++) {
    omega += share[i] * velocity[i];
    squared += share[i] * velocity[i] ** 2;
  }
  // Time averages of the currents at rest, J0, and of those carried by the motion, J1 omega.
  const frozen = Float64Array.from(leads, (_, a) => average(curve.current[a], 0));
  const moved = Float64Array.from(leads, (_, a) => average(curve.currentPerVelocity[a], 1));
  const reservoirs = leads.flatMap((_, a) => (curve.probes?.[a] ? [] : [a]));
  const total = (terms: (lead: number) => number) => reservoirs.reduce((sum, a) => sum + terms(a), 0);
  const mu = curve.chemicalPotential;
  const frozenPower = total((a) => mu[a] * frozen[a]);
  const powerIn = frozenPower + total((a) => mu[a] * moved[a]);
  const powerOut = load * omega;
  const electronicFriction = average(curve.friction, 2);
  const friction = externalFriction * squared;
  const chargeTerms = curve.currentPerVelocity.map((current) => current.integral);
  const result: Thermodynamics = {
    omega,
    powerIn,
    powerOut,
    ...(powerIn * powerOut > 0 ? { efficiency: powerIn > 0 ? powerOut / powerIn : powerIn / powerOut } : {}),
    dissipation: { frozen: frozenPower, electronicFriction, externalFriction: friction },
    current: frozen.map((value, a) => value + moved[a]),
    certificate: {
      chargeBalance: relative(
        chargeTerms.reduce((sum, term) => sum + term, 0),
        ...chargeTerms,
        ...curve.currentPerVelocity.map(({ scale }) => scale),
      ),
    },
  };
  const { energyCurrent, energyCurrentPerVelocity } = curve;
  if (energyCurrent === undefined || energyCurrentPerVelocity === undefined) return result;
  addHeat(result, curve, {
    reservoirs,
    frozen: Float64Array.from(leads, (_, a) => average(energyCurrent[a], 0) - mu[a] * frozen[a]),
    moved: Float64Array.from(leads, (_, a) => average(energyCurrentPerVelocity[a], 1) - mu[a] * moved[a]),
    energyTerms: reservoirs.map((a) => energyCurrentPerVelocity[a].integral),
    bearing: friction === 0 ? 0 : friction / (rotor.temperature ?? 0),
  });
  return result;
}

interface HeatTerms {
  reservoirs: number[];
  /** Heat currents of each lead at rest. */
  frozen: Float64Array;
  /** Heat currents of each lead that the motion carries. */
  moved: Float64Array;
  /** Energy entering per turn, by reservoir. */
  energyTerms: number[];
  /** Entropy per time that the bearing's heat makes; infinite at T = 0. */
  bearing: number;
}

/** Adds heat, entropy, and the laws that relate them to the work. */
function addHeat(result: Thermodynamics, curve: TransportCurve, heat: HeatTerms): void {
  const { reservoirs, frozen, moved, energyTerms } = heat;
  const { powerIn, powerOut, dissipation, certificate } = result;
  const { electronicFriction, externalFriction } = dissipation;
  const carried = reservoirs.reduce((sum, a) => sum + moved[a], 0);
  const work = curve.torque.integral;
  certificate.firstLaw = relative(
    energyTerms.reduce((sum, term) => sum + term, 0) - work,
    ...energyTerms,
    work,
    curve.torque.scale,
  );
  certificate.balance = relative(
    powerIn + carried - dissipation.frozen - powerOut - electronicFriction - externalFriction,
    powerIn,
    carried,
    dissipation.frozen,
    powerOut,
    electronicFriction,
    externalFriction,
  );
  result.heatCurrent = frozen.map((value, a) => value + moved[a]);
  result.carriedHeat = carried;
  const temperatures = reservoirs.map((a) => curve.temperature[a]);
  const [coldest, hottest] = [Math.min(...temperatures), Math.max(...temperatures)];
  if (hottest > coldest) {
    const taken = reservoirs.reduce((sum, a) => sum + Math.max(0, result.heatCurrent![a]), 0);
    const gain = powerOut - powerIn;
    if (taken > 0 && gain > 0) {
      result.thermalEfficiency = { value: gain / taken, carnot: 1 - coldest / hottest };
    }
  }
  if (!(coldest > 0) || !Number.isFinite(heat.bearing)) return;
  const entropy = (flow: Float64Array) =>
    reservoirs.reduce((sum, a) => sum - flow[a] / curve.temperature[a], 0);
  const still = entropy(frozen);
  const whole = still + entropy(moved) + electronicFriction / hottest + heat.bearing;
  result.entropyProduction = whole;
  certificate.secondLaw = Math.min(still, whole);
}

/**
 * Thermodynamics of the fastest stable running orbit, or without one of rest at the first stable
 * angle. Undefined without either (regime "none"). Throws InputError as `thermodynamics`, and
 * NumericalError if an orbit cannot be computed.
 */
export function steadyThermodynamics(
  curve: TransportCurve,
  rotor: RotorSettings,
): Thermodynamics | undefined {
  const { running, locked, regime } = steadyStates({ curve, rotor });
  const fastest = running
    .filter(({ stable }) => stable)
    .sort((a, b) => Math.abs(b.meanVelocity) - Math.abs(a.meanVelocity))[0];
  if (fastest) return thermodynamics(curve, rotor, fastest);
  if (regime === "none") return undefined;
  return thermodynamics(curve, rotor, { angle: locked.find(({ stable }) => stable)?.angle ?? 0 });
}
