// Several mechanical coordinates x with masses m, forces and the full friction tensor, all
// functions of x. The antisymmetric (Lorentz-like) part of the friction is included, and friction
// may drive:
//
//   m_i d2x_i/dt2 = F_i(x) - sum_j gamma_ij(x) dx_j/dt + xi_i,   <xi_i xi_j> = D_ij(x) delta(t - t')

import { InputError } from "../../base/errors.js";
import { functionOption, needed, numbersOption, optionsOf } from "../../model/options.js";

/**
 * Coordinates x with the equation of motion
 * m_i d2x_i/dt2 = F_i(x) - sum_j gamma_ij(x) dx_j/dt + xi_i. The functions write into `out`.
 * Matrices of n coordinates are stored by rows, with element ij at [i n + j].
 */
export interface CoordinateSystem {
  /** Mass of each coordinate, > 0. */
  mass: ArrayLike<number>;
  /** Writes the forces F_i at x, in energy per unit of x_i. */
  force: (x: Float64Array, out: Float64Array) => void;
  /**
   * Writes gamma_ij at x, which is minus the force on i per velocity of j. The antisymmetric part
   * is included, and friction may drive.
   */
  friction: (x: Float64Array, out: Float64Array) => void;
  /**
   * Writes D_ij at x, with <xi_i xi_j> = D_ij delta(t - t'). D must be symmetric and not negative.
   * It is used only with a seed. Default: no noise.
   */
  noise?: (x: Float64Array, out: Float64Array) => void;
}

const callback = needed("a function that writes into its second argument", functionOption);

export const systemOptions = optionsOf<CoordinateSystem>("system", {
  mass: needed("a mass per coordinate", numbersOption("a list of masses")),
  force: callback,
  friction: callback,
  noise: functionOption,
});

/** Check of a start: one finite number per coordinate. */
export const startOption = numbersOption("a number per coordinate");

/**
 * The number of coordinates. Throws InputError if mass, position or velocity have another length or
 * an invalid entry.
 */
export function checkedSize(
  system: CoordinateSystem,
  position: ArrayLike<number>,
  velocity: ArrayLike<number>,
): number {
  const n = system.mass.length;
  for (const [field, list, least] of [
    ["mass", system.mass, Number.MIN_VALUE],
    ["position", position, Number.NEGATIVE_INFINITY],
    ["velocity", velocity, Number.NEGATIVE_INFINITY],
  ] as const) {
    if (list.length !== n || n === 0) {
      throw new InputError(field, "wrong length", {
        expected: `${Math.max(n, 1)} numbers`,
        found: `${list.length}`,
      });
    }
    for (let i = 0; i < n; i++) {
      if (!Number.isFinite(list[i]) || list[i] < least) {
        throw new InputError(`${field}[${i}]`, "not usable", {
          expected: field === "mass" ? "a number above zero" : "a finite number",
          found: `${list[i]}`,
        });
      }
    }
  }
  return n;
}

/**
 * The derivative by time of the state: positions, velocities, work of the force, energy lost to
 * friction.
 */
export function derivative(system: CoordinateSystem, n: number) {
  const force = new Float64Array(n);
  const gamma = new Float64Array(n * n);
  return (_t: number, y: Float64Array, out: Float64Array) => {
    const x = y.subarray(0, n);
    system.force(x, force);
    system.friction(x, gamma);
    let work = 0;
    let lost = 0;
    for (let i = 0; i < n; i++) {
      let drag = 0;
      for (let j = 0; j < n; j++) drag += gamma[i * n + j] * y[n + j];
      out[i] = y[n + i];
      out[n + i] = (force[i] - drag) / system.mass[i];
      work += force[i] * y[n + i];
      lost += drag * y[n + i];
    }
    out[2 * n] = work;
    out[2 * n + 1] = lost;
  };
}

/** Kinetic energy at the velocities v. */
export const kinetic = (system: CoordinateSystem, v: ArrayLike<number>) =>
  Array.from(v).reduce((sum, value, i) => sum + 0.5 * system.mass[i] * value * value, 0);
