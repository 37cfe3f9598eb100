// An angle of a turn has the same bits whatever the solver has computed before, so that it may be computed by any thread.

import { expect, test } from "vitest";
import { loadKernels } from "../../src/engine/load.js";
import { evaluateCycleInto } from "../../src/model/cycle.js";
import { resolveModel } from "../../src/model/resolve/resolve.js";
import type { Model, Reservoir } from "../../src/model/types.js";
import {
  AngleMeter,
  type AngleResult,
  type AngleTask,
  angleSetting,
} from "../../src/motor/sampling/angle.js";
import type { DeviceSolver } from "../../src/scattering/contract.js";
import { openSolver } from "../../src/scattering/open.js";
import { inOrder } from "../../src/transport/tasks/crew.js";
import { randomModel } from "../twins/random-device.js";
import { withGeneralLeads } from "../twins/random-leads.js";
import { seeds } from "../twins/seeds.js";

const kernels = await loadKernels();
const angles = [0.3, 2.9, 0.35, 4.4, 0.32];

/** Findings at an angle, its error, or both, as data that can be compared bit by bit. */
const found = (measure: () => unknown): unknown => {
  try {
    return measure();
  } catch (error) {
    return String(error);
  }
};

/** What a task finds. */
function done(solver: DeviceSolver, meter: AngleMeter, task: AngleTask): AngleResult {
  const results: AngleResult[] = [];
  const job = { kind: "angles", setting: meter.setting } as const;
  inOrder(
    solver,
    undefined,
    job,
    [task],
    (one) => meter.measure(one),
    (result) => results.push(result),
  );
  return results[0];
}

function check(model: Model, reservoirs: (Reservoir | undefined)[], where: string): number {
  const { device, cycle } = resolveModel(model);
  const names = device.parameters.map(({ name }) => name);
  const used = openSolver(kernels, device, true);
  const at = (theta: number) => {
    const [values, tangent] = [new Float64Array(names.length), new Float64Array(names.length)];
    evaluateCycleInto(cycle!, names, theta, values, tangent);
    return { values, tangent };
  };
  used.configure(at(0).values, at(0).tangent);
  const given = reservoirs.filter((reservoir) => reservoir !== undefined);
  const setting = angleSetting(used, reservoirs, "voltage", {
    chemicalPotential: given[0].chemicalPotential,
    temperature: given[0].temperature,
  });
  const meter = new AngleMeter(used, names, setting);
  let after: AngleTask["after"];
  let answered = 0;
  for (const [k, theta] of angles.entries()) {
    const task = { theta, ...at(theta), tolerance: 1e-5, refines: k === 4, after };
    const here = found(() => done(used, meter, task));
    const fresh = openSolver(kernels, device, true);
    const there = found(() => done(fresh, new AngleMeter(fresh, names, setting), task));
    fresh.release();
    expect(here, `${where}, angle ${k}`).toEqual(there);
    if (typeof here === "string") continue;
    after = (here as { trail: AngleTask["after"] }).trail;
    answered++;
  }
  used.release();
  return answered;
}

test("random devices, warm and cold", () => {
  let answered = 0;
  const list = seeds(60, 6);
  for (const seed of list) {
    const model = randomModel(seed);
    const resolved = resolveModel(model as Model);
    const reservoirs = resolved.device.leads.map(({ name }) => resolved.reservoirs?.[name]);
    if (!reservoirs.some((reservoir) => reservoir !== undefined)) continue;
    const cold = reservoirs.map((reservoir) => reservoir && { ...reservoir, temperature: 0 });
    answered += check(model, seed % 3 === 0 ? cold : reservoirs, `seed ${seed}`);
  }
  expect(answered).toBeGreaterThan(4 * list.length);
});

test("random devices with periodic leads of general cells", () => {
  let answered = 0;
  const list = seeds(12, 1);
  for (const seed of list) {
    const model = withGeneralLeads(randomModel(seed, { kinds: ["periodic"], leads: 2 }), seed);
    const resolved = resolveModel(model as Model);
    const reservoirs = resolved.device.leads.map(({ name }) => resolved.reservoirs?.[name]);
    answered += check(model, reservoirs, `seed ${seed}`);
  }
  expect(answered).toBeGreaterThan(2 * list.length);
});

test("a Hamiltonian that is a function, and presets of all kinds of solvers", () => {
  for (const device of [
    { preset: "wheel", sites: 12 },
    { preset: "dirac" },
    { preset: "thouless", sites: 12 },
    { preset: "double-dot" },
    { preset: "chaotic-dot", size: 24 },
  ]) {
    const model = { format: "nanopinwheel/1", device } as Model;
    const resolved = resolveModel(model);
    const reservoirs = resolved.device.leads.map(({ name }) => resolved.reservoirs?.[name]);
    expect(check(model, reservoirs, device.preset)).toBe(angles.length);
  }
});
