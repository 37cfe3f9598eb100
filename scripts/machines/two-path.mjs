import { brouwer1998, fernandezAlcazar2015 } from "./sources.mjs";
import { curvatureOf, deviceOf, grid, scan } from "./tools.mjs";

const charge = (engine, options) => deviceOf(engine, "two-path", options).pump({ energy: 0 }).charge.left;

export default {
  preset: "two-path",
  example: "two-path.js",
  title: "Two-path interferometer",
  text: `Young's slits as a pump: two one-level arms side by side, both leads coupled to both arms, a flux through the loop. Seen as
particles the electrons have no reason to go either way, so a pump of particles would give nothing; the charge is interference alone. It
is odd in the flux, zero at 0 and π, and the work per turn at a bias is that of the charge at the reversed flux.

    H = diag(level + x, level + y),   (x, y) = depth (cos θ, sin θ)
    left lead couples with √Γ (e^{iφ/4}, e^{−iφ/4}), right lead with the conjugates

\`dephasing\` puts a voltage probe on either arm.`,
  sources: [brouwer1998, fernandezAlcazar2015],
  numbers: [
    {
      say: "charge per turn at flux π/2",
      of: (engine) => Math.abs(charge(engine)),
      expected: 0.68639,
      within: 1e-5,
      unit: "e",
    },
    {
      say: "sum of the charges at flux π/2 and −π/2",
      of: (engine) => charge(engine) + charge(engine, { flux: -Math.PI / 2 }),
      expected: 0,
      within: 1e-12,
      unit: "e",
    },
    {
      say: "charge per turn at flux π/2 with probes of width 0.1 on both arms",
      of: (engine) => Math.abs(charge(engine, { dephasing: 0.1 })),
      expected: 0.594,
      within: 5e-4,
      unit: "e",
    },
    {
      say: "the same with probes of width 2",
      of: (engine) => Math.abs(charge(engine, { dephasing: 2 })),
      expected: 0.093,
      within: 5e-4,
      unit: "e",
    },
    {
      say: "charge without flux",
      of: (engine) => charge(engine, { flux: 0 }),
      expected: 0,
      within: 1e-12,
      unit: "e",
    },
  ],
  figures(engine) {
    const widths = grid(0, 3, 61);
    const fluxes = grid(-Math.PI, Math.PI, 121);
    return [
      curvatureOf(deviceOf(engine, "two-path"), { mean: 0, radius: 1, half: 1.8 }),
      {
        kind: "graph",
        name: "flux",
        title: "Charge per turn against the flux",
        caption: "Charge entering from the left lead per positive turn.",
        x: { words: "flux φ", quantity: "angle", values: fluxes },
        y: { words: "charge Q", quantity: "charge", withZero: true },
        curves: [
          {
            name: "charge",
            values: scan(
              engine,
              "two-path",
              fluxes,
              (flux) => ({ flux }),
              (device) => device.pump({ energy: 0 }).charge.left,
            ),
          },
        ],
      },
      {
        kind: "graph",
        name: "dephasing",
        title: "From wave to particle: charge against dephasing",
        caption:
          "Size of the charge per turn at flux π/2, voltage probes of growing width on both arms. The pump vanishes as the phase is lost.",
        x: { words: "width of the probes", quantity: "energy", values: widths },
        y: { words: "charge |Q|", quantity: "charge", withZero: true },
        curves: [
          {
            name: "charge",
            values: scan(
              engine,
              "two-path",
              widths,
              (dephasing) => ({ dephasing }),
              (device) => Math.abs(device.pump({ energy: 0 }).charge.left),
            ),
          },
        ],
      },
    ];
  },
};
