import { bustosMarun2013, thouless1983 } from "./sources.mjs";
import { deviceOf, grid, scan } from "./tools.mjs";

const response = (engine, length) => deviceOf(engine, "dirac", { length }).linearResponse();

export default {
  preset: "dirac",
  example: "dirac.js",
  title: "Continuum Thouless motor",
  text: `Two counter-propagating movers, mixed on a finite length by a gap whose phase is the angle of the rotor. It is the lattice
Thouless motor seen from afar, exactly solvable: with κ² = Δ² − E²,

    t = κ / (κ cosh κL − iE sinh κL),   r = −i e^{iθ} Δ sinh κL / (κ cosh κL − iE sinh κL)

so the transmission T does not depend on the angle, the charge per turn is R = 1 − T, and so is 2π times the friction. Free of load it turns at exactly
ω = V, at every bias, length and temperature. The device is given by S alone, the pattern for bringing one's own: S with its
derivatives, and A, its first correction in velocity, which friction at a bias needs and which follows here from the exact solution of the turning motor.`,
  sources: [thouless1983, bustosMarun2013],
  numbers: [
    ...[
      [0.5, 0.213552],
      [1, 0.580026],
      [2, 0.929349],
      [4, 0.998659],
    ].map(([length, expected]) => ({
      say: `charge per turn, length ${length}`,
      of: (engine) => Math.abs(response(engine, length).charge),
      expected,
      within: 1e-6,
      unit: "e",
    })),
    {
      say: "maximum efficiency, length 2",
      of: (engine) => response(engine, 2).maximumEfficiency,
      expected: 0.580026,
      within: 1e-6,
    },
    {
      say: "efficiency at maximum power, length 1",
      of: (engine) => response(engine, 1).efficiencyAtMaximumPower,
      expected: 0.204238,
      within: 1e-6,
    },
    {
      say: "speed without load over the bias, temperature 0.1, length 1",
      of: (engine) => {
        const { force, friction } = deviceOf(engine, "dirac", { length: 1 }).forces({
          reservoirs: {
            left: { chemicalPotential: 1e-4, temperature: 0.1 },
            right: { chemicalPotential: -1e-4, temperature: 0.1 },
          },
        });
        return force[0] / friction.data[0] / 2e-4;
      },
      expected: 1,
      within: 1e-7,
    },
  ],
  figures(engine) {
    const lengths = grid(0.05, 5, 100);
    const of = (quantity) =>
      scan(
        engine,
        "dirac",
        lengths,
        (length) => ({ length }),
        (device) => quantity(device.linearResponse()),
      );
    const energies = grid(-3, 3, 201);
    return [
      {
        kind: "graph",
        name: "length",
        title: "Efficiency against the length",
        caption:
          "At the centre of the gap, in linear response; length in units of 1/gap. The charge per turn is tanh² of it.",
        x: { words: "length L", quantity: "parameter", values: lengths },
        y: { words: "efficiency η", quantity: "ratio", withZero: true },
        curves: [
          { name: "maximum", values: of(({ maximumEfficiency }) => maximumEfficiency) },
          {
            name: "at maximum power",
            values: of(({ efficiencyAtMaximumPower }) => efficiencyAtMaximumPower),
          },
        ],
      },
      {
        kind: "graph",
        name: "energy",
        title: "Transmission against the energy",
        caption:
          "Inside the gap (−1 to 1) the longer motor lets nothing through; above it, resonances of its length.",
        x: { words: "energy E", quantity: "energy", values: energies },
        y: { words: "transmission T", quantity: "ratio", withZero: true },
        curves: [1, 4].map((length) => {
          const device = deviceOf(engine, "dirac", { length });
          return {
            name: `length ${length}`,
            values: energies.map((energy) => device.scatter({ energy }).transmission.left.right),
          };
        }),
      },
    ];
  },
};
