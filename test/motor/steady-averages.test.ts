// Averages of ensembles against exact ones: whatever the time against the rotor's memory, what is stated is off by a few of its errors at most,
// and where the errors are not the usual ones a warning says why.

import { describe, expect, test } from "vitest";
import { loadKernels } from "../../src/engine/load.js";
import { simulateEnsemble } from "../../src/motor/noise/ensemble.js";
import { ensembleStatistics } from "../../src/motor/noise/ensemble-statistics.js";
import { fokkerPlanck } from "../../src/motor/noise/fokker-planck.js";
import { overdampedFokkerPlanck } from "../../src/motor/noise/fokker-planck-overdamped.js";
import { relaxationOf, runningSpeed } from "../../src/motor/noise/relaxation.js";
import { steadyAverages } from "../../src/motor/noise/steady-averages.js";
import { type RotorSystem, rotorForces } from "../../src/motor/rotor/rotor.js";
import { runningOrbits } from "../../src/motor/rotor/steady-states.js";
import { PeriodicCurve } from "../../src/numerics/periodic/periodic.js";
import { studentFactor } from "../../src/numerics/random/student.js";
import { chosen, seeds } from "../twins/seeds.js";
import { Deviations } from "./deviations.js";

const kernels = await loadKernels();
const even = (torque: number, friction: number, noise: number, inertia: number): RotorSystem => ({
  curve: {
    torque: PeriodicCurve.constant(torque),
    friction: PeriodicCurve.constant(friction),
    noise: PeriodicCurve.constant(noise),
  },
  rotor: { inertia },
});

/** A washboard: steep or shallow by the tilt and the temperature; friction uneven. */
function washboard(inertia: number, tilt: number, temperature: number): RotorSystem {
  const friction = (x: number) => 0.6 + 0.3 * Math.cos(x + 1);
  return {
    curve: {
      torque: PeriodicCurve.from((x) => tilt + Math.sin(x) - 0.6 * Math.cos(2 * x), 16),
      friction: PeriodicCurve.from(friction, 16),
      noise: PeriodicCurve.from((x) => 2 * temperature * friction(x), 16),
    },
    rotor: { inertia },
  };
}

const codes = ({ warnings }: { warnings: { code: string }[] }) => warnings.map(({ code }) => code);

describe("free rotor: the Ornstein-Uhlenbeck process, omega = f / g, diffusion D / 2 g^2, memory I / g", () => {
  test.each([0, 0.1, 1, 20, 200])("inertia %f", (inertia) => {
    const system = even(0.3, 0.5, 0.8, inertia);
    const deviations = new Deviations();
    for (const seed of seeds(20, 3))
      for (const time of [1, 10, 100]) {
        const averages = steadyAverages(kernels, system, { time, trajectories: 64, seed });
        deviations.add(`time ${time}, seed ${seed}`, averages, { meanVelocity: 0.6, diffusion: 1.6 });
        const memory = inertia / 0.5;
        expect(averages.ensemble.burnIn).toBeGreaterThan(0.99 * Math.min(10 * memory, 10 * time));
        const short = time < 2 * memory;
        // Nothing tells a free rotor without inertia from one whose angle matters.
        if (inertia > 0 && (short || time > 20 * memory))
          expect(codes(averages).includes("transient"), `time ${time}, seed ${seed}`).toBe(short);
      }
    deviations.hold(3 * 3, 1.3, { warned: 4 });
  });

  test.each([1, 20])("a burn-in of nothing is held by the error, inertia %f", (inertia) => {
    const system = even(0.3, 0.5, 0.8, inertia);
    const deviations = new Deviations();
    for (const seed of seeds(20, 5))
      for (const factor of [0.2, 1, 5]) {
        const time = (factor * inertia) / 0.5;
        const ensemble = simulateEnsemble(kernels, system, { time, burnIn: 0, trajectories: 256, seed });
        const averages = ensembleStatistics(ensemble, { relaxation: relaxationOf(system) });
        expect(codes(averages)).toContain("transient");
        deviations.add(`${factor} memories, seed ${seed}`, averages, { meanVelocity: 0.6, diffusion: 1.6 });
      }
    deviations.hold(15, 1.3, { warned: 4 });
  });

  test("the Fokker-Planck solution knows the memory", () => {
    for (const inertia of [0.5, 3]) {
      const { relaxation } = fokkerPlanck(even(0.3, 0.5, 0.8, inertia), { relaxation: true });
      expect(Math.abs(relaxation!.time / (inertia / 0.5) - 1)).toBeLessThan(1e-6);
      expect(Math.abs(relaxation!.reach / ((0.6 * inertia) / 0.5) - 1)).toBeLessThan(1e-6);
    }
    expect(overdampedFokkerPlanck(even(0.3, 0.5, 0.8, 0), { relaxation: true }).relaxation).toBeUndefined();
  });
});

describe("washboards, against the Fokker-Planck equation", () => {
  const rotors: [string, number, number, number][] = [
    ["overdamped, over barriers", 0, 0.1, 0.25],
    ["overdamped, rare slips", 0, 0.2, 0.12],
    ["overdamped, running", 0, 2, 0.3],
    ["some inertia, slips", 1, 0.3, 0.3],
    ["bistable", 3, 0.45, 0.3],
    ["bistable, mostly running", 6, 0.5, 0.3],
  ];
  test.each(chosen(rotors, 4))("%s", (_name, inertia, tilt, temperature) => {
    const system = washboard(inertia, tilt, temperature);
    const exact = (inertia === 0 ? overdampedFokkerPlanck : fokkerPlanck)(system, {
      tolerance: 1e-6,
      relaxation: true,
    });
    const deviations = new Deviations();
    // Told the memory, and not.
    for (const seed of seeds(20, 2))
      for (const time of [3, 30, 200])
        for (const known of [exact, undefined])
          deviations.add(
            `time ${time}, seed ${seed}, ${known ? "known" : "unknown"}`,
            steadyAverages(kernels, system, { time, trajectories: 64, seed }, known),
            exact,
          );
    deviations.hold(12, 1.3, { warned: 4 });
  });
});

test("slips that nobody sees are allowed for, and a spread below zero is told", () => {
  const { curve } = even(0, 0.5, 0.02, 0);
  const system = { curve: { ...curve, torque: PeriodicCurve.from(Math.sin, 8) }, rotor: { inertia: 0 } };
  let negative = 0;
  for (const seed of seeds(20, 8)) {
    const averages = steadyAverages(kernels, system, { time: 20, trajectories: 16, seed });
    expect(averages.forwardRate + averages.backwardRate).toBe(0);
    expect(codes(averages)).toContain("rare-events");
    expect(averages.meanVelocityError).toBeGreaterThan((2 * Math.PI) / (16 * 20));
    expect(averages.diffusionError).toBeGreaterThanOrEqual(-averages.diffusion);
    if (averages.diffusion < 0) negative++;
    expect(codes(averages).includes("small"), `seed ${seed}`).toBe(averages.diffusion < 0);
  }
  expect(negative).toBeGreaterThan(0);
});

test("errors of two trajectories are those of two", () => {
  // Closed forms of Student's quantiles for one and two degrees of freedom.
  const upper = 0.9772498680518208;
  expect(studentFactor(1)).toBeCloseTo(Math.tan(Math.PI * (upper - 0.5)) / 2, 3);
  const a = 2 * upper - 1;
  expect(studentFactor(2)).toBeCloseTo((a * Math.sqrt(2 / (1 - a * a))) / 2, 2);
  expect(studentFactor(8) / studentFactor(9)).toBeGreaterThan(1);
  const deviations = new Deviations();
  for (const seed of seeds(400, 100))
    deviations.add(
      `seed ${seed}`,
      steadyAverages(kernels, even(0.3, 0.5, 0.8, 0.2), { time: 20, trajectories: 2, seed }),
      { meanVelocity: 0.6, diffusion: 1.6 },
    );
  deviations.hold(100, 1.3, { warned: 7 });
});

test("no running orbit is faster than the speed that trajectories start with", () => {
  let orbits = 0;
  for (const inertia of [0.5, 3, 20, 200])
    for (const tilt of [0.3, 0.8, 1.5, -1]) {
      const system = washboard(inertia, tilt, 0);
      const bound = runningSpeed(rotorForces(system));
      for (const { meanVelocity } of runningOrbits(system)) {
        expect(meanVelocity / bound).toBeGreaterThan(0);
        expect(meanVelocity / bound).toBeLessThan(1 + 1e-6);
        orbits++;
      }
    }
  expect(orbits).toBeGreaterThan(8);
});

test("without friction nothing is ever forgotten, and that is said", () => {
  const averages = steadyAverages(kernels, even(0, 0, 0, 1), { time: 10, trajectories: 8 });
  expect(codes(averages)).toContain("transient");
  for (const value of [averages.meanVelocity, averages.meanVelocityError, averages.diffusionError])
    expect(Number.isFinite(value)).toBe(true);
});

test("too long a step and too short a time are named", () => {
  const system = washboard(1, 0.3, 0.3);
  expect(codes(steadyAverages(kernels, system, { time: 100, trajectories: 8, step: 1 }))).toContain("step");
  expect(() => steadyAverages(kernels, system, { time: 1e-300, trajectories: 8 })).toThrow(/time: too short/);
  expect(() => steadyAverages(kernels, system, { time: 1e7, trajectories: 1e6 })).toThrow("1e11");
});
