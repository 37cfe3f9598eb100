// The open dot with a voltage probe on every site: from waves to particles. What interferes depends on the field's sign and dies; what is left is
// a network of classical resistors between the sites, which this file computes for itself.
import { beforeAll, describe, expect, test } from "vitest";
import { type Device, type Engine, loadEngine } from "../../src/index.js";
import { resolveModel } from "../../src/model/resolve/resolve.js";
import { selfEnergy } from "../twins/leads.js";
import { inverse, zeros } from "../twins/linear-algebra.js";

let engine: Engine;
beforeAll(async () => {
  engine = await loadEngine();
});

const small = { width: 4, length: 6, opening: 2, gateDepth: 0.6, disorder: 0.6, seed: 4, energy: -1.4 };
const file = (options: object, reservoirs?: object) => ({
  format: "nanopinwheel/1",
  device: { preset: "open-dot", ...small, ...options },
  ...(reservoirs && { reservoirs }),
});

function asked<T>(options: object, use: (device: Device) => T): T {
  const device = engine.device(file(options));
  try {
    return use(device);
  } finally {
    device.close();
  }
}

const charge = (options: object): number => asked(options, (device) => device.pump().charge.left);
const strays = { capacitances: { x: 0.3, y: 0.7 }, resistance: 0.2 };
const rectified = (options: object): number => asked(options, (device) => device.rectified(strays).charge);

/**
 * Charge per turn of the particles alone, to leading order in 1/width: G is 1/(E - level + i width/2 - Sigma_ii) on each site, so that
 * neighbours exchange width^2 |G_ii|^2 |G_jj|^2 and a site and a lead width Gamma_ii |G_ii|^2; what a gate expels from a site, (width + Gamma_ii)
 * |G_ii|^2 / 2pi per unit of its potential, leaves to the left with the probability that a walker on these resistors ends there.
 */
function networkCharge(options: { dephasing: number; phase?: number }, points: number): number {
  const { device, cycle } = resolveModel(file(options));
  const width = options.dephasing;
  const n = device.orbitals;
  const gates = device.parameters.map(({ derivative }) => Array.from(derivative.rows));
  const levels = new Float64Array(n);
  const bonds: [number, number][] = [];
  device.hamiltonian.rows.forEach((row, k) => {
    const column = device.hamiltonian.columns[k];
    if (row === column) levels[row] = device.hamiltonian.re[k];
    else bonds.push([row, column]);
  });
  const sigma = device.leads.slice(0, 2).map((lead) => {
    const own = selfEnergy(lead, small.energy, 0).sigma.data;
    const size = lead.orbitals.length;
    return Array.from(lead.orbitals, (site, i) => ({
      site,
      re: own[2 * i * (size + 1)],
      gamma: -2 * own[2 * i * (size + 1) + 1],
    }));
  });
  const series = cycle as Record<string, { cos?: number[]; sin?: number[] }>;
  let sum = 0;
  for (let k = 0; k < points; k++) {
    const theta = (2 * Math.PI * k) / points;
    const shift = new Float64Array(n);
    const pace = new Float64Array(n);
    for (const [g, name] of ["x", "y"].entries()) {
      const [c, s] = [series[name].cos?.[0] ?? 0, series[name].sin?.[0] ?? 0];
      for (const site of gates[g]) {
        shift[site] += c * Math.cos(theta) + s * Math.sin(theta);
        pace[site] += s * Math.cos(theta) - c * Math.sin(theta);
      }
    }
    const [own, open] = [levels.slice(), new Float64Array(n).fill(width)];
    for (const { site, re, gamma } of sigma.flat()) {
      own[site] += re;
      open[site] += gamma;
    }
    const square = Float64Array.from(
      open,
      (w, i) => 1 / ((small.energy - own[i] - shift[i]) ** 2 + (w * w) / 4),
    );
    // Conductances of the network, and the part of each site that ends in the left lead.
    const matrix = zeros(n, n);
    const add = (i: number, j: number, g: number) => {
      matrix.data[2 * (i * n + j)] += g;
    };
    for (const [i, j] of bonds) {
      const g = width ** 2 * square[i] * square[j];
      add(i, i, g);
      add(j, j, g);
      add(i, j, -g);
      add(j, i, -g);
    }
    for (const { site, gamma } of sigma.flat()) add(site, site, width * gamma * square[site]);
    const solved = inverse(matrix).data;
    for (let i = 0; i < n; i++) {
      if (pace[i] === 0) continue;
      let towardsLeft = 0;
      for (const { site, gamma } of sigma[0])
        towardsLeft += solved[2 * (i * n + site)] * width * gamma * square[site];
      sum -= (towardsLeft * open[i] * square[i] * pace[i]) / (2 * Math.PI);
    }
  }
  return (2 * Math.PI * sum) / points;
}

describe("with a voltage probe on every site", () => {
  test("no charge enters through a probe, and a weak one changes hardly anything", () => {
    asked({ field: 0.3, dephasing: 0.4 }, (device) => {
      expect(device.leadNames.length).toBe(2 + small.width * small.length);
      const { charge: all, certificate } = device.pump();
      expect(Math.abs(all.left)).toBeGreaterThan(1e-4);
      expect(Math.abs(all.left + all.right)).toBeLessThan(1e-12);
      for (const name of device.leadNames.slice(2)) expect(Math.abs(all[name])).toBeLessThan(1e-13);
      expect(certificate.unitarity).toBeLessThan(1e-12);
    });
    const coherent = charge({ field: 0.3 });
    const change = (dephasing: number) => charge({ field: 0.3, dephasing }) / coherent - 1;
    expect(Math.abs(change(1e-7))).toBeLessThan(1e-5);
    // To first order in the width, hence ten times less at a tenth.
    expect(change(1e-4) / change(1e-5)).toBeCloseTo(10, 1);
  });

  test("strong ones leave the particles of a network of resistors, up to terms of relative order 1/width", () => {
    const [coarse, middle, fine] = [80, 160, 320].map((dephasing) => {
      const particles = networkCharge({ dephasing }, 64);
      expect(Math.abs(networkCharge({ dephasing }, 96) / particles - 1)).toBeLessThan(1e-7);
      return charge({ dephasing }) / particles - 1;
    });
    expect(Math.abs(fine)).toBeLessThan(6e-3);
    expect(coarse / middle).toBeGreaterThan(1.9);
    expect(middle / fine).toBeGreaterThan(1.9);
    const retraced = networkCharge({ dephasing: 80, phase: 0 }, 64) / networkCharge({ dephasing: 80 }, 64);
    expect(Math.abs(retraced)).toBeLessThan(1e-9);
  });

  test("what changes with the field's sign, interference, dies faster than the rest", () => {
    const parts = [0, 1, 10, 100].map((dephasing) => {
      const [up, down] = [0.35, -0.35].map((field) => charge({ field, dephasing }));
      return Math.abs((up - down) / (up + down));
    });
    expect(parts[0]).toBeGreaterThan(0.3);
    expect(parts[2]).toBeLessThan(0.1 * parts[0]);
    expect(parts[3]).toBeLessThan(0.01 * parts[0]);
  });

  test.each([0.1, 3])("width %f: the symmetries that tell pumped from rectified stay", (dephasing) => {
    const field = 0.35;
    const forward = charge({ field, dephasing, phase: 1.1 });
    expect(Math.abs(charge({ field, dephasing, phase: -1.1 }) / forward + 1)).toBeLessThan(1e-7);
    expect(Math.abs(charge({ field, dephasing, phase: Math.PI }) / forward)).toBeLessThan(1e-7);
    const [up, down, back] = [{ field }, { field: -field }, { field, phase: -Math.PI / 2 }].map((options) =>
      rectified({ ...options, dephasing }),
    );
    expect(Math.abs(up)).toBeGreaterThan(1e-8);
    expect(Math.abs(up / down - 1)).toBeLessThan(1e-8);
    expect(Math.abs(up / back + 1)).toBeLessThan(1e-8);
  });
});

describe("the conductance between probes", () => {
  test("one probe: what comes straight, and what the probe passes on", () => {
    const lead = (name: string, kind: string, orbitals: number[], width: number) => ({
      name,
      kind,
      orbitals,
      width,
    });
    const model = {
      format: "nanopinwheel/1",
      device: {
        orbitals: 3,
        hamiltonian: [
          [0, 1, -0.8, 0.3],
          [1, 2, -0.6],
          [0, 2, -0.4],
        ],
        parameters: { x: [[0, 0, 1]], y: [[1, 1, 1]] },
        leads: [
          lead("phi", "probe", [1], 0.4),
          lead("left", "wideband", [0], 0.7),
          lead("right", "wideband", [2], 0.5),
        ],
      },
      cycle: { x: { cos: [0.5] }, y: { sin: [0.5] } },
    };
    const device = engine.device(model);
    const points = 64;
    let sum = 0;
    for (let k = 0; k < points; k++) {
      const theta = (2 * Math.PI * k) / points;
      const [x, y] = [0.5 * Math.cos(theta), 0.5 * Math.sin(theta)];
      const { left, right, phi } = device.scatter({ energy: 0.2, at: { x, y } }).transmission;
      // J_phi = 0 with mu_right = 0: the probe stands at T_phi,left / (T_phi,left + T_phi,right) of the bias; the current leaves at the right.
      const straight = right.left + (right.phi * phi.left) / (phi.left + phi.right);
      expect(straight).toBeCloseTo(left.right + (left.phi * phi.right) / (phi.left + phi.right), 12);
      sum += (straight / (2 * Math.PI)) * (-0.3 * y + 0.7 * x);
    }
    const { charge: found } = device.rectified({ capacitances: { x: 0.3, y: 0.7 }, energy: 0.2 });
    expect(Math.abs(found)).toBeGreaterThan(1e-3);
    expect(Math.abs(found - (2 * Math.PI * sum) / points)).toBeLessThan(1e-10);
    device.close();
  });
});
