import { bustosMarun2013, fernandezAlcazar2017, thouless1983 } from "./sources.mjs";
import { curvatureOf, deviceOf, grid, onCircle, scan, turnOf } from "./tools.mjs";

const long = { sites: 64 };
const ramped = { sites: 64, ramp: 16 };

export default {
  preset: "thouless",
  example: "thouless-motor.js",
  title: "Lattice Thouless motor",
  text: `A cosine potential slides along a chain; with the chemical potential in the gap it opens, every turn carries one electron. Run
backwards it is a motor: a bias V does the work QV per turn, no current flows while the rotor stands still, and the only loss is the
friction, so the efficiency approaches one for slow rotation.

    H = −Σ (c⁺ₙ cₙ₊₁ + h.c.) + Σₙ gₙ V₀ cos(2πn/λ + θ),   leads: the same chain without the potential

The gap's decay length is 7 sites for λ = 4, V₀ = 0.4, so that 16 sites pump imperfectly and 64 to within 10⁻⁷. Abrupt ends (gₙ = 1) make
the friction ripple; a smooth ramp of 16 sites brings the loop integral of the friction down to 1, its least value for one electron per turn.

Abrupt ends also make a cogging torque. With 64 sites the conservative torque reaches 0.0266, which the mean driving torque V/2π equals at V = 0.167; but a rotor at rest
does not start there: at that bias the torque still has zeros, because the drive is weakest where the wells hold most. The last zero disappears at
V = 0.258 (\`startBias\`), while a rotor of inertia 20 that turns already keeps running down to V = 0.030: between the two it is bistable.`,
  sources: [thouless1983, bustosMarun2013, fernandezAlcazar2017],
  numbers: [
    {
      say: "charge per turn, 16 sites",
      of: (engine) => Math.abs(deviceOf(engine, "thouless").pump().charge.left),
      expected: 0.95625,
      within: 1e-6,
      unit: "e",
    },
    {
      say: "friction per turn, 16 sites",
      of: (engine) => deviceOf(engine, "thouless").linearResponse().frictionPerTurn,
      expected: 1.06914,
      within: 1e-5,
      unit: "ħ",
    },
    {
      say: "figure of merit, 16 sites",
      of: (engine) => deviceOf(engine, "thouless").linearResponse().figureOfMerit,
      expected: 19.54,
      within: 1e-2,
    },
    {
      say: "charge per turn, 64 sites",
      of: (engine) => Math.abs(deviceOf(engine, "thouless", long).pump().charge.left),
      expected: 1,
      within: 1e-6,
      unit: "e",
    },
    {
      say: "friction per turn, 64 sites",
      of: (engine) => deviceOf(engine, "thouless", long).linearResponse().frictionPerTurn,
      expected: 1.11805,
      within: 1e-5,
      unit: "ħ",
    },
    {
      say: "friction per turn, 64 sites, ramps of 16",
      of: (engine) => deviceOf(engine, "thouless", ramped).linearResponse().frictionPerTurn,
      expected: 1.00004,
      within: 1e-5,
      unit: "ħ",
    },
  ],
  figures(engine) {
    const device = deviceOf(engine, "thouless");
    const sites = grid(4, 64, 31);
    const sized = (sitesNow) => ({ sites: Math.round(sitesNow) });
    const path = onCircle(0, 1);
    const theta = grid(0, 2 * Math.PI, 257);
    return [
      curvatureOf(device, { mean: 0, radius: 1, half: 1.5 }),
      {
        kind: "graph",
        name: "length",
        title: "Charge and efficiency against the length",
        caption:
          "Charge per turn (in percent of one electron) and maximum efficiency of motors of 4 to 64 sites.",
        x: { words: "length", quantity: "sites", values: sites },
        y: { words: "part of the ideal", quantity: "ratio", withZero: true },
        curves: [
          {
            name: "charge per turn",
            values: scan(engine, "thouless", sites, sized, (one) => Math.abs(one.pump().charge.left)),
          },
          {
            name: "maximum efficiency",
            values: scan(engine, "thouless", sites, sized, (one) => one.linearResponse().maximumEfficiency),
          },
        ],
      },
      {
        kind: "graph",
        name: "ends",
        title: "Friction over one turn: abrupt and smooth ends",
        caption:
          "64 sites, with the potential switched on from one site to the next, and over 16 sites at either end.",
        x: { words: "angle θ", quantity: "angle", values: theta },
        y: { words: "friction γ", quantity: "friction", withZero: true },
        curves: [
          { name: "abrupt", values: turnOf(deviceOf(engine, "thouless", long), path).friction },
          { name: "ramp of 16 sites", values: turnOf(deviceOf(engine, "thouless", ramped), path).friction },
        ],
      },
    ];
  },
};
