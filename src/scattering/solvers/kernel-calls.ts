// The kernel calls of a device at the configuration in use (configured-device.ts). Leads are
// evaluated once per energy and stored (LeadStore). Arrays and views are reused, so that a call
// allocates nothing.
//
// Wide devices are first solved by fronts (device/plans.ts), which may decline a point. If the
// Schur complement of a slice is singular (a dark state of the part eliminated so far), the slice
// is merged with its neighbour and the point is solved again with pivoting across both. This is
// delayed pivoting slice by slice, without a hidden imaginary part.

import type { KernelRequest, Plan } from "../../engine/device/plan.js";
import type { CompiledDevice } from "../device/compiled.js";
import type { ConfiguredDevice } from "../device/configured-device.js";
import type { DeviceLeads, LeadRequest } from "../device/leads.js";

/** The request to the slices: scattering states at a real energy, or traces at a complex energy. */
type Question = KernelRequest | "traces" | "curl";

/** The kernel calls of one device. */
export class KernelCalls {
  /**
   * True once slices were merged for a singular point. Points solved later then round differently.
   */
  merged = false;
  readonly leads: DeviceLeads;
  readonly here: ConfiguredDevice;
  /** The plan that gave the last answer. */
  #compiled: CompiledDevice;

  constructor(leads: DeviceLeads, here: ConfiguredDevice) {
    this.leads = leads;
    this.here = here;
    this.#compiled = here.plans.any;
  }

  /** The plan that gave the last answer. Its results are valid until the next call. */
  get plan(): Plan {
    return this.#compiled.plan;
  }

  /** True if the last answer came from fronts. */
  get nested(): boolean {
    return this.#compiled === this.here.plans.fronts;
  }

  /**
   * Computes scattering states at a real energy. Returns false if the matrix is singular to working
   * accuracy or the residual stays large. With `closable`, leads may be taken in wave variables
   * (wave-closure.ts). `energyLow` is for the leads only; it and `residual` are those of
   * PointRequest.
   */
  scatter(
    energy: number,
    asked: KernelRequest,
    closable: boolean,
    energyLow?: number,
    residual?: number,
  ): boolean {
    const { fronts } = this.here.plans;
    // Whoever asks for S' of the returned S asks for the rotation of its channel basis next.
    const request = { closable, low: energyLow, connections: asked === "dSdE" };
    if (fronts) {
      this.#compiled = fronts;
      this.leads.set(energy, 0, fronts.plan, request);
      if (fronts.plan.scatter(energy, asked, residual) === 0) return true;
    }
    return this.#bySlices(asked, energy, 0, request, residual);
  }

  /**
   * Computes Tr[Lambda_nu G(re + i im)] in the plan. Returns false under the conditions of
   * `scatter`.
   */
  traces(re: number, im: number): boolean {
    return this.#bySlices("traces", re, im);
  }

  /**
   * Computes h(re + i im) of every pair of directions in the plan. Returns false under the same
   * conditions.
   */
  curl(re: number, im: number): boolean {
    return this.#bySlices("curl", re, im);
  }

  /**
   * Number of eigenvalues of H + Re Sigma(leadEnergy) below `energy`, from the slices, or
   * -1 - block if the Schur complement of a block is singular.
   */
  inertia(energy: number, leadEnergy = energy): number {
    this.#compiled = this.here.plans.slices;
    this.leads.set(leadEnergy, 0, this.plan);
    return this.plan.inertia(energy);
  }

  /** Merges a block with its neighbour. Returns false if that would make a point too expensive. */
  join(block: number): boolean {
    const joined = this.here.plans.joined(block);
    if (!joined) return false;
    this.merged = true;
    this.here.reorder(joined);
    return true;
  }

  /** Separates all slices that were merged. */
  separate(): void {
    if (!this.merged) return;
    this.merged = false;
    this.here.reorder(this.here.plans.separate);
  }

  /**
   * Calls the kernel on the slices and merges slices until none is singular. Returns false if
   * merging does not succeed or the residual stays large.
   */
  #bySlices(question: Question, re: number, im: number, request?: LeadRequest, residual?: number): boolean {
    for (;;) {
      this.#compiled = this.here.plans.slices;
      this.leads.set(re, im, this.plan, request);
      const status = this.#status(question, re, im, residual);
      if (status === 0) return true;
      if (status < 0 || !this.join(status - 1)) return false;
    }
  }

  #status(question: Question, re: number, im: number, residual?: number): number {
    if (question === "traces") return this.plan.traces(re, im);
    if (question === "curl") return this.plan.curl(re, im);
    return this.plan.scatter(re, question, residual);
  }
}
