// Random tables of a known S (one or two levels, real or complex, wide or chain leads, two or three of them; many spacings,
// numbers of angles and of digits): every quantity is within the error that is stated, or it is refused.

import { expect, test } from "vitest";
import { loadKernels } from "../../src/engine/load.js";
import { type Device, loadEngine, NumericalError } from "../../src/index.js";
import { evaluateCycleInto } from "../../src/model/cycle.js";
import { resolveModel } from "../../src/model/resolve/resolve.js";
import type { ComplexMatrix, GivenDevice, Lead, Model } from "../../src/model/types.js";
import { KernelSolver } from "../../src/scattering/solvers/solver.js";
import { add, adjoint, distance, multiply, scaled } from "../twins/linear-algebra.js";
import { randomSource } from "../twins/random.js";
import { seeds } from "../twins/seeds.js";

const engine = await loadEngine();
const kernels = await loadKernels();

/** A random device with a cycle, and what of it is random in a table. */
function drawn(seed: number) {
  const random = randomSource(seed);
  const count = random.pick([2, 2, 3]);
  const orbitals = random.integer(1, 2);
  const complex = orbitals === 2 && random.uniform() < 0.5;
  const width = 10 ** random.between(-0.5, 0.5);
  const chain = random.uniform() < 0.5;
  const leads = Array.from({ length: count }, (_, i): Lead => {
    const orbital = i === 0 ? 0 : i === 1 ? orbitals - 1 : random.integer(0, orbitals - 1);
    const strength = random.between(0.5, 1.2) * width;
    return chain
      ? { name: "abc"[i], kind: "chain", orbital, hopping: 2, coupling: Math.sqrt(strength) }
      : { name: "abc"[i], kind: "wideband", orbitals: [orbital], width: strength };
  });
  const level = () => random.between(-0.2, 0.2);
  const model: Model = {
    format: "nanopinwheel/1",
    device: {
      orbitals,
      hamiltonian:
        orbitals === 1
          ? [[0, 0, level()]]
          : [
              [0, 0, level()],
              [0, 1, -random.between(0.2, 0.6), complex ? random.between(-0.4, 0.4) : 0],
              [1, 1, level()],
            ],
      parameters: { x: [[0, 0, 1]], y: orbitals === 1 ? [[0, 0, 0.3]] : [[1, 1, 1]] },
      leads,
    },
    cycle: { x: { mean: level(), cos: [random.between(0.2, 0.6)] }, y: { sin: [random.between(0.2, 0.6)] } },
  };
  const warm = seed % 6 === 0;
  const drive = { bias: random.pick([0, 0.1, 0.4]), temperature: warm ? 0.02 : 0 };
  const reach = 0.5 * drive.bias + 40 * drive.temperature + 0.3;
  const spacing = width * 10 ** random.between(-1.6, -0.5);
  const energies = Array.from(
    { length: Math.ceil((2 * reach) / spacing) + 12 },
    (_, i) => -reach + (i - 6 - random.uniform() / 1e6) * spacing,
  );
  const angles = random.pick([16, 24, 33, 48, 64]);
  const digits = random.pick([17, 17, 9, 6]);
  const fits = !chain || Math.max(-energies[0], energies[energies.length - 1]) < 3.9;
  return { model, leads, complex, width, drive, energies, angles, digits, fits, random };
}

/** S, its derivatives and A along the cycle, from the kernels. */
function scatteringOf(model: Model) {
  const { device, cycle } = resolveModel(model);
  const names = device.parameters.map(({ name }) => name);
  const solver = new KernelSolver(kernels, device, true);
  const [values, tangent] = [new Float64Array(names.length), new Float64Array(names.length)];
  return (energy: number, theta: number) => {
    evaluateCycleInto(cycle!, names, theta, values, tangent);
    solver.configure(values, tangent);
    const point = solver.solve(energy, { energyDerivative: true });
    const m = point.channels;
    const matrix = (data: Float64Array): ComplexMatrix => ({ shape: [m, m], data: data.slice() });
    const [S, dSdE, K, P] = [point.S, point.dSdE, point.K[0], point.P[0]].map(matrix);
    const A = scaled(add(multiply(dSdE, K), multiply(S, add(adjoint(P), P, -1))), 0.5);
    return { S, dSdE, dS: { theta: scaled(multiply(S, K), 0, -1) }, A: { theta: A } };
  };
}

/** The answer at the least of some tolerances at which there is one; nothing where there is none. */
function atLeast<T>(ask: (tolerance: number) => T): T | undefined {
  for (const tolerance of [1e-8, 1e-5, 1e-2, 0.3])
    try {
      return ask(tolerance);
    } catch (error) {
      if (!(error instanceof NumericalError)) throw error;
    }
  return undefined;
}

const list = seeds(150, 1);

test.each(list)("table %i", (seed) => {
  const { model, leads, complex, width, drive, energies, angles, digits, fits, random } = drawn(seed);
  if (!fits) return;
  const exact = scatteringOf(model);
  const rounded = (x: number) => (digits > 16 ? x : Number(x.toFixed(digits)));
  const rows = ({ shape: [m], data }: ComplexMatrix) =>
    Array.from({ length: m }, (_, i) =>
      Array.from({ length: m }, (_, j): [number, number] => {
        const k = 2 * (i * m + j);
        return [rounded(data[k]), rounded(data[k + 1])];
      }),
    );
  const grid = energies.map((energy) =>
    Array.from({ length: angles }, (_, j) => exact(energy, (2 * Math.PI * j) / angles)),
  );
  const made = (scattering: GivenDevice["scattering"]): Device =>
    engine.device({
      format: "nanopinwheel/1",
      device: {
        scattering: { reciprocal: !complex, ...scattering },
        parameters: ["theta"],
        leads: leads.map(({ name }) => ({ name, kind: "given", channels: 1 })),
      },
      cycle: { theta: { turns: 1 } },
      reservoirs: Object.fromEntries(
        leads.map(({ name }, i) => [
          name,
          { chemicalPotential: (i === 0 ? 0.5 : -0.5) * drive.bias, temperature: drive.temperature },
        ]),
      ),
    });
  const known = made({
    evaluate: (energy, { theta }) => exact(energy, theta),
    energyScale: width / 20,
  });
  const device = made({
    table: {
      energies,
      S: grid.map((line) => line.map(({ S }) => rows(S))),
      A: grid.map((line) => line.map(({ A }) => rows(A.theta))),
    },
    energyScale: width,
  });
  const what = `seed ${seed}, ${energies.length} energies, ${angles} angles, ${digits} digits`;
  const within = (name: string, found: number, value: number, error: number) =>
    expect(Math.abs(found - value), `${name} of ${what}`).toBeLessThanOrEqual(error);

  const energy = random.between(-0.15, 0.15);
  const pump = atLeast((tolerance) => device.pump({ energy, tolerance }));
  const truth = known.pump({ energy });
  if (pump)
    for (const lead of Object.keys(truth.charge))
      within("charge", pump.charge[lead], truth.charge[lead], pump.error + truth.error);
  const drag = atLeast((tolerance) => device.linearResponse({ energy, tolerance }));
  const response = known.linearResponse({ energy });
  if (drag)
    for (const key of ["frictionPerTurn", "meanConductance"] as const)
      within(key, drag[key], response[key], (drag.error.relative + 1e-8) * drag[key]);

  for (let k = 0; k < 2; k++) {
    const at = { theta: random.between(0, 6.28) };
    const place = random.between(-0.2, 0.2);
    const point = atLeast(() => device.scatter({ energy: place, at }));
    const here = known.scatter({ energy: place, at });
    if (point) {
      const off = (a: ComplexMatrix, b: ComplexMatrix) => Math.hypot(...add(a, b, -1).data);
      within("S", off(point.S, here.S), 0, point.errors!.S);
      within("dS/dE", off(point.dSdE!, here.dSdE!), 0, point.errors!.dSdE! + 1e-11);
      within("dS", off(point.dS.theta, here.dS.theta), 0, point.errors!.dS!.theta + 1e-11);
      expect(distance(multiply(adjoint(point.S), point.S))).toBeLessThan(1.1);
    }
    const found = atLeast((tolerance) => device.forces({ at, tolerance }));
    const forces = known.forces({ at });
    if (!found) continue;
    const error = (key: keyof typeof found.errors) => found.errors[key] + forces.errors[key];
    if (found.force) within("force", found.force[0], forces.force[0], error("force"));
    for (const key of ["friction", "noise"] as const)
      if (found[key]) within(key, found[key].data[0], forces[key]!.data[0], error(key));
    for (const { name } of leads) {
      for (const key of ["current", "energyCurrent"] as const)
        if (found[key]) within(key, found[key][name], forces[key][name], error(key));
      for (const key of ["currentPerVelocity", "energyCurrentPerVelocity"] as const)
        if (found[key]) within(key, found[key][name][0], forces[key][name][0], error(key));
    }
  }
  if (seed % 5 === 3 && drive.temperature === 0) {
    const motor = atLeast((tolerance) => device.motor({ tolerance }));
    const turn = atLeast((tolerance) => known.motor({ tolerance }));
    if (motor && turn) {
      const error = (key: keyof typeof motor.errors) => 2 * Math.PI * (motor.errors[key] + turn.errors[key]);
      within("work", motor.workPerTurn, turn.workPerTurn, error("force"));
      within("friction of a turn", motor.frictionPerTurn, turn.frictionPerTurn, error("friction"));
      for (const { name } of leads)
        within("charge of a turn", motor.charge[name], turn.charge[name], error("currentPerVelocity"));
    }
  }
  device.close();
  known.close();
});
