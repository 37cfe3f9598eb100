// Tools of the pages: a preset as a device, and quantities along its turn from S and dS alone.

/** A device of a preset. `others` are further keys of its model file, such as reservoirs. */
export const deviceOf = (engine, preset, options = {}, others = {}) =>
  engine.device({ format: "nanopinwheel/1", device: { preset, ...options }, ...others });

/** Equal steps from one number to another, both included. */
export const grid = (from, to, count) =>
  Float64Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));

/** Steps of equal ratio from one number to another, both included. */
export const ratios = (from, to, count) => grid(Math.log(from), Math.log(to), count).map(Math.exp);

/** One number per value, each from a device of its own. */
export function scan(engine, preset, values, optionsOf, quantity) {
  return Float64Array.from(values, (value) => {
    const device = deviceOf(engine, preset, optionsOf(value));
    try {
      return quantity(device);
    } finally {
      device.close();
    }
  });
}

/**
 * Parameters and their derivatives by the angle, on the circle of most presets and on the straight
 * path of the wheel.
 */
export const onCircle = (mean, radius) => (theta) => ({
  at: { x: mean + radius * Math.cos(theta), y: mean + radius * Math.sin(theta) },
  slope: { x: -radius * Math.sin(theta), y: radius * Math.cos(theta) },
});
export const onWheel = (theta) => ({ at: { theta }, slope: { theta: 1 } });

/**
 * Friction Tr[dS^+ dS] / 4pi and the charge per radian that enters from the first lead,
 * (1/2pi) Im Tr[Pi dS S^+], at T = 0 and one energy, at `count` angles from 0 to 2 pi, both
 * included.
 */
export function turnOf(device, path, count = 257) {
  const theta = grid(0, 2 * Math.PI, count);
  const friction = new Float64Array(count);
  const pumped = new Float64Array(count);
  theta.forEach((angle, i) => {
    const { at, slope } = path(angle);
    const { S, dS, channels } = device.scatter({ at });
    for (let k = 0; k < S.data.length / 2; k++) {
      let [re, im] = [0, 0];
      for (const [name, value] of Object.entries(slope)) {
        re += value * dS[name].data[2 * k];
        im += value * dS[name].data[2 * k + 1];
      }
      friction[i] += (re * re + im * im) / (4 * Math.PI);
      const first = channels[Math.floor(k / S.shape[1])] === device.leadNames[0];
      if (first) pumped[i] += (im * S.data[2 * k] - re * S.data[2 * k + 1]) / (2 * Math.PI);
    }
  });
  return { theta, friction, pumped };
}

/** The cycle in its plane over the pumping curvature of the first lead, at the preset's energy. */
export function curvatureOf(device, { mean, radius, half, count = 61 }) {
  const axis = grid(mean - half, mean + half, count);
  const turn = grid(0, 2 * Math.PI, 257).slice(0, 256);
  const { curvature } = device.curvature({ parameters: ["x", "y"], first: axis, second: axis });
  const map = curvature[device.leadNames[0]];
  return {
    kind: "cycle",
    parameters: ["x", "y"],
    lead: device.leadNames[0],
    path: {
      first: turn.map((t) => mean + radius * Math.cos(t)),
      second: turn.map((t) => mean + radius * Math.sin(t)),
    },
    map: { first: axis, second: axis, curvature: map.data ?? map, about: "T = 0." },
  };
}

/** Friction over the turn as a figure. */
export const frictionOf = ({ theta, friction }) => ({ kind: "friction", theta, friction, external: 0 });

/** Charge per radian over the turn as a figure. */
export const chargeOf = ({ theta, pumped }, charge, lead = "left") => ({
  kind: "currents",
  theta,
  lead,
  pumped,
  charge,
});
