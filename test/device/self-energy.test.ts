// Leads given by their self-energy: a function or a table of that of a chain or of a ribbon gives what that lead gives, within the
// errors that are stated.

import { describe, expect, test } from "vitest";
import { loadKernels } from "../../src/engine/load.js";
import { loadEngine, NumericalError } from "../../src/index.js";
import { resolveModel } from "../../src/model/resolve/resolve.js";
import type { Lead, Model, SelfEnergyLead, Triplet } from "../../src/model/types.js";
import { prepareLead } from "../../src/scattering/leads/prepare.js";

const engine = await loadEngine();
const kernels = await loadKernels();
const at = { x: 0.3, y: -0.2 };

const hamiltonian: Triplet[] = [
  [0, 0, 0.2],
  [0, 1, -0.6, 0.1],
  [1, 1, -0.1],
  [1, 2, 0.5],
  [0, 2, 0.2, -0.3],
];
const chain: Lead = { name: "left", kind: "chain", orbital: 0, onsite: 0.1, hopping: 1.1, coupling: 0.7 };
const ribbon: Lead = {
  name: "left",
  kind: "periodic",
  orbitals: [0, 1],
  onsite: [[0, 1, -0.4, 0.1]],
  hopping: [
    [0, 0, -1.2],
    [0, 1, 0.2, 0.1],
    [1, 1, -1.1],
  ],
};
const model = (left: Lead, temperature = 0.02): Model => ({
  format: "nanopinwheel/1",
  device: {
    orbitals: 3,
    hamiltonian,
    parameters: {
      x: [[0, 0, 1]],
      y: [
        [1, 1, 0.7],
        [1, 2, 0.3],
      ],
    },
    leads: [
      left,
      { name: "right", kind: "wideband", orbitals: [2], width: 0.6 },
      { name: "top", kind: "wideband", orbitals: [1], width: 0.2 },
      { name: "phi", kind: "probe", orbitals: [1, 2], width: 0.1 },
    ],
  },
  cycle: { x: { cos: [0.4] }, y: { sin: [0.5] } },
  reservoirs: {
    left: { chemicalPotential: 0.15, temperature },
    right: { chemicalPotential: -0.1, temperature },
    top: { chemicalPotential: 0, temperature },
  },
});

/** Sigma and its derivative of a lead, as rows. */
function sampled(lead: Lead) {
  const [resolved] = resolveModel(model(lead)).device.leads;
  const prepared = prepareLead(kernels, resolved, "lead");
  const n = prepared.orbitals.length;
  const rows = (a: Float64Array) =>
    Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (_, j): [number, number] => [a[2 * (i * n + j)], a[2 * (i * n + j) + 1]]),
    );
  return (energy: number, imaginary: number) => {
    const found = imaginary > 0 ? prepared.selfEnergyAt(energy, imaginary) : prepared.at(energy);
    return { sigma: rows(found.selfEnergy), derivative: rows(found.selfEnergyDerivative) };
  };
}

const orbitalsOf = (lead: Lead) => ("orbital" in lead ? [lead.orbital] : lead.orbitals);
const given = (lead: Lead, parts: Partial<SelfEnergyLead>): SelfEnergyLead => ({
  name: "left",
  kind: "self-energy",
  orbitals: orbitalsOf(lead),
  selfEnergy: [],
  ...parts,
});
/** Energies off the nodes of the tables. */
const energiesOf = (count: number) => Array.from({ length: count }, (_, k) => -1.17 + (2.33 * k) / count);
const table = (lead: Lead, count: number): SelfEnergyLead => {
  const energies = Array.from({ length: count }, (_, k) => -1.2 + (2.4 * k) / (count - 1));
  const of = sampled(lead);
  return given(lead, { energies, selfEnergy: energies.map((energy) => of(energy, 0).sigma) });
};

const numbers = (value: unknown): number[] =>
  typeof value === "number"
    ? [value]
    : ArrayBuffer.isView(value)
      ? Array.from(value as Float64Array)
      : typeof value === "object" && value !== null
        ? Object.values(value).flatMap(numbers)
        : [];
const apart = (a: unknown, b: unknown): number => {
  const [x, y] = [numbers(a), numbers(b)];
  expect(x.length).toBeGreaterThan(0);
  expect(y.length).toBe(x.length);
  return x.reduce((most, value, k) => Math.max(most, Math.abs(value - y[k])), 0);
};

describe.each([
  ["chain", chain],
  ["ribbon in a field", ribbon],
])("the self-energy of a %s", (_, lead) => {
  test("as a function with its derivative answers as the lead", () => {
    const device = engine.device(model(lead));
    const other = engine.device(model(given(lead, { selfEnergy: sampled(lead), analytic: true })));
    const [a, b] = [device, other].map((d) => d.scatter({ energy: 0.2, at }));
    for (const name of ["S", "dSdE", "dS", "transmission"] as const)
      expect(apart(a[name], b[name])).toBeLessThan(1e-11);
    const [f, g] = [device, other].map((d) => d.forces({ at }));
    for (const name of [
      "force",
      "friction",
      "noise",
      "current",
      "currentPerVelocity",
      "energyCurrent",
    ] as const)
      expect(apart(f[name], g[name])).toBeLessThan(1e-9);
    expect(apart(device.pump({ energy: 0.1 }).charge, other.pump({ energy: 0.1 }).charge)).toBeLessThan(1e-9);
  });

  test("on the real axis leaves the force of the sea out, by name", () => {
    const other = engine.device(model(given(lead, { selfEnergy: sampled(lead) })));
    const { warnings } = other.forces({ at });
    expect(warnings.map(({ text }) => text).join()).toContain(
      "a self-energy at real energies does not contain the filled sea",
    );
  });

  test("as a table answers within its stated errors, which fall with the spacing", () => {
    const reference = engine.device(model(lead));
    const onAxis = engine.device(model(given(lead, { selfEnergy: sampled(lead) }))).forces({ at });
    const stated: number[] = [];
    for (const count of [17, 41]) {
      const device = engine.device(model(table(lead, count)));
      let most = 0;
      for (const energy of energiesOf(29)) {
        const exact = reference.scatter({ energy, at });
        const { S, dSdE, dS, errors } = device.scatter({ energy, at });
        expect(errors).toBeDefined();
        for (const [a, b, error] of [
          [exact.S, S, errors!.S],
          [exact.dSdE, dSdE, errors!.dSdE],
          [exact.dS.x, dS.x, errors!.dS?.x],
        ] as const)
          expect(apart(a?.data, b?.data), `energy ${energy}`).toBeLessThanOrEqual((error ?? 0) + 1e-12);
        most = Math.max(most, errors!.S);
      }
      stated.push(most);
      const { charge, error } = device.pump({ energy: 0.13, tolerance: 1e-5 });
      expect(apart(reference.pump({ energy: 0.13 }).charge, charge)).toBeLessThanOrEqual(2 * error + 1e-9);
      const forces = device.forces({ at, tolerance: 1e-5 });
      for (const name of ["force", "noise", "current", "friction"] as const)
        expect(apart(onAxis[name], forces[name]), name).toBeLessThanOrEqual(
          forces.errors[name] + onAxis.errors[name] + 1e-12,
        );
    }
    expect(stated[1]).toBeLessThan(0.1 * stated[0]);
  });
});

test("outside its energies, and where it is too coarse, a table is refused", () => {
  const device = engine.device(model(table(chain, 41)));
  expect(() => device.scatter({ energy: 1.3 })).toThrow(NumericalError);
  expect(() => device.scatter({ energy: 1.3 })).toThrow(/device.leads\[0\].selfEnergy: the table ends at/);
  // An edge of the band lies between the energies.
  const energies = [1.5, 1.8, 2.1, 2.4, 2.7, 3, 3.3, 3.6];
  const of = sampled(chain);
  const across = given(chain, { energies, selfEnergy: energies.map((energy) => of(energy, 0).sigma) });
  expect(() => engine.device(model(across)).scatter({ energy: 2.35 })).toThrow(/too coarse/);
});

test("a function without derivative is differenced", () => {
  const of = sampled(chain);
  const plain = given(chain, { selfEnergy: (energy) => ({ sigma: of(energy, 0).sigma }) });
  const [a, b] = [chain, plain].map((lead) => engine.device(model(lead)).scatter({ energy: 0.2, at }));
  expect(apart(a.dSdE, b.dSdE)).toBeLessThan(1e-9);
});

test.each([
  ["not causal", { selfEnergy: () => ({ sigma: [[[0, 0.2]]] }) }, /not causal.*at energy/],
  ["no sigma", { selfEnergy: () => ({}) }, /selfEnergy\.sigma: wrong size/],
  ["a number that is none", { selfEnergy: () => ({ sigma: [[[Number.NaN, 0]]] }) }, /wrong element/],
])("a function that is wrong is refused: %s", (_, parts, message) => {
  const device = engine.device(model(given(chain, parts as unknown as Partial<SelfEnergyLead>)));
  expect(() => device.scatter({ energy: 0.1 })).toThrow(message);
});

test.each([
  ["energies that do not ascend", { energies: [0, 1, 1, 2] }, "energies[2]"],
  ["too few energies", { energies: [0, 1, 2] }, "energies"],
  ["no energies", { energies: undefined }, "energies"],
  ["matrices that are missing", { energies: [0, 1, 2, 3, 4] }, "selfEnergy"],
  [
    "a matrix of another size",
    {
      selfEnergy: [0, 1, 2, 3].map(() => [
        [
          [0, -1],
          [0, -1],
        ],
      ]),
    },
    "selfEnergy[0]",
  ],
  ["a table that is not causal", { selfEnergy: [0, 1, 2, 3].map((k) => [[[0, k - 1.5]]]) }, "selfEnergy[2]"],
  ["a table above the axis", { analytic: true }, "analytic"],
])("a table that is wrong is refused: %s", (_, parts, field) => {
  const good = { energies: [0, 1, 2, 3], selfEnergy: [0, 1, 2, 3].map(() => [[[0, -1]]]) };
  const lead = given(chain, { ...good, ...parts } as unknown as Partial<SelfEnergyLead>);
  expect(() => resolveModel(model(lead))).toThrow(
    expect.objectContaining({ field: `device.leads[0].${field}` }),
  );
});

test("energy-resolved probes and the motor keep the stated errors of a table", () => {
  const options = { tolerance: 1e-4 };
  const [a, b] = [given(chain, { selfEnergy: sampled(chain) }), table(chain, 41)].map((lead) =>
    engine.device(model(lead)),
  );
  const [f, g] = [a, b].map((d) => d.forces({ at, dephasing: "energy-resolved", ...options }));
  for (const name of ["force", "noise", "current", "friction"] as const)
    expect(apart(f[name], g[name]), name).toBeLessThanOrEqual(f.errors[name] + g.errors[name] + 1e-12);
  const [m, n] = [a, b].map((d) => d.motor(options));
  for (const name of ["frictionPerTurn", "workPerTurn"] as const)
    expect(Math.abs(m[name] - n[name])).toBeLessThan(1e-3 * Math.abs(m[name]) + 1e-6);
});
