// Where each quantity of a force calculation stands in the vector that is integrated over energy,
// which of them share one scale of error, and below which size they are compared with the device's
// natural scale instead of with themselves.

/**
 * Groups of quantities: force, noise, friction, current, energy current, current and energy current
 * per velocity.
 */
export const GROUPS = 7;

/**
 * Where each quantity stands in the vector that is integrated. Pairs nu <= nu' row by row; leads x
 * directions by row.
 */
export interface ForceLayout {
  directions: number;
  leads: number;
  force: number;
  noise: number;
  friction: number;
  antisymmetricFriction: number;
  current: number;
  energyCurrent: number;
  currentPerVelocity: number;
  energyPerVelocity: number;
  /** The time delay, which needs to be known to a fraction of a state only. */
  delay: number;
  /**
   * If asked for: force per direction beyond that at the reference filling, in equilibrium at
   * another (of the group of the force).
   */
  equilibrium: number;
  /**
   * If asked for: linear response at one reservoir, weighted with its -df/dE: charges per lead,
   * then friction, conductance and bound as emissivity.ts adds them, a group each; else where they
   * would begin.
   */
  response: number;
  /**
   * Integrals proper; after them one magnitude for each of the seven groups before the delay: see
   * IntegralRequest.counted.
   */
  counted: number;
  length: number;
  /** Components that share one scale of error. */
  groups: Int32Array;
}

export function forceLayout(
  directions: number,
  leads: number,
  withResponse = false,
  withEquilibrium = false,
): ForceLayout {
  const symmetric = (directions * (directions + 1)) / 2;
  const sizes = [
    directions,
    symmetric,
    symmetric,
    symmetric - directions,
    leads,
    leads,
    leads * directions,
    leads * directions,
  ];
  const starts: number[] = [];
  let length = 0;
  for (const size of sizes) {
    starts.push(length);
    length += size;
  }
  const delay = length;
  const equilibrium = delay + 1;
  const equilibriumGroups = withEquilibrium ? new Array<number>(directions).fill(0) : [];
  const response = equilibrium + equilibriumGroups.length;
  const responseGroups = withResponse ? [...new Array<number>(leads).fill(GROUPS + 1)] : [];
  if (withResponse) responseGroups.push(GROUPS + 2, GROUPS + 3, GROUPS + 4);
  const counted = response + responseGroups.length;
  length = counted + GROUPS;
  // Symmetric and antisymmetric friction are one tensor.
  const group = [0, 1, 2, 2, 3, 4, 5, 6];
  const proper = sizes.flatMap((size, i) => Array.from({ length: size }, () => group[i]));
  const groups = Int32Array.from([
    ...proper,
    GROUPS,
    ...equilibriumGroups,
    ...responseGroups,
    0,
    1,
    2,
    3,
    4,
    5,
    6,
  ]);
  const [
    force,
    noise,
    friction,
    antisymmetricFriction,
    current,
    energyCurrent,
    currentPerVelocity,
    energyPerVelocity,
  ] = starts;
  return {
    directions,
    leads,
    force,
    noise,
    friction,
    antisymmetricFriction,
    current,
    energyCurrent,
    currentPerVelocity,
    energyPerVelocity,
    delay,
    equilibrium,
    response,
    counted,
    length,
    groups,
  };
}

/** The least scales of error in parts of the natural ones, per group. */
export const FLOORS = [1e-5, 1e-12, 1e-6, 1e-6, 1e-6, 1e-6, 1e-6];

/**
 * Least scales of error per group, from those of Lambda, of H (energies) and of the window: a force
 * is compared with at least 1e-5 Lambda, friction with 1e-6 (Lambda / energy)^2, a charge per
 * parameter with 1e-6 Lambda / energy, a current with 1e-6 of the window; energy is the larger one
 * of H's and the window's: a device that is nothing but narrow resonances has no energy of its own.
 */
export function setScaleFloors(floors: Float64Array, lambda: number, scale: number, window: number): void {
  const energy = Math.max(scale, window);
  const force = lambda / energy;
  floors.set([FLOORS[0] * lambda, FLOORS[1] * force * force * window, FLOORS[2] * force * force]);
  const flow = FLOORS[3] * window;
  floors.set([flow, flow * energy, FLOORS[5] * force, FLOORS[6] * lambda], 3);
}
