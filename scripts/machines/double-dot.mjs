import { brouwer1998, fernandezAlcazar2015 } from "./sources.mjs";
import { curvatureOf, deviceOf, frictionOf, grid, onCircle, scan, turnOf } from "./tools.mjs";

const response = (engine, options) => deviceOf(engine, "double-dot", options).linearResponse({ energy: 0 });

export default {
  preset: "double-dot",
  example: "double-dot.js",
  title: "Double dot",
  text: `Two dots in series whose levels turn on a circle: the textbook pump and motor of few levels. The charge is large where the
circle surrounds the line on which both levels meet the chemical potential; with the levels centred at it the charge vanishes by symmetry.

    H = ⎛ level + x   −t        ⎞    wide-band leads of width Γ on either dot, (x, y) = depth (cos θ, sin θ)
        ⎝ −t          level + y ⎠

\`dephasing\` puts a voltage probe on either dot.`,
  sources: [brouwer1998, fernandezAlcazar2015],
  numbers: [
    {
      say: "charge per turn, T = 0",
      of: (engine) => Math.abs(response(engine).charge),
      expected: 0.439412,
      within: 1e-6,
      unit: "e",
    },
    {
      say: "friction per turn, T = 0",
      of: (engine) => response(engine).frictionPerTurn,
      expected: 1.39401,
      within: 1e-5,
      unit: "ħ",
    },
    {
      say: "maximum efficiency",
      of: (engine) => response(engine).maximumEfficiency,
      expected: 0.06116,
      within: 1e-5,
    },
    {
      say: "charge per turn with probes of width 1 on both dots",
      of: (engine) => Math.abs(response(engine, { dephasing: 1 }).charge),
      expected: 0.209442,
      within: 1e-6,
      unit: "e",
    },
    {
      say: "friction per turn with these probes",
      of: (engine) => response(engine, { dephasing: 1 }).frictionPerTurn,
      expected: 0.93835,
      within: 1e-5,
      unit: "ħ",
    },
    {
      say: "maximum efficiency with these probes",
      of: (engine) => response(engine, { dephasing: 1 }).maximumEfficiency,
      expected: 0.0297,
      within: 1e-5,
    },
    {
      say: "charge with the levels at the chemical potential",
      of: (engine) => response(engine, { level: 0 }).charge,
      expected: 0,
      within: 1e-12,
      unit: "e",
    },
  ],
  figures(engine) {
    const levels = grid(-3, 3, 121);
    const widths = grid(0, 3, 61);
    const device = deviceOf(engine, "double-dot");
    return [
      curvatureOf(device, { mean: 0, radius: 1, half: 2.5 }),
      frictionOf(turnOf(device, onCircle(0, 1))),
      {
        kind: "graph",
        name: "level",
        title: "Charge per turn against the mean level",
        caption:
          "Charge entering from the left lead per positive turn, odd in the distance of the levels from the chemical potential.",
        x: { words: "mean level", quantity: "energy", values: levels },
        y: { words: "charge Q", quantity: "charge", withZero: true },
        curves: [
          {
            name: "charge",
            values: scan(
              engine,
              "double-dot",
              levels,
              (level) => ({ level }),
              (one) => one.pump({ energy: 0 }).charge.left,
            ),
          },
        ],
      },
      {
        kind: "graph",
        name: "dephasing",
        title: "From wave to particle: charge against dephasing",
        caption:
          "Size of the charge per turn, voltage probes of growing width on both dots. It falls more slowly than that of the two-path interferometer, " +
          "which is interference alone: to 14 % at width 3, against 7 %.",
        x: { words: "width of the probes", quantity: "energy", values: widths },
        y: { words: "charge |Q|", quantity: "charge", withZero: true },
        curves: [
          {
            name: "charge",
            values: scan(
              engine,
              "double-dot",
              widths,
              (dephasing) => ({ dephasing }),
              (one) => Math.abs(one.pump({ energy: 0 }).charge.left),
            ),
          },
        ],
      },
    ];
  },
};
