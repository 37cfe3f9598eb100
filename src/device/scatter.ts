// `device.scatter`: the frozen S-matrix with its derivatives and transmissions, by the names of leads and parameters.

import { checkedLater, finiteOption, optionsOf } from "../model/options.js";
import type { ComplexMatrix, ParameterValues } from "../model/types.js";
import type { Warning } from "../model/warning.js";
import type { DeviceSolver } from "../scattering/open.js";
import type { ScatteringPoint } from "../scattering/point.js";
import { byName } from "./named.js";

export interface ScatterQuestion {
  /** Default: the mean chemical potential. */
  energy?: number;
  /** Values of the parameters, default 0. */
  at?: ParameterValues;
}

export const scatterOptions = optionsOf<ScatterQuestion>("question", {
  energy: finiteOption,
  at: checkedLater,
});

/** S without its derivatives. */
export interface ScatteringMatrix {
  energy: number;
  at: ParameterValues;
  /** Lead name per channel. */
  channels: string[];
  S: ComplexMatrix;
  /** transmission[a][b]: into lead a from lead b. */
  transmission: Record<string, Record<string, number>>;
  /** max |S^+ S - 1|. */
  unitarityDefect: number;
  warnings: Warning[];
}

export interface ScatterResult extends ScatteringMatrix {
  /** dS/dX by parameter. */
  dS: Record<string, ComplexMatrix>;
  dSdE: ComplexMatrix;
}

/** S and its derivatives at one energy and configuration; one factorisation. */
export function scatterAt(
  solver: DeviceSolver,
  energy: number,
  parameters: readonly string[],
  values: Float64Array,
): ScatterResult {
  solver.configure(values);
  const point = solver.solveWithDerivatives(energy);
  const m = point.channels;
  // One array for all parameters, a view each; no list of pairs in between: there may be thousands.
  const dS: Record<string, ComplexMatrix> = {};
  const length = 2 * m * m;
  const shape: [number, number] = [m, m];
  for (let nu = 0; nu < parameters.length; nu++)
    dS[parameters[nu]] = { shape, data: new Float64Array(point.dS.buffer, 8 * length * nu, length) };
  return {
    ...matrixOf(solver, energy, parameters, values, point),
    dS,
    dSdE: { shape: [m, m], data: point.dSdE.slice() },
  };
}

/** S at one energy and configuration, without derivatives: two thirds of the work in a wide device. */
export function scatterAlone(
  solver: DeviceSolver,
  energy: number,
  parameters: readonly string[],
  values: Float64Array,
): ScatteringMatrix {
  solver.configure(values);
  const point =
    "solveAlone" in solver ? solver.solveAlone(energy) : solver.solve(energy, { firstOrder: false });
  return matrixOf(solver, energy, parameters, values, point);
}

function matrixOf(
  solver: DeviceSolver,
  energy: number,
  parameters: readonly string[],
  values: Float64Array,
  point: Pick<ScatteringPoint, "channels" | "channelLead" | "S" | "unitarityDefect">,
): ScatteringMatrix {
  const m = point.channels;
  const names = solver.leads;
  const transmission = Object.fromEntries(names.map((a) => [a, {} as Record<string, number>]));
  for (const a of names) for (const b of names) if (a !== b) transmission[a][b] = 0;
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) {
      const [a, b] = [names[point.channelLead[i]], names[point.channelLead[j]]];
      const k = 2 * (i * m + j);
      if (a !== b) transmission[a][b] += point.S[k] ** 2 + point.S[k + 1] ** 2;
    }
  return {
    energy,
    at: byName(parameters, values),
    channels: Array.from(point.channelLead.subarray(0, m), (lead) => names[lead]),
    S: { shape: [m, m], data: point.S.slice(0, 2 * m * m) },
    transmission,
    unitarityDefect: point.unitarityDefect,
    warnings: thresholdWarnings(solver, energy),
  };
}

/** Remarks on an energy at a channel threshold. */
function thresholdWarnings(solver: DeviceSolver, energy: number): Warning[] {
  const near = 1e-9 * Math.max(1, Math.abs(energy));
  return solver.bandEdges(energy - near, energy + near).map((edge) => ({
    code: "threshold",
    text: `energy ${energy} lies on the channel threshold ${edge}: digits beyond the eighth depend on rounding there`,
  }));
}
