import { brouwer1998, brouwer2001, buttiker1986, fernandezAlcazar2017, switkes1999 } from "./sources.mjs";
import { curvatureOf, deviceOf, grid, ratios, scan } from "./tools.mjs";

const strays = { capacitances: { x: 1, y: 1.5 }, resistance: 2 };
const field = 0.1;

/** A number of a dot, whose memory is returned afterwards. */
function of(engine, options, quantity, others) {
  const device = deviceOf(engine, "open-dot", options, others);
  try {
    return quantity(device);
  } finally {
    device.close();
  }
}
const charge = (engine, options, question = {}, others = {}) =>
  of(engine, options, (device) => device.pump(question).charge.left, others);
const rectified = (engine, options, question = {}, others = {}) =>
  of(engine, options, (device) => device.rectified({ ...strays, ...question }).charge, others);

/** Reservoirs at the preset's chemical potential and the given temperature. */
const warm = (temperature) => {
  const reservoir = { chemicalPotential: -2.3, temperature };
  return { reservoirs: { left: reservoir, right: reservoir } };
};

/**
 * Charge of a small loop at phase pi/2, which turns from y to x: area times curvature at the
 * middle.
 */
function areaLaw(engine, options) {
  return of(engine, options, (device) => {
    const { curvature } = device.curvature({ parameters: ["x", "y"], first: [0], second: [0] });
    return (gateDepth) => -Math.PI * gateDepth ** 2 * curvature.left[0];
  });
}

/** Even and odd part of the charge in the field. */
function partsInField(engine, options) {
  const [up, down] = [field, -field].map((one) =>
    charge(engine, { ...options, field: one }, { tolerance: 1e-5 }),
  );
  return { even: (up + down) / 2, odd: (up - down) / 2 };
}

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
even nor odd. Both currents are ω/2π times the charge per turn, as long as the dot is driven slowly: ω times its longest delay τ
(\`adiabaticity\`) small. \`field\` is the flux per plaquette, in the dot and its ribbons alike; \`disorder\` and \`seed\` make a sample.

\`dephasing\` puts a voltage probe of that width on every site: electrons lose their phase there and go on. Weak probes take the interference
away, and with it what changes with the sign of the field; strong ones turn the dot into a network of resistors between its sites, which
still pumps, as particles do, but a thousand times less. Each probe adds a column to S: the charge of the dot of 9 × 11 sites takes half a second, the
motor at a bias hours, so that \`run\` leaves it out.`,
  sources: [brouwer1998, switkes1999, brouwer2001, buttiker1986, fernandezAlcazar2017],
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
      of: (engine) => charge(engine, { field, gateDepth: 0.001 }) / areaLaw(engine, { field })(0.001),
      expected: 1,
      within: 1e-3,
    },
    {
      say: "exponent of the charge in the amplitude, from 0.001 to 0.002",
      of: (engine) =>
        Math.log2(charge(engine, { field, gateDepth: 0.002 }) / charge(engine, { field, gateDepth: 0.001 })),
      expected: 2,
      within: 1e-3,
    },
    {
      say: "charge at T = 10⁻⁴ minus that at T = 0",
      of: (engine) =>
        charge(engine, { field }, { points: 32 }, warm(1e-4)) - charge(engine, { field }, { points: 32 }),
      expected: 0,
      within: 1e-4,
      unit: "e",
    },
    {
      say: "rectified charge at field 0.1 over that at −0.1",
      of: (engine) => rectified(engine, { field: 0.1 }) / rectified(engine, { field: -0.1 }),
      expected: 1,
      within: 1e-8,
    },
    {
      say: "the same with probes of width 0.1 on every site",
      of: (engine) => {
        const [up, down] = [field, -field].map((one) =>
          rectified(engine, { field: one, dephasing: 0.1 }, { points: 16 }),
        );
        return up / down;
      },
      expected: 1,
      within: 1e-8,
    },
    {
      say: "odd over even part in the field of the charge, probes of width 100",
      of: (engine) => {
        const [up, down] = [field, -field].map((one) =>
          charge(engine, { field: one, dephasing: 100 }, { points: 16 }),
        );
        return (up - down) / (up + down);
      },
      expected: 0,
      within: 1e-3,
    },
  ],
  figures(engine) {
    const phases = grid(0, 2 * Math.PI, 49);
    const fields = grid(-0.2, 0.2, 161);
    const depths = grid(0, 0.6, 61);
    const widths = ratios(1e-2, 30, 29);
    // Temperatures are closer to each other where it is cold.
    const temperatures = grid(0, 1, 11).map((part) => 0.05 * part ** 1.5);
    const rough = { tolerance: 1e-4 };
    const both = (values, optionsOf) => [
      {
        name: "pumped",
        values: scan(engine, "open-dot", values, optionsOf, (device) => device.pump(rough).charge.left),
      },
      {
        name: "rectified",
        values: scan(
          engine,
          "open-dot",
          values,
          optionsOf,
          (device) => device.rectified({ ...strays, ...rough }).charge,
        ),
      },
    ];
    const map = curvatureOf(deviceOf(engine, "open-dot", { field }), { mean: 0, radius: 0.5, half: 0.8 });
    // At phase pi/2 the path is x = depth sin(theta), y = depth cos(theta).
    const turn = grid(0, 2 * Math.PI, 257).slice(0, 256);
    const path = { first: turn.map((t) => 0.5 * Math.sin(t)), second: turn.map((t) => 0.5 * Math.cos(t)) };
    const small = areaLaw(engine, { field });
    const slow = of(engine, { field }, (device) => device.pump());
    const turnRectified = rectified(engine, { field });
    const speeds = grid(0, 1 / slow.adiabaticity, 21);
    const parts = Array.from(widths, (dephasing) => partsInField(engine, { dephasing }));
    const sizes = (list) => Float64Array.from(list, Math.abs);
    const chargeAxis = { words: "charge Q", quantity: "charge", withZero: true };
    return [
      { ...map, path },
      {
        kind: "graph",
        name: "phase",
        title: "Charge per turn against the phase between the gates",
        caption: "Field 0.1. Both charges vanish at 0 and π and are odd about them.",
        x: { words: "phase φ", quantity: "angle", values: phases },
        y: chargeAxis,
        curves: both(phases, (phase) => ({ phase, field })),
      },
      {
        kind: "graph",
        name: "amplitude",
        title: "Charge per turn against the amplitude",
        caption:
          "Field 0.1, phase π/2. A small loop pumps its area times the curvature in its middle. A larger loop passes other values of the curvature.",
        x: { words: "depth of the gates", quantity: "energy", values: depths },
        y: chargeAxis,
        curves: [
          {
            name: "pumped",
            values: scan(
              engine,
              "open-dot",
              depths,
              (gateDepth) => ({ gateDepth, field }),
              (device) => device.pump({ ...rough, tolerance: 1e-6 }).charge.left,
            ),
          },
          {
            name: "area × curvature",
            // The straight law ends at a depth of 0.3, where it exceeds the charge by about half.
            values: depths.map((depth) => (depth <= 0.3 ? small(depth) : Number.NaN)),
          },
        ],
      },
      {
        kind: "graph",
        name: "frequency",
        title: "Current against the frequency",
        caption:
          `Field 0.1, phase π/2: the direct currents ωQ/2π, first order in ω, up to where ω times the longest delay τ = ${slow.adiabaticity.toPrecision(3)} ` +
          "of the turn is one. Slow driving ends well before: left of the dotted line ωτ is below 0.1. Neither line tells the pumped from the rectified current.",
        x: { words: "angular frequency ω", quantity: "angularVelocity", values: speeds },
        y: { words: "current I", quantity: "current", withZero: true },
        curves: [
          { name: "pumped", values: speeds.map((omega) => (omega * slow.charge.left) / (2 * Math.PI)) },
          { name: "rectified", values: speeds.map((omega) => (omega * turnRectified) / (2 * Math.PI)) },
        ],
        notes: [{ at: 0.1 / slow.adiabaticity, text: "ωτ = 0.1" }],
      },
      {
        kind: "graph",
        name: "field",
        title: "Charge per turn against the magnetic field",
        caption: "Phase π/2. The rectified charge is even in the field, the pumped one has no symmetry.",
        x: { words: "flux per plaquette", quantity: "angle", values: fields },
        y: chargeAxis,
        curves: both(fields, (one) => ({ field: one })),
      },
      {
        kind: "graph",
        name: "temperature",
        title: "Charge per turn against the temperature",
        caption:
          "No field, phase π/2. Averaged over an energy window of a few T the interference of unlike sign cancels.",
        x: { words: "temperature T", quantity: "energy", values: temperatures },
        y: chargeAxis,
        curves: [
          { name: "pumped", ask: charge },
          { name: "rectified", ask: rectified },
        ].map(({ name, ask }) => ({
          name,
          values: temperatures.map((t) => ask(engine, {}, { tolerance: 1e-3 }, warm(t))),
        })),
      },
      {
        kind: "graph",
        name: "dephasing",
        title: "From wave to particle: charge against dephasing",
        caption:
          "Voltage probes on every site, phase π/2, fields ±0.1. The part of the charge that is odd in the field is interference and vanishes. Of the even part the " +
          "particles remain, which flow through a network of resistors (∝ 1/width³). Dips are changes of sign.",
        x: { words: "width of the probes", quantity: "energy", values: widths, log: true },
        y: { words: "charge |Q|", quantity: "charge", log: true },
        curves: [
          { name: "pumped, even in the field", values: sizes(parts.map(({ even }) => even)) },
          { name: "pumped, odd", values: sizes(parts.map(({ odd }) => odd)) },
          {
            name: "rectified",
            values: sizes(widths.map((dephasing) => rectified(engine, { field, dephasing }, rough))),
          },
        ],
      },
    ];
  },
};
