// The machines with a page, in the order of the presets.
import benzene from "./benzene.mjs";
import chaoticDot from "./chaotic-dot.mjs";
import dirac from "./dirac.mjs";
import doubleDot from "./double-dot.mjs";
import openDot from "./open-dot.mjs";
import resonantLevel from "./resonant-level.mjs";
import thouless from "./thouless.mjs";
import twoGate from "./two-gate.mjs";
import twoPath from "./two-path.mjs";
import wheel from "./wheel.mjs";

export const machines = [
  thouless,
  dirac,
  wheel,
  twoGate,
  doubleDot,
  twoPath,
  resonantLevel,
  chaoticDot,
  benzene,
  openDot,
];
