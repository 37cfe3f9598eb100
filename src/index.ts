// nanopinwheel: adiabatic quantum motors and pumps. The public API.

import { mapHere } from "./device/map-here.js";
import { Device } from "./device.js";
import { type Build, Kernels } from "./engine/kernels.js";
import { InputError } from "./model/errors.js";
import type { MapOptions } from "./run/job.js";
import { WorkerPool } from "./run/pool.js";
import { isQuestion, type QuestionName, questions } from "./run/questions.js";

export type { CycleQuestion } from "./device.js";
export { Device } from "./device.js";
// Engine and devices
export type { Build } from "./engine/kernels.js";

/** The instantiated kernels; makes devices from models. */
export interface Engine {
  /** Build of the kernels in use. */
  readonly build: Build;
  /** Number of workers; 0: everything runs in the calling thread. */
  readonly workers: number;
  /** Validates and compiles a model; throws InputError naming the field that is wrong. */
  device(model: unknown): Device;
  /**
   * The answers of `device[question](list[k])` for all k, in the order of the list: on the workers, else here, letting other tasks
   * run in between. `model` and `list` are plain data (no functions), the model not changed afterwards. The numbers are the same,
   * to the bit, on any number of workers. Rejected with the error of the first question that fails, or the reason of `signal`.
   */
  map<Q extends QuestionName>(
    model: unknown,
    question: Q,
    list: readonly NonNullable<Parameters<Device[Q]>[0]>[],
    options?: MapOptions,
  ): Promise<ReturnType<Device[Q]>[]>;
  /** Ends the workers; computations under way are rejected. */
  close(): Promise<void>;
}

export interface EngineOptions {
  /**
   * True (default): the same bits on every machine. False: the engine may fuse products and sums where the JavaScript engine knows
   * relaxed SIMD (Node from 22 on, current browsers), which is as accurate, and faster where the processor fuses.
   */
  reproducible?: boolean;
  /** Forces one build of the kernels. */
  build?: Build;
  /** Number of workers for `map` (default 0). */
  workers?: number;
  /** Where the worker's file is, if not beside this one (a bundler that does not follow it; a page from another origin). */
  workerUrl?: string | URL;
}

/** Instantiates the kernels once, and the workers asked for. */
export async function loadEngine(options: EngineOptions = {}): Promise<Engine> {
  const { reproducible = true, build = Kernels.best(reproducible), workers = 0, workerUrl } = options;
  if (!(Number.isInteger(workers) && workers >= 0 && workers <= 256))
    throw new InputError("workers", "wrong value", {
      expected: "a whole number from 0 to 256",
      found: String(workers),
    });
  const kernels = await Kernels.load(build);
  const pool =
    workers > 0 ? await WorkerPool.open(workers, kernels.module, kernels.build, workerUrl) : undefined;
  return {
    build: kernels.build,
    workers,
    device: (model) => new Device(kernels, model),
    map: (async (model: unknown, question: QuestionName, list: readonly unknown[], settings?: MapOptions) => {
      if (!isQuestion(question))
        throw new InputError("question", "no such question", {
          expected: `one of ${questions.join(", ")}`,
          found: String(question),
        });
      return pool
        ? pool.map(model, question, list, settings)
        : mapHere(new Device(kernels, model), question, list, settings);
    }) as Engine["map"],
    close: async () => pool?.close(),
  };
}

// Questions and results
export type { CurvatureQuestion } from "./device/curvature.js";
export type { ForcesQuestion, ForcesResult } from "./device/forces.js";
export type { MotorCurve, MotorQuestion, MotorResult, SteadyState } from "./device/motor.js";
export type { RectifiedQuestion } from "./device/rectified.js";
export type { ReservoirChoice } from "./device/reservoirs.js";
export type { ScatteringMatrix, ScatterQuestion, ScatterResult } from "./device/scatter.js";
export type { SimulationQuestion, SimulationResult, Trajectory } from "./device/simulate.js";
export type { Certificate } from "./model/certificate.js";
export { InputError, NumericalError } from "./model/errors.js";
export { describePresets, presetFile, presetModel, presetNames } from "./model/presets/index.js";
export { modelSummary, resolveModel } from "./model/resolve.js";
export { parseAssignments, parseModelText, parseSettings } from "./model/text.js";
// Models
export * from "./model/types.js";
export { type Warning, type WarningCode, warningCodes } from "./model/warning.js";
// Motors: what a rotor does on its curves (from `device.turnCurve` or anywhere else), and coordinates in any forces (`device.forces` or others)
export {
  type ControlRange,
  type HysteresisLoop,
  hysteresisLoop,
  type RestingPoint,
  retrappingControl,
  stallLoad,
  startBias,
  startControl,
} from "./motor/bias-branches.js";
export type { MotorCertificate } from "./motor/certificate.js";
export {
  type CoordinateMotion,
  type CoordinateOptions,
  type CoordinateSystem,
  type LimitCycle,
  type LimitCycleOptions,
  limitCycle,
  simulateCoordinates,
} from "./motor/coordinates.js";
export type { TurnCurve } from "./motor/curve.js";
export { type FokkerPlanckOptions, fokkerPlanck, type StationaryState } from "./motor/fokker-planck.js";
export { overdampedFokkerPlanck } from "./motor/fokker-planck-overdamped.js";
export type { LinearResponse } from "./motor/linear-response.js";
export {
  type LoadCurve,
  type LoadExtrema,
  type LoadPoint,
  type LoadState,
  loadCurve,
  loadExtrema,
} from "./motor/load-curve.js";
export { PeriodicCurve } from "./motor/periodic.js";
export { type QuadrantMap, type QuadrantMode, type QuadrantPoint, quadrantMap } from "./motor/quadrants.js";
export {
  linearResponseFamily,
  loadFamily,
  type RotorCurve,
  type RotorSettings,
  type RotorSystem,
  type SystemFamily,
} from "./motor/rotor.js";
export { type MotionOptions, type RotorMotion, simulateRotor } from "./motor/rotor-motion.js";
export { bestSpeedProfile, type SpeedProfile } from "./motor/speed-profile.js";
export {
  type LockedAngle,
  lockedAngles,
  orbitAverage,
  type RunningOrbit,
  type SteadyStateOptions,
  type SteadyStates,
  steadyStates,
} from "./motor/steady-states.js";
export {
  type SteadyMotion,
  steadyThermodynamics,
  type Thermodynamics,
  type TransportCurve,
  thermodynamics,
} from "./motor/thermodynamics.js";
export type { MapOptions } from "./run/job.js";
export type { QuestionName } from "./run/questions.js";
export type { CurvatureResult, PumpResult } from "./transport/pump.js";
export type { RectifiedResult } from "./transport/rectification.js";
