// Pumped charge of a Thouless chain at T = 0 on fixed points of the cycle, with S and dS at each.
import { chainPump } from "../contenders/chain.js";
import { chainPumpByRecursion } from "../contenders/chain-recursion.js";

// An energy just above the lowest gap, where the charge is not an integer.
const ENERGY = -1.2;

/** The potential 0.4 cos(2 pi n/4 + theta), n = 1, 2, ...: x carries the cosine, y the sine. */
function gates(sites) {
  const all = Array.from({ length: sites }, (_, n) => n);
  const phase = (n) => (Math.PI * (n + 1)) / 2;
  return [
    { sites: all, values: all.map((n) => 0.4 * Math.cos(phase(n))) },
    { sites: all, values: all.map((n) => -0.4 * Math.sin(phase(n))) },
  ];
}

export function pumpedCharge(sites, points) {
  return {
    name: `pump-${sites}`,
    title: `pumped charge, chain of ${sites} sites, ${points} points`,
    targets: sites === 200 ? { "scipy solve_banded": 60, "plain JavaScript, same algorithm": 4 } : {},
    tolerance: 1e-9,
    contenders: (engine) => {
      const device = engine.device({
        format: "nanopinwheel/1",
        device: { preset: "thouless", sites, wavelength: 4, amplitude: 0.4, ramp: 0, energy: ENERGY },
      });
      const chain = {
        onsite: new Array(sites).fill(0),
        hopping: new Array(sites - 1).fill(-1),
        gates: gates(sites),
        leads: [
          { onsite: 0, hopping: 1, coupling: 1 },
          { onsite: 0, hopping: 1, coupling: 1 },
        ],
      };
      const X = new Float64Array(2 * points);
      const V = new Float64Array(2 * points);
      const onCircle = (charge) => () => {
        for (let p = 0; p < points; p++) {
          const theta = (2 * Math.PI * p) / points;
          X[2 * p] = V[2 * p + 1] = Math.cos(theta);
          X[2 * p + 1] = Math.sin(theta);
          V[2 * p] = -X[2 * p + 1];
        }
        return charge(ENERGY, X, V, points);
      };
      return {
        nanopinwheel: () => {
          const result = device.pump({ energy: ENERGY, points });
          return [result.charge.left, result.charge.right];
        },
        "plain JavaScript, same algorithm": onCircle(chainPump(chain)),
        "plain JavaScript, continuants": onCircle(chainPumpByRecursion(chain)),
      };
    },
    peers: {
      "scipy solve_banded": { task: "pump_banded", sites, points, energy: ENERGY },
      "LAPACK zgtsv from Python": { task: "pump_gtsv", sites, points, energy: ENERGY },
      "numpy over all points at once": { task: "pump_vectorised", sites, points, energy: ENERGY },
      Kwant: { task: "kwant-pump", sites, points, energy: ENERGY },
    },
  };
}
