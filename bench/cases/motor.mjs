// The whole turn of a motor at a bias: torque, friction, noise and currents at every angle, and
// work, friction and noise per turn.

const CENTRE = -1.428286;
const [BIAS, TEMPERATURE] = [0.1, 0.01];

export function motorTurn(sites, tolerance) {
  return {
    name: `motor-${sites}`,
    title: `whole turn of a motor at bias, ${sites} sites, tolerance ${tolerance}`,
    targets: { "numpy, the same curve to the same tolerance": 20 },
    tolerance: 1e-7,
    contenders: (engine) => {
      const reservoir = (sign) => ({
        chemicalPotential: CENTRE + (sign * BIAS) / 2,
        temperature: TEMPERATURE,
      });
      const model = {
        format: "nanopinwheel/1",
        device: { preset: "thouless", sites, wavelength: 4, amplitude: 0.4, ramp: 0 },
        reservoirs: { left: reservoir(1), right: reservoir(-1) },
      };
      // A new device for every turn keeps results of the last turn from helping the next.
      return {
        nanopinwheel: () => {
          const device = engine.device(model);
          const { workPerTurn, frictionPerTurn, noisePerTurn, current } = device.motor({ tolerance });
          device.close();
          return [workPerTurn, frictionPerTurn, noisePerTurn, current.left];
        },
      };
    },
    peers: {
      "numpy, the same curve to the same tolerance": {
        task: "motor-turn",
        sites,
        tolerance,
        temperature: TEMPERATURE,
        mu: [CENTRE + BIAS / 2, CENTRE - BIAS / 2],
        block: 4,
      },
      "numpy, window alone on a given grid": {
        task: "motor",
        sites,
        angles: 64,
        temperature: TEMPERATURE,
        mu: [CENTRE + BIAS / 2, CENTRE - BIAS / 2],
        panels: 24,
        nodes: 14,
        block: 4,
      },
    },
  };
}
