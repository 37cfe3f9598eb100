// The leads of a device in kernel memory. Each lead is evaluated once per energy and stored
// (LeadStore). A plan uses the values through a record of their addresses. The overlaps of the device's
// orbitals follow the leads (overlap.ts).

import { lazily } from "../../base/lazily.js";
import { LeadStore, type LeadValues, type LeadWaves } from "../../engine/device/lead-store.js";
import type { Plan } from "../../engine/device/plan.js";
import type { Kernels } from "../../engine/kernels.js";
import { factorOfOverlaps } from "../../model/resolve/overlap.js";
import type { ResolvedDevice } from "../../model/types.js";
import type { LeadAtEnergy, PreparedLead } from "../leads/lead.js";
import { withMetric } from "../leads/overlap/metric.js";
import { LeadFamily, prepareLead } from "../leads/prepare.js";
import type { ClosedLead } from "../leads/wave-closure.js";
import { OverlapStore } from "./overlap.js";

/** The leads of one device. */
/** What else the leads are asked for. */
export interface LeadRequest {
  /** Whether a lead whose Sigma has lost digits is replaced by the waves at its ports. */
  closable?: boolean;
  /** The low part of the energy as a double-double. */
  low?: number;
  /** Whether `rotation` will be asked for at this energy. */
  connections?: boolean;
}

export class DeviceLeads {
  /** The leads in the order of the model file. */
  readonly prepared: PreparedLead[];
  /** True if every Sigma and the overlap are symmetric: no magnetic field in a lead. */
  readonly symmetric: boolean;
  /** Largest number of channels that can be open, summed over all leads. */
  readonly capacity: number;
  readonly #scale: () => number;
  readonly #stores: LeadStore[];
  readonly #overlap: OverlapStore | undefined;
  #allEdges: number[] | undefined;
  /** Number of open channels of each lead at the energy that was last set. */
  readonly #open: Int32Array;
  #re = Number.NaN;
  #im = 0;
  #low: number | undefined;
  #plan: Plan | undefined;
  #closable = false;
  /**
   * All leads, for closePoint, if at least one of them is taken in wave variables; else undefined.
   */
  closures: ClosedLead[] | undefined;

  /** `coarse` is the second reading of approximate leads. */
  constructor(kernels: Kernels, device: ResolvedDevice, coarse = false) {
    const { leads, overlap } = device;
    const family = new LeadFamily();
    const factor = factorOfOverlaps(device);
    this.prepared = leads.map((lead, i) => {
      const prepared = prepareLead(kernels, lead, `device.leads[${i}]`, family, coarse);
      // With one orbital, or at constant Sigma, there is no choice.
      const free = factor && !prepared.constant && prepared.orbitals.length > 1;
      return free ? withMetric(kernels, prepared, factor.inverseOn(prepared.orbitals)) : prepared;
    });
    // The scale of a large cell takes as long as one energy, so that it is computed only when
    // needed.
    this.#scale = lazily(() =>
      Math.max(
        this.prepared.reduce((most, { reach }) => Math.max(most, reach), 0),
        this.prepared.reduce(
          (sum, lead) =>
            sum + (lead.onAxis ? lead.reach : largestElement(lead.selfEnergyAt(0, 1).selfEnergy)),
          0,
        ),
      ),
    );
    this.#overlap = overlap && new OverlapStore(kernels, overlap);
    this.symmetric = this.prepared.every((lead) => lead.symmetric) && this.#overlap?.symmetric !== false;
    this.capacity = this.prepared.reduce((sum, { capacity }) => sum + capacity, 0);
    this.#stores = this.prepared.map(
      ({ orbitals, capacity, constant }) =>
        new LeadStore(kernels, orbitals.length, capacity, constant === true),
    );
    this.#open = new Int32Array(leads.length);
  }

  /**
   * The energies from `low` to `high` at which a channel opens or closes, ascending and without
   * duplicates.
   */
  edges(low: number, high: number): readonly number[] {
    // The complete list is requested at every node of an integral with long delays and is therefore
    // kept.
    if (low === Number.NEGATIVE_INFINITY && high === Number.POSITIVE_INFINITY) {
      this.#allEdges ??= this.#edgesWithin(low, high);
      return this.#allEdges;
    }
    return this.#edgesWithin(low, high);
  }

  #edgesWithin(low: number, high: number): number[] {
    let all: number[] | undefined;
    for (const lead of this.prepared) {
      const within = lead.edgesWithin(low, high);
      if (within.length > 0) all = all ? [...all, ...within] : within;
    }
    return all ? [...new Set(all)].sort((a, b) => a - b) : [];
  }

  /** Largest modulus of the band edges and of the self-energies. */
  get scale(): number {
    return this.#scale();
  }

  /**
   * Makes the plan use the leads at re + i im and writes the number of open channels into it. With
   * `closable`, a lead whose Sigma has lost digits is replaced by the waves at its ports.
   * `closures` then describes how to close them.
   */
  set(
    re: number,
    im: number,
    plan: Plan,
    { closable = false, low, connections = false }: LeadRequest = {},
  ): void {
    const same = re === this.#re && im === this.#im && low === this.#low;
    if (same && plan === this.#plan && this.#closable === closable) return;
    let channels = 0;
    const closures: ClosedLead[] = [];
    for (let i = 0; i < this.prepared.length; i++) {
      const lead = this.prepared[i];
      const store = this.#stores[i];
      const [x, y, rest] = lead.constant ? [0, 0] : [re, im, low];
      let slot = store.find(x, y, rest);
      if (!slot) {
        const values = im === 0 ? lead.at(re, low) : undefined;
        slot = store.keep(x, y, values ?? lead.selfEnergyAt(re, im), rest);
        // It is computed at once, because the lead's arrays serve its next energy.
        if (connections) slot.connection = values?.connection;
      }
      const waves = closable ? slot.waves : undefined;
      const written = waves ? (store.find(0, -1) ?? store.keep(0, -1, wideBand(waves))) : slot;
      store.writeRecord(plan.leadRecord(i), written);
      closures.push({ channels: written.channels, waves });
      this.#open[i] = waves?.open ?? slot.channels;
      channels += written.channels;
    }
    this.#overlap?.set(re, im, plan, this.prepared.length);
    this.closures = closures.some(({ waves }) => waves) ? closures : undefined;
    plan.channels = channels;
    this.#re = re;
    this.#im = im;
    this.#low = low;
    this.#plan = plan;
    this.#closable = closable;
  }

  /** Channels of a lead at a real energy, and how their basis rotates with the energy. */
  rotation(i: number, energy: number): Pick<LeadAtEnergy, "channels" | "connection"> {
    const stored = this.#stores[i].find(energy, 0);
    return stored?.connection ? stored : this.prepared[i].at(energy);
  }

  /**
   * The energies between `low` and `high`, a range without open channels, at which some Sigma may
   * have a pole (leads/lead.ts), ascending.
   */
  surfaceLevels(low: number, high: number): number[] {
    return this.prepared.flatMap((lead) => lead.surfaceLevels?.(low, high) ?? []).sort((a, b) => a - b);
  }

  /** What one of `edges` lacks of the edge of the band (PreparedLead.edgeLow). */
  edgeLow(edge: number): number {
    return this.prepared.reduce((low, lead) => low || (lead.edgeLow?.(edge) ?? 0), 0);
  }

  /** Largest loss of any lead next to an edge of its bands, in roundings (PreparedLead.lostAt). */
  lostAt(energy: number): number {
    return this.prepared.reduce((most, lead) => Math.max(most, lead.lostAt?.(energy) ?? 0), 0);
  }

  /** Writes the lead index of each open channel. */
  writeChannels(channelLead: Int32Array): void {
    let channel = 0;
    for (let lead = 0; lead < this.#open.length; lead++)
      for (let k = 0; k < this.#open[lead]; k++) channelLead[channel++] = lead;
  }

  /** Frees the kernel memory. */
  release(): void {
    for (const store of this.#stores) store.release();
    this.#overlap?.release();
  }
}

function largestElement(matrix: Float64Array): number {
  return matrix.reduce((most, part) => Math.max(most, Math.abs(part)), 0);
}

/** A lead whose channels are the waves at its ports: Sigma = -i A A^+ and W = A / sqrt(pi). */
function wideBand({
  contact,
  contactSlope = new Float64Array(contact.length),
  ports,
}: LeadWaves): LeadValues {
  const n = contact.length / 2 / ports;
  /** Adds -i a b^+. */
  const add = (out: Float64Array, a: Float64Array, b: Float64Array): Float64Array => {
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++)
        for (let k = 0; k < ports; k++) {
          const [p, q, t] = [2 * (i * ports + k), 2 * (j * ports + k), 2 * (i * n + j)];
          out[t] += a[p + 1] * b[q] - a[p] * b[q + 1];
          out[t + 1] -= a[p] * b[q] + a[p + 1] * b[q + 1];
        }
    return out;
  };
  const square = () => new Float64Array(2 * n * n);
  const rooted = (a: Float64Array) => a.map((value) => value / Math.sqrt(Math.PI));
  return {
    selfEnergy: add(square(), contact, contact),
    selfEnergyDerivative: add(add(square(), contactSlope, contact), contact, contactSlope),
    vectors: rooted(contact),
    vectorDerivatives: rooted(contactSlope),
    channels: ports,
  };
}
