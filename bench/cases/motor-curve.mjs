// The whole curve of a motor at a finite bias: torque, friction, noise and currents over the turn, to a tolerance between the angles.
// Timed alone: no contender computes these quantities to a controlled error.
export function motorCurve(sites, tolerance) {
  const reservoir = (chemicalPotential) => ({ chemicalPotential, temperature: 0.01 });
  const centre = -1.428286;
  return {
    name: `motor-curve-${sites}`,
    title: `Thouless motor of ${sites} sites at T = 0.01, bias 0.1: curve over a turn to ${tolerance}`,
    targets: {},
    tolerance: 0,
    contenders: (engine) => {
      const device = engine.device({
        format: "nanopinwheel/1",
        device: { preset: "thouless", sites },
        reservoirs: { left: reservoir(centre + 0.05), right: reservoir(centre - 0.05) },
      });
      return {
        nanopinwheel: () => {
          const { torque, friction, noise } = device.turnCurve({ tolerance });
          return [torque.integral, friction.integral, noise.integral];
        },
      };
    },
    peers: {},
  };
}
