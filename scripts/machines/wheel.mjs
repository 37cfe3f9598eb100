import { bustosMarun2013, thouless1983 } from "./sources.mjs";
import { deviceOf, frictionOf, grid, onWheel, scan, turnOf } from "./tools.mjs";

const strong = { charge: 4, pairs: 16 };
const perPair = (result, pairs) => Math.abs(result.charge) / pairs;

export default {
  preset: "wheel",
  example: "wheel.js",
  title: "Wheel with pinned charges",
  text: `The standard picture of a quantum motor: a wheel with alternating charges on its rim turns beside a wire and drags the electrons along. Near its
lowest point the charges make a sliding potential, the lattice Thouless motor of finite contact; stronger charges and a longer contact
approach its quantised limit. The charge per turn counts all pairs.

    Vₙ(θ) = Σⱼ (−1)ʲ q exp(−r/screening)/r,   r² = (xₙ − R sin φⱼ)² + (R (1 − cos φⱼ) + gap)² + soft²
    φⱼ = θ + πj/pairs,   R = pairs × period/2π,   leads: the wire goes on`,
  sources: [bustosMarun2013, thouless1983],
  numbers: [
    {
      say: "charge per pair, q = 1, 8 pairs",
      of: (engine) => perPair(deviceOf(engine, "wheel").linearResponse(), 8),
      expected: 0.0951,
      within: 5e-5,
      unit: "e",
    },
    {
      say: "figure of merit, q = 1, 8 pairs",
      of: (engine) => deviceOf(engine, "wheel").linearResponse().figureOfMerit,
      expected: 0.1,
      within: 5e-3,
    },
    {
      say: "charge per pair, q = 4, 16 pairs",
      of: (engine) => perPair(deviceOf(engine, "wheel", strong).linearResponse(), 16),
      expected: 0.9107,
      within: 5e-5,
      unit: "e",
    },
    {
      say: "maximum efficiency, q = 4, 16 pairs",
      of: (engine) => deviceOf(engine, "wheel", strong).linearResponse().maximumEfficiency,
      expected: 0.539,
      within: 5e-4,
    },
  ],
  figures(engine) {
    const charges = grid(0, 5, 26);
    return [
      frictionOf(turnOf(deviceOf(engine, "wheel", { pairs: 4 }), onWheel)),
      {
        kind: "graph",
        name: "charge",
        title: "Charge per pair against the strength of the charges",
        caption: "Electrons dragged along per pair of charges that passes, 16 pairs on the rim.",
        x: { words: "strength q", quantity: "parameter", values: charges },
        y: { words: "charge per pair", quantity: "charge", withZero: true },
        curves: [
          {
            name: "charge per pair",
            values: scan(
              engine,
              "wheel",
              charges,
              (charge) => ({ pairs: 16, charge }),
              (device) => Math.abs(device.pump({ tolerance: 1e-4 }).charge.left) / 16,
            ),
          },
        ],
      },
    ];
  },
};
