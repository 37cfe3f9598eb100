// The continuum Thouless motor: H = -i sigma_z d/dx + gap (cos theta sigma_x + sin theta sigma_y)
// on 0 < x < length with gapless leads and velocity 1 (docs/physics.md, section 11). With
// kappa = sqrt(gap^2 - E^2), c = cosh(kappa length) and s = sinh(kappa length) / kappa (both entire
// in E)
//
//   t = t' = 1 / (c - i E s),   r = -i e^(i theta) gap s t,   r' = -i e^(-i theta) gap s t,
//
// with the reference planes x = 0 and x = length. A rotation of theta shifts the energies of right-
// and left-movers by -omega / 2 and +omega / 2 in the rotating frame, so that S at finite speed is
// known exactly. A right-mover of incoming energy E is transmitted with
// t(E - omega/2) e^(i omega length / 2) and reflected with r(E - omega/2), and a reflected one
// leaves at E - omega. For a left-mover the signs are opposite. To first order A vanishes for
// reflection and is -+ (t' - i length t) / 2 for transmission, with ' = d/dE.
//
// This file is also the pattern for a device with an S of one's own: closed derivatives, A, and the
// properties of S (reciprocal, sliding).

import * as v from "valibot";
import { positive } from "../file/fields.js";
import type { ComplexMatrix, ScatteringSample } from "../types.js";
import { freeRotor, type PresetModel, reservoirsAbout } from "./parts/pieces.js";
import { energy, type OptionsOf, preset } from "./parts/preset.js";

const entries = {
  gap: v.optional(positive("Gap parameter Delta (half the gap)"), 1),
  length: v.optional(positive("Length in units of v/energy"), 0.5),
  energy: energy(0),
};

type Options = OptionsOf<typeof entries>;

type Complex = readonly [re: number, im: number];

const times = ([a, b]: Complex, [c, d]: Complex): Complex => [a * c - b * d, a * d + b * c];
const matrix = (...elements: Complex[]): ComplexMatrix => ({
  shape: [2, 2],
  data: Float64Array.from(elements.flat()),
});
const none: Complex = [0, 0];

/**
 * c = cosh(kappa L), s = sinh(kappa L)/kappa and u = (L c - s)/kappa^2 as functions of kappa^2 of
 * either sign. Deep in the gap all three are divided by cosh(kappa L), whose inverse is `decay`;
 * elsewhere `decay` is 1.
 */
function hyperbolic(square: number, length: number): { c: number; s: number; u: number; decay: number } {
  const x = square * length * length;
  if (Math.abs(x) < 0.1) {
    // Power series in x: c = sum x^n/(2n)!, s = L sum x^n/(2n+1)!, u = L^3 sum 2 (n+1) x^n/(2n+3)!.
    let [c, s, u, term] = [0, 0, 0, 1];
    for (let n = 0; n < 12; n++) {
      c += term;
      s += term / (2 * n + 1);
      u += (term * 2 * (n + 1)) / ((2 * n + 1) * (2 * n + 2) * (2 * n + 3));
      term *= x / ((2 * n + 1) * (2 * n + 2));
    }
    return { c, s: length * s, u: length ** 3 * u, decay: 1 };
  }
  const kappa = Math.sqrt(Math.abs(square));
  if (square > 0) {
    const s = Math.tanh(kappa * length) / kappa;
    return { c: 1, s, u: (length - s) / square, decay: 1 / Math.cosh(kappa * length) };
  }
  const [c, s] = [Math.cos(kappa * length), Math.sin(kappa * length) / kappa];
  return { c, s, u: (length * c - s) / square, decay: 1 };
}

/** S at one energy and angle with its derivatives and A, for the channels left and right. */
export function diracScattering(
  gap: number,
  length: number,
  energy: number,
  theta: number,
): ScatteringSample {
  const { c, s, u, decay } = hyperbolic(gap * gap - energy * energy, length);
  // With g = 1 / (c - i E s), t = decay g and r = -i gap s g. From dc/dE = -E L s and ds/dE = -E u
  // (undivided) follows dg/dE = (E L s + i (s - E^2 u)) g^2, which in both cases stands for the
  // derivative of 1/(c - i E s).
  const norm = c * c + energy * energy * s * s;
  const g: Complex = [c / norm, (energy * s) / norm];
  const dg = times([energy * length * s, s - energy * energy * u], times(g, g));
  const t: Complex = [decay * g[0], decay * g[1]];
  const slope: Complex = [decay * dg[0], decay * dg[1]];
  const r = times([0, -gap * s], g);
  const [dr0, dr1] = [times([0, -gap * s], dg), times([0, gap * energy * u], g)];
  const dr: Complex = [dr0[0] + dr1[0], dr0[1] + dr1[1]];
  const forward: Complex = [Math.cos(theta), Math.sin(theta)];
  const backward: Complex = [forward[0], -forward[1]];
  // Derivatives of the phases by theta.
  const dForward: Complex = [-forward[1], forward[0]];
  const dBackward: Complex = [-forward[1], -forward[0]];
  const shift: Complex = [-(slope[0] + length * t[1]) / 2, -(slope[1] - length * t[0]) / 2];
  return {
    S: matrix(times(forward, r), t, t, times(backward, r)),
    dSdE: matrix(times(forward, dr), slope, slope, times(backward, dr)),
    dS: { theta: matrix(times(dForward, r), none, none, times(dBackward, r)) },
    mixed: { theta: matrix(times(dForward, dr), none, none, times(dBackward, dr)) },
    A: { theta: matrix(none, [-shift[0], -shift[1]], shift, none) },
  };
}

function model({ gap, length, energy }: Options): PresetModel {
  return {
    format: "nanopinwheel/1",
    title: `Continuum Thouless motor, gap ${gap}, length ${length}`,
    device: {
      scattering: {
        evaluate: (e, { theta }) => diracScattering(gap, length, e, theta),
        energyScale: Math.min(gap, 1 / length),
        reciprocal: true,
        sliding: true,
      },
      parameters: ["theta"],
      leads: [
        { name: "left", kind: "given", channels: 1 },
        { name: "right", kind: "given", channels: 1 },
      ],
    },
    cycle: { theta: { turns: 1 } },
    reservoirs: reservoirsAbout(energy),
    rotor: freeRotor(),
  };
}

export default preset({
  description: "Continuum Thouless motor: two-band Dirac model with a gap on a finite length, closed form",
  entries,
  model,
});
