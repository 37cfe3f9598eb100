// Random devices with leads of all kinds, probes among them, weakly and strongly coupled, cold and warm, at any bias: what is asked to a loose tolerance differs from what is
// asked to 1e-11 by no more than the stated errors.

import { expect, test } from "vitest";
import { type ForcesResult, loadEngine, NumericalError } from "../../../src/index.js";
import { randomSource } from "../../twins/random.js";
import { randomModel } from "../../twins/random-device.js";
import { seeds } from "../../twins/seeds.js";

const engine = await loadEngine();

function questionOf(seed: number) {
  const random = randomSource(9000 + seed);
  const options = random.uniform() < 0.3 ? { kinds: ["chain", "periodic", "scalar"] as const } : {};
  const model = randomModel(5000 + seed, {
    orbitals: random.integer(2, 9),
    ...(options.kinds ? { kinds: [...options.kinds] } : {}),
  });
  const weak = random.pick([1, 1, 0.3, 0.03, 0.003]);
  for (const lead of model.device.leads) {
    if ("width" in lead && typeof lead.width === "number") lead.width *= weak;
    else if ("coupling" in lead && typeof lead.coupling === "number") lead.coupling *= weak;
  }
  const cold = random.uniform() < 0.5;
  const temperature = random.pick([0.01, 0.1, 0.5, 1e-4]);
  const [bias, mu] = [random.pick([0, 0.05, 0.4, 1.5]), random.between(-1, 1)];
  for (const [k, name] of Object.keys(model.reservoirs).entries())
    model.reservoirs[name] = {
      chemicalPotential: mu + ((k % 2 === 0 ? -bias : bias) / 2 + (k > 1 ? 0.13 * bias : 0)),
      temperature: cold ? 0 : temperature * (random.uniform() < 0.3 ? 1.5 : 1),
    };
  const at = Object.fromEntries(
    Object.keys(model.device.parameters ?? {}).map((name) => [name, random.between(-0.5, 0.5)]),
  );
  return { model, at };
}

const quantities = [
  "force",
  "friction",
  "noise",
  "current",
  "energyCurrent",
  "currentPerVelocity",
  "energyCurrentPerVelocity",
] as const;

/** All numbers of a quantity. */
const numbers = (quantity: NonNullable<ForcesResult[(typeof quantities)[number]]>): number[] => {
  if (Array.isArray(quantity) || ArrayBuffer.isView(quantity)) return Array.from(quantity as Float64Array);
  if ("data" in quantity) return Array.from(quantity.data as Float64Array);
  return Object.values(quantity).flatMap((part) => (typeof part === "number" ? [part] : Array.from(part)));
};

test("differ from close ones by no more than the stated errors", () => {
  const wrong: string[] = [];
  let [compared, refused] = [0, 0];
  for (const seed of seeds(300, 20)) {
    const { model, at } = questionOf(seed);
    const device = engine.device(model);
    const ask = (tolerance: number) => device.forces({ at, tolerance });
    try {
      const fine = ask(1e-11);
      for (const tolerance of [1e-3, 1e-5, 1e-7]) {
        const loose = ask(tolerance);
        for (const key of quantities) {
          const [found, right] = [loose[key], fine[key]];
          if (!found || !right) continue;
          compared++;
          const exact = numbers(right);
          const off = Math.max(...numbers(found).map((value, i) => Math.abs(value - exact[i])));
          const size = Math.max(...exact.map(Math.abs));
          const stated = loose.errors[key]! + fine.errors[key]!;
          if (!(off <= stated + 1e-15 * size))
            wrong.push(`${key} of seed ${seed} at ${tolerance}: off by ${off} of ${size}, stated ${stated}`);
        }
      }
    } catch (error) {
      if (!(error instanceof NumericalError)) throw error;
      refused++;
    }
    device.close();
  }
  expect(wrong).toEqual([]);
  expect(refused).toBeLessThanOrEqual(0.05 * seeds(300, 20).length);
  expect(compared).toBeGreaterThan(18 * seeds(300, 20).length);
});
