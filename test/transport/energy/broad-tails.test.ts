// Broad levels in the thermal tails: of disordered ribbons, also with a channel that opens there, loose integrals end before the tails and bound them. They
// differ from close ones, whose windows reach twice as far, by no more than both state.
import { expect, test } from "vitest";
// @ts-expect-error the models of the bench are plain JavaScript without types
import { lengthwiseGates, ribbonModel } from "../../../bench/models.mjs";
import { loadEngine } from "../../../src/index.js";
import { seeds } from "../../twins/seeds.js";

test("what they hold is within the stated errors", async () => {
  const engine = await loadEngine();
  let [compared, saved] = [0, 0];
  for (const seed of seeds(40, 6)) {
    const [width, length] = [3 + (seed % 4), 6 + (seed % 5)];
    const device = engine.device(ribbonModel(width, length, lengthwiseGates(width, length, 1)));
    const temperature = 0.01 + 0.004 * (seed % 6);
    const mu = -1 + 0.37 * (seed % 7);
    const reservoirs = {
      left: { chemicalPotential: mu + 0.06, temperature },
      right: { chemicalPotential: mu - 0.06, temperature: 0.8 * temperature },
    };
    const close = device.forces({ reservoirs, tolerance: 1e-11 });
    for (const tolerance of [1e-3, 1e-5, 1e-8]) {
      const found = device.forces({ reservoirs, tolerance });
      const where = `seed ${seed}, tolerance ${tolerance}`;
      for (const quantity of ["friction", "noise"] as const)
        for (const [i, value] of found[quantity]!.data.entries()) {
          const miss = Math.abs(value - close[quantity]!.data[i]);
          expect(miss, `${quantity}, ${where}`).toBeLessThanOrEqual(
            found.errors[quantity]! + close.errors[quantity]!,
          );
          compared++;
        }
      for (const lead of ["left", "right"]) {
        const miss = Math.abs(found.current[lead] - close.current[lead]);
        expect(miss, `current, ${where}`).toBeLessThanOrEqual(found.errors.current! + close.errors.current!);
      }
      if (tolerance === 1e-3 && found.evaluations < 0.7 * close.evaluations) saved++;
    }
    device.close();
  }
  expect(compared).toBeGreaterThan(30);
  expect(saved).toBeGreaterThan(3);
  engine.close();
});
