// `device.simulate`: the rotor with the noise of the electrons and of its bearing, many trajectories from one seed.

import type { Kernels } from "../engine/kernels.js";
import { InputError, NumericalError } from "../model/errors.js";
import { needed, nonNegativeOption, optionsOf, positiveOption, wholeOption } from "../model/options.js";
import type { Reservoir, Rotor } from "../model/types.js";
import type { Warning } from "../model/warning.js";
import type { TurnCurve } from "../motor/curve.js";
import { type Ensemble, simulateEnsemble } from "../motor/ensemble.js";
import { type EnsembleStatistics, ensembleStatistics } from "../motor/ensemble-statistics.js";
import { fokkerPlanck } from "../motor/fokker-planck.js";
import { overdampedFokkerPlanck } from "../motor/fokker-planck-overdamped.js";
import type { RotorSystem } from "../motor/rotor.js";
import { uniformEnsemble, uniformVelocity } from "../motor/uniform.js";
import { type MotorQuestion, motorTable } from "./motor.js";
import { namedReservoirs } from "./reservoirs.js";

/** Memory grows with them: a million take some hundred megabytes. */
const MOST_TRAJECTORIES = 1_000_000;

export interface SimulationQuestion extends MotorQuestion {
  /** Observed time, after a transient of a tenth of it. */
  time: number;
  /** Number of trajectories, default 64. */
  trajectories?: number;
  /** Whole number; the same seed gives the same bits, however the trajectories are shared out. Default 1. */
  seed?: number;
  /** Temperature of all reservoirs and of the bearing, in place of the model's. */
  temperature?: number;
  /** Time step; default: a fiftieth of the shortest time of the motion (without inertia a twentieth). Errors are of second order in it. */
  step?: number;
  /** Trajectories whose path is kept, default 8. */
  paths?: number;
}

export interface Trajectory {
  /** Angle gained during the observed time. */
  displacement: number;
  /** Whole turns completed, backward ones negative. */
  turns: number;
  /** Time of the first completed turn; left out if there was none. */
  firstPassage?: number;
  /** Angles at `times`, for the first trajectories. */
  angle?: Float64Array;
}

/** Standard errors are over the trajectories. Natural units: time in hbar per energy. */
export interface SimulationResult
  extends Pick<
    EnsembleStatistics,
    | "meanVelocity"
    | "meanVelocityError"
    | "diffusion"
    | "diffusionError"
    | "forwardRate"
    | "backwardRate"
    | "firstPassage"
  > {
  /**
   * 2 diffusion x entropy production / meanVelocity^2 of the stationary state, at least 2 without inertia; from the Fokker-Planck
   * equation of the same rotor, free of sampling errors. Left out where the rotor does not move on average, or where it is out of reach.
   */
  uncertaintyRatio?: number;
  /** Of the rotor's own dynamics, per time; from the same equation. */
  entropyProduction?: number;
  time: number;
  step: number;
  seed: number;
  /** When the angles of the kept paths were taken. */
  times: Float64Array;
  trajectories: Trajectory[];
  /** Of the bearing: its noise is 2 T friction. */
  bearingTemperature: number;
  reservoirs: Record<string, Reservoir>;
  rotor: Rotor;
  warnings: Warning[];
}

export const simulationOptions = optionsOf<SimulationQuestion>("question", {
  ...motorTable,
  time: needed("a finite number above 0", positiveOption),
  trajectories: wholeOption(2, MOST_TRAJECTORIES),
  seed: wholeOption(0, Number.MAX_SAFE_INTEGER),
  temperature: nonNegativeOption,
  step: positiveOption,
  paths: wholeOption(0, MOST_TRAJECTORIES),
});

/** Simulates a rotor on its curve. */
export function simulation(
  kernels: Kernels,
  curve: TurnCurve,
  rotor: Rotor,
  reservoirs: readonly (Reservoir | undefined)[],
  { time, trajectories = 64, seed, step, paths = 8 }: SimulationQuestion,
): SimulationResult {
  const bearingTemperature = meanTemperature(reservoirs);
  const system = { curve, rotor: { ...rotor, temperature: bearingTemperature } };
  const options = { time, trajectories, seed, step, paths: Math.min(paths, trajectories) };
  const held = rotor.inertia === "infinite" ? heldVelocity(curve, rotor) : undefined;
  const ensemble =
    held === undefined ? simulateEnsemble(kernels, system, options) : uniformEnsemble(held, options);
  const statistics = {
    ...ensembleStatistics(ensemble),
    // Without rounding's spread.
    ...(held !== undefined && { meanVelocity: held, meanVelocityError: 0, diffusion: 0, diffusionError: 0 }),
  };
  const { firstPassage, meanVelocity, meanVelocityError, diffusion } = statistics;
  // A mean velocity far below what the trajectories could show is rounding.
  const { entropyProduction, uncertaintyRatio, warning } =
    held === undefined ? entropyOf(system, 1e-6 * meanVelocityError) : { warning: NO_NOISE };
  return {
    meanVelocity,
    meanVelocityError,
    diffusion,
    diffusionError: statistics.diffusionError,
    forwardRate: statistics.forwardRate,
    backwardRate: statistics.backwardRate,
    ...(firstPassage && { firstPassage }),
    ...(entropyProduction !== undefined && { entropyProduction }),
    ...(uncertaintyRatio !== undefined && { uncertaintyRatio }),
    time: ensemble.time,
    step: ensemble.step,
    seed: ensemble.seed,
    times: ensemble.paths.time,
    trajectories: trajectoriesOf(ensemble),
    bearingTemperature,
    reservoirs: namedReservoirs(curve.leads, reservoirs),
    rotor,
    warnings: [...curve.warnings, ...(warning ? [warning] : [])],
  };
}

const NO_NOISE: Warning = {
  code: "no-noise",
  text: "a rotor of infinite inertia does not feel noise: all trajectories are its uniform rotation; a finite inertia (--inertia, rotor.inertia) fluctuates",
};

/** Speed of uniform rotation; NumericalError where friction does not hold one. */
function heldVelocity(curve: TurnCurve, { load, friction }: Rotor): number {
  const omega = uniformVelocity(curve, load, friction);
  if (omega === undefined)
    throw new NumericalError("a rotor of infinite inertia has no steady speed", {
      causes: ["friction is negative over the turn: nothing holds the speed"],
    });
  return omega;
}

/** Hermite indices x angles^3 allowed for the entropy production: about a second. */
const WORK = 4e7;

/** Entropy production of the rotor's own dynamics and the uncertainty ratio, from its Fokker-Planck equation; a warning where that is out of reach. */
function entropyOf(
  system: RotorSystem,
  least: number,
): Pick<SimulationResult, "entropyProduction" | "uncertaintyRatio"> & { warning?: Warning } {
  try {
    const { entropyProduction, uncertaintyRatio, meanVelocity } =
      system.rotor.inertia === 0
        ? overdampedFokkerPlanck(system, { tolerance: 1e-6 })
        : fokkerPlanck(system, { tolerance: 1e-6, work: WORK });
    return { entropyProduction, ...(Math.abs(meanVelocity) > least && { uncertaintyRatio }) };
  } catch (error) {
    if (!(error instanceof NumericalError || error instanceof InputError)) throw error;
    const text = `the rotor's entropy production is left out: ${error.message}`;
    return { warning: { code: "left-out", text } };
  }
}

/** Mean temperature of the reservoirs: that of the bearing. */
function meanTemperature(reservoirs: readonly (Reservoir | undefined)[]): number {
  const given = reservoirs.filter((reservoir) => reservoir !== undefined);
  return given.length === 0 ? 0 : given.reduce((sum, { temperature }) => sum + temperature, 0) / given.length;
}

function trajectoriesOf({ displacement, forward, backward, firstPassage, paths }: Ensemble): Trajectory[] {
  return Array.from(displacement, (gained, i) => ({
    displacement: gained,
    turns: forward[i] - backward[i],
    ...(Number.isNaN(firstPassage[i]) ? {} : { firstPassage: Math.abs(firstPassage[i]) }),
    ...(i < paths.angle.length && { angle: paths.angle[i] }),
  }));
}
