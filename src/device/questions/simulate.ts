// `device.simulate`: many trajectories of the rotor with the noise of the electrons and of its
// bearing, from one seed.

import { InputError, NumericalError } from "../../base/errors.js";
import type { Kernels } from "../../engine/kernels.js";
import { nonNegativeOption, optionsOf, positiveOption, wholeOption } from "../../model/options.js";
import { meanReservoir } from "../../model/reservoirs.js";
import type { Reservoir, Rotor } from "../../model/types.js";
import type { Warning } from "../../model/warning.js";
import type { TurnCurve } from "../../motor/curve/turn-curve.js";
import type { Ensemble } from "../../motor/noise/ensemble.js";
import { type EnsembleAverages, ensembleStatistics } from "../../motor/noise/ensemble-statistics.js";
import { fokkerPlanck, type StationaryState } from "../../motor/noise/fokker-planck.js";
import { overdampedFokkerPlanck } from "../../motor/noise/fokker-planck-overdamped.js";
import { steadyAverages } from "../../motor/noise/steady-averages.js";
import { uniformEnsemble, uniformVelocity } from "../../motor/performance/uniform.js";
import type { RotorSystem } from "../../motor/rotor/rotor.js";
import { TURN_BUDGET, within } from "../../transport/tasks/budget.js";
import type { DeviceContext } from "../context.js";
import { type MotorQuestion, motorReservoirs, motorRotor, motorTable, turnOf } from "../drive.js";
import { namedReservoirs } from "../reservoirs.js";

/**
 * Most trajectories; memory grows with their number, and a million take some hundred megabytes.
 */
const MOST_TRAJECTORIES = 1_000_000;
/** Default number of trajectories. */
const TRAJECTORIES = 64;
/** Default number of trajectories whose path is kept. */
const PATHS = 8;

/** The options of `simulate`. `tolerance` is that of the curve; its default is 1e-6. */
export interface SimulationQuestion extends MotorQuestion {
  /**
   * Observed time after the burn-in, > 0. Default: a hundred relaxation times, at most a million
   * steps.
   */
  time?: number;
  /**
   * Time before the observation begins. Default: ten relaxation times, but at least a tenth and at
   * most ten times `time`. Trajectories start at angles spread over the turn, half of them near
   * rest and half near the running speed, with thermal speeds in addition.
   */
  burnIn?: number;
  /** Number of trajectories, 2 to a million; default 64. */
  trajectories?: number;
  /**
   * Whole number from 0 on; default 1. The same seed gives the same bits, however the trajectories
   * are distributed over workers.
   */
  seed?: number;
  /**
   * Temperature >= 0 of all reservoirs and of the bearing, an energy, in place of the model's.
   * Default: reservoirs as in the model, and the bearing at their mean.
   */
  temperature?: number;
  /**
   * Time step. Default: a fiftieth of the shortest time of the motion, a twentieth without inertia.
   * Errors are of second order in the step.
   */
  step?: number;
  /** Number of trajectories whose path is kept; default 8, at most all. */
  paths?: number;
}

/** One trajectory of a rotor with noise. Everything counts from the end of the burn-in. */
export interface Trajectory {
  /** Angle gained during the observed time, radians. */
  displacement: number;
  /** Number of completed turns; backward turns count negative. */
  turns: number;
  /** Time of the first completed turn; absent without one. */
  firstPassage?: number;
  /**
   * Angles at `times`, radians, not reduced to one turn. Only the first trajectories have them.
   */
  angle?: Float64Array;
}

/** Averages of the stationary state by the Fokker-Planck equation, without sampling errors. */
export interface StationaryAverages {
  /** Mean angular speed, radians per time. */
  meanVelocity: number;
  /** lim Var(theta) / 2t, radians squared per time. */
  diffusion: number;
  /**
   * Time after which 1/e of the initial difference of the mean speed is left. Absent if it does not
   * depend on the start.
   */
  relaxationTime?: number;
}

/**
 * Averages of the steady state in natural units (time in hbar per energy). Twice a stated error
 * holds as often as two standard deviations. The errors contain the scatter of the trajectories,
 * what these remember of their start, the scarcity of events, and the time step.
 */
export interface SimulationResult extends EnsembleAverages {
  /**
   * 2 diffusion x entropy production / meanVelocity^2 of the stationary state, at least 2 without
   * inertia, by the Fokker-Planck equation. Absent if the rotor does not move on average, or if the
   * equation is out of reach.
   */
  uncertaintyRatio?: number;
  /**
   * Entropy per time that the rotor's own motion produces, >= 0, by the Fokker-Planck equation.
   * Absent if the equation is out of reach.
   */
  entropyProduction?: number;
  /**
   * The same averages by the Fokker-Planck equation, without sampling errors, with the relaxation
   * time of the mean speed. Absent if the equation is out of reach.
   */
  stationary?: StationaryAverages;
  /** Observed time of each trajectory. */
  time: number;
  /** Time before the observation began. */
  burnIn: number;
  /** Time step of this answer. */
  step: number;
  /** Seed of this answer. */
  seed: number;
  /** Times of the angles of the kept paths, from the end of the burn-in. */
  times: Float64Array;
  /** All trajectories. */
  trajectories: Trajectory[];
  /** Temperature of the bearing, an energy. The noise of the bearing is 2 T friction. */
  bearingTemperature: number;
  /** The reservoirs of this answer, by lead. */
  reservoirs: Record<string, Reservoir>;
  /** The rotor of this answer. */
  rotor: Rotor;
  /** Warnings about the curve and the averages. */
  warnings: Warning[];
}

const simulationOptions = optionsOf<SimulationQuestion>("question", {
  ...motorTable,
  time: positiveOption,
  burnIn: nonNegativeOption,
  trajectories: wholeOption(2, MOST_TRAJECTORIES),
  seed: wholeOption(0, Number.MAX_SAFE_INTEGER),
  temperature: nonNegativeOption,
  step: positiveOption,
  paths: wholeOption(0, MOST_TRAJECTORIES),
});

export function answerSimulate(context: DeviceContext, question: SimulationQuestion): SimulationResult {
  const asked = simulationOptions(question);
  const rotor = motorRotor(context.model, asked);
  const { temperature, tolerance = 1e-6 } = asked;
  const reservoirs = motorReservoirs(context.model, asked).map((reservoir) =>
    reservoir && temperature !== undefined ? { ...reservoir, temperature } : reservoir,
  );
  const curve = within(context.cycleSolver(), asked.budget, TURN_BUDGET, () =>
    turnOf(context, reservoirs, { ...asked, tolerance }).build(),
  );
  return simulation(context.kernels, curve, rotor, reservoirs, asked);
}

/** Simulates a rotor on its curve. */
function simulation(
  kernels: Kernels,
  curve: TurnCurve,
  rotor: Rotor,
  reservoirs: readonly (Reservoir | undefined)[],
  question: SimulationQuestion,
): SimulationResult {
  const { temperature: bearingTemperature } = meanReservoir(reservoirs);
  const { ensemble, warnings, ...averages } =
    rotor.inertia === "infinite"
      ? held(curve, rotor, question)
      : noisy(kernels, curve, { ...rotor, temperature: bearingTemperature }, question);
  return {
    ...averages,
    time: ensemble.time,
    burnIn: ensemble.burnIn,
    step: ensemble.step,
    seed: ensemble.seed,
    times: ensemble.paths.time,
    trajectories: trajectoriesOf(ensemble),
    bearingTemperature,
    reservoirs: namedReservoirs(curve.leads, reservoirs),
    rotor,
    warnings: [...curve.warnings, ...warnings],
  };
}

type Averages = EnsembleAverages &
  Pick<SimulationResult, "entropyProduction" | "uncertaintyRatio" | "stationary" | "warnings"> & {
    ensemble: Ensemble;
  };

const NO_NOISE: Warning = {
  code: "no-noise",
  text: "a rotor of infinite inertia does not feel noise: all trajectories are uniform rotation; give it a finite inertia (--inertia, rotor.inertia) for a motion with noise",
};

/** Uniform rotation. Throws NumericalError if friction does not hold a speed. */
function held(
  curve: TurnCurve,
  { load, friction }: Rotor,
  { trajectories = TRAJECTORIES, paths = PATHS, seed, step, ...question }: SimulationQuestion,
): Averages {
  const omega = uniformVelocity(curve, load, friction);
  if (omega === undefined) throw runsAway("infinite");
  const time = question.time ?? Math.min((20 * Math.PI) / Math.abs(omega), 1e12);
  const ensemble = uniformEnsemble(omega, {
    time,
    trajectories,
    seed,
    step,
    paths: Math.min(paths, trajectories),
  });
  const { forwardRate, backwardRate, firstPassage } = ensembleStatistics(ensemble);
  return {
    ensemble,
    meanVelocity: omega,
    meanVelocityError: curveError(curve, load, friction),
    diffusion: 0,
    diffusionError: 0,
    forwardRate,
    backwardRate,
    ...(firstPassage && { firstPassage: { ...firstPassage, error: 0 } }),
    warnings: [NO_NOISE],
  };
}

/** The averages of a rotor that noise moves. */
function noisy(
  kernels: Kernels,
  curve: TurnCurve,
  rotor: Rotor & { temperature: number },
  { time, burnIn, step, trajectories = TRAJECTORIES, paths = PATHS, seed }: SimulationQuestion,
): Averages {
  if (curve.friction.mean + rotor.friction < -curve.errors.friction) throw runsAway(rotor.inertia);
  const system = { curve, rotor };
  const exact = stationaryOf(system);
  const { ensemble, meanVelocityError, diffusionError, ...averages } = steadyAverages(
    kernels,
    system,
    { time, burnIn, step, trajectories, seed, paths: Math.min(paths, trajectories) },
    exact.state,
  );
  const { meanVelocity, diffusion } = averages;
  const curves = Math.min(Math.abs(meanVelocity), curveError(curve, rotor.load, rotor.friction));
  const speed = withStationary(
    meanVelocity,
    Math.hypot(meanVelocityError, curves),
    exact.state?.meanVelocity,
  );
  const spread = withStationary(diffusion, diffusionError, exact.state?.diffusion);
  return {
    ensemble,
    ...averages,
    meanVelocityError: speed.error,
    diffusionError: spread.error,
    ...exactAverages(exact.state, speed.error),
    warnings: [
      ...averages.warnings,
      ...(speed.off || spread.off ? [OFF] : []),
      ...(exact.warning ? [exact.warning] : []),
    ],
  };
}

/** Factor on the stated error beyond which trajectories contradict the stationary state. */
const BEYOND = 4;

/**
 * The error of an average after comparison with the stationary state, if known: at least the
 * difference, if that exceeds the stated error by the factor BEYOND.
 */
function withStationary(
  value: number,
  error: number,
  exact: number | undefined,
): { error: number; off: boolean } {
  const off = exact !== undefined && Math.abs(value - exact) > BEYOND * error;
  return { error: off ? Math.abs(value - exact) : error, off };
}

const OFF: Warning = {
  code: "transient",
  text: "the averages over the trajectories differ from those of the stationary state (`stationary`) by more than four of their errors; those of the stationary state hold, and the stated errors are the differences",
};

function runsAway(inertia: Rotor["inertia"]): NumericalError {
  const of = inertia === "infinite" ? "infinite inertia" : `inertia ${inertia}`;
  return new NumericalError(`a rotor of ${of} has no steady speed`, {
    causes: ["friction is negative over the turn, so that nothing limits the speed"],
  });
}
/** Error of a running rotor's speed that stems from the curves. */
function curveError(curve: TurnCurve, load: number, friction: number): number {
  const scale = Math.max(curve.torque.scale, Math.abs(load));
  const brake = curve.friction.mean + friction;
  return brake > 0 ? ((curve.integralError ?? curve.error) * scale) / brake : 0;
}

/** Allowed work for the stationary state, Hermite indices x angles^3: about a second. */
const WORK = 4e7;

/**
 * The stationary state of the rotor's own motion by its Fokker-Planck equation, or a warning if the
 * equation is out of reach.
 */
function stationaryOf(system: RotorSystem): { state?: StationaryState; warning?: Warning } {
  const options = { tolerance: 1e-6, relaxation: true };
  try {
    const solve = system.rotor.inertia === 0 ? overdampedFokkerPlanck : fokkerPlanck;
    return { state: solve(system, { ...options, work: WORK }) };
  } catch (error) {
    if (!(error instanceof NumericalError || error instanceof InputError)) throw error;
    const text = `the rotor's entropy production is left out: ${error.message}`;
    return { warning: { code: "left-out", text } };
  }
}

/** The results that follow from the stationary state. */
function exactAverages(
  state: StationaryState | undefined,
  error: number,
): Pick<SimulationResult, "entropyProduction" | "uncertaintyRatio" | "stationary"> {
  if (state === undefined) return {};
  const { meanVelocity, diffusion, relaxation, entropyProduction, uncertaintyRatio } = state;
  // A mean velocity far below the errors of the trajectories is rounding.
  const moves = Math.abs(meanVelocity) > 1e-6 * error;
  return {
    ...(entropyProduction !== undefined && { entropyProduction }),
    ...(moves && uncertaintyRatio !== undefined && { uncertaintyRatio }),
    stationary: { meanVelocity, diffusion, ...(relaxation && { relaxationTime: relaxation.time }) },
  };
}

function trajectoriesOf({ displacement, forward, backward, firstPassage, paths }: Ensemble): Trajectory[] {
  return Array.from(displacement, (gained, i) => ({
    displacement: gained,
    turns: forward[i] - backward[i],
    ...(Number.isNaN(firstPassage[i]) ? {} : { firstPassage: Math.abs(firstPassage[i]) }),
    ...(i < paths.angle.length && { angle: paths.angle[i] }),
  }));
}
