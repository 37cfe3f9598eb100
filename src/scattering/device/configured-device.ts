// Everything that depends on the configuration of a device: H(X) and its derivatives, the
// factorisations, the levels for traces, the refined system, and the list of parameters that act on
// isolated pieces. Each getter compares the version of the configuration first and updates what is
// out of date.

import type { Kernels } from "../../engine/kernels.js";
import type { ResolvedDevice } from "../../model/types.js";
import type { LambdaError } from "../contract.js";
import type { PreparedLead } from "../leads/lead.js";
import type { BlockOrder } from "../ordering/slices.js";
import { RefinedScattering } from "../refined/point.js";
import type { Configuration } from "./configuration.js";
import { Hamiltonian } from "./hamiltonian.js";
import { isolatedForce, isolatedParameters } from "./isolated.js";
import { overlapExcess } from "./overlap.js";
import { DevicePlans } from "./plans.js";
import { SpectralTraces } from "./spectral-traces.js";

/** Relative error of a Lambda below which the size of the Lambda is used unchanged. */
const DIGITS = 1e-9;

/** A device at the configuration in use. */
export class ConfiguredDevice {
  readonly #kernels: Kernels;
  readonly #device: ResolvedDevice;
  readonly #leads: PreparedLead[];
  readonly #configuration: Configuration;
  readonly #matrices: Hamiltonian;
  readonly #plans: DevicePlans;
  /** Version of the configuration that all members belong to. */
  #version: number;
  /** Per parameter: true if it acts on orbitals without a path to a lead. */
  #isolated: boolean[] = [];
  /**
   * Traces of G from the levels, for a large dense device with a tangent. `diagonal` is true if the
   * levels belong to the configuration in use.
   */
  #spectral: SpectralTraces | undefined;
  #diagonal = false;
  #refined: RefinedScattering | undefined;

  constructor(kernels: Kernels, device: ResolvedDevice, leads: PreparedLead[], configuration: Configuration) {
    this.#kernels = kernels;
    this.#device = device;
    this.#leads = leads;
    this.#configuration = configuration;
    this.#matrices = new Hamiltonian(device);
    this.#matrices.evaluate(configuration.values);
    // A missing dH/dX at X = 0 is not an error as long as no question is asked there.
    this.#version = configuration.version;
    this.#plans = new DevicePlans(kernels, device, this.#matrices, leads, configuration);
    this.#ordered();
  }

  /** Updates everything to the configuration in use. */
  #follow(): void {
    const { version, values } = this.#configuration;
    if (this.#version === version) return;
    this.#plans.forget();
    this.#refined = undefined;
    this.#diagonal = false;
    if (this.#matrices.evaluate(values)) {
      this.#plans.order();
      this.#ordered();
    }
    if (this.#matrices.fault) throw this.#matrices.fault;
    this.#version = version;
  }

  /** Updates what depends on the block order after the order has changed. */
  #ordered(): void {
    this.#isolated = isolatedParameters(this.#device, this.#matrices, this.#plans.connected);
    this.#diagonal = false;
    const { starts } = this.#plans.blockOrder;
    this.#spectral =
      this.#configuration.tangent &&
      !this.#device.overlap &&
      SpectralTraces.suits(this.#device.orbitals, this.#leads, starts)
        ? (this.#spectral ?? new SpectralTraces(this.#kernels, this.#device, this.#leads))
        : undefined;
  }

  /** H and its derivatives. */
  get matrices(): Hamiltonian {
    this.#follow();
    return this.#matrices;
  }

  /** The factorisations. */
  get plans(): DevicePlans {
    this.#follow();
    return this.#plans;
  }

  /** Replaces the order of the slices. The fronts stay as they are. */
  reorder(order: BlockOrder): void {
    this.#follow();
    this.#plans.reorder(order);
    this.#ordered();
  }

  /** Traces of G from the levels, if the device is of a kind for which they are cheaper. */
  get spectral(): SpectralTraces | undefined {
    this.#follow();
    const { values, tangent } = this.#configuration;
    if (!this.#spectral || !tangent) return undefined;
    if (!this.#diagonal) this.#spectral.configure(this.#matrices, values, tangent);
    this.#diagonal = true;
    return this.#spectral;
  }

  /** The double-double solver. */
  get refined(): RefinedScattering {
    this.#follow();
    const { hamiltonian, derivatives, linear } = this.#matrices;
    const { values, tangent } = this.#configuration;
    const all = (factors: Float64Array) =>
      derivatives.map((matrix, nu) => ({ matrix, factor: factors[nu] })).filter(({ factor }) => factor !== 0);
    this.#refined ??= new RefinedScattering(
      this.#device.orbitals,
      this.#plans.blockOrder.orbitals,
      this.#leads,
      {
        hamiltonian: [{ matrix: hamiltonian, factor: 1 }, ...(linear ? all(values) : [])],
        directions: tangent ? [all(tangent)] : derivatives.map((matrix) => [{ matrix, factor: 1 }]),
        excess: this.#device.overlap && overlapExcess(this.#device.overlap),
      },
    );
    return this.#refined;
  }

  /** True if any parameter acts on an isolated piece of the device. */
  get hasIsolated(): boolean {
    this.#follow();
    return this.#isolated.includes(true);
  }

  /**
   * Throws InputError if a direction in use acts on an isolated piece of the device (isolated.ts).
   */
  refuseIsolated(): void {
    this.#follow();
    for (let i = 0; i < this.#isolated.length; i++) {
      if (!this.#isolated[i] || this.#configuration.tangent?.[i] === 0) continue;
      throw isolatedForce(this.#device.parameters[i].name);
    }
  }

  /** The bound of contract.ts on the error of the Lambda_nu in use. */
  get lambdaError(): LambdaError {
    const { errors, around } = this.matrices;
    const absolute = this.#along(errors);
    return { absolute, relative: absolute > 0 ? absolute / this.#along(around) : 0 };
  }

  /**
   * For a differenced H: the largest element of a Lambda in use, or of the change of H nearby if
   * the Lambda vanishes. A Lambda that is smaller than its own error counts as negligible, not as
   * unknown.
   */
  get lambdaAround(): number {
    const { errors, around } = this.matrices;
    return Math.max(this.#along(around), this.#along(errors) / DIGITS);
  }

  #along(list: Float64Array): number {
    const { tangent } = this.#configuration;
    return tangent
      ? list.reduce((sum, value, nu) => sum + Math.abs(tangent[nu]) * value, 0)
      : Math.max(0, ...list);
  }

  /** Frees the kernel memory. */
  release(): void {
    this.#plans.release();
  }
}
