// Young's slits as a pump: two arms side by side carry charge by interference alone, odd in the flux between them.
// Run after `npm run build`: node examples/two-path.js
import { loadEngine } from "nanopinwheel";

const engine = await loadEngine();

console.log("flux / pi   charge per turn   at the opposite flux");
for (const part of [0, 0.25, 0.5, 0.75, 1]) {
  const [charge, opposite] = [part, -part].map((sign) => {
    const device = engine.device({
      format: "nanopinwheel/1",
      device: { preset: "two-path", flux: sign * Math.PI },
    });
    const pumped = device.pump({ energy: 0 }).charge.left;
    device.close();
    // Rounding noise is not a charge.
    return Math.abs(pumped) < 1e-12 ? 0 : pumped;
  });
  console.log([part.toFixed(2).padEnd(12), charge.toFixed(6).padEnd(18), opposite.toFixed(6)].join(""));
}
