// The short way for two channels against the general integrand, component by component, magnitudes included.

import { expect, test } from "vitest";
import { loadKernels } from "../../../src/engine/load.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import { gauss16 } from "../../../src/numerics/quadrature/gauss.js";
import type { PointSolver } from "../../../src/scattering/contract.js";
import { openSolver } from "../../../src/scattering/open.js";
import { fermiDerivative } from "../../../src/transport/energy/fermi.js";
import { steepness } from "../../../src/transport/energy/resonances.js";
import { timeDelay } from "../../../src/transport/energy/state-count.js";
import { ForceIntegrand } from "../../../src/transport/forces/integrand.js";
import { forceLayout } from "../../../src/transport/forces/layout.js";
import { PairBatch } from "../../../src/transport/forces/pairs/batch.js";
import { addPair, flatten, isPair, mayBePair } from "../../../src/transport/forces/pairs/integrand.js";
import { PairWeights } from "../../../src/transport/forces/pairs/weights.js";
import { addCharges, addMotor } from "../../../src/transport/pump/emissivity.js";
import { randomSource } from "../../twins/random.js";
import { randomChain } from "../../twins/random-chain.js";
import { seeds } from "../../twins/seeds.js";

test("every component, at any fillings", async () => {
  const kernels = await loadKernels();
  let points = 0;
  for (const seed of seeds(40, 20)) {
    const model = resolveModel(
      randomChain(seed, { complex: seed % 2 === 0, drivenHoppings: seed % 3 === 0 }),
    );
    const solver: PointSolver & { release(): void } = openSolver(kernels, model.device, true);
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
      const point = solver.solve(energy, { energyDerivative: true });
      expect(isPair(point)).toBe(true);
      // Linear response at a reservoir of its own; entry 1 of the weights.
      const response = { chemicalPotential: energy + 0.05, temperature: 0.1 };
      const weight = -fermiDerivative(energy, response.chemicalPotential, response.temperature);
      const weights = new PairWeights();
      weights.lay(fillings, response, Float64Array.of(9, energy), 2);
      const numbers = new Float64Array(32);
      flatten(point, numbers);
      const [short, long] = [new Float64Array(layout.length), new Float64Array(layout.length)];
      addPair(layout, weights.table, 1, numbers, short);
      fillings.at(energy);
      long[layout.delay] = timeDelay(point);
      integrand.filled(point, energy, long);
      integrand.fermiSurface(point, energy, long);
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
  expect(points).toBeGreaterThan(25 * seeds(40, 20).length);
});

test("the kernel's rows and sums are those of the points one by one, in both builds", async () => {
  for (const build of ["simd", "scalar"] as const) {
    const kernels = await loadKernels(build);
    for (const seed of seeds(24, 12)) {
      const model = resolveModel(
        randomChain(seed, { complex: seed % 2 === 0, drivenHoppings: seed % 3 === 0 }),
      );
      const solver: PointSolver & { release(): void } = openSolver(kernels, model.device, true);
      const source = randomSource(seed);
      const layout = forceLayout(1, 2, seed % 4 > 0, seed % 5 > 0);
      const { fillings } = new ForceIntegrand(layout, solver.reciprocal);
      const response = seed % 4 > 0 ? { chemicalPotential: 0.05, temperature: 0.1 } : undefined;
      fillings.mu.set([0.2, -0.1]);
      fillings.temperature.set([0.1, 0.17]);
      fillings.referenceMu = 0.2;
      fillings.referenceTemperature = 0.1;
      fillings.equilibrium = { chemicalPotential: 0.1, temperature: 0.12 };
      const [panels, nodes, scale] = [9, gauss16.count, 3.5];
      const count = panels * nodes;
      const energies = Float64Array.from({ length: count }, () => source.between(-0.8, 0.8));
      const factors = Float64Array.from({ length: count }, () => source.between(0.5, 2));
      const tables = solver.pairTables?.();
      if (!tables) throw new Error("no tables");
      const batch = new PairBatch(layout, fillings, response, tables);
      // The second configuration finds the leads' values known; the last list is short.
      for (const [round, size] of [count, count, 2 * nodes].entries()) {
        const draw = () => Float64Array.from(model.device.parameters, () => source.between(-0.7, 0.7));
        solver.configure(draw(), draw());
        expect(solver.pairs).toBe(true);
        const defect = batch.evaluate(energies, size, nodes, scale, factors);
        const rows: Float64Array[] = [];
        const delays = batch.delays(size, nodes).slice(0, size);
        const sums = new Float64Array((4 * size * layout.length) / nodes);
        batch.sums(size / nodes, gauss16, sums);
        const weights = new PairWeights();
        weights.lay(fillings, response, energies, size, factors);
        const numbers = new Float64Array(32);
        for (let k = 0; k < size; k++) {
          const point = solver.solve(energies[k], { energyDerivative: true });
          expect(point.unitarityDefect).toBeLessThanOrEqual(defect + 1e-15);
          const row = new Float64Array(layout.length);
          flatten(point, numbers);
          addPair(layout, weights.table, k, numbers, row);
          const delay = row[layout.delay];
          expect(Math.abs(delays[k] - delay)).toBeLessThan(1e-12 * (1 + Math.abs(delay)));
          const apart = 1 + 2e-4 * 0.3 * scale * Math.abs(delay);
          for (const group of [2, 5, 6]) row[layout.counted + group] *= apart;
          const conditioning = 0.3 * scale * steepness(point);
          for (let i = 0; i < layout.delay && conditioning >= 1; i++) {
            const at = layout.counted + layout.groups[i];
            row[at] = Math.max(row[at], conditioning * Math.abs(row[i]));
          }
          rows.push(row.map((value) => factors[k] * value));
        }
        for (let panel = 0; panel < size / nodes; panel++)
          for (let i = 0; i < layout.length; i++) {
            const values = rows.slice(panel * nodes, (panel + 1) * nodes).map((row) => row[i]);
            const over = (list: Float64Array, from: number, of: (value: number) => number) =>
              values.reduce((sum, value, k) => sum + list[from + k] * of(value), 0);
            const value = over(gauss16.all, 0, (x) => x);
            const expected = [
              value,
              over(gauss16.all, 0, Math.abs),
              Math.max(
                Math.abs(over(gauss16.all, nodes, (x) => x)),
                Math.abs(over(gauss16.all, 2 * nodes, (x) => x)),
              ),
              over(gauss16.all, 0, (x) => Math.abs(x - value / 2)),
            ];
            const size = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
            const cancelling =
              i < layout.delay ? Math.max(...rows.map((row) => row[layout.counted + layout.groups[i]])) : 0;
            // Real and imaginary parts by themselves, as magnitudes have them, depend on the gauge of the channels.
            if (seed % 2 === 0 && i >= layout.counted) continue;
            for (const [k, number] of expected.entries()) {
              const found = sums[4 * (panel * layout.length + i) + k];
              const allowed = 1e-11 * (size + cancelling) + 1e-14;
              expect(
                Math.abs(found - number),
                `${build}, seed ${seed}.${round}, component ${i}, sum ${k}`,
              ).toBeLessThan(allowed);
            }
          }
      }
      solver.release();
    }
  }
});
