// Voltage probes in pumping and linear response: the numbers of docs/physics.md, section 11, and the independent elimination of
// transport/probes/voltage.ts, which works at any bias and is here asked at equal fillings.

import { expect, test } from "vitest";
import { loadEngine, type Model } from "../../../src/index.js";
import { randomModel } from "../../twins/random-device.js";

const engine = await loadEngine();
const preset = (name: string, options: object): Model => ({
  format: "nanopinwheel/1",
  device: { preset: name, ...options },
});

test("double dot with a probe on each dot", () => {
  const device = engine.device(preset("double-dot", { dephasing: 1, level: -1, energy: 0 }));
  const motor = device.linearResponse({ energy: 0 });
  expect(Math.abs(motor.charge)).toBeCloseTo(0.209442, 6);
  expect(motor.frictionPerTurn).toBeCloseTo(0.93835, 5);
  expect(motor.maximumEfficiency).toBeCloseTo(0.0297, 5);
  expect(motor.certificate.bound.satisfied).toBe(true);
  const { charge } = device.pump({ energy: 0 });
  expect(charge.left).toBe(motor.charge);
  for (const probe of ["probe1", "probe2"]) expect(Math.abs(charge[probe])).toBeLessThan(1e-14);
});

test("two paths: the wave pump dies as the phase is lost", () => {
  const charge = (dephasing: number) =>
    Math.abs(engine.device(preset("two-path", { dephasing })).pump({ energy: 0 }).charge.left);
  expect(charge(0.1)).toBeCloseTo(0.594, 3);
  expect(charge(2)).toBeCloseTo(0.093, 3);
  // A probe that hardly couples changes hardly anything.
  expect(Math.abs(charge(1e-7) / charge(0) - 1)).toBeLessThan(1e-6);
});

/** Charges and friction of one turn from the forces at each angle. */
function turnOfForces(model: Model & { cycle: NonNullable<Model["cycle"]> }, points: number) {
  const device = engine.device(model);
  const names = device.parameterNames;
  const sums = { charge: Object.fromEntries(device.leadNames.map((lead) => [lead, 0])), friction: 0 };
  const series = model.cycle as Record<string, { mean?: number; cos?: number[]; sin?: number[] }>;
  for (let j = 0; j < points; j++) {
    const theta = (2 * Math.PI * j) / points;
    const at: Record<string, number> = {};
    const tangent = names.map((name) => {
      const { mean = 0, cos = [], sin = [] } = series[name] ?? {};
      at[name] = mean;
      let slope = 0;
      for (let k = 1; k <= Math.max(cos.length, sin.length); k++) {
        const [c, s] = [cos[k - 1] ?? 0, sin[k - 1] ?? 0];
        at[name] += c * Math.cos(k * theta) + s * Math.sin(k * theta);
        slope += k * (s * Math.cos(k * theta) - c * Math.sin(k * theta));
      }
      return slope;
    });
    const { currentPerVelocity, friction } = device.forces({ at });
    const step = (2 * Math.PI) / points;
    for (const lead of device.leadNames)
      sums.charge[lead] += step * tangent.reduce((sum, t, nu) => sum + t * currentPerVelocity[lead][nu], 0);
    for (const [nu, t] of tangent.entries())
      for (const [mu, u] of tangent.entries())
        sums.friction += step * t * u * friction!.data[nu * names.length + mu];
  }
  device.close();
  return sums;
}

test.each([0, 0.15])(
  "random devices with a probe: the same as forces at equal fillings, T = %f",
  (temperature) => {
    for (const seed of [1, 2, 3, 4]) {
      const random = randomModel(seed, { orbitals: 4, leads: 2, kinds: ["scalar", "orbitals", "probe"] });
      const reservoir = { chemicalPotential: 0.1, temperature };
      const model = { ...random, reservoirs: { left: reservoir, right: reservoir } };
      const device = engine.device(model);
      const { charge } = device.pump({ points: 24 });
      const motor = device.linearResponse({ points: 24 });
      // The same angles for both: the sums agree whether or not they have converged.
      const known = turnOfForces(model, 24);
      for (const lead of device.leadNames)
        expect(Math.abs(charge[lead] - known.charge[lead])).toBeLessThan(1e-8);
      expect(Math.abs(motor.frictionPerTurn / known.friction - 1)).toBeLessThan(1e-8);
      device.close();
    }
  },
);

test("the conductance is what flows at a small bias", () => {
  const [bias, random] = [
    1e-4,
    randomModel(4, { orbitals: 4, leads: 2, kinds: ["scalar", "probe"], real: true }),
  ];
  const at = (mu: number) => ({ chemicalPotential: 0.1 + mu, temperature: 0.1 });
  const still = Object.fromEntries(
    Object.keys(random.cycle).map((name, i) => [name, { mean: 0.1 * i, cos: [0] }]),
  );
  const model = { ...random, cycle: still, reservoirs: { left: at(bias / 2), right: at(-bias / 2) } };
  const device = engine.device(model);
  const values = Object.fromEntries(Object.keys(still).map((name, i) => [name, 0.1 * i]));
  const { current } = device.forces({ at: values, tolerance: 1e-10 });
  expect(Math.abs(device.linearResponse().meanConductance / (current.left / bias) - 1)).toBeLessThan(1e-6);
});

test("a probe between nothing stays where it is", () => {
  const device = engine.device({
    format: "nanopinwheel/1",
    device: {
      orbitals: 3,
      hamiltonian: [[0, 1, -0.5]],
      parameters: { x: [[0, 0, 1]], y: [[1, 1, 1]] },
      leads: [
        { name: "phi", kind: "probe", orbitals: [2], width: 0.3 },
        { name: "left", kind: "wideband", orbitals: [0], width: 0.5 },
        { name: "right", kind: "wideband", orbitals: [1], width: 0.5 },
      ],
    },
    cycle: { x: { mean: 0.3, cos: [0.4] }, y: { mean: 0.3, sin: [0.4] } },
  });
  const { charge } = device.pump({ energy: 0 });
  expect(charge.phi).toBeCloseTo(0, 14);
  expect(Math.abs(charge.left)).toBeGreaterThan(1e-3);
  // The motor is between the first two leads that are not probes.
  expect(device.linearResponse({ energy: 0 }).charge).toBeCloseTo(charge.left, 12);
});
