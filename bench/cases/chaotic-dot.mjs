// Pumped charge of a dense chaotic dot on fixed points of the cycle, with S and its derivatives at
// every point.
import { dotPump } from "../contenders/dot.js";

const ENERGY = 0.1;
const RADIUS = 1;

export function chaoticDot(size, channels, points, model) {
  const { hamiltonian, parameters } = model.device;
  const dense = (triplets) => {
    const rows = Array.from({ length: size }, () => new Array(size).fill(0));
    for (const [i, j, value] of triplets) rows[i][j] = rows[j][i] = value;
    return rows;
  };
  const [H0, x, y] = [hamiltonian, parameters.x, parameters.y].map(dense);
  return {
    name: `dot-${size}`,
    title: `pumped charge, chaotic dot ${size} x ${size}, ${channels} + ${channels} channels, ${points} points`,
    targets: { "numpy batched solve": 2 },
    tolerance: 1e-9,
    contenders: (engine) => {
      const device = engine.device(model);
      const charge = dotPump({ H0, gates: [x, y], channels, energy: ENERGY });
      return {
        nanopinwheel: () => {
          const result = device.pump({ energy: ENERGY, points });
          return [result.charge.left, result.charge.right];
        },
        "plain JavaScript": () => charge(RADIUS, points),
      };
    },
    peers: {
      "numpy batched solve": {
        task: "dot",
        size,
        channels,
        points,
        energy: ENERGY,
        radius: RADIUS,
        H0,
        x,
        y,
      },
    },
  };
}
