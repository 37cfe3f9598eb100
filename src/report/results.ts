// What a run has computed so far: the document of results.json, and what its report is made from. A stage that was not reached or does
// not apply is left out.

import type { LinearResponse, MotorResult, PumpResult, SimulationResult } from "../index.js";
import type { LoadCurve } from "../motor/load-curve.js";
import type { QuadrantMap } from "../motor/quadrants.js";
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
  /** Uniform rotation. */
  loadCurve?: LoadCurve;
  quadrants?: QuadrantMap;
  /** With noise, for some turns. */
  simulation?: SimulationResult;
  /** Of a device without a cycle. */
  spectrum?: Spectrum;
}

/** Rows of a row-major map. */
const rows = <T>(list: ArrayLike<T>, width: number): T[][] =>
  Array.from({ length: list.length / width }, (_, i) =>
    Array.from({ length: width }, (_, j) => list[i * width + j]),
  );

/** The document of results.json: points that have no efficiency leave it out, maps nest row by row. */
export function resultsDocument({ loadCurve, quadrants, ...others }: RunResults): unknown {
  return {
    ...others,
    ...(loadCurve && {
      loadCurve: Array.from(loadCurve.load, (load, i) => ({
        load,
        omega: loadCurve.omega[i],
        powerIn: loadCurve.powerIn[i],
        powerOut: loadCurve.powerOut[i],
        ...(Number.isFinite(loadCurve.efficiency[i]) && { efficiency: loadCurve.efficiency[i] }),
      })),
    }),
    ...(quadrants && {
      quadrants: {
        bias: quadrants.bias,
        load: quadrants.load,
        mode: rows(quadrants.mode, quadrants.load.length),
        powerIn: rows(quadrants.powerIn, quadrants.load.length),
        powerOut: rows(quadrants.powerOut, quadrants.load.length),
      },
    }),
  };
}
