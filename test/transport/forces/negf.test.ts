// The whole chain (sea by contour, window, steps) against the complete NEGF formulas integrated by brute force over the
// real axis, for wide-band leads: random devices, real and complex, one to four leads, unequal mu and T.

import { expect, it } from "vitest";
import { fermi, fermiDerivative } from "../../../src/transport/energy/fermi.js";
import { hermitianEigen } from "../../twins/linear-algebra.js";
import { negfIntegrand } from "../../twins/negf.js";
import { randomModel } from "../../twins/random-device.js";
import { computeForces } from "../compute-forces.js";
import { twinOf } from "../known.js";

/** Nodes and weights of the Gauss-Legendre rule with `n` points, by Newton's method on the Legendre polynomial. */
function gauss(n: number): [number, number][] {
  return Array.from({ length: n }, (_, i) => {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 0;
    for (let step = 0; step < 50; step++) {
      let [p0, p1] = [1, x];
      for (let k = 2; k <= n; k++) [p0, p1] = [p1, ((2 * k - 1) * x * p1 - (k - 1) * p0) / k];
      slope = (n * (x * p1 - p0)) / (x * x - 1);
      x -= p1 / slope;
    }
    return [x, 2 / ((1 - x * x) * slope * slope)];
  });
}

/** Energies and weights over the whole axis below 8: panels graded towards the levels, and a tail in 1/E. */
function wholeAxis(levels: Float64Array): [number, number][] {
  const rule = gauss(20);
  const ends = [-8, 8];
  for (let i = -15; i <= 15; i++) ends.push(i / 2);
  for (const level of levels) {
    for (let distance = 1; distance > 1e-8; distance /= 2) ends.push(level - distance, level + distance);
  }
  ends.sort((a, b) => a - b);
  const nodes: [number, number][] = [];
  for (let p = 0; p + 1 < ends.length; p++) {
    const half = (ends[p + 1] - ends[p]) / 2;
    for (const [x, w] of rule) nodes.push([ends[p] + half * (1 + x), half * w]);
  }
  for (let p = 0; p < 8; p++) {
    for (const [x, w] of rule) {
      const s = (p + 0.5 + 0.5 * x) / 8;
      nodes.push([-8 / s, ((w / 16) * 8) / (s * s)]);
    }
  }
  return nodes;
}

it.each([1, 2, 3, 4, 5, 6, 7, 8])("random device %i", (seed) => {
  const model = randomModel(seed, { orbitals: 2 + (seed % 4), kinds: ["scalar", "orbitals", "matrix"] });
  const { solver, reservoirs } = twinOf(model);
  const d = solver.directions;
  solver.configure(Float64Array.from({ length: d }, (_, nu) => 0.3 - 0.4 * nu));
  const sums = {
    force: new Float64Array(d),
    friction: new Float64Array(d * d),
    noise: new Float64Array(d * d),
  };
  const flows = {
    current: new Float64Array(reservoirs.length),
    currentPerVelocity: new Float64Array(reservoirs.length * d),
  };
  for (const [energy, weight] of wholeAxis(hermitianEigen(solver.hamiltonian()).values)) {
    const f = reservoirs.map((r) => fermi(energy, r!.chemicalPotential, r!.temperature));
    const df = reservoirs.map((r) => fermiDerivative(energy, r!.chemicalPotential, r!.temperature));
    const values = negfIntegrand(solver, energy, f, df);
    for (const key of ["force", "friction", "noise"] as const) {
      for (let i = 0; i < sums[key].length; i++) sums[key][i] += weight * values[key][i];
    }
    for (const key of ["current", "currentPerVelocity"] as const) {
      for (let i = 0; i < flows[key].length; i++) flows[key][i] += weight * values[key][i];
    }
  }
  const forces = computeForces(solver, reservoirs, { tolerance: 1e-10 });
  const known = { ...sums, ...flows };
  for (const key of ["force", "friction", "noise", "current", "currentPerVelocity"] as const) {
    const scale = 1 + Math.max(...known[key].map(Math.abs));
    const worst = Math.max(...known[key].map((x, i) => Math.abs(x - forces[key][i])));
    expect(worst, `seed ${seed}: ${key}`).toBeLessThan(1e-8 * scale);
  }
});
