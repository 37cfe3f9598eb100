// nanopinwheel: adiabatic quantum motors and pumps. The public API.

import { Device } from "./device.js";
import { Kernels } from "./engine/kernels.js";

// Engine and devices
export type { CycleQuestion } from "./device.js";
export { Device } from "./device.js";

/** The instantiated kernels; makes devices from models. */
export interface Engine {
  /** Build of the kernels in use. */
  readonly build: "simd" | "scalar";
  /** Validates and compiles a model; throws InputError naming the field that is wrong. */
  device(model: unknown): Device;
}

/** Instantiates the kernels once; `build` forces the scalar build where the engine would take SIMD. */
export async function loadEngine(options: { build?: "simd" | "scalar" } = {}): Promise<Engine> {
  const kernels = await Kernels.load(options.build);
  return { build: kernels.build, device: (model) => new Device(kernels, model) };
}

// Questions and results
export type { CurvatureQuestion } from "./device/curvature.js";
export type { ForcesQuestion, ForcesResult } from "./device/forces.js";
export type { MotorCurve, MotorQuestion, MotorResult, SteadyState } from "./device/motor.js";
export type { ReservoirChoice } from "./device/reservoirs.js";
export type { ScatterResult } from "./device/scatter.js";
export { InputError, NumericalError } from "./model/errors.js";
export { describePresets, presetFile, presetModel, presetNames } from "./model/presets/index.js";
export { modelSummary, resolveModel } from "./model/resolve.js";
export { parseAssignments, parseModelText, parseSettings } from "./model/text.js";
// Models
export * from "./model/types.js";
export type { MotorCertificate } from "./motor/certificate.js";
export type { TurnCurve } from "./motor/curve.js";
export type { LinearResponse } from "./motor/linear-response.js";
export type { CurvatureResult, PumpResult } from "./transport/pump.js";
