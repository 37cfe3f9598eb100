// Points in higher precision against ordinary ones where those are good (random devices, every kind of lead), and against the closed form of one level where
// they are not: what the reduced matrices have left of terms of order 1/w^2.

import { expect, it } from "vitest";
import { loadKernels } from "../../../src/engine/load.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { Model } from "../../../src/model/types.js";
import type { ScatteringPoint } from "../../../src/scattering/point.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import { ForceIntegrand } from "../../../src/transport/forces/integrand.js";
import { forceLayout } from "../../../src/transport/forces/layout.js";
import { below, largest, onCycle, onRandomDevices } from "../../transport/kernels/kernels.js";

const options = { energyDerivative: true, antisymmetricFriction: true };

/** Largest difference of two lists, relative to the largest element. */
function difference(found: Float64Array, expected: Float64Array): number {
  const size = Math.max(1, largest(expected));
  let most = 0;
  for (let k = 0; k < expected.length; k++) most = Math.max(most, Math.abs(found[k] - expected[k]));
  return most / size;
}

const copied = (point: ScatteringPoint): ScatteringPoint => ({
  ...point,
  channelLead: point.channelLead.slice(0, point.channels),
  S: point.S.slice(),
  dSdE: point.dSdE.slice(),
  K: point.K.map((matrix) => matrix.slice()),
  P: point.P.map((matrix) => matrix.slice()),
  antisymmetricFriction: point.antisymmetricFriction.map((list) => list.slice()),
});

it("random devices: the same matrices, and the same integrands from the reduced ones", async () => {
  const seeds = Array.from({ length: 40 }, (_, k) => 300 + k);
  await onRandomDevices(seeds, {}, false, ({ solver, model }, seed) => {
    solver.configure(onCycle(model, 0.3 * seed)[0]);
    const layout = forceLayout(solver.directions, solver.leads.length);
    const integrand = new ForceIntegrand(layout, solver.reciprocal);
    const { fillings } = integrand;
    solver.leads.forEach((_, a) => {
      fillings.mu[a] = 0.4 - 0.3 * a;
      fillings.temperature[a] = 0.1 + 0.05 * a;
    });
    fillings.referenceMu = fillings.mu[0];
    fillings.referenceTemperature = fillings.temperature[0];
    for (const energy of [-0.7312, 0.1234, 0.5678]) {
      const plain = copied(solver.solve(energy, options));
      const refined = solver.solveRefined(energy, 0, options)!;
      expect(Array.from(refined.channelLead)).toEqual(Array.from(plain.channelLead));
      below(refined.unitarityDefect, 1e-24, "unitarity");
      below(difference(refined.S, plain.S), 1e-11, "S");
      below(difference(refined.dSdE, plain.dSdE), 1e-10, "S'");
      for (let nu = 0; nu < layout.directions; nu++) {
        below(difference(refined.K[nu], plain.K[nu]), 1e-10, "K");
        below(difference(refined.P[nu], plain.P[nu]), 1e-10, "P");
      }
      fillings.at(energy);
      const [fromPlain, fromReduced] = [new Float64Array(layout.length), new Float64Array(layout.length)];
      for (const [point, out] of [
        [plain, fromPlain],
        [refined, fromReduced],
      ] as const) {
        integrand.filled(point, energy, out);
        integrand.fermiSurface(point, energy, out);
        out.fill(0, layout.counted);
      }
      below(difference(fromReduced, fromPlain), 1e-10, "integrands");
    }
  });
});

it("one level of width w: nothing of order 1/w^2 is left, and the energy counts to double-double", async () => {
  const kernels = await loadKernels();
  const level = 0.3;
  for (const width of [1e-2, 1e-5, 1e-8, 1e-11]) {
    const shares = [0.25 * width, 0.75 * width];
    const model: Model = {
      format: "nanopinwheel/1",
      device: {
        orbitals: 1,
        hamiltonian: [[0, 0, level]],
        parameters: { x: [[0, 0, 1]] },
        leads: ["left", "right"].map((name, a) => ({
          name,
          kind: "wideband",
          orbitals: [0],
          width: shares[a],
        })),
      },
    };
    const solver = new KernelSolver(kernels, resolveModel(model).device, false);
    for (const offset of [-3, 0, 0.37, 20]) {
      // Far below the last digit of the energy, for the narrowest.
      const point = solver.solveRefined(level, offset * width, { energyDerivative: true })!;
      const inverse = [offset * width, width / 2];
      const square = inverse[0] ** 2 + inverse[1] ** 2;
      for (let a = 0; a < 2; a++)
        for (let b = 0; b < 2; b++) {
          const [k, amplitude] = [2 * (2 * a + b), Math.sqrt(shares[a] * shares[b])];
          // S = 1 - i amplitude G, G = 1 / (x + i w / 2); K = amplitude |G|^2; P = -K G.
          const S = [
            (a === b ? 1 : 0) - (amplitude * inverse[1]) / square,
            (-amplitude * inverse[0]) / square,
          ];
          const K = amplitude / square;
          expect(Math.hypot(point.S[k] - S[0], point.S[k + 1] - S[1])).toBeLessThan(1e-15);
          expect(Math.hypot(point.K[0][k] - K, point.K[0][k + 1])).toBeLessThan(1e-15 * (4 / width));
          const P = [(-K * inverse[0]) / square, (K * inverse[1]) / square];
          expect(Math.hypot(point.P[0][k] - P[0], point.P[0][k + 1] - P[1])).toBeLessThan(1e-14 / width ** 2);
        }
      const { firstOrderRemainder: P, velocityCorrection, delayRemainder } = point.reduced!;
      expect(largest(P[0])).toBeLessThan(1e-28 / width ** 2);
      expect(largest(velocityCorrection[0])).toBeLessThan(1e-28 / width ** 2);
      expect(largest(delayRemainder[0])).toBeLessThan(1e-28 / width);
      expect(point.unitarityDefect).toBeLessThan(1e-29);
    }
    solver.release();
  }
});

it("a device with a band too wide is left to doubles", async () => {
  const orbitals = 200;
  const every = Array.from({ length: orbitals }, (_, i) => i);
  const solver = new KernelSolver(
    await loadKernels(),
    resolveModel({
      format: "nanopinwheel/1",
      device: {
        orbitals,
        hamiltonian: every.flatMap((i) =>
          every.slice(i).map((j): [number, number, number] => [i, j, 1 / (1 + i + j)]),
        ),
        parameters: { x: [[0, 0, 1]] },
        leads: [{ name: "left", kind: "wideband", orbitals: [0], width: 1 }],
      },
    }).device,
    false,
  );
  expect(solver.solveRefined(0.1, 0, { energyDerivative: true })).toBeUndefined();
  expect(solver.solve(0.1, { energyDerivative: true }).channels).toBe(1);
});
