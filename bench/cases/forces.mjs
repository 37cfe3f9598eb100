// Force, friction with its antisymmetric part, noise and current of a two-dimensional device with
// two gates at a bias, to a tolerance. Leads are computed at every energy by all contenders.
import { honeycombModel, lengthwiseGates, ribbonModel } from "../models.mjs";

const [BIAS, TEMPERATURE, TOLERANCE] = [0.2, 0.01, 1e-8];

function forces({ name, title, model, slices, mu, modes = false, tolerance, targets }) {
  const [left, right] = [mu + BIAS / 2, mu - BIAS / 2];
  const reservoir = (chemicalPotential) => ({ chemicalPotential, temperature: TEMPERATURE });
  const reservoirs = { left: reservoir(left), right: reservoir(right) };
  return {
    name: `forces-${name}`,
    title: `forces at a bias, ${title}, tolerance ${TOLERANCE}`,
    targets: { "numpy block LU": targets },
    tolerance,
    contenders: (engine) => ({
      // A new device for every call has no lead of the last call.
      nanopinwheel: () => {
        const device = engine.device(model);
        const { friction, noise, current } = device.forces({ reservoirs, tolerance: TOLERANCE });
        device.close();
        const [xx, xy, yx, yy] = friction.data;
        return [
          noise.data[0],
          xx,
          noise.data[1],
          (xy + yx) / 2,
          noise.data[3],
          yy,
          (xy - yx) / 2,
          current.left,
        ];
      },
    }),
    peers: {
      "numpy block LU": {
        task: "forces",
        model,
        slices,
        modes,
        mu: [left, right],
        temperature: TEMPERATURE,
        tolerance: TOLERANCE,
      },
    },
    processes: 1,
  };
}

/** The disordered square ribbon with a gate on either half; a channel opens in the window. */
export const ribbonForces = (width, length, targets) =>
  forces({
    name: `ribbon-${width}x${length}`,
    title: `ribbon ${width} x ${length}`,
    model: ribbonModel(width, length, lengthwiseGates(width, length, 2)),
    slices: Array.from({ length: length + 1 }, (_, x) => x * width),
    mu: 1.1,
    modes: true,
    tolerance: 1e-8,
    targets,
  });

/** A disordered honeycomb with a gate on either half; three channels open in the window. */
export const honeycombForces = (width, length, targets) =>
  forces({
    name: `honeycomb-${width}x${length}`,
    title: `honeycomb ${width} x ${length}`,
    ...honeycombModel(width, length),
    mu: 0.6,
    // The decimation of the contender's leads has an imaginary part.
    tolerance: 2e-5,
    targets,
  });
