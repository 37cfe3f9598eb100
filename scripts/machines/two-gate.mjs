import { brouwer1998, moskalets2002 } from "./sources.mjs";
import { curvatureOf, deviceOf, grid, scan } from "./tools.mjs";

export default {
  preset: "two-gate",
  example: "pump.js",
  title: "Wire with two gates",
  text: `The simplest pump: two sites of a wire are gated out of phase, and each turn carries a charge that is the integral of the
pumping curvature over the area the gate voltages enclose. Small circles pump in proportion to their area, larger ones less, as the
curvature falls off.

    H = −Σ (c⁺ₙ cₙ₊₁ + h.c.) + x c⁺₃ c₃ + y c⁺₈ c₈,   (x, y) = mean + radius (cos θ, sin θ)`,
  sources: [brouwer1998, moskalets2002],
  numbers: [
    {
      say: "charge per turn, 12 sites, radius 1.2, E = −0.5",
      of: (engine) => Math.abs(deviceOf(engine, "two-gate").pump({ energy: -0.5 }).charge.left),
      expected: 0.14291571909,
      within: 1e-10,
      unit: "e",
    },
    {
      say: "transmission at x = y = 0.5",
      of: (engine) =>
        deviceOf(engine, "two-gate").scatter({ energy: -0.5, at: { x: 0.5, y: 0.5 } }).transmission.left
          .right,
      expected: 0.7790626902,
      within: 1e-10,
    },
  ],
  figures(engine) {
    const radii = grid(0, 3, 61);
    return [
      curvatureOf(deviceOf(engine, "two-gate"), { mean: 0.5, radius: 1.2, half: 2.5 }),
      {
        kind: "graph",
        name: "radius",
        title: "Charge per turn against the radius",
        caption: "Charge entering from the left lead per positive turn.",
        x: { words: "radius of the circle", quantity: "energy", values: radii },
        y: { words: "charge Q", quantity: "charge", withZero: true },
        curves: [
          {
            name: "charge",
            values: scan(
              engine,
              "two-gate",
              radii,
              (radius) => ({ radius }),
              (device) => device.pump().charge.left,
            ),
          },
        ],
      },
    ];
  },
};
