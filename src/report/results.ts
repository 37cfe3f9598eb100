// The results of a run so far: the content of results.json, and the basis of the report. A stage
// that was not reached or does not apply is absent.

import type { LinearResponse, MotorResult, PumpResult, SimulationResult } from "../index.js";
import type { Warning } from "../model/warning.js";
import type { LoadCurve } from "../motor/performance/load-curve.js";
import type { QuadrantMap } from "../motor/performance/quadrants.js";
import type { BiasSweep } from "./stages/bias-sweep.js";
import type { Spectrum } from "./stages/spectrum.js";

/**
 * Pumping curvature by lead on a grid of two parameters, at T = 0 and the mean chemical potential.
 */
export interface CurvatureMap {
  parameters: [string, string];
  energy: number;
  first: Float64Array;
  second: Float64Array;
  /** Curvature by lead, stored by rows: the index is first x length of second + second. */
  curvature: Record<string, Float64Array>;
}

/** The results by name, each of them present once its stage is done. */
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
   * Inertia of the rotor of the load curve: that of the file, or infinite (uniform rotation) if the
   * file's rotor does not run.
   */
  loadCurveInertia?: number | "infinite";
  /** The quadrants of uniform rotation. */
  quadrants?: QuadrantMap;
  /** A simulation of the rotor with noise over some turns. */
  simulation?: SimulationResult;
  /** The transmissions of a device without a cycle. */
  spectrum?: Spectrum;
}

/** The warnings of the device, of the run and of its parts, in this order, each text once. */
export function warningsOf({ warnings, pump, linearResponse, motor, simulation }: RunResults): Warning[] {
  const parts = [pump, linearResponse, motor, simulation].flatMap((part) => part?.warnings ?? []);
  return [...new Map([...warnings, ...parts].map((warning) => [warning.text, warning])).values()];
}

/** The content of results.json. Maps are lists of rows. */
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
