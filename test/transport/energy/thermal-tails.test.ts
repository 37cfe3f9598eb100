// A level in the thermal tails, where f (1 - f) is below a thousandth of the tolerance: narrow, it is all the friction and noise there is, although the
// window of the chemical potential ends before it. Against the closed form gamma = (1/4 pi) int (-f') (w / ((E - E0)^2 + w^2/4))^2 dE.
import { expect, test } from "vitest";
import { loadEngine } from "../../../src/index.js";
import { randomSource } from "../../twins/random.js";
import { seeds } from "../../twins/seeds.js";

const temperature = 0.05;

/** The closed form by the trapezoidal rule in E = E0 + w sinh v, from -60 T to 60 T about both. */
function friction(level: number, width: number): number {
  const weight = (energy: number) => 0.25 / (temperature * Math.cosh(energy / (2 * temperature)) ** 2);
  const end = Math.asinh((60 * temperature + level) / width);
  const steps = 6000;
  const h = (2 * end) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const v = -end + i * h;
    const distance = width * Math.sinh(v);
    const line = (width / (distance ** 2 + width ** 2 / 4)) ** 2;
    sum += h * weight(level + distance) * line * width * Math.cosh(v);
  }
  return sum / (4 * Math.PI);
}

test("of a level up to 40 T away, of any width, friction and noise are complete", async () => {
  const engine = await loadEngine();
  for (const width of [0.3, 0.05, 0.01, 1e-3, 1e-4])
    for (const distance of [5, 15, 19, 20, 22, 24, 25, 25.3, 26, 27, 30, 36]) {
      const half = { widthLeft: width / 2, widthRight: width / 2 };
      const reservoir = { chemicalPotential: 0, temperature };
      const device = engine.device({
        format: "nanopinwheel/1",
        device: { preset: "resonant-level", ...half },
        reservoirs: { left: reservoir, right: reservoir },
      });
      const [name] = device.parameterNames;
      const found = device.forces({ at: { [name]: distance * temperature } });
      const expected = friction(distance * temperature, width);
      const where = `width ${width}, ${distance} T away`;
      expect(Math.abs(found.friction!.data[0] / expected - 1), where).toBeLessThan(1e-8);
      expect(Math.abs(found.noise!.data[0] / (2 * temperature * expected) - 1), where).toBeLessThan(1e-8);
      device.close();
    }
});

/**
 * One level between two wide bands: current and energy current of the first lead, friction and noise by the
 * trapezoidal rule from 60 T below to 60 T above.
 */
function closedForm(level: number, widths: number[], mu: number[], T: number[]) {
  const half = (widths[0] + widths[1]) / 2;
  const reach = 60 * Math.max(...T);
  const [low, high] = [Math.min(...mu) - reach, Math.max(...mu) + reach];
  const steps = 2000 + Math.ceil((20 * (high - low)) / half);
  const h = (high - low) / steps;
  const sums = { current: 0, energyCurrent: 0, friction: 0, noise: 0 };
  for (let k = 0; k <= steps; k++) {
    const energy = low + k * h;
    const x = [0, 1].map((a) => (energy - mu[a]) / T[a]);
    const f = x.map((y) => 1 / (Math.exp(y) + 1));
    const empty = x.map((y) => 1 / (Math.exp(-y) + 1));
    const gap = ((energy - mu[1]) * (T[0] - T[1]) + T[1] * (mu[0] - mu[1])) / (T[0] * T[1]);
    const difference = Math.sinh(gap / 2) / (2 * Math.cosh(x[0] / 2) * Math.cosh(x[1] / 2));
    const line = 1 / ((energy - level) ** 2 + half ** 2);
    const flow = (widths[0] * widths[1] * line * difference * h) / (2 * Math.PI);
    sums.current += flow;
    sums.energyCurrent += energy * flow;
    for (const a of [0, 1])
      for (const b of [0, 1]) {
        const weight = (widths[a] * widths[b] * line * line * h) / (2 * Math.PI);
        sums.noise += weight * f[a] * empty[b];
        sums.friction += (weight * f[a] * empty[a]) / (2 * T[a]);
      }
  }
  return sums;
}

const cases = seeds(400, 60);

test("what cancels (small bias, thermal bias, chemical potentials far from the level) holds its stated errors", async () => {
  const engine = await loadEngine();
  for (const seed of cases) {
    const random = randomSource(seed);
    const T = random.pick([0.01, 0.03, 0.1, 0.3]);
    const temperatures = [T * (1 + random.pick([0, 0, 0.01, 0.3])), T];
    const centre = T * random.pick([0, 1, -5, 20, -100]);
    const bias = T * random.pick([1e-6, 1e-3, 0.1, 1]);
    const mu = [centre + bias / 2, centre - bias / 2];
    const level = random.pick([0, centre]) + random.between(-0.3, 0.3);
    const narrow = random.pick([1, 0.2]);
    const widths = [0, 1].map(() => narrow * random.between(0.05, 1));
    const exact = closedForm(level, widths, mu, temperatures);
    const device = engine.device({
      format: "nanopinwheel/1",
      device: {
        orbitals: 1,
        hamiltonian: [[0, 0, level]],
        parameters: { x: [[0, 0, 1]] },
        leads: widths.map((width, a) => ({ name: "lr"[a], kind: "wideband", orbitals: [0], width })),
      },
      reservoirs: {
        l: { chemicalPotential: mu[0], temperature: temperatures[0] },
        r: { chemicalPotential: mu[1], temperature: temperatures[1] },
      },
    });
    for (const tolerance of [1e-2, 1e-4, 1e-6, 1e-8, 1e-10]) {
      const { current, energyCurrent, friction, noise, errors } = device.forces({ at: { x: 0 }, tolerance });
      const found = {
        current: current!.l,
        energyCurrent: energyCurrent!.l,
        friction: friction!.data[0],
        noise: noise!.data[0],
      };
      for (const key of ["current", "energyCurrent", "friction", "noise"] as const)
        expect(
          Math.abs(found[key] - exact[key]),
          `${key} of seed ${seed} at ${tolerance}`,
        ).toBeLessThanOrEqual(errors[key] + 1e-14 * Math.abs(exact[key]));
    }
    device.close();
  }
});
