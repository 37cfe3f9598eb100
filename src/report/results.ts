// What a run has computed so far: the document of results.json, and what its report is made from. A stage that was not reached or does
// not apply is left out.

import type { LinearResponse, MotorResult, PumpResult } from "../index.js";
import type { BiasSweep } from "./bias-sweep.js";
import type { Spectrum } from "./spectrum.js";

/** Pumping curvature by lead on a grid of two parameters, at T = 0 at the mean chemical potential. */
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
  warnings: string[];
  pump?: PumpResult;
  linearResponse?: LinearResponse;
  curvature?: CurvatureMap;
  motor?: MotorResult;
  biasSweep?: BiasSweep;
  /** Of a device without a cycle. */
  spectrum?: Spectrum;
}
