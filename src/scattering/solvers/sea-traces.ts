// The traces over the directions in use that the integrals over the filled sea need.

import type { NumericalError } from "../../base/errors.js";
import type { Configuration } from "../device/configuration.js";
import type { KernelCalls } from "./kernel-calls.js";

/** The traces of one device. */
export class SeaTraces {
  readonly #calls: KernelCalls;
  readonly #floats: () => Float64Array;
  readonly #refusal: (energy: number) => NumericalError;
  readonly #lambda: Float64Array;
  readonly #green: Float64Array;
  readonly #curl: Float64Array;

  /** `floats` returns the present kernel memory. `refusal` makes the error for a singular point. */
  constructor(
    calls: KernelCalls,
    directions: number,
    floats: () => Float64Array,
    refusal: (energy: number) => NumericalError,
  ) {
    this.#calls = calls;
    this.#floats = floats;
    this.#refusal = refusal;
    this.#lambda = new Float64Array(directions);
    this.#green = new Float64Array(2 * directions);
    this.#curl = new Float64Array(directions * (directions - 1));
  }

  /** Tr[Lambda_nu] per direction. */
  lambda({ tangent }: Configuration): Float64Array {
    const lambda = this.#lambda.fill(0);
    this.#calls.here.matrices.derivatives.forEach(({ rows, columns, re }, i) => {
      let sum = 0;
      for (let k = 0; k < rows.length; k++) if (rows[k] === columns[k]) sum += re[k];
      if (tangent) lambda[0] += tangent[i] * sum;
      else lambda[i] = sum;
    });
    return lambda;
  }

  /**
   * The limit of z Tr[Lambda_nu G(z)] far above the real axis, at z = i `height`: Tr[Lambda_nu S^-1]
   * with the overlaps S of the whole device and its leads, of which the block of the device counts.
   */
  lambdaFar(height: number): Float64Array {
    const green = this.green(0, height);
    for (let nu = 0; nu < this.#lambda.length; nu++) this.#lambda[nu] = -height * green[2 * nu + 1];
    return this.#lambda;
  }

  /** Tr[Lambda_nu G(re + i im)], [re, im] per direction. */
  green(re: number, im: number): Float64Array {
    const { here } = this.#calls;
    if (here.spectral?.trace(re, im, this.#green)) return this.#green;
    if (!this.#calls.traces(re, im)) throw this.#refusal(re);
    return copyFrom(this.#floats(), this.#calls.plan.tracesAt, this.#green);
  }

  /** h(re + i im) of the contract's `curlGreen`, [re, im] per pair of directions. */
  curl(re: number, im: number): Float64Array {
    if (this.#curl.length === 0) return this.#curl;
    if (!this.#calls.curl(re, im)) throw this.#refusal(re);
    return copyFrom(this.#floats(), this.#calls.plan.curlAt, this.#curl);
  }
}

function copyFrom(floats: Float64Array, start: number, target: Float64Array): Float64Array {
  for (let k = 0; k < target.length; k++) target[k] = floats[start + k];
  return target;
}
