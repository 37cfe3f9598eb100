// Turns of wide leads whose transverse thresholds lie inside the window: a refined grid on functions with known integrals, a disordered ribbon
// against forces at many angles, and a clean one, whose kinks are those of the single subband that opens at the threshold.
import { afterAll, describe, expect, test } from "vitest";
import { type Device, loadEngine, type Model } from "../../src/index.js";
import { RefinedTurn } from "../../src/motor/curve/refined.js";
import { allTests } from "../twins/seeds.js";

const turn = 2 * Math.PI;

describe("a refined grid", () => {
  /** Poisson's kernel, whose integral over the turn is 2 pi, and whose peak has the given half width. */
  const kernel = (theta: number, centre: number, width: number) => {
    const r = Math.exp(-width);
    return (1 - r * r) / (1 - 2 * r * Math.cos(theta - centre) + r * r);
  };

  function refined(f: (theta: number) => number[], allowed: number, trials: number[]) {
    let samples = 0;
    const sample = (theta: number) => {
      samples++;
      return Float64Array.from(f(theta));
    };
    const start = 0.1;
    const first = Array.from({ length: 32 }, (_, j) => sample(start + (turn * j) / 32));
    const grid = new RefinedTurn(
      (requests) => requests.map(({ theta }) => ({ values: sample(theta) })),
      first[0].length,
      (largest) => largest.map((size) => allowed * size),
      {
        start,
        samples: first,
      },
    );
    return { grid, failedAt: grid.build(trials), samples: () => samples };
  }

  test("peaks of different widths: values and integrals within the stated errors, few samples", () => {
    const f = (theta: number) => [
      kernel(theta, 1, 0.02) + kernel(theta, 2.5, 0.03) + kernel(theta, 4.7, 0.003),
      Math.log(1.0004 - Math.cos(theta - 2.5)),
    ];
    for (const allowed of [1e-3, 1e-4, 1e-6]) {
      const { grid, failedAt, samples } = refined(f, allowed, [0.3, 4.699]);
      expect(failedAt).toBeUndefined();
      const { integral, value } = grid.errors();
      const largest = grid.largest();
      // Trial angles find what is narrower than the first grid.
      let worst = [0, 0];
      for (let j = 0; j < 20000; j++) {
        const theta = (turn * (j + 0.5)) / 20000;
        const exact = f(theta);
        worst = worst.map((miss, i) => Math.max(miss, Math.abs(grid.valueAt(theta)[i] - exact[i])));
      }
      // int log(cosh a - cos t) = 2 pi (a - log 2)
      const integrals = [3 * turn, turn * (Math.acosh(1.0004) - Math.LN2)];
      for (const [i, miss] of worst.entries()) {
        expect(value[i]).toBeLessThan(allowed * largest[i]);
        expect(miss).toBeLessThan(2 * allowed * largest[i]);
        expect(Math.abs(grid.integrals()[i] - integrals[i])).toBeLessThan(integral[i] + 1e-9);
      }
      expect(samples()).toBeLessThan(allowed > 1e-5 ? 330 : 520);
    }
  });

  test("a peak between all angles is found by a trial angle", () => {
    const { grid, failedAt } = refined((theta) => [1 + 1e-4 * kernel(theta, 2.2, 1e-4)], 1e-4, [2.2]);
    expect(failedAt).toBeUndefined();
    expect(Math.abs(grid.valueAt(2.2)[0] - 1 - 1e-4 * kernel(2.2, 2.2, 1e-4))).toBeLessThan(1e-3);
    expect(grid.count).toBeLessThan(400);
  });

  test("what is rough everywhere, or jumps, is not resolved", () => {
    expect(refined((theta) => [Math.sin(1e7 * theta * theta)], 1e-4, []).failedAt).toBeTypeOf("number");
    const { failedAt } = refined((theta) => [theta % turn < 2 ? 0 : 1], 1e-4, []);
    expect(failedAt).toBeCloseTo(2, 3);
  });
});

describe("ribbon of 3 x 4 sites, the threshold of its second subband between the chemical potentials", async () => {
  const engine = await loadEngine();
  const open: Device[] = [];
  afterAll(() => {
    for (const device of open) device.close();
  });
  const amplitude = 0.4;
  const gates = (theta: number) => ({
    gate0: amplitude * Math.cos(theta),
    gate1: amplitude * Math.sin(theta),
  });
  /** Square lattice with hopping -1; each gate acts on one half of the length. */
  function ribbon(disorder: boolean): Device {
    const [width, length] = [3, 4];
    const site = (x: number, y: number) => x * width + y;
    const sites = Array.from({ length: width * length }, (_, i) => [Math.floor(i / width), i % width]);
    const onsite = (i: number) => 4 + (disorder ? 0.5 * Math.sin(37 * i * i + 11 * i) : 0);
    const column = Array.from({ length: width }, (_, y) => y);
    const gate = (half: number) =>
      sites.flatMap(([x], i) => (2 * x < length === (half === 0) ? [[i, i, 1]] : []));
    const model = {
      format: "nanopinwheel/1",
      device: {
        orbitals: width * length,
        hamiltonian: sites.flatMap(([x, y], i) => [
          [i, i, onsite(i)],
          ...(y + 1 < width ? [[i, site(x, y + 1), -1]] : []),
          ...(x + 1 < length ? [[i, site(x + 1, y), -1]] : []),
        ]),
        parameters: { gate0: gate(0), gate1: gate(1) },
        leads: ["left", "right"].map((name, end) => ({
          name,
          kind: "periodic",
          orbitals: column.map((y) => site(end * (length - 1), y)),
          onsite: column.flatMap((y) => [[y, y, 4], ...(y + 1 < width ? [[y, y + 1, -1]] : [])]),
          hopping: column.map((y) => [y, y, -1]),
        })),
      },
      cycle: { gate0: { cos: [amplitude] }, gate1: { sin: [amplitude] } },
      reservoirs: {
        left: { chemicalPotential: 2.05, temperature: 0.01 },
        right: { chemicalPotential: 1.85, temperature: 0.01 },
      },
    } as unknown as Model;
    const device = engine.device(model);
    open.push(device);
    return device;
  }

  test("disorder mixes the subbands: no kinks, and the turn of the sum over many angles", () => {
    const device = ribbon(true);
    const motor = device.motor({ tolerance: 1e-4 });
    expect(motor.warnings.map(({ code }) => code)).not.toContain("kinks");
    expect(motor.evaluations).toBeLessThan(90_000);
    expect(motor.error).toBeLessThan(3e-4);
    const count = 512;
    let [work, friction, noise] = [0, 0, 0];
    const charge = { left: 0, right: 0 };
    for (let j = 0; j < count; j++) {
      const theta = (turn * (j + 0.3)) / count;
      const { gate0, gate1 } = gates(theta);
      const tangent = [-gate1, gate0];
      const forces = device.forces({ at: { gate0, gate1 }, tolerance: 1e-5 });
      const quadratic = ({ data }: { data: Float64Array }) =>
        data.reduce((sum, x, k) => sum + x * tangent[k >> 1] * tangent[k & 1], 0);
      work += (turn / count) * (forces.force![0] * tangent[0] + forces.force![1] * tangent[1]);
      friction += (turn / count) * quadratic(forces.friction!);
      noise += (turn / count) * quadratic(forces.noise!);
      for (const lead of ["left", "right"] as const) {
        const [x, y] = forces.currentPerVelocity![lead];
        charge[lead] += (turn / count) * (x * tangent[0] + y * tangent[1]);
      }
    }
    const { errors } = motor;
    expect(Math.abs(motor.workPerTurn - work)).toBeLessThan(turn * errors.force);
    expect(Math.abs(motor.frictionPerTurn - friction)).toBeLessThan(turn * errors.friction);
    expect(Math.abs(motor.frictionPerTurn / friction - 1)).toBeLessThan(1e-4);
    expect(Math.abs(motor.noisePerTurn / noise - 1)).toBeLessThan(1e-4);
    for (const lead of ["left", "right"] as const)
      expect(Math.abs(motor.charge[lead] - charge[lead])).toBeLessThan(turn * errors.currentPerVelocity);
  });

  test.skipIf(!allTests)("a looser tolerance takes fewer energies", () => {
    const device = ribbon(true);
    const energies = [1e-3, 1e-5].map((tolerance) => device.motor({ tolerance }).evaluations);
    expect(energies[0]).toBeLessThan(0.8 * energies[1]);
  });

  test("without disorder only the half-bound states of the opening subband make kinks", () => {
    // On the second subband, at its lower edge, a state that is constant on the left grows by the recursion of the chain.
    const excess = (theta: number) => {
      const { gate0, gate1 } = gates(theta);
      let [before, now] = [1, 1];
      for (const gate of [gate0, gate0, gate1, gate1]) [before, now] = [now, (2 + gate) * now - before];
      return now - before;
    };
    const kinks: number[] = [];
    for (let j = 0; j < 1000; j++) {
      let [low, high] = [(turn * j) / 1000, (turn * (j + 1)) / 1000];
      const sign = Math.sign(excess(low));
      if (sign === Math.sign(excess(high))) continue;
      for (let step = 0; step < 50; step++) {
        const middle = (low + high) / 2;
        if (Math.sign(excess(middle)) === sign) low = middle;
        else high = middle;
      }
      kinks.push(low);
    }
    const motor = ribbon(false).motor({ tolerance: 1e-4 });
    const { text } = motor.warnings.find(({ code }) => code === "kinks")!;
    expect(text).toContain(`theta = ${kinks.map((kink) => kink.toPrecision(6)).join(", ")}:`);
    expect(motor.evaluations).toBeLessThan(130_000);
  });
});
