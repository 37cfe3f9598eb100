// Averages over an ensemble of rotors with noise, with errors that hold also where the rotor has
// not forgotten its start, or where few events carry an average.
//
// Error of the mean speed, sum of squares of
//   scatter   Student's standard error over the trajectories, and, where turns over a barrier are rare, what Poisson's law leaves open
//   drift     what the ensemble shows of its start: rest against running starts, first half against second, extrapolated to all times
//             by the time tau of relaxation, and the largest distance of the mean angle from its straight line, as far as they exceed chance,
//   memory    what the start leaves by the known tau, reach e^(-burnIn / tau) (1 - e^(-time / tau)) / time, and what trajectories that remember their first half
//             (correlation rho of the halves: tau = (time / 2) / ln(1 / rho)) leave in the same way.
//
// Diffusion: V(2b) - V(b) over 2b, V(t) the variance of the angle gained in t; the spread within a
// turn, which does not grow, drops out. b is a block of the time, eight tau or longer if there are
// such. An exponential memory makes it smaller by the factor 1 - beta, beta = (tau/b) (x - x^2), x
// = e^(-b/tau), which enters its error.

import type { Warning } from "../../model/warning.js";
import { moments } from "../../numerics/random/moments.js";
import { countError, studentFactor } from "../../numerics/random/student.js";
import type { Ensemble } from "./ensemble.js";
import { diffusionOf, MANY } from "./ensemble-diffusion.js";
import type { Relaxation } from "./relaxation.js";

/**
 * The first completed turns of an ensemble, in either direction; times count from the end of the
 * burn-in.
 */
export interface FirstPassage {
  /** Mean time to the first completed turn, of the trajectories that completed one. */
  mean: number;
  /** Standard error of that mean. */
  error: number;
  /** Part of the trajectories that completed one, between 0 and 1. */
  fraction: number;
}

/**
 * Averages over the trajectories of a rotor with noise. Of an error twice as much holds as often as
 * two standard deviations do.
 */
export interface EnsembleAverages {
  /** Mean angular speed, radians per time. */
  meanVelocity: number;
  /** Its error. */
  meanVelocityError: number;
  /**
   * lim Var(theta) / 2t, radians squared per time. Where the rotor hardly spreads it may come out
   * below zero, within its error; a warning says so.
   */
  diffusion: number;
  /** Its error. */
  diffusionError: number;
  /** Completed positive turns per time and trajectory. */
  forwardRate: number;
  /** Completed negative turns per time and trajectory. */
  backwardRate: number;
  /** First completed turns; left out if no trajectory completed one. */
  firstPassage?: FirstPassage;
}

/** Averages over an ensemble, with standard errors. */
export interface EnsembleStatistics extends EnsembleAverages {
  trajectories: number;
  time: number;
  /** Completed turns per time in either direction. */
  slipRate: number;
  /** Net completed turns over the observed time. */
  windingNumber: { mean: number; variance: number };
  /** "transient", "rare-events", "small". */
  warnings: Warning[];
}

/** What is known of the rotor beside its trajectories. */
export interface RotorKnowledge {
  relaxation?: Relaxation;
  /** Noise has to lift the rotor over a barrier: turns are events. */
  barriers?: boolean;
}

/** Below this many turns, turns over barriers are counted one by one. */
const FEW = 30;
/**
 * Standard errors up to which a difference may well be chance, and from which it is none: of a
 * score of comparisons one in ten thousand is.
 */
const [USUAL, SIGNIFICANT] = [2, 4.5];

/** Mean speed, diffusion, slips and passages of an ensemble (two trajectories or more). */
export function ensembleStatistics(ensemble: Ensemble, known: RotorKnowledge = {}): EnsembleStatistics {
  const { displacement, forward, backward, firstPassage, time } = ensemble;
  const n = displacement.length;
  const passed = firstPassage.filter((value) => !Number.isNaN(value)).map(Math.abs);
  // Turns that few trajectories make are events; where most make them they are the motion.
  const events = known.barriers && passed.length < Math.min(FEW, n / 2) ? passed.length : undefined;
  const speed = speedOf(ensemble, known.relaxation ?? { time: 0, reach: 0 }, events);
  const spread = diffusionOf(ensemble, speed.memory, events);
  const forwardRate = moments(forward).mean / time;
  const backwardRate = moments(backward).mean / time;
  const passage = moments(passed);
  return {
    trajectories: n,
    time,
    meanVelocity: speed.value,
    meanVelocityError: speed.error,
    diffusion: spread.value,
    diffusionError: spread.error,
    forwardRate,
    backwardRate,
    slipRate: forwardRate + backwardRate,
    ...(passed.length > 0 && {
      firstPassage: {
        mean: passage.mean,
        // Of one passage nothing more is known than that such times scatter by their own size.
        error:
          passed.length > 1
            ? studentFactor(passed.length - 1) * Math.sqrt(passage.variance / passed.length)
            : passage.mean,
        fraction: passed.length / n,
      },
    }),
    windingNumber: moments(forward.map((count, i) => count - backward[i])),
    warnings: warningsOf(ensemble, speed, spread, events),
  };
}

interface Speed {
  value: number;
  error: number;
  /** Longest memory that is known or seen. */
  memory: number;
  transient: boolean;
}

function speedOf(ensemble: Ensemble, relaxation: Relaxation, events: number | undefined): Speed {
  const { displacement, time, burnIn } = ensemble;
  const n = displacement.length;
  const { mean, variance } = moments(displacement);
  const value = mean / time;
  const scatter =
    Math.max(studentFactor(n - 1) * Math.sqrt(variance / n), n < MANY ? blockError(ensemble, value) : 0) /
    time;
  const counted =
    events === undefined
      ? 0
      : Math.max(
          (countError(events) * 2 * Math.PI) / (n * time),
          events > 0 ? (countError(events) / events) * Math.abs(value) : 0,
        );
  const drifts = driftsOf(ensemble, relaxation.time);
  const drift = Math.max(...drifts.map(({ size }) => size));
  const persistent = persistenceOf(ensemble);
  // Without friction there is no steady state to be off from.
  const forgets = relaxation.time < Number.POSITIVE_INFINITY;
  const left = forgets
    ? (relaxation.reach / time) * (rest(burnIn, relaxation.time) - rest(burnIn + time, relaxation.time))
    : 0;
  const kept = persistent.amplitude * rest(burnIn, persistent.time);
  const error = Math.hypot(Math.max(scatter, counted), drift, left, kept);
  const different = drifts.some(({ size, real }) => real && size > Math.max(scatter, 1e-6 * Math.abs(value)));
  const limit = Math.max(scatter, counted, 1e-6 * Math.abs(value));
  return {
    value,
    error,
    memory: Math.max(relaxation.time, persistent.time, different ? burnIn + time : 0),
    transient: !forgets || different || left > limit || kept > limit,
  };
}

/** e^(-time / memory); 1 for a memory without end, 0 without memory. */
const rest = (time: number, memory: number): number => (memory > 0 ? Math.exp(-time / memory) : 0);

/**
 * Error of the mean displacement from the scatter of the blocks between the marks: two trajectories
 * may agree by chance.
 */
function blockError({ gained, marks, displacement }: Ensemble, speed: number): number {
  const count = marks.length;
  const n = displacement.length;
  let sum = 0;
  for (let i = 0; i < n; i++)
    for (let k = 0; k < count; k++) {
      const before = k === 0 ? [0, 0] : [marks[k - 1], gained[i * count + k - 1]];
      sum += (gained[i * count + k] - before[1] - speed * (marks[k] - before[0])) ** 2;
    }
  return Math.sqrt((sum / (n * count - 1)) * count) / Math.sqrt(n);
}

interface Drift {
  /**
   * What the mean speed may be off by, beyond what chance often makes, as a comparison within the
   * ensemble shows it.
   */
  size: number;
  /** It is more than chance. */
  real: boolean;
}

/**
 * One number per trajectory whose mean would be zero in the steady state, in units that make it an
 * error of the mean speed.
 */
function driftOf(each: Float64Array): Drift {
  const { mean, variance } = moments(each);
  const n = each.length;
  const factor = studentFactor(n - 1);
  const chance = factor * Math.sqrt(variance / n);
  const usual = USUAL * chance;
  return {
    size: Math.sqrt(Math.max(0, mean * mean - usual * usual)),
    real: Math.abs(mean) > SIGNIFICANT * factor * chance,
  };
}

/** Rest against running starts, halves, and the bow of the mean angle over its straight line. */
function driftsOf({ displacement, gained, marks, time }: Ensemble, memory: number): Drift[] {
  const n = displacement.length;
  const count = marks.length;
  const { mean } = moments(displacement);
  const drifts: Drift[] = [];
  // Half the difference of the two means.
  const shares = [Math.ceil(n / 2), Math.floor(n / 2)];
  if (n > 1)
    drifts.push(
      driftOf(
        displacement.map((x, i) => ((i % 2 === 0 ? 1 : -1) * ((x - mean) / time) * n) / (2 * shares[i % 2])),
      ),
    );
  // An exponential approach: its mean over the time, from the difference of the halves' means.
  const middle = marks[count / 2 - 1];
  const left = rest(time / 2, memory);
  const part = left < 1 ? (1 + left) / (2 * (1 - left)) : 0;
  const before = (i: number) => gained[i * count + count / 2 - 1];
  drifts.push(
    driftOf(displacement.map((x, i) => part * (before(i) / middle - (x - before(i)) / (time - middle)))),
  );
  for (let k = 0; k < count - 1; k++)
    drifts.push(driftOf(displacement.map((x, i) => (gained[i * count + k] - (x * marks[k]) / time) / time)));
  return drifts;
}

/**
 * Part of the trajectories' speeds that lasts from the first half to the second, and for how long
 * by its loss between them.
 */
function persistenceOf({ displacement, gained, marks, time }: Ensemble): { amplitude: number; time: number } {
  const n = displacement.length;
  const count = marks.length;
  const first = Float64Array.from({ length: n }, (_, i) => gained[i * count + count / 2 - 1]);
  const second = displacement.map((whole, i) => whole - first[i]);
  const [a, b] = [moments(first), moments(second)];
  let covariance = 0;
  for (let i = 0; i < n; i++) covariance += ((first[i] - a.mean) * (second[i] - b.mean)) / Math.max(1, n - 1);
  const correlation = covariance / Math.sqrt(a.variance * b.variance);
  // Equal speeds that differ by rounding remember nothing.
  const scale = 1e-12 * Math.abs(displacement[0]);
  if (!(covariance > scale * scale && correlation > SIGNIFICANT / Math.sqrt(n)))
    return { amplitude: 0, time: 0 };
  // Beyond half a million times the time it does not matter how long.
  const left = Math.min(correlation, 1 - 1e-6);
  return {
    amplitude: Math.sqrt(covariance) / (time / 2),
    time: time / 2 / Math.log(1 / left),
  };
}

function warningsOf(
  { displacement, time, burnIn }: Ensemble,
  speed: Speed,
  spread: ReturnType<typeof diffusionOf>,
  events: number | undefined,
): Warning[] {
  const warnings: Warning[] = [];
  if (speed.transient || spread.transient) {
    const { memory } = speed;
    const text = [
      `after a burn-in of ${short(burnIn)} and a time of ${short(time)} the rotor still shows how it started`,
      Number.isFinite(memory) && memory > 0
        ? `, for it forgets in ${short(memory)}: a time of ${short(20 * memory)} would do`
        : " and nothing shows that it ever forgets",
      "; until then the errors hold what is not known of the steady state",
    ];
    warnings.push({ code: "transient", text: text.join("") });
  }
  if (events !== undefined || spread.rare !== undefined) {
    const seen = Math.round(events ?? spread.rare ?? 0);
    const text =
      seen === 0
        ? `no trajectory completed a turn: the noise lifts the rotor over its barriers less than once in ${short(displacement.length * time)}, all trajectories together; the errors allow for one`
        : `mean and diffusion rest on about ${seen} rare turns: their errors are those of so small a number; ${short((time * FEW) / seen)} would see ${FEW}`;
    warnings.push({ code: "rare-events", text });
  }
  if (spread.value < 0) {
    const text = `the diffusion constant, ${short(spread.value)}, is zero within its error of ${short(spread.error)}`;
    warnings.push({ code: "small", text });
  }
  return warnings;
}

const short = (value: number): string => {
  const rounded = Number(value.toPrecision(3));
  return Math.abs(rounded) < 1e5 ? rounded.toString() : rounded.toExponential().replace("e+", "e");
};
