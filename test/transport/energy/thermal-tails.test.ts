// A level in the thermal tails, where f (1 - f) is below a thousandth of the tolerance: narrow, it is all the friction and noise there is, although the
// window of the chemical potential ends before it. Against the closed form gamma = (1/4 pi) int (-f') (w / ((E - E0)^2 + w^2/4))^2 dE.
import { expect, test } from "vitest";
import { loadEngine } from "../../../src/index.js";

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
