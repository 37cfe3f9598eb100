import { bode2011 } from "./sources.mjs";
import { deviceOf, frictionOf, grid, turnOf } from "./tools.mjs";

const path = (theta) => ({ at: { x: Math.cos(theta) }, slope: { x: -Math.sin(theta) } });

/**
 * Loop integral of gamma dtheta for a level e = cos(theta) of total width 1, with
 * gamma_xx = (1/pi) (Gamma/2)^2 / (e^2 + Gamma^2/4)^2.
 */
const closedForm = () => {
  const count = 4096;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const theta = (2 * Math.PI * i) / count;
    sum += (Math.sin(theta) ** 2 * 0.25) / (Math.cos(theta) ** 2 + 0.25) ** 2 / Math.PI;
  }
  return (2 * Math.PI * sum) / count;
};

export default {
  preset: "resonant-level",
  example: "resonant-level.js",
  title: "Resonant level",
  text: `One level between two leads, moved up and down by one parameter. One parameter encloses no area: it pumps nothing and makes no
motor, but its friction is the textbook case with a closed form, with Γ the sum of both widths and e the level's distance from the chemical potential:

    γ(e) = (1/π) (Γ/2)² / (e² + Γ²/4)²      at T = 0`,
  sources: [bode2011],
  numbers: [
    {
      say: "friction per turn, against the closed form",
      of: (engine) => deviceOf(engine, "resonant-level").linearResponse().frictionPerTurn,
      expected: closedForm(),
      within: 1e-9,
      unit: "ħ",
    },
    {
      say: "charge per turn",
      of: (engine) => deviceOf(engine, "resonant-level").pump().charge.left,
      expected: 0,
      within: 1e-12,
      unit: "e",
    },
  ],
  figures(engine) {
    const levels = grid(-2, 2, 121);
    const frictionAt = (level) => (device) => {
      const { dS } = device.scatter({ energy: 0, at: { x: level } });
      return dS.x.data.reduce((sum, part) => sum + part * part, 0) / (4 * Math.PI);
    };
    const device = deviceOf(engine, "resonant-level");
    return [
      frictionOf(turnOf(device, path)),
      {
        kind: "graph",
        name: "level",
        title: "Friction against the level",
        caption:
          "Friction of the level's motion at T = 0: largest where the level crosses the chemical potential.",
        x: { words: "level", quantity: "energy", values: levels },
        y: { words: "friction γ", quantity: "friction", withZero: true },
        curves: [{ name: "friction", values: levels.map((level) => frictionAt(level)(device)) }],
      },
    ];
  },
};
