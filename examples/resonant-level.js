// Friction of one level between two leads, against its closed form (Gamma/2)^2 / (pi (e^2 + Gamma^2/4)^2) at T = 0, and its noise in
// equilibrium and at a bias.
// Run after `npm run build`: node examples/resonant-level.js
import { loadEngine } from "nanopinwheel";

const engine = await loadEngine();
const device = engine.device({ format: "nanopinwheel/1", device: { preset: "resonant-level" } });
const width = 1;
const at = (bias) => ({
  left: { chemicalPotential: bias / 2, temperature: 0 },
  right: { chemicalPotential: -bias / 2, temperature: 0 },
});

console.log("level   friction      closed form   noise at bias 0   noise at bias 0.5");
for (const level of [-1, -0.5, 0, 0.25, 0.5, 1]) {
  const still = device.forces({ at: { x: level }, reservoirs: at(0) });
  const driven = device.forces({ at: { x: level }, reservoirs: at(0.5) });
  const closed = (width / 2) ** 2 / (Math.PI * (level ** 2 + (width / 2) ** 2) ** 2);
  console.log(
    [
      level.toFixed(2).padEnd(8),
      still.friction.data[0].toFixed(9).padEnd(14),
      closed.toFixed(9).padEnd(14),
      still.noise.data[0].toFixed(6).padEnd(18),
      driven.noise.data[0].toFixed(6),
    ].join(""),
  );
}
device.close();
