// The cost of many derivatives: 1,000 gates of 8 orbitals each against one parameter on every
// orbital, both by the library.
import { lengthwiseGates, localGates, ribbonModel } from "../models.mjs";

const ENERGY = 1.1;

export function manyGates(width, length, count, size) {
  return {
    name: `gates-${width}x${length}`,
    title: `ribbon ${width} x ${length}: ${count} gates of ${size} orbitals instead of one on all`,
    // The ratio is the time of the first contender divided by that of the second.
    targets: {},
    most: { "one parameter on every orbital": 1.3 },
    tolerance: 1e-9,
    contenders: (engine) => {
      const many = engine.device(ribbonModel(width, length, localGates(width * length, count, size)));
      const one = engine.device(ribbonModel(width, length, lengthwiseGates(width, length, 1)));
      const answer = (device) => [device.scatter({ energy: ENERGY }).transmission.left.right];
      return { nanopinwheel: () => answer(many), "one parameter on every orbital": () => answer(one) };
    },
    peers: {},
  };
}
