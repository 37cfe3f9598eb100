// The short way for two channels against the general integrand, component by component, magnitudes included.

import { expect, test } from "vitest";
import { Kernels } from "../../src/engine/kernels.js";
import { resolveModel } from "../../src/model/resolve.js";
import { openSolver } from "../../src/scattering/open.js";
import { addCharges, addMotor } from "../../src/transport/emissivity.js";
import { fermiSlope } from "../../src/transport/fermi.js";
import { ForceIntegrand } from "../../src/transport/integrand.js";
import { forceLayout } from "../../src/transport/layout.js";
import {
  addPair,
  flatten,
  isPair,
  mayBePair,
  PairWeights,
  pairDefect,
} from "../../src/transport/pair-integrand.js";
import { timeDelay } from "../../src/transport/resonances.js";
import { randomSource } from "../twins/random.js";
import { randomChain } from "../twins/random-chain.js";
import { seeds } from "../twins/seeds.js";

test("every component, at any fillings", async () => {
  const kernels = await Kernels.load();
  let points = 0;
  for (const seed of seeds(40)) {
    const model = resolveModel(
      randomChain(seed, { complex: seed % 2 === 0, drivenHoppings: seed % 3 === 0 }),
    );
    const solver = openSolver(kernels, model.device, true);
    const source = randomSource(seed);
    const draw = () => Float64Array.from(model.device.parameters, () => source.between(-0.7, 0.7));
    solver.configure(draw(), draw());
    const layout = forceLayout(1, 2, true);
    expect(mayBePair(layout, solver.probes)).toBe(true);
    const integrand = new ForceIntegrand(layout, solver.reciprocal);
    const { fillings } = integrand;
    for (const kind of ["bias", "temperatures", "equilibrium", "cold", "reference elsewhere"] as const) {
      const bias = kind === "equilibrium" ? 0 : source.between(-0.5, 0.5);
      fillings.mu.set([0.1 + bias / 2, 0.1 - bias / 2]);
      fillings.temperature.set(kind === "cold" ? [0, 0.1] : [0.1, kind === "temperatures" ? 0.17 : 0.1]);
      fillings.referenceMu = kind === "reference elsewhere" ? 0.3 : fillings.mu[0];
      fillings.referenceTemperature = fillings.temperature[0];
      const energy = source.between(-0.8, 0.8);
      const point = solver.solve(energy, { firstOrder: true });
      expect(isPair(point)).toBe(true);
      // Linear response at a reservoir of its own; entry 1 of the weights, and at another place where something stands already.
      const response = { chemicalPotential: energy + 0.05, temperature: 0.1 };
      const weight = -fermiSlope(energy, response.chemicalPotential, response.temperature);
      const weights = new PairWeights();
      weights.lay(fillings, response, Float64Array.of(9, energy), 2);
      const numbers = new Float64Array(36);
      flatten(point, numbers.subarray(2));
      const pair = { numbers, start: 1, stride: 1 };
      expect(Math.abs(pairDefect(numbers, 2) - point.unitarityDefect)).toBeLessThan(1e-15);
      const [short, long] = [new Float64Array(layout.length), new Float64Array(layout.length)];
      const place = Float64Array.from({ length: 2 * layout.length }, (_, i) => (i < layout.length ? 7 : 0));
      addPair(layout, weights.table, 1, pair, 1, place, layout.length);
      expect(place.subarray(0, layout.length).every((value) => value === 7)).toBe(true);
      addPair(layout, weights.table, 1, pair, 1, short, 0);
      expect(place.subarray(layout.length)).toEqual(short);
      fillings.at(energy);
      long[layout.delay] = timeDelay(point);
      integrand.filled(point, energy, long);
      integrand.slope(point, energy, long);
      addCharges(point, weight, long, layout.response);
      addMotor(point, weight, long, layout.response + 2);
      for (let i = 0; i < layout.length; i++) {
        // What cancels inside a component is what its group's magnitude says.
        const cancelling = i < layout.delay ? long[layout.counted + layout.groups[i]] : 0;
        const allowed = 1e-13 * (Math.abs(long[i]) + cancelling) + 1e-15;
        expect(Math.abs(short[i] - long[i]), `seed ${seed}, ${kind}, component ${i}`).toBeLessThan(allowed);
        points++;
      }
    }
    solver.release();
  }
  expect(points).toBeGreaterThan(1000);
});
