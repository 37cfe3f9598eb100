// S of devices that are no square ribbons, with its derivatives by two gates: several orbitals per
// site, honeycombs, rings and graphs. The Python contenders read the same model file.
import {
  fullCellModel,
  graphModel,
  honeycombModel,
  lengthwiseGates,
  orbitalsModel,
  ribbonModel,
  ringModel,
} from "../models.mjs";

const norm = ({ data }) => Math.sqrt(data.reduce((sum, x) => sum + x * x, 0));

/**
 * `slices` names the ends of slices for block LU, if the device has any. A device for Kwant consists of columns of
 * `rows` orbitals each, and its leads continue `cell` of them. With `leads`, all compute the
 * leads within the timing.
 */
function scattering({ name, title, model, energy, targets, slices, rows, cell = 1, leads = false }) {
  const task = { task: "device", model, energy, leads };
  const gates = Object.keys(model.device.parameters).length;
  return {
    name,
    title: `${title}: S${gates ? ` and ${gates} derivatives` : ""}`,
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
      ...(slices?.length !== 2 && { MUMPS: { ...task, mumps: true } }),
      ...(slices && { "numpy block LU": { ...task, slices } }),
      ...(rows && { Kwant: { ...task, task: "kwant-device", rows, cell } }),
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
    rows: 4 * width,
    ...orbitalsModel(width, length),
  });

/** Square ribbon in a magnetic field of the device, wide and long alike. */
export const field = (width, length, targets) =>
  scattering({
    name: `field-${width}x${length}-leads-known`,
    title: `ribbon ${width} x ${length} in a magnetic field`,
    energy: 1.1,
    targets,
    slices: Array.from({ length: length + 1 }, (_, x) => x * width),
    rows: width,
    model: ribbonModel(width, length, lengthwiseGates(width, length, 2), 0.1),
  });

/** Honeycomb with a lead cell of twice the width; all compute the leads as well. */
export const honeycomb = (width, length, targets) =>
  scattering({
    name: `honeycomb-${width}x${length}`,
    title: `honeycomb ${width} x ${length}, leads included`,
    energy: 0.43,
    targets,
    leads: true,
    rows: width,
    cell: 2,
    ...honeycombModel(width, length),
  });

/** One cell of a clean armchair ribbon of `rows` rows: nearly all of the time goes into its two leads. */
export const armchairLeads = (rows, targets) => {
  const { model } = honeycombModel(rows, 2);
  delete model.device.parameters.x;
  delete model.device.parameters.y;
  return leadsOf(`armchair ribbon of ${rows} rows`, 2 * rows, model, 0.43, targets);
};

/** One cell of a wire whose cell and hopping are full and complex. */
export const fullLeads = (orbitals, rank, targets) =>
  leadsOf(
    rank < orbitals ? `full cell of ${orbitals}, hopping of rank ${rank}` : `full cell of ${orbitals}`,
    orbitals,
    fullCellModel(orbitals, rank),
    0.2,
    targets,
  );

const leadsOf = (title, orbitals, model, energy, targets) =>
  scattering({
    name: `leads-${orbitals}`,
    title: `two leads at a new energy, ${title}`,
    energy,
    targets,
    slices: [0, orbitals],
    leads: true,
    model,
  });

/** Making a device, beside S and its derivatives at a new energy. Both answer with the number of leads. */
export function making(name, title, model, energy) {
  return {
    name: `make-${name}`,
    title: `making a device, ${title}, beside a new energy`,
    targets: {},
    most: { "a new energy": 5 },
    tolerance: 0,
    contenders: (engine) => {
      const device = engine.device(model);
      let shift = 0;
      return {
        nanopinwheel: () => {
          const made = engine.device(model);
          const { length } = made.leadNames;
          made.close();
          return [length];
        },
        "a new energy": () => {
          shift += 1e-13;
          return [Object.keys(device.scatter({ energy: energy + shift }).transmission).length];
        },
      };
    },
    peers: {},
  };
}

export const makings = [
  making("armchair", "armchair ribbon of 53 rows", honeycombModel(53, 4).model, 0.43),
  making("full-cell", "full complex cell of 96", fullCellModel(96, 96), 0.2),
  making(
    "field",
    "ribbon 100 x 100 in a magnetic field",
    ribbonModel(100, 100, lengthwiseGates(100, 100, 2), 0.1),
    1.1,
  ),
];

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
