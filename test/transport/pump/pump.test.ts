// Pumped charge, curvature and the linear response of motors, with the dense twin, against docs/physics.md, section 11.

import { describe, expect, it } from "vitest";
import type { Cycle, ExplicitDevice, Model, Triplet } from "../../../src/model/types.js";
import { linearResponse } from "../../../src/motor/performance/linear-response.js";
import { pumpedCharge, pumpingCurvature } from "../../../src/transport/pump/pump.js";
import { type DenseDevice, densePointSolver } from "../../twins/dense.js";
import { randomModel } from "../../twins/random-device.js";
import { readModel } from "../../twins/read-model.js";

const circle = (mean: number, radius: number): Cycle => ({
  x: { mean, cos: [radius] },
  y: { mean, sin: [radius] },
});
const names = ["x", "y"];

function solverOf(device: ExplicitDevice) {
  const model: Model = { format: "nanopinwheel/1", device };
  return quick(densePointSolver(readModel(model)));
}

/** The twin with its count of eigenvalues by elimination (signs of the pivots) instead of diagonalisation. */
function quick(solver: DenseDevice): DenseDevice {
  solver.eigenvaluesBelow = (energy) => {
    const H = solver.hamiltonian();
    const n = H.shape[0];
    const a = H.data.slice();
    for (const { data } of solver.point(energy).sigma) {
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          const [at, across] = [2 * (i * n + j), 2 * (j * n + i)];
          a[at] += 0.5 * (data[at] + data[across]);
          a[at + 1] += 0.5 * (data[at + 1] - data[across + 1]);
        }
      }
    }
    for (let i = 0; i < n; i++) a[2 * (i * n + i)] -= energy;
    let below = 0;
    for (let k = 0; k < n; k++) {
      const pivot = a[2 * (k * n + k)] || 1e-300;
      if (pivot < 0) below++;
      for (let i = k + 1; i < n; i++) {
        const [x, y] = [a[2 * (i * n + k)] / pivot, a[2 * (i * n + k) + 1] / pivot];
        if (x === 0 && y === 0) continue;
        for (let j = k + 1; j < n; j++) {
          const [re, im] = [a[2 * (k * n + j)], a[2 * (k * n + j) + 1]];
          a[2 * (i * n + j)] -= x * re - y * im;
          a[2 * (i * n + j) + 1] -= x * im + y * re;
        }
      }
    }
    return below;
  };
  return solver;
}

const twoGate = solverOf({
  orbitals: 12,
  hamiltonian: Array.from({ length: 11 }, (_, i): Triplet => [i, i + 1, -1]),
  parameters: { x: [[3, 3, 1]], y: [[8, 8, 1]] },
  leads: [
    { name: "left", kind: "chain", orbital: 0, hopping: -1 },
    { name: "right", kind: "chain", orbital: 11, hopping: -1 },
  ],
});

const doubleDot = (e0: number, width: number) =>
  solverOf({
    orbitals: 2,
    hamiltonian: [
      [0, 0, e0],
      [0, 1, -1],
      [1, 1, e0],
    ],
    parameters: { x: [[0, 0, 1]], y: [[1, 1, 1]] },
    leads: [
      { name: "left", kind: "wideband", orbitals: [0], width },
      { name: "right", kind: "wideband", orbitals: [1], width },
    ],
  });

describe("pumped charge", () => {
  it("of the two-gate wire", () => {
    const pump = pumpedCharge(twoGate, circle(0.5, 1.2), names, { energy: -0.5, temperature: 0 });
    expect(Math.abs(pump.charge.left)).toBeCloseTo(0.14291571909, 8);
    expect(pump.certificate.chargeBalance).toBeLessThan(1e-9);
    expect(pump.certificate.unitarity).toBeLessThan(1e-12);
    const fixed = pumpedCharge(twoGate, circle(0.5, 1.2), names, { energy: -0.5, points: 256 });
    expect(fixed.points).toBe(256);
    expect(Math.abs(fixed.charge.left - pump.charge.left)).toBeLessThan(fixed.error + 1e-9);
  });

  it("of the double dot, thermally averaged", () => {
    const pump = pumpedCharge(doubleDot(-1, 1), circle(0, 1), names, {
      energy: 0,
      temperature: 0.1,
      tolerance: 1e-7,
    });
    expect(Math.abs(pump.charge.left)).toBeCloseTo(0.42173287, 7);
  });

  it("finds resonances far narrower than the grid", () => {
    // A level crosses mu where x y = 1, with the weight 1/(1 + x^2) on the left dot: it is filled from one side and emptied
    // to the other, |Q| = (x^2 - 1)/(x^2 + 1) at the crossing x = 1.785201.
    const narrow = doubleDot(0, 1e-5);
    const cycle: Cycle = { x: { mean: 1, cos: [0.9] }, y: { mean: 1, sin: [0.9] } };
    const pump = pumpedCharge(narrow, cycle, names, { energy: 0, tolerance: 1e-6 });
    const loose = pumpedCharge(narrow, cycle, names, { energy: 0, points: 64 });
    expect(Math.abs(loose.charge.left)).toBeLessThan(0.01);
    expect(Math.abs(pump.charge.left)).toBeCloseTo(0.52233, 4);
    expect(pump.certificate.chargeBalance).toBeLessThan(1e-5);
  });

  it("balances on random devices", () => {
    for (let seed = 1; seed <= 8; seed++) {
      const model = randomModel(seed, {
        orbitals: 4,
        kinds: ["scalar", "orbitals", "matrix", "chain", "periodic"],
      });
      const solver = quick(densePointSolver(readModel(model)));
      const parameters = Object.keys(model.device.parameters as object);
      const pump = pumpedCharge(solver, model.cycle, parameters, { energy: 0.1, temperature: 0 });
      expect(pump.certificate.chargeBalance).toBeLessThan(1e-7);
    }
  });

  it("is the area integral of the curvature", () => {
    const [x, y, radius] = [0.4, 0.7, 0.1];
    const at = (dx: number, dy: number) =>
      pumpingCurvature(twoGate, names, {
        parameters: ["x", "y"],
        first: [x + dx],
        second: [y + dy],
        energy: -0.5,
      }).curvature.left[0];
    // Radial Gauss-Legendre in r^2 (2 nodes) and 8 angles: exact to order 7.
    let area = 0;
    for (const u of [0.5 - Math.sqrt(1 / 12), 0.5 + Math.sqrt(1 / 12)]) {
      for (let k = 0; k < 8; k++) {
        const r = radius * Math.sqrt(u);
        area += at(r * Math.cos((Math.PI * k) / 4), r * Math.sin((Math.PI * k) / 4)) / 16;
      }
    }
    const cycle: Cycle = { x: { mean: x, cos: [radius] }, y: { mean: y, sin: [radius] } };
    const { charge } = pumpedCharge(twoGate, cycle, names, { energy: -0.5 });
    expect(Math.abs(charge.left / (Math.PI * radius ** 2 * area) - 1)).toBeLessThan(1e-5);
  });
});

describe("linear response", () => {
  it("of the double dot", () => {
    const motor = linearResponse(doubleDot(-1, 1), circle(0, 1), names, { energy: 0, bias: 0.2 });
    expect(Math.abs(motor.charge)).toBeCloseTo(0.439412, 6);
    expect(motor.frictionPerTurn).toBeCloseTo(1.39401, 5);
    expect(motor.maximumEfficiency).toBeCloseTo(0.06116, 5);
    expect(motor.stallLoad).toBeCloseTo((0.2 * motor.charge) / (2 * Math.PI), 12);
    expect(motor.certificate.bound.satisfied).toBe(true);
  });

  it("of the double dot that pumps nothing by symmetry", () => {
    const motor = linearResponse(doubleDot(0, 1), circle(0, 1), names, { energy: 0 });
    expect(Math.abs(motor.charge)).toBeLessThan(1e-10);
    expect(motor).not.toHaveProperty("stallLoad");
  });

  it("keeps the bound on random devices, also in a magnetic field", () => {
    for (let seed = 1; seed <= 8; seed++) {
      const model = randomModel(seed, { orbitals: 4, leads: 2, kinds: ["scalar", "orbitals", "chain"] });
      const solver = quick(densePointSolver(readModel(model)));
      const parameters = Object.keys(model.device.parameters as object);
      const motor = linearResponse(solver, model.cycle, parameters, { energy: 0.1, tolerance: 1e-6 });
      expect(motor.certificate.bound.satisfied).toBe(true);
      expect(motor.figureOfMerit === undefined).toBe(!solver.reciprocal);
    }
  });
});
