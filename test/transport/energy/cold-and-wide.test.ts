// A clean chain of 64 sites with temperatures and chemical potentials apart by many orders of magnitude, a band edge inside the window: by symmetry K_aa = 0 and no
// current per velocity, whose digits no precision makes; what is known is given all the same. Noise in closed form, from plane waves.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { loadEngine } from "../../../src/index.js";
import { chosen } from "../../twins/seeds.js";

const { model } = JSON.parse(
  readFileSync(new URL("../../known/faults/two-scales-of-temperature.json", import.meta.url), "utf8"),
);
const engine = await loadEngine();

/** Of the first gate, at T = 0: (1/2pi) int dk |sum_n V cos(pi n / 2) e^(2 i k n)|^2 / (2 sin k) from E = -2 cos k = mu to the upper one, at most the band edge. */
function noise(mu: number, upper: number): number {
  const from = Math.acos(-mu / 2);
  const to = upper < 2 ? Math.acos(-upper / 2) : Math.PI;
  const intervals = 20_000;
  let sum = 0;
  for (let i = 0; i < intervals; i++) {
    const k = from + ((to - from) * (i + 0.5)) / intervals;
    let [re, im] = [0, 0];
    for (let n = 1; n <= 64; n++) {
      const gate = 0.4 * Math.cos((Math.PI * n) / 2);
      re += gate * Math.cos(2 * k * n);
      im += gate * Math.sin(2 * k * n);
    }
    sum += (re * re + im * im) / (2 * Math.sin(k));
  }
  return (sum * (to - from)) / intervals / (2 * Math.PI);
}

const ask = (mu: number, temperature: number, upper: number, other: number) => {
  const device = engine.device({
    ...model,
    reservoirs: {
      left: { chemicalPotential: mu, temperature },
      right: { chemicalPotential: upper, temperature: other },
    },
  });
  const { force, friction, noise, current, errors } = device.forces();
  device.close();
  return { force, friction: friction!.data, noise: noise!.data, current, errors };
};

test("forces at a temperature of 1e-12 and a chemical potential of 100 are those of T = 0, and of the closed form", () => {
  for (const [k, temperature] of chosen([1e-12, 2e-7], 1).entries()) {
    const [mu, upper] = [0.1 + 0.037 * k, [100, 1.9][k % 2]];
    const cold = ask(mu, 0, upper, 0);
    const warm = ask(mu, temperature, upper, k % 2 ? 0 : temperature);
    const what = `mu ${mu}, ${upper}, T ${temperature}`;
    // Of second order in the temperature.
    const small = 1e4 * temperature ** 2;
    for (let i = 0; i < 4; i++) {
      const friction = Math.abs(warm.friction[i] - cold.friction[i]);
      expect(friction, what).toBeLessThanOrEqual(warm.errors.friction + cold.errors.friction + small);
      const noises = Math.abs(warm.noise[i] - cold.noise[i]);
      expect(noises, what).toBeLessThanOrEqual(
        warm.errors.noise + cold.errors.noise + small + 4 * temperature,
      );
    }
    expect(Math.abs(cold.noise[0] - noise(mu, upper)), what).toBeLessThan(1e-7);
    const flow = (mu - Math.min(upper, 2)) / (2 * Math.PI);
    expect(Math.abs(warm.current.left - flow), what).toBeLessThanOrEqual(warm.errors.current + small);
    expect(Math.abs(warm.force[0]), what).toBeLessThanOrEqual(warm.errors.force);
  }
});
