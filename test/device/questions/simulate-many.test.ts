// `simulate` over presets, temperatures, biases, inertias and times, many of them far too short: against the Fokker-Planck equation of the same
// rotor, told its relaxation time and not. What comes without a warning is off by 4 of its errors at most, and the deviations scatter as stated.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { NumericalError } from "../../../src/base/errors.js";
import { loadKernels } from "../../../src/engine/load.js";
import { loadEngine } from "../../../src/index.js";
import { defaultStep } from "../../../src/motor/noise/default-step.js";
import { fokkerPlanck } from "../../../src/motor/noise/fokker-planck.js";
import { overdampedFokkerPlanck } from "../../../src/motor/noise/fokker-planck-overdamped.js";
import { relaxationOf } from "../../../src/motor/noise/relaxation.js";
import { steadyAverages } from "../../../src/motor/noise/steady-averages.js";
import type { RotorSystem } from "../../../src/motor/rotor/rotor.js";
import { PeriodicCurve } from "../../../src/numerics/periodic/periodic.js";
import { Deviations } from "../../motor/deviations.js";

const slowRotor = JSON.parse(
  readFileSync(new URL("../../known/faults/slow-rotor.json", import.meta.url), "utf8"),
).model;
const engine = await loadEngine();
const kernels = await loadKernels();
const trajectories = 64;
/** Steps of all trajectories: a fifth of a second. */
const MOST = 2e7;

function exactOf(system: RotorSystem) {
  try {
    const solve = system.rotor.inertia === 0 ? overdampedFokkerPlanck : fokkerPlanck;
    return solve(system, { tolerance: 1e-6, relaxation: true, work: 1e8 });
  } catch (error) {
    if (error instanceof NumericalError) return undefined;
    throw error;
  }
}

test.each([
  ["thouless", { preset: "thouless", sites: 16 }, 300],
  ["two-gate", { preset: "two-gate" }, 40],
  ["two-path", { preset: "two-path" }, 40],
  ["double-dot", { preset: "double-dot" }, 40],
  ["dirac", { preset: "dirac", length: 2 }, 300],
] as const)("%s", (_name, device, least) => {
  const opened = engine.device({ format: "nanopinwheel/1", device });
  const deviations = new Deviations();
  for (const temperature of [0.03, 0.1, 0.4])
    for (const bias of [0, 0.1, 0.6]) {
      const reservoirs = Object.fromEntries(
        Object.entries(opened.model.reservoirs ?? {}).map(([lead, one]) => [lead, { ...one, temperature }]),
      );
      const { curve } = opened.motor({
        bias,
        reservoirs,
        tolerance: 1e-6,
        rotor: { inertia: "infinite", friction: 0.01 },
      });
      for (const inertia of [0, 0.1, 1, 20, 200]) {
        const system: RotorSystem = {
          curve: {
            torque: new PeriodicCurve(curve.torque),
            friction: new PeriodicCurve(curve.friction),
            noise: new PeriodicCurve(curve.noise),
          },
          rotor: { inertia, friction: 0.01, temperature },
        };
        const exact = exactOf(system);
        if (exact === undefined) continue;
        const step = defaultStep(system);
        for (const known of [exact, undefined])
          for (const time of [1, 10, 100, 1000, 10_000]) {
            const memory = (known?.relaxation ?? relaxationOf(system)).time;
            const burnIn = Math.max(time / 10, Math.min(12 * memory, 10 * time));
            if (((time + burnIn) / step) * trajectories > MOST) continue;
            for (const seed of [1, 2, 3])
              deviations.add(
                `T ${temperature}, bias ${bias}, inertia ${inertia}, time ${time}, seed ${seed}, ${known ? "known" : "unknown"}`,
                steadyAverages(kernels, system, { time, trajectories, seed }, known),
                exact,
              );
          }
      }
    }
  deviations.hold(least, 1.3, { warned: 5 });
});

test.each([300, 1000, 3000])("a slow rotor, time %f: its mean speed, not its start", (time) => {
  const opened = engine.device(slowRotor);
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const result = opened.simulate({ time, trajectories: 256, seed });
    expect(Math.abs(result.meanVelocity + 0.582176), `seed ${seed}`).toBeLessThan(
      4 * result.meanVelocityError,
    );
    expect(result.meanVelocityError).toBeLessThan(0.02);
    expect(Math.abs(result.diffusion - 1.2943), `seed ${seed}`).toBeLessThan(4 * result.diffusionError);
  }
});
