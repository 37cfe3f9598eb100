// The ensemble kernel: known answers of its random words, bits against the slow twin on both builds and in any grouping, the moments of
// its normal numbers, the weak order of both schemes, and exact results.

import { describe, expect, test } from "vitest";
import { loadKernels } from "../../src/engine/load.js";
import { RotorMemory, rotorFields } from "../../src/engine/rotor.js";
import { type Ensemble, simulateEnsemble } from "../../src/motor/noise/ensemble.js";
import { ensembleStatistics } from "../../src/motor/noise/ensemble-statistics.js";
import { stepTables } from "../../src/motor/noise/step-tables.js";
import type { RotorSystem } from "../../src/motor/rotor/rotor.js";
import { PeriodicCurve } from "../../src/numerics/periodic/periodic.js";
import { normalQuantileTable, tailQuantile } from "../../src/numerics/random/normal-quantile.js";
import { seedWords } from "../../src/numerics/random/threefry.js";
import { advanceTwin, normalOf, threefry } from "../twins/rotor-ensemble.js";

const simd = await loadKernels("simd");
const scalar = await loadKernels("scalar");

/** A washboard with uneven friction, out of equilibrium: D is not 2 T gamma. */
function washboard(inertia: number): RotorSystem {
  return {
    curve: {
      torque: PeriodicCurve.from((x) => 0.4 - Math.sin(x) + 0.3 * Math.cos(2 * x + 1), 16),
      friction: PeriodicCurve.from((x) => 0.8 + 0.4 * Math.cos(x - 2), 16),
      noise: PeriodicCurve.from((x) => 1.1 + 0.7 * Math.sin(x + 1), 16),
    },
    rotor: { inertia },
  };
}

describe("random numbers", () => {
  test("Threefry-4x32-20: the published known answers, in the twin", () => {
    const word = (text: string) => text.split(" ").map((hex) => Number.parseInt(hex, 16) | 0);
    const cases = [
      ["0 0 0 0", "0 0 0 0", "9c6ca96a e17eae66 fc10ecd4 5256a7d8"],
      [
        "ffffffff ffffffff ffffffff ffffffff",
        "ffffffff ffffffff ffffffff ffffffff",
        "2a881696 57012287 f6c7446e a16a6732",
      ],
      [
        "a4093822 299f31d0 082efa98 ec4e6c89",
        "243f6a88 85a308d3 13198a2e 03707344",
        "59cd1dbb b8879579 86b5d00c ac8b6d84",
      ],
    ];
    for (const [key, counter, answer] of cases)
      expect(threefry(word(key), word(counter))).toEqual(word(answer));
  });

  test.each([simd, scalar])("the kernels' words are the twin's ($build)", (kernels) => {
    const memory = new RotorMemory(kernels, stepTables(washboard(1), 0.1), 4);
    for (const [seed, trajectory, block] of [
      [0, 0, 0],
      [12345, 7, 99],
      [2 ** 53 - 1, 123456, 2 ** 29],
    ]) {
      const key = seedWords(seed);
      const expected = threefry([...key, trajectory, 0], [block, 0, 0, 0]);
      expect([...memory.words(key, trajectory, block)]).toEqual(expected);
    }
    memory.release();
  });

  test("quantiles against tabulated ones, and the moments of all the words' numbers", () => {
    expect(tailQuantile(0.05)).toBeCloseTo(1.959963984540054, 13);
    expect(tailQuantile(0.5)).toBeCloseTo(0.6744897501960817, 13);
    expect(tailQuantile(0.9)).toBeCloseTo(0.12566134685507402, 13);
    expect(tailQuantile(1e-9)).toBeCloseTo(6.109410204869, 10);
    const quantile = normalQuantileTable();
    let worst = 0;
    for (let word = 1; word < 2 ** 31; word = Math.ceil(word * 1.013)) {
      const exact = tailQuantile((2 * word + 1) / 2 ** 32);
      worst = Math.max(worst, Math.abs(normalOf(word, quantile) - exact));
      expect(normalOf(word | (1 << 31), quantile)).toBe(-normalOf(word, quantile));
    }
    expect(worst).toBeLessThan(1e-5);
    // Even moments, exactly: sums over the parts of the integrals of powers of straight lines.
    const moment = (power: number) => {
      let sum = 0;
      for (let part = 0; part < quantile.length / 2; part++) {
        const binade = 2 ** Math.floor(part / 128);
        const start = binade * (1 + (part % 128) / 128);
        const [left, right] = [start, start + binade / 128].map(
          (m) => quantile[2 * part] + quantile[2 * part + 1] * m,
        );
        // (right^(n+1) - left^(n+1)) / (right - left), written out.
        let mean = 0;
        for (let k = 0; k <= power; k++) mean += (left ** k * right ** (power - k)) / (power + 1);
        sum += (binade / 128 / 2 ** 32) * mean;
      }
      return sum;
    };
    expect(Math.abs(moment(0) - 1)).toBeLessThan(1e-9);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(1e-7);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(1e-6);
    expect(Math.abs(moment(6) - 15)).toBeLessThan(1e-4);
  });
});

describe("bits", () => {
  test.each([
    [simd, 0.7],
    [simd, 0],
    [scalar, 0.7],
    [scalar, 0],
  ] as const)("states equal the twin's (build %#)", (kernels, inertia) => {
    const tables = stepTables(washboard(inertia), inertia === 0 ? 0.02 : 0.08);
    const count = 12; // a group of eight and one of four
    const memory = new RotorMemory(kernels, tables, count);
    const seed = seedWords(987654321987);
    for (let i = 0; i < count; i++) {
      memory.field("position")[i] = i * 7.25;
      memory.field("speed")[i] = inertia === 0 ? 0 : 0.1 * i;
      memory.field("upper")[i] = i * 7.25 + tables.cells;
      memory.field("lower")[i] = i * 7.25 - tables.cells;
    }
    const twins = Array.from({ length: count }, (_, i) =>
      Object.fromEntries(rotorFields.map((name) => [name, memory.field(name)[i]])),
    );
    memory.advance(seed, 20, 5, 400, inertia === 0 ? 1 : 0);
    memory.advance(seed, 20, 405, 100, inertia === 0 ? 1 : 0);
    twins.forEach((twin, i) => {
      advanceTwin(tables, twin as never, seed, 20 + i, 20, 2000, inertia === 0);
      for (const name of rotorFields) expect(memory.field(name)[i], `${name} of ${i}`).toBe(twin[name]);
    });
    expect(memory.field("forward").reduce((a, b) => a + b)).toBeGreaterThan(3);
    memory.release();
  });

  test("the same seed gives the same bits on both builds, whole or in parts; another seed others", () => {
    const options = { time: 30, trajectories: 24, seed: 11, paths: 2, records: 10 };
    const whole = simulateEnsemble(simd, washboard(0.7), options);
    expect(simulateEnsemble(scalar, washboard(0.7), options)).toEqual(whole);
    const part = (first: number, trajectories: number) =>
      simulateEnsemble(simd, washboard(0.7), { ...options, first, trajectories, paths: first === 0 ? 2 : 0 });
    const parts = [part(0, 8), part(8, 16)];
    const join = (pick: (of: Ensemble) => Float64Array) =>
      Float64Array.from(parts.flatMap((of) => Array.from(pick(of))));
    const lists = Object.entries(whole).filter(
      ([name, value]) => value instanceof Float64Array && name !== "marks",
    );
    expect(lists.length).toBe(7);
    const joined = {
      ...parts[0],
      ...Object.fromEntries(
        lists.map(([name]) => [name, join((of) => of[name as keyof Ensemble] as Float64Array)]),
      ),
    };
    expect(joined.displacement).toEqual(whole.displacement);
    expect(joined.firstPassage).toEqual(whole.firstPassage);
    expect(joined.paths).toEqual(whole.paths);
    expect(ensembleStatistics(joined)).toEqual(ensembleStatistics(whole));
    const other = simulateEnsemble(simd, washboard(0.7), { ...options, seed: 12 });
    expect(other.displacement[0]).not.toBe(whole.displacement[0]);
    expect(whole.paths.angle[0][10] - whole.paths.angle[0][0]).toBeCloseTo(whole.displacement[0], 12);
  });
});

describe("against exact results", () => {
  const flat = (torque: number, friction: number, noise: number, inertia: number): RotorSystem => ({
    curve: {
      torque: PeriodicCurve.constant(torque),
      friction: PeriodicCurve.constant(friction),
      noise: PeriodicCurve.constant(noise),
    },
    rotor: { inertia },
  });

  test.each([0, 0.5])(
    "free rotor of inertia %f: omega = torque / friction, diffusion D / 2 friction^2",
    (inertia) => {
      const ensemble = simulateEnsemble(simd, flat(0.3, 0.5, 0.8, inertia), {
        time: 200,
        trajectories: 4000,
        burnIn: 10,
        step: 0.1,
      });
      const { meanVelocity, meanVelocityError, diffusion, diffusionError } = ensembleStatistics(ensemble);
      expect(Math.abs(meanVelocity - 0.6)).toBeLessThan(4 * meanVelocityError);
      // Var = 2 D_eff (t - (I/gamma)(1 - ...)): the part that inertia delays is known.
      const delay = inertia / 0.5;
      const exact = (0.8 / (2 * 0.25)) * (1 - delay / 200);
      expect(Math.abs(diffusion - exact)).toBeLessThan(4 * diffusionError);
      expect(meanVelocityError).toBeLessThan(0.003);
      const { windingNumber } = ensembleStatistics(ensemble);
      expect(windingNumber.mean).toBeGreaterThan((0.6 * 200) / (2 * Math.PI) - 1);
      if (inertia > 0) {
        const squared = ensemble.velocity.reduce((sum, v) => sum + (v - 0.6) ** 2, 0) / 4000;
        expect(Math.abs(squared / (0.8 / (2 * 0.5 * inertia)) - 1)).toBeLessThan(4 * Math.sqrt(2 / 4000));
      }
    },
  );

  test("no noise: the deterministic motion, second order in the step", () => {
    const system = { ...washboard(0.7), curve: { ...washboard(0.7).curve, noise: undefined } };
    const end = (step: number) =>
      simulateEnsemble(simd, system, { time: 8, trajectories: 1, burnIn: 0, step, velocity: 1.5 })
        .displacement[0];
    const [a, b, c] = [0.04, 0.02, 0.01].map(end);
    expect(Math.log2((a - b) / (b - c))).toBeCloseTo(2, 1);
  });

  test("next to no friction: a step of the wells, not of a speed that is never reached, and the energy stays", () => {
    const friction = 1e-12;
    const system: RotorSystem = {
      curve: {
        torque: PeriodicCurve.from((x) => -Math.sin(x), 16),
        friction: PeriodicCurve.constant(friction),
        noise: PeriodicCurve.constant(2e-3 * friction),
      },
      rotor: { inertia: 1 },
    };
    const ends = simulateEnsemble(simd, system, { time: 40, trajectories: 4, burnIn: 0, angle: 2 });
    expect(ends.step).toBeGreaterThan(5e-3);
    expect(ends.step).toBeLessThan(2e-2);
    for (const [i, velocity] of ends.velocity.entries())
      expect(Math.abs(velocity ** 2 / 2 - Math.cos(ends.angle[i]) + Math.cos(2))).toBeLessThan(1e-4);
  });

  test("without inertia, friction that vanishes at an angle, or is not above its own error, is refused", () => {
    const still = (least: number, error?: number): RotorSystem => ({
      curve: {
        torque: PeriodicCurve.from((x) => -Math.sin(x), 16),
        friction: PeriodicCurve.from((x) => Math.sin(x) ** 2 + least, 16),
        noise: PeriodicCurve.from((x) => 0.2 * Math.sin(x) ** 2 + 0.2 * least, 16),
        ...(error !== undefined && { errors: { friction: error } }),
      },
      rotor: { inertia: 0 },
    });
    const run = (system: RotorSystem, step?: number) => () =>
      simulateEnsemble(simd, system, { time: 1, trajectories: 4, step });
    expect(run(still(0))).toThrow(/rotor.inertia: .*positive friction.*found friction down to/);
    expect(run(still(0), 0.01)).toThrow(/rotor.inertia/);
    expect(run(still(0.1, 0.2))).toThrow(/above its error, 2.0e-1/);
    expect(run(still(0.1))().step).toBeGreaterThan(1e-5);
    expect(run(still(0.1, 1e-8))()).toEqual(run(still(0.1))());
  });

  test("options that make no sense, and a rotor that runs away", () => {
    const good = { time: 1, trajectories: 4 };
    const run =
      (options: object, system = washboard(1)) =>
      () =>
        simulateEnsemble(simd, system, { ...good, ...options });
    expect(run({ time: -1 })).toThrow("time");
    expect(run({ trajectories: 0 })).toThrow("trajectories");
    expect(run({ seed: 0.5 })).toThrow("seed");
    expect(run({ first: 2 })).toThrow("first");
    expect(run({ step: Number.NaN })).toThrow("step");
    expect(run({ time: 1e12, step: 1 })).toThrow("4e9");
    expect(run({}, { ...washboard(1), rotor: { inertia: "infinite" } })).toThrow("inertia");
    expect(run({}, flat(1, -0.5, 1, 0))).toThrow("friction");
    expect(run({}, flat(1, 1, -1, 1))).toThrow("noise");
    expect(run({ time: 1e4, step: 0.1 }, flat(1, -1, 1, 1))).toThrow("ran away");
  });
});
