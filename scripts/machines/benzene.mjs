import { dundas2009 } from "./sources.mjs";
import { chargeOf, curvatureOf, deviceOf, frictionOf, onCircle, turnOf } from "./tools.mjs";

const meta = { contacts: "meta" };

export default {
  preset: "benzene",
  example: "benzene.js",
  title: "Benzene rotor",
  options: meta,
  text: `A Hückel ring of six between two leads, with a dipole that turns in its plane. Contacted at opposite atoms (para) it pumps exactly
nothing: the mirror through both contacts reverses the turn and leaves the leads in place. Contacted at the second neighbour (meta) the
mirror is gone, and charge flows.

    H = −Σ (c⁺ₙ cₙ₊₁ + h.c.) + Σₙ U cos(2πn/6 − θ) c⁺ₙ cₙ,   wide-band leads at atoms 0 and 3 (para) or 0 and 2 (meta)

The figures show meta contacts.`,
  sources: [dundas2009],
  numbers: [
    {
      say: "charge per turn, para",
      of: (engine) => deviceOf(engine, "benzene").pump().charge.left,
      expected: 0,
      within: 1e-12,
      unit: "e",
    },
    {
      say: "charge of meta by the integral of dn/dθ minus that of the pump",
      of: (engine) => {
        const device = deviceOf(engine, "benzene", meta);
        const { pumped } = turnOf(device, onCircle(0, 0.5), 1025);
        const sum = pumped.subarray(0, 1024).reduce((total, value) => total + value, 0);
        return (2 * Math.PI * sum) / 1024 - device.pump().charge.left;
      },
      expected: 0,
      within: 1e-10,
      unit: "e",
    },
  ],
  figures(engine) {
    const device = deviceOf(engine, "benzene", meta);
    const turn = turnOf(device, onCircle(0, 0.5));
    return [
      curvatureOf(device, { mean: 0, radius: 0.5, half: 1 }),
      chargeOf(turn, device.pump().charge.left),
      frictionOf(turn),
    ];
  },
};
