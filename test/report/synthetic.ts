// Figure data from closed forms: the continuum Thouless motor (reflection R, transmission T, bias V: speed V (1 - x), current
// (V/2pi)(T + R (1 - x)) at load x times its stall load R V / 2pi), and a cogging motor with friction 1 and torque V/2pi + c sin(theta).

import type { FigureData } from "../../src/report/figures/index.js";

const grid = (from: number, to: number, count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));

const theta = grid(0, 2 * Math.PI, 257);
const reflection = 0.929349;
const bias = 0.02;
const cog = 0.01;
const drive = bias / (2 * Math.PI);
const stall = (reflection * bias) / (2 * Math.PI);

function map(): FigureData {
  const axis = grid(-1.5, 1.5, 49);
  const curvature = new Float64Array(axis.length ** 2);
  axis.forEach((x, i) => {
    axis.forEach((y, j) => {
      curvature[i * axis.length + j] =
        2.4 * Math.exp(-4 * ((x - 0.5) ** 2 + (y - 0.4) ** 2)) -
        0.6 * Math.exp(-2 * ((x + 0.7) ** 2 + y ** 2));
    });
  });
  const turn = Float64Array.from({ length: 256 }, (_, i) => (2 * Math.PI * i) / 256);
  return {
    kind: "cycle",
    parameters: ["x", "y"],
    lead: "left",
    path: { first: turn.map((t) => 0.2 + Math.cos(t)), second: turn.map((t) => 0.2 + Math.sin(t)) },
    map: { first: axis, second: axis, curvature, about: "At T = 0." },
  };
}

function quadrants(): FigureData {
  const biases = grid(-bias, bias, 41);
  const loads = grid(-1.5 * stall, 1.5 * stall, 41);
  const mode: ("motor" | "generator" | "dissipator" | "locked")[] = [];
  const efficiency: number[] = [];
  for (const V of biases) {
    for (const M of loads) {
      // Closed form of the continuum motor: torque R V / 2pi, friction R / 2pi, pumped charge R.
      const omega = V - (2 * Math.PI * M) / reflection;
      const powerOut = M * omega;
      const powerIn = (V * ((1 - reflection) * V + reflection * omega)) / (2 * Math.PI);
      const [motor, generator] = [powerOut > 0 && powerIn > 0, powerOut < 0 && powerIn < 0];
      mode.push(motor ? "motor" : generator ? "generator" : "dissipator");
      efficiency.push(motor ? powerOut / powerIn : generator ? powerIn / powerOut : 0);
    }
  }
  return { kind: "quadrants", bias: biases, load: loads, mode, efficiency, fileInertia: 20 };
}

function efficiency(): FigureData {
  const x = grid(0, 1, 101);
  const powerOut = x.map((part) => part * stall * bias * (1 - part));
  const powerIn = x.map(
    (part) => ((bias * bias) / (2 * Math.PI)) * (1 - reflection + reflection * (1 - part)),
  );
  return {
    kind: "efficiency",
    load: x.map((part) => part * stall),
    powerOut,
    powerIn,
    efficiency: powerOut.map((out, i) => out / powerIn[i]),
    inertia: { of: "infinite", file: "infinite" },
  };
}

function speed(): FigureData {
  const biases = grid(0, 0.12, 121);
  const start = 2 * Math.PI * cog;
  const stop = 0.03;
  const running = biases.map((V) => Math.sqrt(Math.max(0, V * V - stop * stop)));
  return {
    kind: "speed",
    bias: biases,
    up: running.map((omega, i) => (biases[i] < start ? 0 : omega)),
    down: running,
    uniform: biases,
    startBias: start,
    stopBias: stop,
  };
}

function trajectories(): FigureData {
  const time = grid(0, 4000, 201);
  let state = 7;
  const random = (): number => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647 - 0.5;
  };
  const angles = Array.from({ length: 5 }, () => {
    let angle = 0;
    return time.map((_, i) => {
      if (i > 0) angle += bias * 20 + 2.5 * random();
      return angle;
    });
  });
  return {
    kind: "trajectories",
    time,
    angles,
    meanVelocity: bias,
    seed: 7,
    deterministic: time.map((t) => bias * t),
  };
}

const torque = theta.map((t) => drive + cog * Math.sin(t));
const conservative = theta.map((t) => cog * Math.sin(t));
const friction = theta.map((t) => (1 + 0.3 * Math.cos(2 * t)) / (2 * Math.PI));

/** One of every figure. */
export const everyFigure: FigureData[] = [
  map(),
  { kind: "torque", theta, torque, conservative, load: 0.001 },
  {
    kind: "friction",
    theta,
    friction,
    noise: friction.map((gamma) => 2 * 0.01 * gamma + 0.0004),
    external: 0.1,
    temperature: 0.01,
  },
  {
    kind: "currents",
    theta,
    lead: "left",
    frozen: theta.map((t) => 0.0002 * (1.2 + Math.cos(t))),
    pumped: theta.map((t) => (1 + 0.4 * Math.sin(t)) / (2 * Math.PI)),
    charge: 1,
  },
  {
    kind: "landscape",
    theta,
    landscapes: [
      {
        name: "no bias, no load",
        potential: theta.map((t) => cog * Math.cos(t)),
        rest: { stable: [Math.PI], unstable: [0] },
      },
      { name: "bias and load of the file", potential: theta.map((t) => cog * Math.cos(t) - drive * t) },
    ],
  },
  {
    kind: "graph",
    name: "graph",
    title: "Efficiency of the continuum motor",
    caption: "Maximum efficiency tanh²(L/2ξ) against the length, and the efficiency at maximum power.",
    x: { words: "length L/ξ", quantity: "parameter", values: grid(0, 6, 61) },
    y: { words: "efficiency η", quantity: "ratio", withZero: true },
    curves: [
      { name: "maximum", values: grid(0, 6, 61).map((length) => Math.tanh(length / 2) ** 2) },
      { name: "half of it", values: grid(0, 6, 61).map((length) => Math.tanh(length / 2) ** 2 / 2) },
    ],
  },
  speed(),
  efficiency(),
  quadrants(),
  trajectories(),
];
