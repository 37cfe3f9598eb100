// What a run has computed so far: the document of results.json, and what its report is made from. A
// stage that was not reached or does not apply is left out.

import type { LinearResponse, MotorResult, PumpResult, SimulationResult } from "../index.js";
import type { Warning } from "../model/warning.js";
import type { LoadCurve } from "../motor/performance/load-curve.js";
import type { QuadrantMap } from "../motor/performance/quadrants.js";
import type { BiasSweep } from "./stages/bias-sweep.js";
import type { Spectrum } from "./stages/spectrum.js";

/**
 * Pumping curvature by lead on a grid of two parameters, at T = 0 at the mean chemical potential.
 */
export interface CurvatureMap {
  parameters: [string, string];
  energy: number;
  first: Float64Array;
  second: Float64Array;
  /** Row-major: index = first x length of second + second. */
  curvature: Record<string, Float64Array>;
}

export interface RunResults {
  title: string;
  orbitals: number;
  leads: string[];
  parameters: string[];
  warnings: Warning[];
  pump?: PumpResult;
  linearResponse?: LinearResponse;
  curvature?: CurvatureMap;
  motor?: MotorResult;
  biasSweep?: BiasSweep;
  loadCurve?: LoadCurve;
  /**
   * The rotor the load curve is of: the file's, or one of infinite inertia (uniform rotation) where
   * the file's does not run.
   */
  loadCurveInertia?: number | "infinite";
  /** Of uniform rotation. */
  quadrants?: QuadrantMap;
  /** With noise, for some turns. */
  simulation?: SimulationResult;
  /** Of a device without a cycle. */
  spectrum?: Spectrum;
}

/** What the device, the run and its parts warn of, in this order, each text once. */
export function warningsOf({ warnings, pump, linearResponse, motor, simulation }: RunResults): Warning[] {
  const parts = [pump, linearResponse, motor, simulation].flatMap((part) => part?.warnings ?? []);
  return [...new Map([...warnings, ...parts].map((warning) => [warning.text, warning])).values()];
}

/** The document of results.json: maps nest row by row. */
export function resultsDocument({ quadrants, ...others }: RunResults): unknown {
  const rows = (key: "mode" | "powerIn" | "powerOut") =>
    quadrants?.points.map((row) => row.map((point) => point[key]));
  return {
    ...others,
    ...(quadrants && {
      quadrants: {
        bias: quadrants.bias,
        load: quadrants.load,
        mode: rows("mode"),
        powerIn: rows("powerIn"),
        powerOut: rows("powerOut"),
      },
    }),
  };
}
