import { brouwer1998, switkes1999 } from "./sources.mjs";
import { chargeOf, curvatureOf, deviceOf, frictionOf, onCircle, turnOf } from "./tools.mjs";

const path = onCircle(0, 1);
/** A dot so small that a grid resolves its narrowest resonance. */
const small = { size: 16, channels: 2 };

export default {
  preset: "chaotic-dot",
  example: "chaotic-dot.js",
  title: "Chaotic dot",
  text: `A dot whose shape two gates change, as random matrices: H = H₀ + x K₁ + y K₂, all from the Gaussian orthogonal ensemble (real) or
the unitary one (complex, in a magnetic field), with N ideal channels per lead. What it pumps is interference and differs from sample to
sample; resonances are narrow, so that a circle of 64 points can miss whole electrons: let the points adapt.

One unit of x or y moves a level by about its spacing.`,
  sources: [brouwer1998, switkes1999],
  numbers: [
    {
      say: "sum of the charges of both leads, 16 levels, 2 channels",
      of: (engine) => {
        const { left, right } = deviceOf(engine, "chaotic-dot", small).pump().charge;
        return left + right;
      },
      expected: 0,
      within: 1e-9,
      unit: "e",
    },
    {
      say: "charge by the integral of dn/dθ over a turn minus that of the pump, same dot",
      of: (engine) => {
        const device = deviceOf(engine, "chaotic-dot", small);
        const { pumped } = turnOf(device, path, 1025);
        const sum = pumped.subarray(0, 1024).reduce((total, value) => total + value, 0);
        return (2 * Math.PI * sum) / 1024 - device.pump().charge.left;
      },
      expected: 0,
      within: 1e-8,
      unit: "e",
    },
  ],
  figures(engine) {
    const device = deviceOf(engine, "chaotic-dot");
    const turn = turnOf(device, path, 1025);
    return [
      curvatureOf(device, { mean: 0, radius: 1, half: 1.8, count: 121 }),
      chargeOf(turn, device.pump().charge.left),
      frictionOf(turn),
    ];
  },
};
