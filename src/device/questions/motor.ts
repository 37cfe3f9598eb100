// `device.motor`: the motor at its reservoirs. The answer holds the curve over a turn, turn
// integrals, the steady state with its powers, and certificates.

import { NumericalError } from "../../base/errors.js";
import { biasOf, meanReservoir } from "../../model/reservoirs.js";
import type { Reservoir, Rotor } from "../../model/types.js";
import type { Warning } from "../../model/warning.js";
import { certifyCurve } from "../../motor/curve/certificate.js";
import type { TurnCurve } from "../../motor/curve/turn-curve.js";
import {
  type LinearResponse,
  linearResponseAcrossKinks,
  responseOf,
} from "../../motor/performance/linear-response.js";
import { thermodynamics } from "../../motor/performance/thermodynamics.js";
import { frozenHeat, uniformVelocity } from "../../motor/performance/uniform.js";
import { startBiasOf } from "../../motor/rotor/start-bias.js";
import { steadyStates } from "../../motor/rotor/steady-states.js";
import type { PeriodicCurve } from "../../numerics/periodic/periodic.js";
import { TURN_BUDGET, withAtMost, within } from "../../transport/tasks/budget.js";
import type { DeviceContext } from "../context.js";
import { type MotorQuestion, motorOptions, motorReservoirs, motorRotor, turnOf } from "../drive.js";
import type { MotorResult, SteadyState } from "../motor-result.js";
import { byName } from "../named.js";
import { namedReservoirs } from "../reservoirs.js";

/**
 * The result of `compute`. If it misses the tolerance, the result is undefined with a warning,
 * because the other results for the motor do not need it.
 */
function known<T>(what: string, warnings: Warning[], compute: () => T): T | undefined {
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof NumericalError)) throw error;
    warnings.push({ code: "unknown", text: `${what} is left out: ${error.message}` });
    return undefined;
  }
}

/** Puts the result together from a curve and the linear response, if there is one. */
function motorResult(
  curve: TurnCurve,
  reservoirs: readonly (Reservoir | undefined)[],
  rotor: Rotor,
  linearResponse: LinearResponse | undefined,
  tolerance: number,
  startBias: number | undefined,
): MotorResult {
  const { leads, torque, friction, noise } = curve;
  const { certificate, certificates, warnings } = certifyCurve(curve, tolerance);
  const bound = linearResponse?.certificate.bound;
  if (bound && !bound.satisfied)
    warnings.push({
      code: "bound",
      text: `the squared charge ${bound.chargeSquared} exceeds its bound by the friction, ${bound.limit}`,
    });
  const steadyState = steadyStateOf(curve, rotor);
  if (!steadyState)
    warnings.push({
      code: "no-steady-state",
      text: "no steady state: friction does not brake enough to hold a speed, and no angle holds the rotor",
    });
  const limit = linearResponse?.adiabaticSpeedLimit;
  if (steadyState && limit !== undefined && Math.abs(steadyState.omega) > limit)
    warnings.push({
      code: "fast",
      text:
        `the mean angular speed ${steadyState.omega.toPrecision(6)} exceeds ${limit.toPrecision(6)}, the inverse of the longest delay, below which driving is slow: ` +
        "the steady state follows from the torque and friction of slow driving, which do not hold at this speed",
    });
  const samples = (list: TurnCurve["current"]) => list.map((c) => c.resample(curve.theta.length));
  return {
    workPerTurn: torque.integral,
    frictionPerTurn: friction.integral,
    noisePerTurn: noise.integral,
    charge: byName(
      leads,
      curve.currentPerVelocity.map((c) => c.integral),
    ),
    current: byName(
      leads,
      curve.current.map((c) => c.mean),
    ),
    stallLoad: torque.mean,
    ...(startBias !== undefined && { startBias }),
    ...(linearResponse?.figureOfMerit !== undefined && { figureOfMerit: linearResponse.figureOfMerit }),
    ...(linearResponse?.maximumEfficiency !== undefined && {
      maximumEfficiency: linearResponse.maximumEfficiency,
    }),
    ...(linearResponse && { linearResponse }),
    reservoirs: namedReservoirs(leads, reservoirs),
    rotor,
    curve: {
      theta: curve.theta,
      ...samplesOf(curve),
      current: Object.fromEntries(samples(curve.current).map((values, a) => [leads[a], values])),
      currentPerVelocity: Object.fromEntries(
        samples(curve.currentPerVelocity).map((values, a) => [leads[a], values]),
      ),
    },
    ...(steadyState && { steadyState }),
    error: curve.error,
    errors: curve.errors,
    certificate: { ...certificate, ...(bound && { bound }) },
    certificates: { ...certificates, ...(bound && { bound: linearResponse.certificates.bound }) },
    warnings: [...curve.warnings, ...warnings],
    evaluations: curve.evaluations,
  };
}

function samplesOf(curve: TurnCurve) {
  const n = curve.theta.length;
  return {
    torque: curve.torque.resample(n),
    conservativeTorque: curve.conservativeTorque.resample(n),
    friction: curve.friction.resample(n),
    noise: curve.noise.resample(n),
  };
}

/** The steady state of a rotor of any inertia; undefined if there is none. */
function steadyStateOf(curve: TurnCurve, rotor: Rotor): SteadyState | undefined {
  const { inertia, load, friction } = rotor;
  if (inertia === "infinite") {
    const omega = uniformVelocity(curve, load, friction);
    if (omega === undefined) return undefined;
    if (omega === 0) return restingState(frozenHeat(curve));
  }
  const { regime, locked, running, omega } = steadyStates({ curve, rotor });
  if (regime === "none") return undefined;
  const orbit = running.find(({ stable, meanVelocity }) => stable && meanVelocity === omega);
  const angles = locked.filter(({ stable }) => stable).map(({ angle }) => angle);
  const powers = thermodynamics(curve, rotor, orbit ?? { angle: angles[0] ?? 0 });
  const { powerIn, powerOut, dissipation, heatCurrent, entropyProduction, thermalEfficiency } = powers;
  return {
    regime,
    omega,
    ...(angles.length > 0 && { lockedAngles: angles }),
    powerIn,
    // The sum turns -0 into 0 for a rotor at rest.
    powerOut: powerOut + 0,
    ...(powerIn > 0 && powerOut > 0 && { efficiency: powerOut / powerIn }),
    ...(thermalEfficiency && { thermalEfficiency }),
    dissipation,
    ...(heatCurrent && { heatCurrent: byName(curve.leads, heatCurrent) }),
    ...(entropyProduction !== undefined && { entropyProduction }),
  };
}

/** The state of a rotor that nothing turns. */
const restingState = (frozen: number): SteadyState => ({
  regime: "locked",
  omega: 0,
  powerIn: frozen,
  powerOut: 0,
  dissipation: { frozen, electronicFriction: 0, externalFriction: 0 },
});

export function answerTurnCurve(context: DeviceContext, question: MotorQuestion): TurnCurve {
  const asked = motorOptions(question);
  // The curve does not depend on the rotor, but an invalid rotor is refused all the same.
  motorRotor(context.model, asked);
  return within(context.cycleSolver(), asked.budget, TURN_BUDGET, () =>
    turnOf(context, motorReservoirs(context.model, asked), asked).build(),
  );
}

/**
 * The curve from which each result was made, as long as the result is in use. The report goes on
 * with it instead of computing the turn again.
 */
export const curvesOfMotors = new WeakMap<MotorResult, TurnCurve>();

export function answerMotor(context: DeviceContext, question: MotorQuestion): MotorResult {
  const asked = motorOptions(question);
  return within(context.cycleSolver(), asked.budget, TURN_BUDGET, () => motorOf(context, asked));
}

function motorOf(context: DeviceContext, question: MotorQuestion): MotorResult {
  const { cycle, tolerance = 1e-8 } = question;
  const reservoirs = motorReservoirs(context.model, question);
  const rotor = motorRotor(context.model, question);
  const given = reservoirs.filter((reservoir) => reservoir !== undefined);
  // Linear response is available for voltage probes only. At T = 0 energy-resolved probes are
  // equivalent.
  const unlike =
    question.dephasing === "energy-resolved" &&
    given.length < reservoirs.length &&
    given.some(({ temperature }) => temperature > 0);
  const mean = meanReservoir(reservoirs);
  const drive =
    given.length < 2 || unlike
      ? undefined
      : {
          energy: mean.chemicalPotential,
          temperature: mean.temperature,
          bias: biasOf(reservoirs),
          tolerance,
        };
  const turn = turnOf(context, reservoirs, question, drive && mean);
  const curve = turn.build();
  if (unlike)
    curve.warnings.push({
      code: "left-out",
      text: "linear response is left out: it is computed for voltage probes only",
    });
  const [solver, path] = [context.cycleSolver(), context.cycleOf(cycle)];
  const integrals = turn.response();
  const response =
    drive &&
    known("linear response", curve.warnings, () =>
      integrals
        ? responseOf(solver, integrals, drive.bias)
        : linearResponseAcrossKinks(solver, path, context.parameterNames, drive),
    );
  const start =
    rotor.inertia === "infinite" || given.length < 2
      ? undefined
      : known("the bias at which the rotor starts", curve.warnings, () =>
          startOf(context, question, reservoirs, rotor, curve),
        );
  const result = motorResult(curve, reservoirs, rotor, response, tolerance, start);
  curvesOfMotors.set(result, curve);
  return result;
}

/** Energies that the search of the start may use, in units of those of the turn, and at least. */
const START_SHARE = 2;
const START_LEAST = 20_000;

/**
 * The bias at which the rotor starts by itself, if it does. The curve at the reservoirs gives the
 * torque in equilibrium or at the first bias of the search as well.
 */
function startOf(
  context: DeviceContext,
  question: MotorQuestion,
  reservoirs: readonly (Reservoir | undefined)[],
  rotor: Rotor,
  curve: TurnCurve,
): number | undefined {
  const { cycle, dephasing } = question;
  const accuracy = Math.max(question.tolerance ?? 1e-8, 1e-7);
  const solver = context.cycleSolver();
  const at = (bias: number, tolerance: number) => {
    const biased = motorReservoirs(context.model, { ...question, bias });
    return turnOf(context, biased, { cycle, dephasing, tolerance });
  };
  const torqueOf = (bias: number, tolerance: number) => at(bias, tolerance).build().torque;
  const search = (): number | undefined => {
    const own = biasOf(reservoirs);
    const bias = own || meanReservoir(reservoirs).temperature || 1e-3;
    const device = {
      calm: own === 0 ? curve.torque : (equilibriumTorque(reservoirs, curve) ?? torqueOf(0, accuracy)),
      first: { bias, torque: own === 0 ? torqueOf(bias, accuracy) : curve.torque },
      turn: torqueOf,
      at: (bias: number, angles: readonly number[]) => at(bias, accuracy).torques(angles),
    };
    return startBiasOf(device, rotor, 10 * accuracy);
  };
  const used = solver.budget?.used ?? 0;
  return withAtMost(solver, Math.max(START_SHARE * used, START_LEAST), search);
}

/**
 * The torque without a bias, if the curve tells it: the reservoirs then all have their mean filling,
 * so that the torque is the conservative one.
 */
function equilibriumTorque(
  reservoirs: readonly (Reservoir | undefined)[],
  curve: TurnCurve,
): PeriodicCurve | undefined {
  const [first, second, ...others] = reservoirs.filter((reservoir) => reservoir !== undefined);
  const mean = (first.chemicalPotential + second.chemicalPotential) / 2;
  const equal =
    [second, ...others].every(({ temperature }) => temperature === first.temperature) &&
    others.every(({ chemicalPotential }) => chemicalPotential === mean);
  return equal ? curve.conservativeTorque : undefined;
}
