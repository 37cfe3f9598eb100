// The lattice Thouless motor against its length: charge per turn, figure of merit, and how smooth ends save friction.
// Run after `npm run build`: node examples/thouless-motor.js
import { loadEngine } from "nanopinwheel";

const engine = await loadEngine();
const motor = (options) =>
  engine.device({ format: "nanopinwheel/1", device: { preset: "thouless", ...options } });

console.log("sites   |charge|       1 - |charge|   friction per turn   maximum efficiency");
for (const sites of [8, 16, 32, 64, 128]) {
  const device = motor({ sites });
  const { charge, frictionPerTurn, maximumEfficiency } = device.linearResponse();
  const size = Math.abs(charge);
  console.log(
    [
      String(sites).padEnd(8),
      size.toFixed(9).padEnd(15),
      (1 - size).toExponential(2).padEnd(15),
      frictionPerTurn.toFixed(6).padEnd(20),
      maximumEfficiency.toFixed(6),
    ].join(""),
  );
  device.close();
}

// One electron per turn cannot cost less friction than hbar per turn (Q^2 <= friction per turn for one channel on either side).
console.log("\nramp (sites at either end)   friction per turn, 64 sites");
for (const ramp of [0, 4, 8, 16]) {
  const device = motor({ sites: 64, ramp });
  console.log(`${String(ramp).padEnd(29)}${device.linearResponse().frictionPerTurn.toFixed(6)}`);
  device.close();
}
