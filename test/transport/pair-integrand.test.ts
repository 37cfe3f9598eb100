// The short way for two channels against the general integrand, component by component, magnitudes included.

import { expect, test } from "vitest";
import { Kernels } from "../../src/engine/kernels.js";
import { resolveModel } from "../../src/model/resolve.js";
import { openSolver } from "../../src/scattering/open.js";
import { addCharges, addMotor } from "../../src/transport/emissivity.js";
import { ForceIntegrand } from "../../src/transport/integrand.js";
import { forceLayout } from "../../src/transport/layout.js";
import { addPair, addPairResponse, isPair, mayBePair } from "../../src/transport/pair-integrand.js";
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
      fillings.at(energy);
      const [short, long] = [new Float64Array(layout.length), new Float64Array(layout.length)];
      // At another place, where something stands already.
      const place = Float64Array.from({ length: 2 * layout.length }, (_, i) => (i < layout.length ? 7 : 0));
      addPair(layout, fillings, point, Float64Array.of(9, energy), 1, place, layout.length);
      expect(place.subarray(0, layout.length).every((value) => value === 7)).toBe(true);
      addPair(layout, fillings, point, Float64Array.of(energy), 0, short, 0);
      expect(place.subarray(layout.length)).toEqual(short);
      long[layout.delay] = timeDelay(point);
      integrand.filled(point, energy, long);
      integrand.slope(point, energy, long);
      addPairResponse(point, 0.7, short, layout.response);
      addCharges(point, 0.7, long, layout.response);
      addMotor(point, 0.7, long, layout.response + 2);
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
