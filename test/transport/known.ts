// The known answers (independent dense code, test/known/README.md) as the twin's models.

import { readFileSync } from "node:fs";
import type { Model, Reservoir, ResolvedModel } from "../../src/model/types.js";
import { densePointSolver } from "../twins/dense.js";
import { readModel } from "../twins/read-model.js";

export const knownCases = [
  "chain-leads",
  "complex-three-channel",
  "matrix-width",
  "real-two-lead",
  "three-leads",
];

const folder = new URL("../known/", import.meta.url);

export interface KnownAnswer {
  model: Model;
  // biome-ignore lint/suspicious/noExplicitAny: data of the answer files, shape per command
  expect: Record<string, { options: any; result: any }>;
}

export function knownAnswer(name: string): KnownAnswer {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
}

/** A dense solver for a model file, its reservoirs lead by lead. */
export function twinOf(model: Model) {
  const resolved = readModel(model);
  const solver = densePointSolver(resolved);
  return { resolved, solver, reservoirs: reservoirsByLead(resolved) };
}

export function reservoirsByLead(resolved: ResolvedModel): (Reservoir | undefined)[] {
  return resolved.device.leads.map((lead) => resolved.reservoirs?.[lead.name]);
}

/** Parameter values by name in the order of the device. */
export function valuesOf(resolved: ResolvedModel, at: Record<string, number>): Float64Array {
  return Float64Array.from(resolved.device.parameters, (p) => at[p.name] ?? 0);
}
