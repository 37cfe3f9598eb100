// Continuum Thouless motor: charge, friction and efficiency against the closed forms R = tanh^2 L, eta_max = tanh^2 (L/2), and the same device brought
// as one's own S-matrix: a function of energy and angle, without derivatives.
// Run after `npm run build`: node examples/dirac.js
import { loadEngine } from "nanopinwheel";

const engine = await loadEngine();
console.log("length   charge       2 pi friction   tanh^2 L     max. efficiency   tanh^2 (L/2)");
for (const length of [0.5, 1, 2, 4]) {
  const device = engine.device({ format: "nanopinwheel/1", device: { preset: "dirac", length } });
  const { charge, frictionPerTurn, maximumEfficiency } = device.linearResponse();
  console.log(
    [
      length.toFixed(1).padEnd(9),
      Math.abs(charge).toFixed(9).padEnd(13),
      frictionPerTurn.toFixed(9).padEnd(16),
      (Math.tanh(length) ** 2).toFixed(9).padEnd(13),
      maximumEfficiency.toFixed(9).padEnd(18),
      (Math.tanh(length / 2) ** 2).toFixed(9),
    ].join(""),
  );
  device.close();
}

// A sliding mirror of one's own: one channel on either side, transmission amplitude 0.6, reflection turning with the angle.
const mirror = engine.device({
  format: "nanopinwheel/1",
  device: {
    scattering: {
      evaluate: (_energy, { theta }) => ({
        S: {
          shape: [2, 2],
          data: Float64Array.of(
            0.8 * Math.cos(theta),
            0.8 * Math.sin(theta),
            0,
            0.6,
            0,
            0.6,
            0.8 * Math.cos(theta),
            -0.8 * Math.sin(theta),
          ),
        },
      }),
      reciprocal: true, // no magnetic field
      sliding: true, // det S does not depend on theta: no conservative force
    },
    parameters: ["theta"],
    leads: [
      { name: "left", kind: "given", channels: 1 },
      { name: "right", kind: "given", channels: 1 },
    ],
  },
  cycle: { theta: { turns: 1 } },
});
const { charge, figureOfMerit } = mirror.linearResponse({ energy: 0 });
console.log(
  `own S: charge ${charge.toFixed(9)} (R = 0.64), figure of merit ${figureOfMerit.toFixed(9)} (R/T = ${(0.64 / 0.36).toFixed(9)})`,
);
