// Averages over the steady state of a rotor with noise, from an ensemble. The rotor's relaxation
// time determines how long to wait and to observe, and the errors include what remains of the
// start.

import { InputError } from "../../base/errors.js";
import type { Kernels } from "../../engine/kernels.js";
import type { Warning } from "../../model/warning.js";
import { type RotorSystem, rotorForces } from "../rotor/rotor.js";
import { defaultStep } from "./default-step.js";
import { type Ensemble, type EnsembleOptions, simulateEnsemble } from "./ensemble.js";
import { type EnsembleAverages, type EnsembleStatistics, ensembleStatistics } from "./ensemble-statistics.js";
import type { StationaryState } from "./fokker-planck.js";
import { relaxationOf, startSpeeds, wells } from "./relaxation.js";

/** How the averages are computed. */
export interface SteadyOptions extends Omit<EnsembleOptions, "time"> {
  /** Observed time; default a hundred relaxation times, but at most a million steps. */
  time?: number;
}

/** The averages with their errors and warnings, and the ensemble behind them. */
export interface SteadyAverages extends EnsembleAverages, Pick<EnsembleStatistics, "warnings"> {
  ensemble: Ensemble;
}

/**
 * WAIT and LONGEST_WAIT bound the burn-in in relaxation times; it is the longer, the faster a rotor
 * runs compared with its thermal speed. MOST_TIMES is the longest burn-in in observed times.
 */
const [WAIT, LONGEST_WAIT, MOST_TIMES] = [10, 30, 10];
/** Least time, in units of the default step. */
const INSTANT = 1e-6;
/**
 * Default observed time: WATCH relaxation times, or LEAST_STEPS steps for a rotor without memory,
 * but at most MOST_STEPS steps.
 */
const [WATCH, LEAST_STEPS, MOST_STEPS] = [100, 1e3, 1e6];
/**
 * Relative error of mean speed and diffusion at the default step. It grows with the square of the
 * step.
 */
const STEP_ERROR = 1e-4;
/** Relative error from which on this estimate no longer holds. */
const COARSE = 1e-2;

/**
 * `state` is the stationary state, if known, for its relaxation time. The inertia must be finite.
 */
export function steadyAverages(
  kernels: Kernels,
  system: RotorSystem,
  options: SteadyOptions,
  state?: Pick<StationaryState, "relaxation">,
): SteadyAverages {
  const relaxation = state?.relaxation ?? relaxationOf(system);
  const usual = defaultStep(system);
  const time = options.time ?? watchingTime(relaxation.time, options.step ?? usual);
  // If nothing moves, any step will do.
  const step = options.step ?? Math.min(usual, time);
  if (usual < Number.POSITIVE_INFINITY && time < INSTANT * usual) {
    throw new InputError("time", "too short to see a motion", {
      expected: `some steps of ${usual.toPrecision(3)} or more`,
      found: `${time}`,
    });
  }
  const { running, thermal } = startSpeeds(system);
  const noise = rotorForces(system).noise.scale;
  // Without noise nothing hides the remainder of the start.
  const wait =
    noise > 0 && (running === 0 || thermal > 0)
      ? Math.min(LONGEST_WAIT, WAIT + Math.log1p(running === 0 ? 0 : Math.abs(running) / thermal))
      : LONGEST_WAIT;
  const burnIn = options.burnIn ?? Math.max(time / 10, Math.min(wait * relaxation.time, MOST_TIMES * time));
  const ensemble = simulateEnsemble(kernels, system, { ...options, time, burnIn, step });
  const barriers = noise > 0 && wells(system).length > 0;
  const { meanVelocity, meanVelocityError, diffusion, diffusionError, ...statistics } = ensembleStatistics(
    ensemble,
    { relaxation, barriers },
  );
  const coarse = STEP_ERROR * (ensemble.step / usual) ** 2;
  return {
    ensemble,
    meanVelocity,
    meanVelocityError: Math.hypot(meanVelocityError, coarse * meanVelocity),
    diffusion,
    diffusionError: Math.hypot(diffusionError, coarse * diffusion),
    forwardRate: statistics.forwardRate,
    backwardRate: statistics.backwardRate,
    ...(statistics.firstPassage && { firstPassage: statistics.firstPassage }),
    warnings: [...statistics.warnings, ...(coarse > COARSE ? [coarseStep(ensemble.step, usual)] : [])],
  };
}

/** The default observed time. */
function watchingTime(relaxation: number, step: number): number {
  const time = Math.min(WATCH * relaxation || LEAST_STEPS * step, MOST_STEPS * step);
  return Number.isFinite(time) ? time : 1;
}

const coarseStep = (step: number, usual: number): Warning => ({
  code: "step",
  text: `the time step, ${step.toPrecision(3)}, does not resolve the motion, so that its errors are not known; a step of ${usual.toPrecision(3)} resolves it`,
});
