// nanopinwheel: adiabatic quantum motors and pumps. The public API.

import { jsonable } from "./base/plain.js";
import { checkedQuestion, Device, type QuestionName } from "./device/device.js";
import { mapHere } from "./device/map-here.js";
import type { Address, KernelBinary } from "./engine/binary.js";
import { type Build, builds } from "./engine/kernels.js";
import { chosenKernels } from "./engine/load.js";
import { closedError } from "./model/closed.js";
import { booleanOption, option, optionsOf, wholeOption, wordOption } from "./model/options.js";
import { restoredTurnCurve } from "./motor/curve/turn-curve.js";
import { ThreadCrew } from "./run/crew.js";
import { checkedList, type MapOptions, mapOptions } from "./run/job.js";
import { WorkerPool } from "./run/pool.js";

export { Device } from "./device/device.js";
export type { CycleQuestion } from "./device/questions/pump.js";
// Engine and devices
export type { Address, KernelBinary } from "./engine/binary.js";
export type { Build } from "./engine/kernels.js";

/** The instantiated kernels, which make devices from models. */
export interface Engine {
  /** Build of the kernels in use. */
  readonly build: Build;
  /** Number of threads that compute; with 0 or 1 a single question runs in the calling thread. */
  readonly workers: number;
  /**
   * Validates and compiles a model (`Model`, though any value is accepted). Throws InputError that
   * names the wrong field.
   */
  device(model: unknown): Device;
  /**
   * The answers of `device[question](list[k])` for all k, in the order of the list, for any question
   * to a device. They are
   * computed on the workers, or without workers in this thread with pauses for other tasks. `model`
   * and `list` are plain data (no functions) and must not change before the promise is settled. The
   * numbers have the same bits on any number of workers. The promise is rejected with the error of
   * the first question that fails, whose `index` is its place in the list, with the reason of `signal`, or with what `progress` throws. If
   * a worker ends during a question, its list is rejected, and the next list has a new worker.
   */
  map<Q extends QuestionName>(
    model: unknown,
    question: Q,
    list: readonly NonNullable<Parameters<Device[Q]>[0]>[],
    options?: MapOptions,
  ): Promise<ReturnType<Device[Q]>[]>;
  /**
   * Ends the workers. Computations that are not finished are rejected, and later questions to this
   * engine or its devices are refused.
   */
  close(): Promise<void>;
  /** The same as `close`, for `await using engine = await loadEngine()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** How the kernels are instantiated (`loadEngine`). */
export interface EngineOptions {
  /**
   * True (default): the same bits on every machine with the same JavaScript engine. Other engines
   * have sines and exponentials of their own, which may differ in the last digit. False: products
   * and sums may be fused if the JavaScript engine has relaxed SIMD (Node from 22 on, current
   * browsers). This is as accurate, and faster if the processor fuses. These kernels are read from
   * `nanopinwheel-relaxed.wasm` beside this file; where it cannot be had, the others compute.
   */
  reproducible?: boolean;
  /**
   * The build of the kernels to use. Default: the fastest that this JavaScript engine can run and
   * `reproducible` allows. "simd" is part of this file; "relaxed" and "scalar" are read from
   * `nanopinwheel-relaxed.wasm` and `nanopinwheel-scalar.wasm` beside it.
   */
  build?: Build;
  /**
   * The kernels' binary, in place of the one that is part of this file: one of the package's `.wasm`
   * files as bytes, a compiled `WebAssembly.Module`, a `Response` (compiled while it arrives), an
   * address, or a promise of one of these. Edge runtimes compile nothing at run time and need the
   * module. The workers use the same one. Refused if it is another version's, or not of `build`.
   */
  wasm?: KernelBinary | PromiseLike<KernelBinary>;
  /**
   * Number of threads that compute, 0 to 256; default 0. `map` has as many workers. In Node a single
   * question about a turn (`motor`, `turnCurve`, `simulate`) is computed by the calling thread, which
   * it blocks, and after a while by workers - 1 further threads as well, unless functions belong to
   * the model's device. The numbers have the same bits on any number of workers.
   */
  workers?: number;
  /**
   * Address of this package's `dist/worker.js`, if it does not lie beside this file: after
   * bundling, or if another server than that of the page provides it. Browsers start a worker from
   * another origin through a Blob. Its server must then allow this with CORS headers, and a content
   * security policy of the page must name `blob:` and that origin in `worker-src`.
   */
  workerUrl?: string | Address;
  /**
   * Milliseconds that a worker may take to start; default 60,000. After that loadEngine, or the
   * list that needed the worker, is rejected.
   */
  startTimeout?: number;
}

/**
 * Makes of a worker's answer what the device has answered there: messages carry the data alone.
 */
const arrived = (question: QuestionName) => (answer: unknown) =>
  jsonable(question === "turnCurve" ? restoredTurnCurve(answer as object) : (answer as object));

const engineOptions = optionsOf<EngineOptions>("options", {
  reproducible: booleanOption,
  build: wordOption(builds),
  // Read by moduleGiven, after a promise of it has been kept.
  wasm: () => {},
  workers: wholeOption(0, 256),
  workerUrl: option(
    "an address: a text or a URL",
    (value) => typeof value === "string" || typeof (value as { href?: unknown } | null)?.href === "string",
  ),
  // Timers do not support longer times.
  startTimeout: option(
    "milliseconds above 0, at most 2147483647",
    (value) => typeof value === "number" && value > 0 && value <= 2 ** 31 - 1,
  ),
});

/**
 * Instantiates the kernels once, and starts the requested workers. The promise is rejected with an
 * InputError for invalid options, and with the reason if workers cannot start.
 */
export async function loadEngine(options: EngineOptions = {}): Promise<Engine> {
  const {
    reproducible = true,
    build,
    wasm,
    workers = 0,
    workerUrl,
    startTimeout = 60_000,
  } = engineOptions(options);
  const url = typeof workerUrl === "object" ? workerUrl.href : workerUrl;
  const kernels = await chosenKernels({ reproducible, build, wasm });
  const pool =
    workers > 0
      ? await WorkerPool.open(workers, kernels.module, kernels.build, { url, startTimeout })
      : undefined;
  const crew = ThreadCrew.of(workers - 1, kernels, url);
  const close = async () => {
    kernels.end();
    await Promise.all([pool?.close(), crew?.close()]);
  };
  return {
    build: kernels.build,
    workers,
    device: (model) => Device.open(kernels, model, crew),
    map: (async (model: unknown, question: unknown, list: unknown, given: unknown = {}) => {
      const questionName = checkedQuestion(question);
      const questions = checkedList(list);
      const settings = mapOptions(given);
      if (kernels.ended) throw closedError("engine");
      if (settings.signal?.aborted) throw settings.signal.reason;
      if (questions.length === 0) return [];
      return pool
        ? (await pool.map(model, questionName, questions, settings)).map(arrived(questionName))
        : mapHere(Device.open(kernels, model), questionName, questions, settings);
    }) as Engine["map"],
    close,
    [Symbol.asyncDispose]: close,
  };
}

export { InputError, type InputFault, NumericalError, type NumericalFault } from "./base/errors.js";
export { type Plain, type PlainMatrix, plain } from "./base/plain.js";
export type { QuestionName } from "./device/device.js";
export type { MotorQuestion } from "./device/drive.js";
export type { MotorCurve, MotorResult, SteadyState } from "./device/motor-result.js";
// Questions and results
export type { CurvatureQuestion } from "./device/questions/curvature.js";
export type { ForcesQuestion, ForcesResult } from "./device/questions/forces.js";
export type { RectifiedQuestion } from "./device/questions/rectified.js";
export type {
  Delay,
  ScatterErrors,
  ScatteringMatrix,
  ScatterQuestion,
  ScatterResult,
} from "./device/questions/scatter.js";
export type {
  SimulationQuestion,
  SimulationResult,
  StationaryAverages,
  Trajectory,
} from "./device/questions/simulate.js";
export type { ReservoirChoice } from "./device/reservoirs.js";
export type { Certificate } from "./model/certificate.js";
export { parseAssignments, parseModelText, parseSettings } from "./model/file/text.js";
export type { PresetName } from "./model/presets/all.js";
export {
  describePresets,
  type PresetDescription,
  type PresetOption,
  presetFile,
  presetModel,
  presetNames,
} from "./model/presets/index.js";
export type { PresetModel } from "./model/presets/parts/pieces.js";
export { type ModelSummary, modelSummary, resolveModel } from "./model/resolve/resolve.js";
// Models
export * from "./model/types.js";
export { type Warning, type WarningCode, warningCodes } from "./model/warning.js";
export { type LimitCycle, type LimitCycleOptions, limitCycle } from "./motor/coordinates/limit-cycle.js";
export {
  type CoordinateEnergy,
  type CoordinateMotion,
  type CoordinateOptions,
  simulateCoordinates,
} from "./motor/coordinates/motion.js";
export type { CoordinateSystem } from "./motor/coordinates/system.js";
export type { MotorCertificate, MotorCertificates } from "./motor/curve/certificate.js";
export { restoredTurnCurve, type TurnCurve } from "./motor/curve/turn-curve.js";
export type { EnsembleAverages, FirstPassage } from "./motor/noise/ensemble-statistics.js";
export {
  type FokkerPlanckOptions,
  fokkerPlanck,
  type PhaseExpansion,
  type PhaseState,
  type StationaryState,
} from "./motor/noise/fokker-planck.js";
export { overdampedFokkerPlanck } from "./motor/noise/fokker-planck-overdamped.js";
export type { Relaxation } from "./motor/noise/relaxation.js";
export type {
  ChargeBound,
  LinearResponse,
  LinearResponseCertificate,
  LinearResponseCertificates,
  LinearResponseError,
} from "./motor/performance/linear-response.js";
export {
  type LoadCurve,
  type LoadExtrema,
  type LoadPoint,
  type LoadState,
  loadCurve,
  loadExtrema,
} from "./motor/performance/load-curve.js";
export {
  type QuadrantMap,
  type QuadrantMode,
  type QuadrantPoint,
  quadrantMap,
} from "./motor/performance/quadrants.js";
export {
  type Dissipation,
  type RestingAngle,
  type SteadyMotion,
  steadyThermodynamics,
  type ThermalEfficiency,
  type Thermodynamics,
  type ThermodynamicsCertificate,
  type TransportCurve,
  thermodynamics,
} from "./motor/performance/thermodynamics.js";
// Motors: the motion of a rotor on its curves (from `device.turnCurve` or another source), and of
// coordinates under any forces (from `device.forces` or another source)
export {
  type ControlRange,
  type HysteresisLoop,
  hysteresisLoop,
  type RestingPoint,
  retrappingControl,
  type SweepOptions,
  stallLoad,
  startBias,
  startControl,
} from "./motor/rotor/bias-branches.js";
export {
  type MotionEnd,
  type MotionEnds,
  type MotionEnergy,
  type MotionOptions,
  type MotionStop,
  type RotorMotion,
  simulateRotor,
} from "./motor/rotor/motion.js";
export type { Direction } from "./motor/rotor/passage.js";
export {
  linearResponseFamily,
  loadFamily,
  type RotorCurve,
  type RotorCurveErrors,
  type RotorSettings,
  type RotorSystem,
  type SystemFamily,
} from "./motor/rotor/rotor.js";
export { bestSpeedProfile, type SpeedProfile } from "./motor/rotor/speed-profile.js";
export {
  type LockedAngle,
  lockedAngles,
  orbitAverage,
  type RunningOrbit,
  type SteadyStateOptions,
  type SteadyStates,
  steadyStates,
} from "./motor/rotor/steady-states.js";
export { PeriodicCurve, type PlainCurve } from "./numerics/periodic/periodic.js";
export type { MapOptions, StopSignal } from "./run/job.js";
export type { Dephasing, ForceOptions } from "./transport/forces/options.js";
export type { ForceCertificate, ForceCertificates, ForceErrors } from "./transport/forces/result.js";
export type { PumpCertificate, PumpCertificates } from "./transport/pump/options.js";
export type { CurvatureResult, PumpResult } from "./transport/pump/pump.js";
export type { RectifiedResult } from "./transport/pump/rectification.js";
