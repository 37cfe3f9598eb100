// The turn of a two-dimensional motor at a bias: node ribbon-motor.mjs. A disordered ribbon of 10 x 20
// sites with a gate on either half, to 1e-4; a transverse threshold lies between the chemical
// potentials. It is computed once, and its friction per turn is compared with the sum over 2,048
// uniform angles to 1e-5. Prints one JSON line with the seconds of CPU.
import { loadEngine } from "../dist/index.js";
import { lengthwiseGates, ribbonModel } from "./models.mjs";

const [WIDTH, LENGTH, AMPLITUDE, TOLERANCE] = [10, 20, 0.2, 1e-4];
const [MU, BIAS, TEMPERATURE] = [1.1, 0.2, 0.01];
const FRICTION = 26.87237;

const reservoir = (sign) => ({ chemicalPotential: MU + (sign * BIAS) / 2, temperature: TEMPERATURE });
const engine = await loadEngine();
const device = engine.device({
  ...ribbonModel(WIDTH, LENGTH, lengthwiseGates(WIDTH, LENGTH, 2)),
  cycle: { gate0: { cos: [AMPLITUDE] }, gate1: { sin: [AMPLITUDE] } },
  reservoirs: { left: reservoir(1), right: reservoir(-1) },
});
const used = process.cpuUsage();
const { frictionPerTurn } = device.motor({ tolerance: TOLERANCE });
const { user, system } = process.cpuUsage(used);
const disagreement = Math.abs(frictionPerTurn / FRICTION - 1);
if (!(disagreement < TOLERANCE))
  throw new Error(`friction per turn ${frictionPerTurn}, expected ${FRICTION}`);
console.log(
  JSON.stringify({
    times: { nanopinwheel: [(user + system) / 1e6] },
    disagreement,
    versions: {},
    absent: [],
  }),
);
