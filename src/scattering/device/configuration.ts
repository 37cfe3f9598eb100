// The configuration of a device: the one owner of X and of the direction in force. The parts of a
// solver (plans, the chain's kernel, refined systems) keep what they made of a configuration with
// the version they made it for, and compare before they answer: no question can meet an X that was
// in force before.

export class Configuration {
  readonly values: Float64Array;
  /** Components of the one direction, where there is one in place of one per parameter. */
  readonly tangent: Float64Array | undefined;
  #version = 0;

  /** X = 0; `tangent`: one direction, zero at first. */
  constructor(parameters: number, tangent: boolean) {
    this.values = new Float64Array(parameters);
    this.tangent = tangent ? new Float64Array(parameters) : undefined;
  }

  /** Changes with every `set`. */
  get version(): number {
    return this.#version;
  }

  set(values: Float64Array, tangent?: Float64Array): void {
    this.values.set(values);
    if (tangent && this.tangent) this.tangent.set(tangent);
    this.#version++;
  }
}
