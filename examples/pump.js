// Charge pumped per turn by two gates on a wire, against the radius of the circle the gate voltages run.
// Run after `npm run build`: node examples/pump.js
import { loadEngine } from "nanopinwheel";

const engine = await loadEngine();

console.log("radius   charge per turn from left   error");
for (const radius of [0.1, 0.2, 0.4, 0.8]) {
  const device = engine.device({
    format: "nanopinwheel/1",
    device: { preset: "two-gate", radius },
  });
  const { charge, error } = device.pump();
  const columns = [radius.toFixed(1).padEnd(9), charge.left.toFixed(9).padEnd(28), error.toExponential(0)];
  console.log(columns.join(""));
  device.close();
}
