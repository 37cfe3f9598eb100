// A double dot under bias: the torque of the current, and how friction and noise leave their equilibrium relation D = 2 T gamma.
// Run after `npm run build`: node examples/double-dot.js
import { loadEngine } from "nanopinwheel";

const engine = await loadEngine();
const device = engine.device({ format: "nanopinwheel/1", device: { preset: "double-dot" } });
const temperature = 0.1;
const points = 48;

/** Turn integrals of torque, friction and noise at a bias: the angle's quadratic forms of dX/dtheta. */
function turn(bias) {
  const reservoirs = {
    left: { chemicalPotential: bias / 2, temperature },
    right: { chemicalPotential: -bias / 2, temperature },
  };
  let [work, friction, noise] = [0, 0, 0];
  for (let k = 0; k < points; k++) {
    const theta = (2 * Math.PI * k) / points;
    const slope = [-Math.sin(theta), Math.cos(theta)];
    const at = { x: Math.cos(theta), y: Math.sin(theta) };
    const forces = device.forces({ at, reservoirs });
    const form = (tensor) =>
      slope.reduce((sum, a, i) => sum + slope.reduce((row, b, j) => row + a * b * entry(tensor, i, j), 0), 0);
    work += slope.reduce((sum, a, i) => sum + a * forces.force[i], 0);
    friction += form(forces.friction);
    noise += form(forces.noise);
  }
  const step = (2 * Math.PI) / points;
  return { work: work * step, friction: friction * step, noise: noise * step };
}

const entry = ({ data, shape }, i, j) => data[i * shape[1] + j];

console.log("bias   work per turn   friction per turn   noise / 2 T friction");
for (const bias of [0, 0.2, 0.4, 0.8, 1.6]) {
  const { work, friction, noise } = turn(bias);
  console.log(
    [
      bias.toFixed(1).padEnd(7),
      work.toFixed(8).padEnd(16),
      friction.toFixed(8).padEnd(20),
      (noise / (2 * temperature * friction)).toFixed(6),
    ].join(""),
  );
}
device.close();
