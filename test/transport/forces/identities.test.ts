// Identities that hold for every device, over seeded random devices with all kinds of leads; the failing seed is named.

import { describe, expect, it } from "vitest";
import type { Reservoir } from "../../../src/model/types.js";
import { ForceCalculator } from "../../../src/transport/forces/forces.js";
import type { Forces } from "../../../src/transport/forces/result.js";
import { randomModel } from "../../twins/random-device.js";
import { computeForces } from "../compute-forces.js";
import { below, crossSlopes, largest, onCycle } from "../kernels/kernels.js";
import { twinOf } from "../known.js";

const equilibrium: Reservoir = { chemicalPotential: 0.12, temperature: 0.09 };

describe("equilibrium, random devices", () => {
  it("obeys the fluctuation-dissipation theorem D = 2 T gamma, probes included", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const { solver } = twinOf(randomModel(seed, { orbitals: 2 + (seed % 5) }));
      const d = solver.directions;
      solver.configure(Float64Array.from({ length: d }, (_, nu) => 0.4 - 0.3 * nu));
      const { friction, noise } = computeForces(
        solver,
        solver.leads.map(() => equilibrium),
        { tolerance: 1e-10 },
      );
      for (let i = 0; i < d; i++) {
        for (let j = 0; j < d; j++) {
          const symmetric = (friction[i * d + j] + friction[j * d + i]) / 2;
          const defect = noise[i * d + j] - 2 * equilibrium.temperature * symmetric;
          below(Math.abs(defect), 1e-9 * (largest(noise) + 1e-12), `seed ${seed}: D - 2 T gamma`);
        }
      }
    }
  });

  it("has a force without curl", () => {
    for (let seed = 41; seed <= 48; seed++) {
      const { solver } = twinOf(randomModel(seed, { orbitals: 4 }));
      const calculator = new ForceCalculator(solver);
      const force = (x: number, y: number) => {
        const values = new Float64Array(solver.directions);
        values.set([x, y]);
        solver.configure(values);
        return calculator.compute(
          solver.leads.map(() => equilibrium),
          { tolerance: 1e-12 },
        ).force;
      };
      const [coarse, fine] = [0.02, 0.01].map((h) => crossSlopes(force, h));
      const curl = (4 * (fine.yx - fine.xy) - (coarse.yx - coarse.xy)) / 3;
      below(Math.abs(curl), 1e-6 * (1 + Math.abs(fine.yx)), `seed ${seed}: curl`);
    }
  });
});

describe("out of equilibrium, random devices", () => {
  it("balances charge and energy per cycle and keeps the second law", () => {
    for (const seed of [3, 5, 6, 8, 9, 12, 14, 17]) {
      const model = randomModel(seed, {
        orbitals: 3,
        leads: 2,
        kinds: ["scalar", "orbitals", "matrix", "chain", "periodic"],
      });
      const { solver, reservoirs } = twinOf(model);
      solver.configure(...onCycle(model, 0));
      const calculator = new ForceCalculator(solver);
      const sums = { work: 0, charge: 0, energy: 0, chargeScale: 0, energyScale: 0 };
      const add = (theta: number) => {
        solver.configure(...onCycle(model, theta));
        const forces: Forces = calculator.compute(reservoirs, { tolerance: 1e-9 });
        below(forces.certificate.chargeBalance, 1e-7, `seed ${seed}: sum of frozen currents`);
        if (forces.entropyProduction! < -1e-10)
          throw new Error(`seed ${seed}: entropy ${forces.entropyProduction}`);
        sums.work += forces.force[0];
        for (let a = 0; a < solver.leads.length; a++) {
          sums.charge += forces.currentPerVelocity[a];
          sums.energy += forces.energyCurrentPerVelocity[a];
          sums.chargeScale += Math.abs(forces.currentPerVelocity[a]);
          sums.energyScale += Math.abs(forces.energyCurrentPerVelocity[a]);
        }
      };
      const defects = () => ({
        charge: Math.abs(sums.charge) / sums.chargeScale,
        energy: Math.abs(sums.energy - sums.work) / sums.energyScale,
      });
      // 96 points a turn; more where a bound state leaves the band for a short part of it (seed 17), which makes kinks in theta.
      let points = 96;
      for (let i = 0; i < points; i++) add((2 * Math.PI * i) / points);
      while (Math.max(defects().charge, defects().energy) >= 1e-8 && points < 768) {
        for (let i = 0; i < points; i++) add((2 * Math.PI * (i + 0.5)) / points);
        points *= 2;
      }
      below(defects().charge, 1e-8, `seed ${seed}: charge per cycle`);
      below(defects().energy, 1e-8, `seed ${seed}: first law`);
    }
  });

  it("has the unitarity identity of the A-matrix", () => {
    for (let seed = 101; seed <= 140; seed++) {
      const { solver } = twinOf(randomModel(seed));
      const point = solver.solve(0.21, { energyDerivative: true });
      below(velocityUnitarityDefect(point), 1e-9, `seed ${seed}: A-matrix`);
    }
  });
});

/** max |S^+ A + A^+ S - (i/2)(S_nu^+ S' - S'^+ S_nu)| for the first direction, by S_nu = -i S K. */
function velocityUnitarityDefect(point: {
  channels: number;
  S: Float64Array;
  dSdE: Float64Array;
  K: Float64Array[];
  P: Float64Array[];
}): number {
  const { channels: m, S, dSdE, K, P } = point;
  const at = (a: Float64Array, i: number, j: number): [number, number] => [
    a[2 * (i * m + j)],
    a[2 * (i * m + j) + 1],
  ];
  const times = (a: Float64Array, b: Float64Array): Float64Array => {
    const c = new Float64Array(2 * m * m);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < m; j++) {
        for (let k = 0; k < m; k++) {
          const [[x, y], [u, v]] = [at(a, i, k), at(b, k, j)];
          c[2 * (i * m + j)] += x * u - y * v;
          c[2 * (i * m + j) + 1] += x * v + y * u;
        }
      }
    }
    return c;
  };
  const adjoint = (a: Float64Array): Float64Array => {
    const c = new Float64Array(2 * m * m);
    for (let i = 0; i < m; i++)
      for (let j = 0; j < m; j++) c.set([at(a, j, i)[0], -at(a, j, i)[1]], 2 * (i * m + j));
    return c;
  };
  const [k, p] = [K[0], P[0]];
  const A = times(dSdE, k).map(
    (x, i) =>
      0.5 *
      (x +
        times(
          S,
          adjoint(p).map((y, n) => y - p[n]),
        )[i]),
  );
  const SA = times(adjoint(S), A);
  const left = SA.map((x, i) => x + adjoint(SA)[i]);
  // -i S K: [re, im] -> [im, -re].
  const SK = times(S, k);
  const dSdX = SK.map((_, i) => (i % 2 === 0 ? SK[i + 1] : -SK[i - 1]));
  const bracket = times(adjoint(dSdX), dSdE);
  const difference = bracket.map((x, i) => x - adjoint(bracket)[i]);
  // (i/2): [re, im] -> [-im, re] / 2.
  const right = difference.map((_, i) => 0.5 * (i % 2 === 0 ? -difference[i + 1] : difference[i - 1]));
  return largest(left.map((x, i) => x - right[i])) / (1 + largest(dSdE) * largest(k));
}

it("does not depend on the order of calls or on the reuse of buffers", () => {
  const model = randomModel(7, { orbitals: 4 });
  const { solver, reservoirs } = twinOf(model);
  const calculator = new ForceCalculator(solver);
  const [a, b] = [
    Float64Array.from({ length: solver.directions }, () => 0.3),
    new Float64Array(solver.directions),
  ];
  solver.configure(a);
  const first = calculator.compute(reservoirs);
  solver.configure(b);
  calculator.compute(reservoirs.map(() => ({ chemicalPotential: 0.3, temperature: 0 })));
  solver.configure(a);
  expect(calculator.compute(reservoirs)).toEqual(first);
});
