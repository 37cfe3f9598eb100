// Averages over an ensemble of rotors with noise. Their errors hold even if the rotor has not
// forgotten its start, or if few events determine an average.
//
// The square of the error of the mean speed is the sum of three squares:
//
// - Scatter: Student's standard error over the trajectories and, if turns over a barrier are rare,
//   the error by Poisson's law.
// - Drift: differences within the ensemble that show its start, each beyond chance. They are rest
//   against running starts, first half against second (extrapolated to all times with the
//   relaxation time tau), and the largest distance of the mean angle from a straight line.
// - Memory: the remainder of the start by the known tau,
//   reach e^(-burnIn / tau) (1 - e^(-time / tau)) / time, and the same for trajectories that
//   remember their first half. Their tau is (time / 2) / ln(1 / rho) with the correlation rho of
//   the halves.
//
// The diffusion constant is (V(2b) - V(b)) / 2b, where V(t) is the variance of the angle gained in
// the time t. The spread within a turn, which does not grow, cancels. The block b is eight tau or
// longer if the time allows it. An exponential memory reduces the result by the factor 1 - beta
// with beta = (tau/b) (x - x^2), x = e^(-b/tau), which enters its error.

import type { Warning } from "../../model/warning.js";
import { moments } from "../../numerics/random/moments.js";
import { countError, studentFactor } from "../../numerics/random/student.js";
import type { Ensemble } from "./ensemble.js";
import { diffusionOf, MANY } from "./ensemble-diffusion.js";
import type { Relaxation } from "./relaxation.js";

/**
 * The first completed turns of an ensemble, in either direction. Times count from the end of the
 * burn-in.
 */
export interface FirstPassage {
  /** Mean time to the first completed turn over the trajectories that completed one. */
  mean: number;
  /** Standard error of this mean time. */
  error: number;
  /** Part of the trajectories that completed a turn, between 0 and 1. */
  fraction: number;
}

/**
 * Averages over the trajectories of a rotor with noise. Twice a stated error holds as often as two
 * standard deviations.
 */
export interface EnsembleAverages {
  /** Mean angular speed, radians per time. */
  meanVelocity: number;
  /** Error of the mean angular speed, radians per time. */
  meanVelocityError: number;
  /**
   * lim Var(theta) / 2t, radians squared per time. For a rotor that hardly spreads it may be
   * negative within its error; a warning then says so.
   */
  diffusion: number;
  /** Error of the diffusion constant, radians squared per time. */
  diffusionError: number;
  /** Completed positive turns per time and trajectory. */
  forwardRate: number;
  /** Completed negative turns per time and trajectory. */
  backwardRate: number;
  /** First completed turns; absent if no trajectory completed one. */
  firstPassage?: FirstPassage;
}

/** Averages over an ensemble with their errors. */
export interface EnsembleStatistics extends EnsembleAverages {
  trajectories: number;
  time: number;
  /** Completed turns per time and trajectory in either direction. */
  slipRate: number;
  /** Net number of completed turns in the observed time. */
  windingNumber: { mean: number; variance: number };
  /** Warnings of code "transient", "rare-events" and "small". */
  warnings: Warning[];
}

/** What is known of the rotor from other sources than its trajectories. */
export interface RotorKnowledge {
  relaxation?: Relaxation;
  /** Whether noise must lift the rotor over a barrier, so that turns are separate events. */
  barriers?: boolean;
}

/** Below this number, turns over barriers are counted as single events. */
const FEW = 30;
/**
 * Differences up to USUAL standard errors may well be chance. Those above SIGNIFICANT are not: of
 * twenty comparisons one in ten thousand exceeds it by chance.
 */
const [USUAL, SIGNIFICANT] = [2, 4.5];

/**
 * Mean speed, diffusion, completed turns and first passages of an ensemble of at least two
 * trajectories.
 */
export function ensembleStatistics(ensemble: Ensemble, known: RotorKnowledge = {}): EnsembleStatistics {
  const { displacement, forward, backward, firstPassage, time } = ensemble;
  const n = displacement.length;
  const passed = firstPassage.filter((value) => !Number.isNaN(value)).map(Math.abs);
  // Turns count as events if few trajectories make them.
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
        // A single passage time has an error of its own size.
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
  /** Longest memory time that is known or seen. */
  memory: number;
  transient: boolean;
}

/** Mean speed of an ensemble with its error. */
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
  // Without friction there is no steady state from which the ensemble could differ.
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

/** e^(-time / memory); 1 for an infinite memory, 0 without memory. */
const rest = (time: number, memory: number): number => (memory > 0 ? Math.exp(-time / memory) : 0);

/**
 * Error of the mean displacement from the scatter of the blocks between the marks. It is needed for
 * few trajectories, which may agree by chance.
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
   * Possible error of the mean speed by a comparison within the ensemble, beyond what chance often
   * makes.
   */
  size: number;
  /** Whether the difference is more than chance. */
  real: boolean;
}

/**
 * Evaluates a comparison: one number per trajectory whose mean vanishes in the steady state, in
 * units of the mean speed.
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

/**
 * The comparisons: rest against running starts, first half against second, and the distance of the
 * mean angle from a straight line.
 */
function driftsOf({ displacement, gained, marks, time }: Ensemble, memory: number): Drift[] {
  const n = displacement.length;
  const count = marks.length;
  const { mean } = moments(displacement);
  const drifts: Drift[] = [];
  // Each start has half of the trajectories, so that half the difference of the means is the error.
  const shares = [Math.ceil(n / 2), Math.floor(n / 2)];
  if (n > 1)
    drifts.push(
      driftOf(
        displacement.map((x, i) => ((i % 2 === 0 ? 1 : -1) * ((x - mean) / time) * n) / (2 * shares[i % 2])),
      ),
    );
  // For an exponential approach the difference between the halves gives the mean over the whole
  // time.
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
 * The part of the trajectories' speeds that persists from the first half to the second, and its
 * decay time.
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
  // Equal speeds that differ by rounding have no memory.
  const scale = 1e-12 * Math.abs(displacement[0]);
  if (!(covariance > scale * scale && correlation > SIGNIFICANT / Math.sqrt(n)))
    return { amplitude: 0, time: 0 };
  // A memory above half a million times the observed time makes no further difference.
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
      `after a burn-in of ${short(burnIn)} and a time of ${short(time)} the averages still depend on the start`,
      Number.isFinite(memory) && memory > 0
        ? `, which the rotor forgets in ${short(memory)}: a time of ${short(20 * memory)} would suffice`
        : ", and nothing shows that the rotor ever forgets it",
      "; the errors contain what is not known of the steady state",
    ];
    warnings.push({ code: "transient", text: text.join("") });
  }
  if (events !== undefined || spread.rare !== undefined) {
    const seen = Math.round(events ?? spread.rare ?? 0);
    const text =
      seen === 0
        ? `no trajectory completed a turn: the noise lifts the rotor over its barriers less than once in ${short(displacement.length * time)}, all trajectories together; the errors allow for one`
        : `mean and diffusion rest on about ${seen} rare turns: their small number determines the errors; in a time of ${short((time * FEW) / seen)} there would be ${FEW}`;
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
