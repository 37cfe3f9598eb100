// What the errors of a given S (PointErrors) make of the integrands of forces (integrand.ts): bounds
// by the inequality of Cauchy and Schwarz, each for the largest component of its group (layout.ts).

import { TURN } from "../../base/constants.js";
import { norm } from "../../numerics/linear-algebra/small-products.js";
import type { PointErrors, ScatteringPoint } from "../../scattering/point.js";
import type { Fillings } from "../energy/fillings.js";
import { GROUPS } from "./layout.js";

/** Errors per group, of what is integrated and of what comes with df/dE; valid until the next call. */
export class GivenErrors {
  readonly #fillings: Fillings;
  readonly #sums = new Float64Array(GROUPS);

  constructor(fillings: Fillings) {
    this.#fillings = fillings;
  }

  /** Of everything at an energy of the window, whose fillings are in force. */
  of(point: ScatteringPoint, errors: PointErrors, energy: number): Float64Array {
    const sums = this.ofSlopes(point, errors, energy);
    const { f, empty, difference, excess, equilibriumExcess, equilibrium } = this.#fillings;
    const { channels: m, K, P } = point;
    const [k, eK] = largest(K, errors.K);
    const [p, eP] = largest(P, errors.P);
    const slope = norm(point.dSdE);
    const root = Math.sqrt(m);
    const moved = Math.max(most(excess), equilibrium ? Math.abs(equilibriumExcess) : 0);
    const bias = most(difference);
    sums[0] += (moved * root * eK) / TURN;
    sums[1] += (most(f) * most(empty) * (2 * k + eK) * eK) / TURN;
    sums[2] += (bias * (eP * (k + eK) + p * eK)) / TURN;
    const flow = (bias * (2 * root + errors.S) * errors.S) / TURN;
    sums[3] += flow;
    sums[4] += flow * Math.abs(energy);
    // S' K + S (P^+ - P) and S K, each times S or S'.
    const first = errors.dSdE * (k + eK) + slope * eK + 2 * errors.S * (p + eP) + 2 * eP;
    const second = errors.S * (k + eK) + eK;
    const inner = root * first + (slope * k + 2 * p + first) * errors.S;
    const outer = errors.dSdE * (k + second) + slope * second;
    const rate = (most(excess) * (inner + outer)) / TURN;
    sums[5] += rate;
    sums[6] += rate * Math.abs(energy);
    return sums;
  }

  /** Of the parts with df/dE alone. */
  ofSlopes({ channels: m, K }: ScatteringPoint, errors: PointErrors, energy: number): Float64Array {
    const sums = this.#sums.fill(0);
    const steep = most(this.#fillings.derivative);
    const [k, eK] = largest(K, errors.K);
    sums[2] = (steep * (2 * k + eK) * eK) / (2 * TURN);
    const product = errors.S * (k + eK) + eK;
    const rate = (steep * (Math.sqrt(m) * product + (k + product) * errors.S)) / TURN;
    sums[5] = rate;
    sums[6] = rate * Math.abs(energy);
    return sums;
  }
}

/** Largest size of a matrix and largest error, over all directions. */
function largest(matrices: readonly Float64Array[], errors: Float64Array): [size: number, error: number] {
  let size = 0;
  for (const matrix of matrices) size = Math.max(size, norm(matrix));
  return [size, most(errors)];
}

function most(list: Float64Array): number {
  let size = 0;
  for (let i = 0; i < list.length; i++) size = Math.max(size, Math.abs(list[i]));
  return size;
}
