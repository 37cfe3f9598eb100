// Two vibrations of a molecule between biased leads: velocity Verlet with the force and the friction tensor of the electrons
// at every step. One friction coefficient is negative: the current feeds the motion, until it runs on a limit cycle.
// The same from Python: forced_vibration.py. Run after `npm run build`: node examples/forced-vibration.js
import { readFileSync } from "node:fs";
import { loadEngine } from "nanopinwheel";

const engine = await loadEngine();
const device = engine.device(
  JSON.parse(readFileSync(new URL("two-vibrations.json", import.meta.url), "utf8")),
);

const [mass, spring, step, steps] = [30, 4, 0.3, 2000];
const rest = [0.16, -0.19];
const position = [0.25, -0.1];
const velocity = [0, 0];

/** Force of spring and electrons on each coordinate, friction tensor included. */
function acceleration(electrons) {
  return position.map((x, i) => {
    const drag = velocity.reduce((sum, v, j) => sum + electrons.friction.data[2 * i + j] * v, 0);
    return (spring * (rest[i] - x) + electrons.force[i] - drag) / mass;
  });
}

function kick(electrons) {
  for (const [i, a] of acceleration(electrons).entries()) velocity[i] += (step / 2) * a;
}

const forces = () => device.forces({ at: { x: position[0], y: position[1] }, tolerance: 1e-6 });

console.log("time        x         y         kinetic   current");
let electrons = forces();
for (let i = 1; i <= steps; i++) {
  kick(electrons);
  for (let k = 0; k < 2; k++) position[k] += step * velocity[k];
  electrons = forces();
  kick(electrons);
  if (i % 200 !== 0) continue;
  const kinetic = (mass / 2) * (velocity[0] ** 2 + velocity[1] ** 2);
  const row = [i * step, ...position, kinetic, electrons.current.left].map((value) => value.toFixed(6));
  console.log(row.join("  "));
}
