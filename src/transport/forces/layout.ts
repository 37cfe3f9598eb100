// The layout of the vector that a force calculation integrates over energy: where each quantity
// stands, which quantities share one scale of error, and the least scale of each in terms of the
// device's natural scale.

/**
 * Number of groups of quantities: force, noise, friction, current, energy current, current per
 * velocity, energy current per velocity.
 */
export const GROUPS = 7;

/**
 * Index of the first component of each quantity. Pairs nu <= nu' stand row by row, as do
 * leads x directions.
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
  /** The time delay. It is needed only to a fraction of a state. */
  delay: number;
  /**
   * Force per direction in equilibrium at another filling, minus that at the reference filling (if
   * requested; it belongs to the group of the force).
   */
  equilibrium: number;
  /**
   * Linear response at one reservoir with the weight -df/dE (if requested; otherwise the index at
   * which it would begin): charges per lead, then friction, conductance and channels as in
   * emissivity.ts, each of them a group of its own.
   */
  response: number;
  /**
   * Number of components that are integrals proper. After them stands one magnitude for each of the
   * seven groups before the delay (IntegralRequest.counted).
   */
  counted: number;
  length: number;
  /** Group of each component; the components of a group share one scale of error. */
  groups: Int32Array;
}

/** The layout for a number of directions and leads. */
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
  // Symmetric and antisymmetric friction form one tensor, and therefore one group.
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

/** Least scales of error per group, in units of the natural scales. */
export const FLOORS = [1e-5, 1e-12, 1e-6, 1e-6, 1e-6, 1e-6, 1e-6];

/**
 * Sets the least scales of error per group from `lambda`, the scale of Lambda, `scale`, that of H,
 * and `window`, the width of the window, all in units of energy. A force is compared with at least
 * 1e-5 Lambda, friction with 1e-6 (Lambda / energy)^2, a charge per parameter with
 * 1e-6 Lambda / energy and a current with 1e-6 of the window. Here energy is the larger of the
 * scales of H and of the window, because a device that consists of narrow resonances only has no
 * energy scale of its own.
 */
export function setScaleFloors(floors: Float64Array, lambda: number, scale: number, window: number): void {
  const energy = Math.max(scale, window);
  const force = lambda / energy;
  floors.set([FLOORS[0] * lambda, FLOORS[1] * force * force * window, FLOORS[2] * force * force]);
  const flow = FLOORS[3] * window;
  floors.set([flow, flow * energy, FLOORS[5] * force, FLOORS[6] * lambda], 3);
}
