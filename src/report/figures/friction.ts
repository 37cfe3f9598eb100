// Friction and noise of the angle over one turn, and the temperature to which the noise
// corresponds.

import * as Plot from "@observablehq/plot";
import type { EnergyUnit } from "../../index.js";
import { colour } from "../theme.js";
import { angleAxis, axisOf } from "./drawing/axes.js";
import { draw, type Figure, type Panel } from "./drawing/draw.js";
import { line } from "./drawing/marks.js";
import { series } from "./drawing/style.js";

export interface FrictionData {
  theta: ArrayLike<number>;
  friction: ArrayLike<number>;
  /** Absent if it vanishes (equilibrium at T = 0) or was not computed. */
  noise?: ArrayLike<number>;
  /** External friction of the rotor, which is added to the electronic one. */
  external: number;
  /** The temperature of all reservoirs; absent if they differ. */
  temperature?: number;
}

export function frictionFigure(data: FrictionData, units: EnergyUnit): Figure {
  const { theta, friction, noise, external, temperature } = data;
  const gamma = axisOf("friction γ", "friction", units, [friction], { count: 4, withZero: true });
  const x = angleAxis();
  const panels: Panel[] = [
    {
      x,
      y: gamma,
      height: noise === undefined ? 250 : 165,
      marks: [Plot.ruleY([0], { stroke: colour("muted") }), line(theta, gamma.scaled(friction), series[0])],
    },
  ];
  const equilibrium =
    temperature === undefined || temperature === 0
      ? undefined
      : Float64Array.from(friction, (value) => 2 * temperature * value);
  if (noise !== undefined) {
    const D = axisOf("noise D", "torqueNoise", units, [noise, equilibrium ?? []], {
      count: 4,
      withZero: true,
    });
    panels.push({
      x,
      y: D,
      height: 165,
      marks: [
        Plot.ruleY([0], { stroke: colour("muted") }),
        line(theta, D.scaled(noise), series[1]),
        ...(equilibrium === undefined ? [] : [line(theta, D.scaled(equilibrium), series[2])]),
      ],
    });
  }
  return draw({
    name: "friction",
    title: noise === undefined ? "Friction over one turn" : "Friction and noise over one turn",
    caption:
      "Friction γ of the electrons: torque −γ dθ/dt; positive values brake, negative ones drive." +
      (external === 0 ? "" : " The external friction of the rotor is not included.") +
      (noise === undefined ? "" : " Noise D: ⟨ξ(t) ξ(t′)⟩ = D δ(t − t′) of the torque's fluctuations.") +
      (noise === undefined || equilibrium === undefined
        ? ""
        : " Dotted: 2Tγ, which D would be in equilibrium; what lies above it is the noise of the current."),
    legend: [
      { name: "friction γ", line: series[0] },
      ...(noise === undefined ? [] : [{ name: "noise D", line: series[1] }]),
      ...(noise === undefined || equilibrium === undefined ? [] : [{ name: "2Tγ", line: series[2] }]),
    ],
    panels,
  });
}
