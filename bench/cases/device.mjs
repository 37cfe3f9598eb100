// S of devices that are no square ribbons, with its derivatives by two gates: several orbitals per
// site, honeycombs, rings and graphs. The Python contenders read the same model file.
import { graphModel, honeycombModel, orbitalsModel, ringModel } from "../models.mjs";

const norm = ({ data }) => Math.sqrt(data.reduce((sum, x) => sum + x * x, 0));

/**
 * `slices` names the ends of slices for block LU, if the device has any. With `leads`, all
 * compute the leads within the timing.
 */
function scattering({ name, title, model, energy, targets, slices, leads = false }) {
  const task = { task: "device", model, energy, leads };
  return {
    name,
    title: `${title}: S and 2 derivatives`,
    targets,
    // The decimation of the contenders' leads has an imaginary part.
    tolerance: 1e-5,
    contenders: (engine) => {
      const device = engine.device(model);
      // With leads in the timing the energy changes in its last digits from call to call, so that
      // no lead is known. Otherwise the leads are known to all.
      let shift = 0;
      return {
        nanopinwheel: () => {
          if (leads) shift += 1e-13;
          const { transmission, dS } = device.scatter({ energy: energy + shift });
          return [transmission.left.right, ...Object.values(dS).map(norm)];
        },
      };
    },
    peers: {
      "scipy SuperLU": task,
      ...(slices && { "numpy block LU": { ...task, slices } }),
    },
  };
}

/** Square ribbon with four orbitals per site and complex hoppings, as with spin and two bands. */
export const orbitals = (width, length, targets) =>
  scattering({
    name: `orbitals-${width}x${length}`,
    title: `ribbon ${width} x ${length} with 4 orbitals per site`,
    energy: 0.7,
    targets,
    ...orbitalsModel(width, length),
  });

/** Honeycomb with a lead cell of twice the width; all compute the leads as well. */
export const honeycomb = (width, length, targets) =>
  scattering({
    name: `honeycomb-${width}x${length}`,
    title: `honeycomb ${width} x ${length}, leads included`,
    energy: 0.43,
    targets,
    leads: true,
    ...honeycombModel(width, length),
  });

/** A ring of the square lattice between two radii. */
export const ring = (inner, outer, targets) => {
  const model = ringModel(inner, outer);
  return scattering({
    name: `ring-${model.device.orbitals}`,
    title: `ring of ${model.device.orbitals} sites`,
    energy: 1.1,
    targets,
    model,
  });
};

/** A closed chain with chords: every orbital has 2.2 bonds on average. */
export const graph = (count, targets) =>
  scattering({
    name: `graph-${count}`,
    title: `graph of ${count} orbitals with 2.2 bonds each`,
    energy: 0.3,
    targets,
    model: graphModel(count),
  });
