// Negative friction: the current through a two-site molecule drives one vibration where its friction is negative, friction beyond brakes it,
// and the motion settles on a limit cycle. The long run reads the electrons off a polynomial; the cycle is then checked with `device.forces`.
// Run after `npm run build`: node examples/two-coordinates.js
import { readFileSync } from "node:fs";
import { limitCycle, loadEngine, simulateCoordinates } from "nanopinwheel";

const file = new URL("two-vibrations.json", import.meta.url);
const device = (await loadEngine()).device(JSON.parse(readFileSync(file, "utf8")));

/** Force (two numbers) and friction tensor (four). */
function electrons([x, y]) {
  const { force, friction } = device.forces({ at: { x, y } });
  return [...force, ...friction.data];
}
// Springs that hold the molecule in the middle of the negative friction, the second one stiffly.
const [middle, spring] = [Float64Array.of(0.25, -0.25), [1, 20]];
const pull = electrons(middle);
const system = (at) => ({
  mass: [10, 10],
  force: (x, out) => {
    const e = at(x);
    for (let i = 0; i < 2; i++) out[i] = e[i] - pull[i] + spring[i] * (middle[i] - x[i]);
  },
  friction: (x, out) => out.set(at(x).slice(2)),
});

/** Chebyshev points of an interval; Lagrange's polynomials of points at x. */
const points = (low, high, count) =>
  Array.from(
    { length: count },
    (_, k) => (low + high) / 2 + ((high - low) / 2) * Math.cos((Math.PI * (k + 0.5)) / count),
  );
const lagrange = (nodes, x) =>
  nodes.map((a, i) => nodes.reduce((p, b, j) => (i === j ? p : (p * (x - b)) / (a - b)), 1));
const [across, along] = [points(-0.15, 0.65, 24), points(-0.32, -0.18, 8)];
const table = across.map((x) => along.map((y) => electrons([x, y])));
function tabulated([x, y]) {
  const [a, b] = [lagrange(across, x), lagrange(along, y)];
  const entry = (k) => a.reduce((sum, p, i) => sum + p * b.reduce((s, q, j) => s + q * table[i][j][k], 0), 0);
  return Float64Array.from({ length: 6 }, (_, k) => entry(k));
}

console.log("x        friction of x");
for (const x of [0, 0.125, 0.25, 0.375, 0.5])
  console.log(`${x.toFixed(3)}   ${tabulated([x, -0.25])[2].toFixed(4).padStart(8)}`);

const cycle = limitCycle(system(tabulated), { position: [0.3, -0.25], transient: 300, tolerance: 1e-6 });
const [a, b] = cycle.amplitude;
console.log(`limit cycle: period ${cycle.period.toFixed(4)}, amplitudes ${a.toFixed(5)} and ${b.toFixed(5)}`);
console.log(`work of the force ${cycle.work.toFixed(7)}, lost to friction ${cycle.lost.toFixed(7)}`);

// One period more with the electrons asked at every step: back where it began.
const [position, velocity] = [cycle.position.slice(0, 2), cycle.velocity.slice(0, 2)];
const options = { position, velocity, time: cycle.period, tolerance: 1e-6, records: 2 };
const run = simulateCoordinates(system(electrons), options);
const gap = Math.hypot(...position.map((x, i) => run.position[2 + i] - x));
console.log(`closed to ${gap.toExponential(0)}, energy balance to ${run.energy.balance.toExponential(0)}`);
