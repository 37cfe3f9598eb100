// A dot with two shape gates: is a measured direct current pumped, or rectified by stray capacitances? Both are proportional to the frequency and odd
// in the phase between the gates; under reversal of the magnetic field the rectified one is even, the pumped one is neither even nor odd.
// Run after `npm run build`: node examples/open-dot.js
import { loadEngine } from "nanopinwheel";

const engine = await loadEngine();

/** Charge per turn, pumped and rectified (capacitances in e per unit of gate potential, resistance in hbar/e^2). */
function currents(options) {
  const device = engine.device({ format: "nanopinwheel/1", device: { preset: "open-dot", ...options } });
  const pumped = device.pump().charge.left;
  const rectified = device.rectified({ capacitances: { x: 1, y: 1.5 }, resistance: 0.3 }).charge;
  device.close();
  return [pumped, rectified];
}

const shown = (x) => (x < 0 ? "" : " ") + x.toFixed(8);
console.log("field    phase    dephasing     pumped        rectified");
for (const [field, phase, dephasing] of [
  [0.1, Math.PI / 2, 0],
  [-0.1, Math.PI / 2, 0],
  [0.1, -Math.PI / 2, 0],
  [0.1, Math.PI / 4, 0],
  // Voltage probes on every site: what depends on the sign of the field is interference, and goes first.
  [0.1, Math.PI / 2, 3],
  [-0.1, Math.PI / 2, 3],
]) {
  const [pumped, rectified] = currents({ field, phase, dephasing });
  const setting = `${field.toFixed(1).padStart(4)}     ${phase.toFixed(4).padStart(7)}       ${dephasing}`;
  console.log(`${setting}       ${shown(pumped)}   ${shown(rectified)}`);
}
