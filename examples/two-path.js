// Young's slits as a pump: two arms side by side carry charge by interference alone, odd in the flux between them.
// Run after `npm run build`: node examples/two-path.js
import { loadEngine } from "nanopinwheel";

const engine = await loadEngine();

/** Charge per turn from the left; rounding noise is not a charge. */
function charge(options) {
  const device = engine.device({ format: "nanopinwheel/1", device: { preset: "two-path", ...options } });
  const { left } = device.pump({ energy: 0 }).charge;
  device.close();
  return Math.abs(left) < 1e-12 ? 0 : left;
}

console.log("flux / pi   charge per turn   at the opposite flux");
for (const part of [0, 0.25, 0.5, 0.75, 1]) {
  const [there, back] = [charge({ flux: part * Math.PI }), charge({ flux: -part * Math.PI })];
  console.log([part.toFixed(2).padEnd(12), there.toFixed(6).padEnd(18), back.toFixed(6)].join(""));
}

// Voltage probes on both arms take the phase away: what is left of the charge is what particles would carry, nothing.
console.log("\nwidth of the probes   charge per turn at flux pi/2");
for (const dephasing of [0, 0.1, 0.5, 2, 10]) {
  console.log(`${dephasing.toFixed(1).padEnd(22)}${charge({ dephasing }).toFixed(6)}`);
}
