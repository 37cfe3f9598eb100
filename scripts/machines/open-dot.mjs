import { curvatureOf, deviceOf, grid, scan } from "./tools.mjs";

const capacitances = { x: 1, y: 1.5 };
const strays = { capacitances, resistance: 0.3 };
const charge = (engine, options) => {
  const device = deviceOf(engine, "open-dot", options);
  try {
    return device.pump().charge.left;
  } finally {
    device.close();
  }
};
const rectified = (engine, options) => {
  const device = deviceOf(engine, "open-dot", options);
  try {
    return device.rectified(strays).charge;
  } finally {
    device.close();
  }
};

/** Charge of a small loop over area times curvature at its centre. */
const smallLoop = (engine) => {
  const device = deviceOf(engine, "open-dot", { gateDepth: 0.001, field: 0.1 });
  const { curvature } = device.curvature({ parameters: ["x", "y"], first: [0], second: [0] });
  const area = -Math.PI * 0.001 ** 2;
  return device.pump().charge.left / (area * curvature.left[0]);
};

export default {
  preset: "open-dot",
  example: "open-dot.js",
  title: "Open dot with two shape gates",
  text: `A billiard on the square lattice that opens into a ribbon at either end, with two gates that distort its shape:

    x = depth sin θ,   y = depth sin(θ + φ)

The charge per turn is odd about the phase differences 0 and π, where the path retraces itself, and proportional to its area while that is
small. A measured direct current need not be pumped: gates that couple to the leads by stray capacitances C_x, C_y make a small bias in
step with their motion, and the conductance G, which follows the gates, rectifies it to a charge per turn of

    Q = R ∮ G (C_x dx + C_y dy)          device.rectified({ capacitances, resistance })

It has the same phase, frequency and area dependence, but it is even under reversal of the magnetic field, because G is; the pumped charge is neither
even nor odd. \`field\` is the flux per plaquette, in the dot and its ribbons alike; \`disorder\` and \`seed\` make a sample.`,
  sources: [
    "P. W. Brouwer, Phys. Rev. B 58, R10135 (1998)",
    "M. Switkes, C. M. Marcus, K. Campman, A. C. Gossard, Science 283, 1905 (1999)",
    "P. W. Brouwer, Phys. Rev. B 63, 121303 (2001)",
  ],
  numbers: [
    {
      say: "sum of the charges at phases π/2 and −π/2, field 0.1",
      of: (engine) => charge(engine, { field: 0.1 }) + charge(engine, { field: 0.1, phase: -Math.PI / 2 }),
      expected: 0,
      within: 1e-8,
      unit: "e",
    },
    {
      say: "charge of a small loop over curvature times area, field 0.1",
      of: smallLoop,
      expected: 1,
      within: 1e-3,
    },
    {
      say: "rectified charge at field 0.1 over that at −0.1",
      of: (engine) => rectified(engine, { field: 0.1 }) / rectified(engine, { field: -0.1 }),
      expected: 1,
      within: 1e-8,
    },
  ],
  figures(engine) {
    const phases = grid(0, 2 * Math.PI, 49);
    const fields = grid(-0.2, 0.2, 81);
    const both = (values, optionsOf) => [
      {
        name: "pumped",
        values: scan(
          engine,
          "open-dot",
          values,
          optionsOf,
          (device) => device.pump({ tolerance: 1e-4 }).charge.left,
        ),
      },
      {
        name: "rectified",
        values: scan(
          engine,
          "open-dot",
          values,
          optionsOf,
          (device) => device.rectified({ ...strays, tolerance: 1e-4 }).charge,
        ),
      },
    ];
    const map = curvatureOf(deviceOf(engine, "open-dot", { field: 0.1 }), {
      mean: 0,
      radius: 0.5,
      half: 0.8,
    });
    // At phase pi/2 the path is x = depth sin(theta), y = depth cos(theta).
    const turn = grid(0, 2 * Math.PI, 257).slice(0, 256);
    const path = { first: turn.map((t) => 0.5 * Math.sin(t)), second: turn.map((t) => 0.5 * Math.cos(t)) };
    return [
      { ...map, path },
      {
        kind: "graph",
        name: "phase",
        title: "Charge per turn against the phase between the gates",
        caption: "Field 0.1. Both currents vanish at 0 and π and are odd about them.",
        x: { words: "phase φ", quantity: "angle", values: phases },
        y: { words: "charge Q", quantity: "charge", withZero: true },
        curves: both(phases, (phase) => ({ phase, field: 0.1 })),
      },
      {
        kind: "graph",
        name: "field",
        title: "Charge per turn against the magnetic field",
        caption: "Phase π/2. The rectified charge is even in the field, the pumped one has no symmetry.",
        x: { words: "flux per plaquette", quantity: "angle", values: fields },
        y: { words: "charge Q", quantity: "charge", withZero: true },
        curves: both(fields, (field) => ({ field })),
      },
    ];
  },
};
