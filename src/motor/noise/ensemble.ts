// Ensembles of a rotor with noise, computed by the kernel (assembly/rotor/rotor.ts) in the steps of
// step-tables.ts. Random numbers are counted (Threefry, with seed and number of the trajectory as
// key). A trajectory therefore has the same bits alone, in any group, and on any worker. All
// results are per trajectory, so that parts of an ensemble can be joined in any order.

import { TURN } from "../../base/constants.js";
import { InputError, NumericalError } from "../../base/errors.js";
import type { Kernels } from "../../engine/kernels.js";
import { RotorMemory } from "../../engine/rotor.js";
import { seedWords } from "../../numerics/random/threefry.js";
import type { RotorSystem } from "../rotor/rotor.js";
import { defaultStep } from "./default-step.js";
import { spreadStart } from "./relaxation.js";
import { stepTables } from "./step-tables.js";

/** How an ensemble is simulated. */
export interface EnsembleOptions {
  /** Observed time after the burn-in, > 0. */
  time: number;
  trajectories: number;
  /** Integer from 0 to 2^53 - 1; default 1. */
  seed?: number;
  /**
   * Number of the first trajectory within the seed, a multiple of 4; default 0. It allows an
   * ensemble to be computed in parts.
   */
  first?: number;
  /** Time before the observation begins; default a tenth of `time`. */
  burnIn?: number;
  /**
   * Time step; default `defaultStep`. It is rounded down so that `time` is a multiple of four
   * steps.
   */
  step?: number;
  /**
   * Angle at which all trajectories start, radians. If neither `angle` nor `velocity` is given,
   * trajectories start by `spreadStart`; if one is, the other is zero.
   */
  angle?: number;
  /** Angular speed at which all trajectories start, radians per time. */
  velocity?: number;
  /** Number of trajectories whose path is kept; default 0. */
  paths?: number;
  /** Number of equal intervals of a path from 0 to `time`; default 200. */
  records?: number;
}

/** Results per trajectory. Parts of one ensemble differ only in `first`. */
export interface Ensemble {
  seed: number;
  first: number;
  time: number;
  step: number;
  /** Time before the observation began. */
  burnIn: number;
  /** Angle gained during the observed time, radians. */
  displacement: Float64Array;
  /** Times of the marks. Their number is a power of two up to 16, and the last one is `time`. */
  marks: Float64Array;
  /** Angle gained up to each mark, with the index [trajectory x marks.length + mark]. */
  gained: Float64Array;
  /**
   * Completed positive turns. A turn counts when the angle is a whole turn beyond the last one
   * counted, which is checked every four steps.
   */
  forward: Float64Array;
  /** Completed negative turns. */
  backward: Float64Array;
  /** Time of the first completed turn; negative for a negative turn, NaN without one. */
  firstPassage: Float64Array;
  /** Angle at the end, in [0, 2 pi). */
  angle: Float64Array;
  /** Angular speed at the end; 0 without inertia. */
  velocity: Float64Array;
  /** The kept paths. The angle begins in [0, 2 pi) at the start of the observation. */
  paths: { time: Float64Array; angle: Float64Array[] };
}

/** Most steps of all trajectories together, about a quarter of an hour. */
const MOST_STEPS = 1e11;
/** Most marks of a trajectory. */
const MARKS = 16;

/** Throws InputError unless `value` is a whole number from `least` on. */
function natural(field: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new InputError(field, "not a whole number in range", {
    expected: `an integer from ${least}`,
    found: `${value}`,
  });
}

/** Throws InputError unless `value` is a duration; `zero` allows 0. */
function duration(field: string, value: number, zero = false): number {
  if (Number.isFinite(value) && (value > 0 || (zero && value === 0))) return value;
  throw new InputError(field, "not a duration", { expected: "a number above zero", found: `${value}` });
}

/**
 * Simulates an ensemble. Cost: about 10 ns per step and trajectory. The same seed gives a
 * trajectory the same bits, whatever else is simulated. Throws InputError for invalid options, and
 * NumericalError if a trajectory runs away because of negative friction.
 */
export function simulateEnsemble(kernels: Kernels, system: RotorSystem, options: EnsembleOptions): Ensemble {
  const time = duration("time", options.time);
  const trajectories = natural("trajectories", options.trajectories, 1);
  const seed = natural("seed", options.seed ?? 1, 0);
  const first = natural("first", options.first ?? 0, 0);
  if (first % 4 !== 0) {
    throw new InputError("first", "trajectories are numbered in fours", {
      expected: "a multiple of 4",
      found: `${first}`,
    });
  }
  const burnIn = duration("burnIn", options.burnIn ?? time / 10, true);
  const wanted = duration("step", options.step ?? defaultStep(system));
  const paths = Math.min(natural("paths", options.paths ?? 0, 0), trajectories);
  const mode = system.rotor.inertia === 0 ? 1 : 0;
  // Steps come in groups of four, two groups at least. The step does not depend on what is
  // recorded.
  const blocks = Math.max(2, Math.ceil(time / wanted / 4 - 1e-9));
  const step = time / blocks / 4;
  const records = Math.min(blocks, natural("records", options.records ?? 200, 1));
  const burnInBlocks = Math.max(0, Math.ceil(burnIn / step / 4 - 1e-9));
  const whole = blocks + burnInBlocks;
  if (!(whole < 2 ** 30 && 4 * whole * trajectories <= MOST_STEPS && step > 0)) {
    throw new InputError(
      "time",
      whole < 2 ** 30 ? "more than 1e11 steps of all trajectories" : "more than 4e9 steps",
      {
        expected: "a shorter time, or a longer step",
        found: `a time of ${time} after ${burnIn}, in steps of ${step}`,
        advice:
          mode === 1
            ? "A rotor without inertia is fast where its friction is least: inertia, or friction of the bearing, lengthens the step."
            : "The step follows the fastest of relaxation, oscillation and rotation: where inertia is small against friction, use inertia 0.",
      },
    );
  }
  const tables = stepTables(system, step);
  const { cells } = tables;
  const memory = new RotorMemory(kernels, tables, trajectories);
  try {
    const startOf = startsOf(system, options);
    for (let i = 0; i < memory.capacity; i++) {
      const { angle, velocity } = startOf(first + i);
      memory.field("position")[i] = (angle / TURN - Math.floor(angle / TURN)) * cells;
      memory.field("speed")[i] = ((velocity * step) / 2) * (cells / TURN);
    }
    memory.field("lower").fill(Number.NEGATIVE_INFINITY);
    memory.field("upper").fill(Number.POSITIVE_INFINITY);
    const key = seedWords(seed);
    if (burnInBlocks > 0) memory.advance(key, first, 0, burnInBlocks, mode);
    const [position, turns] = [memory.field("position"), memory.field("turns")];
    // Turns completed before the observation do not count. The next one counts a whole turn beyond
    // the angle at its beginning.
    const turnsBefore = turns.map((count, i) => count + Math.floor(position[i] / cells));
    for (let i = 0; i < memory.capacity; i++) {
      const now = turns[i] * cells + position[i];
      memory.field("lower")[i] = now - cells;
      memory.field("upper")[i] = now + cells;
    }
    const angleAt = (i: number) => (((turns[i] - turnsBefore[i]) * cells + position[i]) / cells) * TURN;
    const origin = Float64Array.from({ length: trajectories }, (_, i) => angleAt(i));
    const kept = Array.from({ length: paths }, (_, i) => {
      const path = new Float64Array(records + 1);
      path[0] = origin[i];
      return path;
    });
    const recordBlock = (record: number) => Math.round((record * blocks) / records);
    const count = Math.min(MARKS, 2 ** Math.floor(Math.log2(blocks)));
    const markBlock = (mark: number) => Math.round(((mark + 1) * blocks) / count);
    const gained = new Float64Array(trajectories * count);
    let done = 0;
    const advanceTo = (block: number) => {
      if (block > done) memory.advance(key, first, burnInBlocks + done, block - done, mode);
      done = block;
    };
    let mark = 0;
    for (let record = 1; record <= records; record++) {
      for (; mark < count && markBlock(mark) <= recordBlock(record); mark++) {
        advanceTo(markBlock(mark));
        origin.forEach((from, i) => {
          gained[i * count + mark] = angleAt(i) - from;
        });
      }
      advanceTo(recordBlock(record));
      kept.forEach((path, i) => {
        path[record] = angleAt(i);
      });
    }
    const displacement = origin.map((from, i) => angleAt(i) - from);
    if (!displacement.every(Number.isFinite)) {
      throw new NumericalError("a trajectory ran away", {
        causes: [
          "friction is negative over the turn, so that nothing limits the speed",
          "the step is too long",
        ],
      });
    }
    const take = (name: "forward" | "backward") => memory.field(name).slice(0, trajectories);
    const sinceStart = (passage: number) =>
      passage === 0 ? Number.NaN : Math.sign(passage) * step * (Math.abs(passage) - 4 * burnInBlocks);
    return {
      seed,
      first,
      time,
      step,
      burnIn: 4 * step * burnInBlocks,
      displacement,
      marks: Float64Array.from({ length: count }, (_, k) => 4 * step * markBlock(k)),
      gained,
      forward: take("forward"),
      backward: take("backward"),
      firstPassage: memory.field("passage").slice(0, trajectories).map(sinceStart),
      angle: memory
        .field("position")
        .slice(0, trajectories)
        .map((x) => (x / cells - Math.floor(x / cells)) * TURN),
      velocity: memory
        .field("speed")
        .slice(0, trajectories)
        .map((v) => (mode === 1 ? 0 : (v * 2 * TURN) / (step * cells))),
      paths: {
        time: Float64Array.from(
          { length: paths === 0 ? 0 : records + 1 },
          (_, k) => 4 * step * recordBlock(k),
        ),
        angle: kept,
      },
    };
  } finally {
    memory.release();
  }
}

/** The start of a trajectory: that of the options, or one spread over the turn. */
function startsOf(
  system: RotorSystem,
  { angle, velocity }: EnsembleOptions,
): (trajectory: number) => { angle: number; velocity: number } {
  if (angle === undefined && velocity === undefined) return spreadStart(system);
  return () => ({ angle: angle ?? 0, velocity: velocity ?? 0 });
}
