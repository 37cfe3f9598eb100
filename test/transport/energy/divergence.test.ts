// Friction and noise where a channel opens inside the window at a half-bound state: an impurity of strength g in a clean chain, whose Tr K^2 = 4 v^2/(v^2 + g^2)^2 with
// v = sqrt(4 - E^2): a logarithm down to distances of g^2 from the band edge, and without end at g = 0.

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { type Engine, loadEngine, NumericalError } from "../../../src/index.js";
import type { ExplicitDevice, Lead, Model } from "../../../src/model/types.js";
import { fermiDerivative } from "../../../src/transport/energy/fermi.js";

let engine: Engine;
beforeAll(async () => {
  engine = await loadEngine();
});

const chain = (name: string, more: Partial<Lead> = {}): Lead =>
  ({ name, kind: "chain", orbital: 0, hopping: 1, ...more }) as Lead;

function impurity(mu: number, temperature: number, leads = [chain("a"), chain("b")]): Model {
  const device: ExplicitDevice = {
    orbitals: 1,
    hamiltonian: [[0, 0, 0]],
    parameters: { x: [[0, 0, 1]] },
    leads,
  };
  const reservoirs = Object.fromEntries(
    leads.map(({ name }) => [name, { chemicalPotential: mu, temperature }]),
  );
  return { format: "nanopinwheel/1", device, reservoirs };
}

/** (1/4pi) int dE (-f') Tr K^2, by the trapezoidal rule in ln v, from either band edge. */
function friction(g: number, mu: number, temperature: number): number {
  const step = 1 / 64;
  let sum = 0;
  for (let u = -90; ; u += step) {
    // v = 2 / sqrt(1 + e^-2u), so that the middle of the band is as far as both edges.
    const square = 4 / (1 + Math.exp(-2 * u));
    const rest = 4 / (1 + Math.exp(2 * u));
    const energy = Math.sqrt(rest);
    if (energy < 1e-18) break;
    const trace = (4 * square) / (square + g * g) ** 2;
    // dE = -v dv / E, dv / du = v rest / 4.
    const jacobian = (square * rest) / (4 * energy);
    const weight = -fermiDerivative(-energy, mu, temperature) - fermiDerivative(energy, mu, temperature);
    sum += weight * trace * jacobian * step;
  }
  return sum / (4 * Math.PI);
}

describe("an impurity in a clean chain", () => {
  it("has the friction of its closed form down to the smallest detuning that energies tell, and is said to diverge beyond", () => {
    let [known, told] = [0, 0];
    for (const [mu, temperature] of [
      [-1.9, 0.05],
      [-2.1, 0.3],
      [1.5, 0.2],
    ]) {
      const device = engine.device(impurity(mu, temperature));
      for (const g of [1e-1, 1e-2, -1e-3, 1e-4, 1e-5, -1e-6, 1e-8, 1e-10, 1e-12, 0]) {
        const expected = friction(g, mu, temperature);
        const result = device.forces({ at: { x: g }, tolerance: 1e-6 });
        const where = `mu ${mu}, T ${temperature}, g ${g}`;
        expect(result.force[0], where).toBeLessThan(0);
        expect(result.errors.force, where).toBeLessThan(1e-6);
        if (result.friction) {
          known++;
          expect(Math.abs(g), where).toBeGreaterThan(1e-7);
          expect(Math.abs(result.friction.data[0] - expected), where).toBeLessThan(result.errors.friction);
          const noise = 2 * temperature * expected;
          expect(Math.abs(result.noise!.data[0] - noise), where).toBeLessThan(result.errors.noise);
        } else {
          told++;
          expect(Math.abs(g), where).toBeLessThan(3e-5);
          expect(result.noise, where).toBeUndefined();
          expect("friction" in result.errors, where).toBe(false);
          expect(result.warnings.map(({ code }) => code)).toEqual(["diverges", "diverges"]);
        }
      }
      device.close();
    }
    expect(known).toBeGreaterThan(11);
    expect(told).toBeGreaterThan(11);
  });

  it("diverges at a bias too, and with a third lead that is closed at the edge; not with one that is open there", () => {
    const cold = { chemicalPotential: -1.9, temperature: 0.05 };
    const warm = { chemicalPotential: -1.7, temperature: 0.1 };
    const two = engine.device(impurity(0, 0.1));
    expect(two.forces({ reservoirs: { a: cold, b: warm } }).friction).toBeUndefined();
    const closed = chain("c", { onsite: 3, hopping: 0.2, coupling: 0.3 });
    const self = 0.09 * (2 / (-5 - Math.sqrt(25 - 0.16)));
    const third = engine.device(impurity(0, 0.1, [chain("a"), chain("b"), closed]));
    // What the closed lead does to the level at the edge is taken back.
    const all = { a: cold, b: warm, c: cold };
    expect(third.forces({ at: { x: -self }, reservoirs: all }).friction).toBeUndefined();
    expect(third.forces({ at: { x: 0 }, reservoirs: all }).friction).toBeDefined();
    const open = engine.device(
      impurity(0, 0.1, [chain("a"), chain("b"), chain("c", { onsite: -2, coupling: 0.3 })]),
    );
    const result = open.forces({ reservoirs: all, tolerance: 1e-6 });
    expect(result.friction).toBeDefined();
    expect(result.warnings).toEqual([]);
  });
});

const file = new URL("../../known/faults/diverging-friction.json", import.meta.url);

it.each([1e-8, 2e-5, 1e-2])(
  "the stored case gives all but friction and noise at a tolerance of %f",
  (tolerance) => {
    const { model } = JSON.parse(readFileSync(file, "utf8"));
    const device = engine.device(model);
    const result = device.forces({ tolerance });
    expect(Object.keys(result)).not.toContain("friction");
    expect(Object.keys(result)).not.toContain("noise");
    for (const { code, text } of result.warnings) {
      expect(code).toBe("diverges");
      expect(text).toContain("E = -2");
    }
    // Half of a clean wire's charge per gate and site comes from either lead.
    const { S, D } = result.currentPerVelocity;
    expect(S[0]).toBeCloseTo(D[0], 9);
    expect(result.force[0]).toBeCloseTo(result.force[1], 12);
  },
);

it("refuses a motor that never leaves the divergence by as much as energies tell, by name, edge and way out", () => {
  const model = impurity(-1.9, 0.05);
  model.device = { ...(model.device as ExplicitDevice), parameters: { x: [[0, 0, 1]], y: [[0, 0, 1]] } };
  model.cycle = { x: { cos: [1e-8] }, y: { sin: [1e-8] } };
  const device = engine.device(model);
  let failure: unknown;
  try {
    device.motor();
  } catch (error) {
    failure = error;
  }
  expect(failure).toBeInstanceOf(NumericalError);
  const { message, energy } = failure as NumericalError;
  expect(message).toContain("friction");
  expect(message).toContain("diverges at all angles");
  expect(energy).toBe(-2);
});

it.each([
  { tolerance: 1e-8 },
  { tolerance: 1e-2 },
  { points: 16, tolerance: 1e-3 },
  { points: 33, tolerance: 1e-3 },
])("refuses the friction of linear response there as well, whatever is asked: %o", (question) => {
  const model = impurity(-1.9, 0.05);
  model.device = { ...(model.device as ExplicitDevice), parameters: { x: [[0, 0, 1]], y: [[0, 0, 1]] } };
  const answer = (x: number, width: number) => {
    model.cycle = { x: { mean: x, cos: [width] }, y: { sin: [width] } };
    return engine.device(model).linearResponse({ ...question, budget: 200_000 });
  };
  expect(() => answer(0, 1e-8)).toThrow(/friction.* diverges at all angles/);
  // The half-bound state detuned: the closed form at the middle of a small cycle, whose tangent is as long as the circle's chord of both gates.
  const { frictionPerTurn } = answer(0.3, 1e-4);
  const expected = 2 * Math.PI * 1e-8 * friction(0.3, -1.9, 0.05);
  expect(Math.abs(frictionPerTurn / expected - 1)).toBeLessThan(1e-2);
});
