// Errors of a point whose leads are approximate (a table of Sigma, a differenced Sigma'): its
// distance from the same point with the second, coarser reading of these leads. The coarser reading
// is further from the truth than the finer one, and both differ by more than the finer one is off.

import { NumericalError } from "../../base/errors.js";
import type { PointErrors, ScatteringPoint } from "../point.js";

/** Errors in units of the distance. */
const MARGIN = 2;

type Compared = Pick<ScatteringPoint, "channels" | "S" | "dSdE" | "K" | "P">;

/** A copy of what is compared. `channels` matrices are valid up to the number of channels. */
export function copyOf({ channels, S, dSdE, K, P }: Compared): Compared {
  const copy = (a: Float64Array) => a.slice(0, 2 * channels ** 2);
  return { channels, S: copy(S), dSdE: copy(dSdE), K: K.map(copy), P: P.map(copy) };
}

/** Bounds of the errors of `point`. */
export function errorsOf(energy: number, point: Compared, coarse: Compared): PointErrors {
  if (point.channels !== coarse.channels)
    throw new NumericalError(
      "the number of open channels of a lead given by its self-energy is not known here",
      {
        energy,
        causes: ["a broadening that vanishes or is of the size of its errors: give more energies or digits"],
      },
    );
  const apart = (a: Float64Array, b: Float64Array): number => {
    let square = 0;
    for (let k = 0; k < b.length; k++) square += (a[k] - b[k]) ** 2;
    return MARGIN * Math.sqrt(square);
  };
  const each = (a: Float64Array[], b: Float64Array[]) => Float64Array.from(a, (one, nu) => apart(one, b[nu]));
  return {
    S: apart(point.S, coarse.S),
    dSdE: apart(point.dSdE, coarse.dSdE),
    K: each(point.K, coarse.K),
    P: each(point.P, coarse.P),
  };
}
