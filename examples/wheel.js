// A wheel with alternating charges beside a wire: from a gentle touch to the Thouless limit, one electron per pair of charges.
// Run after `npm run build`: node examples/wheel.js
import { loadEngine } from "nanopinwheel";

const engine = await loadEngine();

console.log("charge q   electrons per pair   figure of merit   maximum efficiency");
for (const charge of [0.5, 1, 2, 4]) {
  const pairs = 16;
  const device = engine.device({
    format: "nanopinwheel/1",
    device: { preset: "wheel", charge, pairs },
  });
  const { charge: pumped, figureOfMerit, maximumEfficiency } = device.linearResponse({ tolerance: 1e-6 });
  console.log(
    [
      charge.toFixed(1).padEnd(11),
      Math.abs(pumped / pairs)
        .toFixed(4)
        .padEnd(21),
      figureOfMerit.toFixed(4).padEnd(18),
      maximumEfficiency.toFixed(4),
    ].join(""),
  );
  device.close();
}
