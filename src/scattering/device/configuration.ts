// The configuration of a device, the only place that holds X and the direction in use. Each part of
// a solver (plans, the chain kernel, refined systems) stores the version of the configuration that
// it was prepared for. It compares this version before it answers, so that no answer belongs to an
// earlier X.

/** X and the tangent, with a version that changes with them. */
export class Configuration {
  /** X, one number per parameter. */
  readonly values: Float64Array;
  /**
   * Components of the tangent, one per parameter, if the solver has one direction along a tangent.
   */
  readonly tangent: Float64Array | undefined;
  #version = 0;

  /** Begins at X = 0. With `tangent` there is one direction, which is zero at first. */
  constructor(parameters: number, tangent: boolean) {
    this.values = new Float64Array(parameters);
    this.tangent = tangent ? new Float64Array(parameters) : undefined;
  }

  /** Changes with every `set`. */
  get version(): number {
    return this.#version;
  }

  /** Sets X and, if there is a tangent, its components. */
  set(values: Float64Array, tangent?: Float64Array): void {
    this.values.set(values);
    if (tangent && this.tangent) this.tangent.set(tangent);
    this.#version++;
  }
}
