// What a chaotic dot pumps differs from sample to sample: charge of the unit circle and figure of merit over a few small samples.
// Run after `npm run build`: node examples/chaotic-dot.js
import { loadEngine } from "nanopinwheel";

const engine = await loadEngine();
const samples = 8;

for (const symmetry of ["orthogonal", "unitary"]) {
  const charges = [];
  const merits = [];
  for (let seed = 1; seed <= samples; seed++) {
    const device = engine.device({
      format: "nanopinwheel/1",
      device: { preset: "chaotic-dot", size: 16, symmetry, seed },
    });
    const { charge, frictionPerTurn, meanConductance } = device.linearResponse({ tolerance: 1e-4 });
    charges.push(charge);
    merits.push(charge ** 2 / (2 * Math.PI * frictionPerTurn * meanConductance));
    device.close();
  }
  const mean = charges.reduce((sum, q) => sum + q, 0) / samples;
  const rms = Math.sqrt(charges.reduce((sum, q) => sum + q * q, 0) / samples);
  const median = merits.sort((a, b) => a - b)[samples / 2];
  console.log(
    `${symmetry.padEnd(11)} mean charge ${mean.toFixed(3)}, rms ${rms.toFixed(3)}, median Q²/(4π²⟨γ⟩⟨G⟩) ${median.toFixed(4)}`,
  );
}
