// The models of docs/physics.md, section 11, against their numbers, and the resonant level against closed forms.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Lead, Model, Triplet } from "../../../src/model/types.js";
import { ForceCalculator } from "../../../src/transport/forces/forces.js";
import { twinOf } from "../known.js";

interface TurnSums {
  work: number;
  friction: number;
  charge: Float64Array;
}

/** Work, loop integral of friction and pumped charges of one turn by the trapezoidal rule. */
function turn(model: Model, path: (theta: number) => [number[], number[]], points: number): TurnSums {
  const { solver, reservoirs } = twinOf(model);
  const [start, tangent] = path(0);
  solver.configure(Float64Array.from(start), Float64Array.from(tangent));
  const calculator = new ForceCalculator(solver);
  const sums = { work: 0, friction: 0, charge: new Float64Array(solver.leads.length) };
  for (let i = 0; i < points; i++) {
    const [x, dx] = path((2 * Math.PI * i) / points);
    solver.configure(Float64Array.from(x), Float64Array.from(dx));
    const forces = calculator.compute(reservoirs, { tolerance: 1e-9 });
    const step = (2 * Math.PI) / points;
    sums.work += step * forces.force[0];
    sums.friction += step * forces.friction[0];
    for (let a = 0; a < sums.charge.length; a++) sums.charge[a] += step * forces.currentPerVelocity[a];
  }
  return sums;
}

function doubleDot(bias: number, temperature: number, probe = 0): Model {
  const probes: Lead[] = [0, 1].map((i) => ({ name: `phi${i}`, kind: "probe", orbitals: [i], width: probe }));
  return {
    format: "nanopinwheel/1",
    device: {
      orbitals: 2,
      hamiltonian: [
        [0, 0, -1],
        [0, 1, -1],
        [1, 1, -1],
      ] as Triplet[],
      parameters: { x: [[0, 0, 1]], y: [[1, 1, 1]] },
      leads: [
        { name: "left", kind: "wideband", orbitals: [0], width: 1 },
        { name: "right", kind: "wideband", orbitals: [1], width: 1 },
        ...(probe > 0 ? probes : []),
      ],
    },
    reservoirs: {
      left: { chemicalPotential: bias / 2, temperature },
      right: { chemicalPotential: -bias / 2, temperature },
    },
  };
}

const circle = (theta: number): [number[], number[]] => [
  [Math.cos(theta), Math.sin(theta)],
  [-Math.sin(theta), Math.cos(theta)],
];

describe("double dot", () => {
  it("at bias", () => {
    const sums = turn(doubleDot(0.8, 0.1), circle, 48);
    expect(Math.abs(sums.work)).toBeCloseTo(0.31431176, 7);
    expect(sums.friction / (2 * Math.PI)).toBeCloseTo(0.17545417, 7);
    expect(Math.abs(sums.charge[0])).toBeCloseTo(0.33564878, 7);
    expect(sums.charge[0] + sums.charge[1]).toBeCloseTo(0, 9);
  });
  it("in equilibrium", () => {
    const sums = turn(doubleDot(0, 0.1), circle, 48);
    expect(sums.work).toBeCloseTo(0, 8);
    expect(sums.friction / (2 * Math.PI)).toBeCloseTo(0.21358799, 7);
    expect(Math.abs(sums.charge[0])).toBeCloseTo(0.42173287, 7);
  });
  it("at zero temperature, with and without dephasing probes", () => {
    const coherent = turn(doubleDot(0, 0), circle, 128);
    expect(Math.abs(coherent.charge[0])).toBeCloseTo(0.439412, 5);
    expect(coherent.friction).toBeCloseTo(1.39401, 4);
    const dephased = turn(doubleDot(0, 0, 1), circle, 128);
    expect(Math.abs(dephased.charge[0])).toBeCloseTo(0.209442, 5);
    expect(dephased.friction).toBeCloseTo(0.93835, 4);
    expect(dephased.charge[2]).toBeCloseTo(0, 9);
    // W = Q V survives dephasing (linear response: small bias).
    const bias = 1e-3;
    const driven = turn(doubleDot(bias, 0, 1), circle, 128);
    expect(Math.abs(driven.work) / bias).toBeCloseTo(0.209442, 4);
  });
});

describe("two-dimensional force", () => {
  const model: Model = JSON.parse(
    readFileSync(new URL("../../models/two-dimensional-force.json", import.meta.url), "utf8"),
  );
  it("has the known tensor and curl, negative friction included", () => {
    const { solver, reservoirs } = twinOf(model);
    const calculator = new ForceCalculator(solver);
    const at = (x: number, y: number) => {
      solver.configure(Float64Array.of(x, y));
      return calculator.compute(reservoirs, { tolerance: 1e-11 });
    };
    const { friction: g } = at(0.2, -0.1);
    expect(g[0]).toBeCloseTo(-0.07629, 5);
    expect((g[1] + g[2]) / 2).toBeCloseTo(0.0531, 5);
    expect(g[3]).toBeCloseTo(1.90398, 5);
    expect(Math.abs(g[1] - g[2]) / 2).toBeCloseTo(0.44796, 5);
    const h = 1e-3;
    const byX = (at(0.2 + h, -0.1).force[1] - at(0.2 - h, -0.1).force[1]) / (2 * h);
    const byY = (at(0.2, -0.1 + h).force[0] - at(0.2, -0.1 - h).force[0]) / (2 * h);
    expect(Math.abs(byX - byY)).toBeCloseTo(0.8926, 4);
  });
});

describe("resonant level, T = 0, closed forms", () => {
  const [gammaL, gammaR, muL, muR] = [0.3, 0.5, 0.4, -0.25];
  const width = gammaL + gammaR;
  const model: Model = {
    format: "nanopinwheel/1",
    device: {
      orbitals: 1,
      hamiltonian: [[0, 0, 0]],
      parameters: { x: [[0, 0, 1]] },
      leads: [
        { name: "left", kind: "wideband", orbitals: [0], width: gammaL },
        { name: "right", kind: "wideband", orbitals: [0], width: gammaR },
      ],
    },
    reservoirs: {
      left: { chemicalPotential: muL, temperature: 0 },
      right: { chemicalPotential: muR, temperature: 0 },
    },
  };
  it.each([-0.7, 0, 0.13, 2])("level at %f", (level) => {
    const { solver, reservoirs } = twinOf(model);
    solver.configure(Float64Array.of(level));
    const forces = new ForceCalculator(solver).compute(reservoirs, { tolerance: 1e-12 });
    const filling = (mu: number) => 0.5 + Math.atan((2 * (mu - level)) / width) / Math.PI;
    const occupation = (gammaL * filling(muL) + gammaR * filling(muR)) / width;
    const phase = (mu: number) => Math.atan((2 * (mu - level)) / width);
    const current = ((2 * gammaL * gammaR) / width / (2 * Math.PI)) * (phase(muL) - phase(muR));
    const spectral = (mu: number) => width / ((mu - level) ** 2 + (width / 2) ** 2);
    // gamma = (1/4 pi) sum_a (Gamma_a / Gamma) A(mu_a)^2; D = int A_L A_R over the window between the two mu.
    const friction = (gammaL * spectral(muL) ** 2 + gammaR * spectral(muR) ** 2) / width / (4 * Math.PI);
    expect(forces.force[0]).toBeCloseTo(-occupation, 12);
    expect(forces.friction[0]).toBeCloseTo(friction, 11);
    expect(forces.current[0]).toBeCloseTo(current, 12);
    expect(forces.current[1]).toBeCloseTo(-current, 12);
    // J_L order 1 = charge that must enter: dn_a/dX sums to dN/dX.
    const change = -(gammaL * spectral(muL) + gammaR * spectral(muR)) / width / (2 * Math.PI);
    expect(forces.currentPerVelocity[0] + forces.currentPerVelocity[1]).toBeCloseTo(change, 11);
  });
});
