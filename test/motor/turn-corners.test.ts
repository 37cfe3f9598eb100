// Voltage probes at T = 0: where a chemical potential crosses another along the turn the noise has a corner, and the turn goes by panels between them.

import { expect, test } from "vitest";
import { loadEngine, type Model, NumericalError, presetModel } from "../../src/index.js";
import { seeds } from "../twins/seeds.js";

const engine = await loadEngine();

/** Uniform in [0, 1), by seed. */
function generator(seed: number): () => number {
  let state = (seed * 2654435761 + 12345) % 2147483648;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}

/** Up to three orbitals, real H, two or three leads at T = 0 and one to three probes. */
function randomMotor(seed: number): { model: Model; bias: number; leads: number } {
  const random = generator(seed);
  const sym = () => 2 * random() - 1;
  const n = 2 + Math.floor(2 * random());
  const hamiltonian: number[][] = [];
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) hamiltonian.push([i, j, sym()]);
  const count = 2 + Math.floor(1.4 * random());
  const width = 10 ** -random();
  const leads: object[] = Array.from({ length: count }, (_, l) => {
    const orbital = [0, n - 1, 0][l];
    return random() < 0.6
      ? { name: `l${l}`, kind: "wideband", orbitals: [orbital], width: width * (0.3 + random()) }
      : { name: `l${l}`, kind: "chain", orbital, hopping: 2, coupling: Math.sqrt(width) * (0.5 + random()) };
  });
  const dephasing = 10 ** (-1.5 * random());
  for (let p = 0; p < 1 + Math.floor(2.5 * random()); p++)
    leads.push({
      name: `p${p}`,
      kind: "probe",
      orbitals: [Math.floor(n * random())],
      width: dephasing * (0.5 + random()),
    });
  const bias = 10 ** (-7 * random());
  const mu = 0.3 * sym();
  const reservoirs = Object.fromEntries(
    [bias / 2, -bias / 2, bias * sym()]
      .slice(0, count)
      .map((shift, l) => [`l${l}`, { chemicalPotential: mu + shift, temperature: 0 }]),
  );
  const model = {
    format: "nanopinwheel/1",
    device: { orbitals: n, hamiltonian, parameters: { x: [[0, 0, 1]], y: [[n - 1, n - 1, 1]] }, leads },
    cycle: { x: { mean: sym(), cos: [sym()] }, y: { mean: sym(), sin: [sym()] } },
    reservoirs,
  } as unknown as Model;
  return { model, bias, leads: count };
}

const doubleDot = (dephasing: number): Model => {
  const model = presetModel("double-dot", { dephasing });
  for (const reservoir of Object.values(model.reservoirs!)) reservoir.temperature = 0;
  return model;
};

const biased = (bias: number) => ({
  left: { chemicalPotential: bias / 2, temperature: 0 },
  right: { chemicalPotential: -bias / 2, temperature: 0 },
});

test.each(seeds(24, 1).map((k) => [10 ** (-7 / k), 0.1 + 0.06 * (k % 11)]))(
  "double dot at bias %s, probes of width %s: work, charge, noise",
  (bias, dephasing) => {
    const device = engine.device(doubleDot(dephasing));
    const motor = device.motor({ bias });
    const { workPerTurn, charge, noisePerTurn, certificates, curve, warnings } = motor;
    for (const { holds } of Object.values(certificates)) expect(holds).toBe(true);
    expect(charge.left + charge.right).toBeLessThan(1e-9);
    expect(curve.noise.every((d) => d > 0)).toBe(true);
    // At a large bias the probes stay apart.
    if (bias < 0.2) expect(warnings.map(({ code }) => code)).toContain("kinks");
    // Linear response, up to the next orders in the bias.
    expect(Math.abs(workPerTurn / (charge.left * bias) - 1)).toBeLessThan(1e-7 + 3 * bias);
    // Equal steps miss a corner by the square of the step.
    const points = 100;
    const noise = Array.from({ length: points }, (_, j) => {
      const theta = (2 * Math.PI * (j + 0.5)) / points;
      const [x, y] = [Math.cos(theta), Math.sin(theta)];
      const [xx, xy, , yy] = device.forces({ at: { x, y }, reservoirs: biased(bias) }).noise!.data;
      return y * y * xx - 2 * x * y * xy + x * x * yy;
    });
    const sum = (noise.reduce((total, d) => total + d, 0) * 2 * Math.PI) / points;
    expect(Math.abs(noisePerTurn / sum - 1)).toBeLessThan(5e-4);
    device.close();
  },
);

test("probes that are alike: potentials equal to the last digit here and not there divide the window into other pieces", () => {
  const model = doubleDot(0.3);
  const leads = model.device!.leads as unknown as { name: string; width: number; orbitals: number[] }[];
  leads[3] = { ...leads[2], name: "probe2", width: 0.11 };
  const device = engine.device(model);
  for (const bias of [1e-2, 0.3]) {
    const { current, torque } = device.turnCurve({ bias });
    for (let j = 0; j < 40; j++) {
      const theta = 0.1 + (2 * Math.PI * j) / 40;
      const [x, y] = [Math.cos(theta), Math.sin(theta)];
      const forces = device.forces({ at: { x, y }, reservoirs: biased(bias) });
      expect(Math.abs(current[0].value(theta) / forces.current.left - 1)).toBeLessThan(1e-6);
      expect(Math.abs(torque.value(theta) - (x * forces.force[1] - y * forces.force[0]))).toBeLessThan(1e-7);
    }
  }
});

test("random devices", () => {
  let answered = 0;
  for (const seed of seeds(40, 2)) {
    const { model, bias, leads } = randomMotor(seed);
    const device = engine.device(model);
    try {
      const { workPerTurn, charge, certificates } = device.motor();
      for (const [name, { holds }] of Object.entries(certificates))
        expect(holds, `seed ${seed}: ${name}`).toBe(true);
      if (leads === 2 && bias < 1e-4 && Math.abs(charge.l0) > 1e-3)
        expect(Math.abs(workPerTurn / (charge.l0 * bias) - 1), `seed ${seed}`).toBeLessThan(
          1e-5 + 1e3 * bias,
        );
      answered++;
    } catch (error) {
      if (!(error instanceof NumericalError)) throw error;
    }
    device.close();
  }
  expect(answered).toBeGreaterThan(1);
}, 600_000);
