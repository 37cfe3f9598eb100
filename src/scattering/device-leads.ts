// The leads of a device in kernel memory: evaluated once per energy, kept (LeadStore), and put in force by writing where
// their values stand.

import type { Kernels } from "../engine/kernels.js";
import { LeadStore } from "../engine/lead-store.js";
import type { Plan } from "../engine/plan.js";
import type { ResolvedLead } from "../model/types.js";
import { type PreparedLead, prepareLead } from "./leads.js";

export class DeviceLeads {
  readonly prepared: PreparedLead[];
  /** Their size: band edges and self-energies. */
  readonly scale: number;
  /** True if every Sigma is symmetric: no magnetic field in a lead. */
  readonly symmetric: boolean;
  /** The most channels that can be open, of all leads together. */
  readonly capacity: number;
  readonly #stores: LeadStore[];
  /** Open channels of each lead at the energy in force. */
  readonly #open: Int32Array;
  #re = Number.NaN;
  #im = 0;
  #plan: Plan | undefined;

  constructor(kernels: Kernels, leads: readonly ResolvedLead[]) {
    this.prepared = leads.map((lead, i) => prepareLead(kernels, lead, `device.leads[${i}]`));
    this.scale = Math.max(
      this.prepared.reduce((most, { reach }) => Math.max(most, reach), 0),
      this.prepared.reduce((sum, lead) => sum + largestElement(lead.selfEnergyAt(0, 1).selfEnergy), 0),
    );
    this.symmetric = this.prepared.every((lead) => lead.symmetric);
    this.capacity = this.prepared.reduce((sum, { capacity }) => sum + capacity, 0);
    this.#stores = this.prepared.map(
      ({ orbitals, capacity, constant }) =>
        new LeadStore(kernels, orbitals.length, capacity, constant === true),
    );
    this.#open = new Int32Array(leads.length);
  }

  /** Energies from `low` to `high` where a channel opens or closes, ascending, without duplicates. */
  edges(low: number, high: number): number[] {
    const all = this.prepared.flatMap((lead) => lead.edgesWithin(low, high));
    return [...new Set(all)].sort((a, b) => a - b);
  }

  /** Writes the values at re + i im, where they are not in force yet, and the number of open channels into the plan. */
  set(re: number, im: number, plan: Plan): void {
    if (re === this.#re && im === this.#im && plan === this.#plan) return;
    let channels = 0;
    for (let i = 0; i < this.prepared.length; i++) {
      const lead = this.prepared[i];
      const store = this.#stores[i];
      const [x, y] = lead.constant ? [0, 0] : [re, im];
      const slot = store.find(x, y) ?? store.keep(x, y, im === 0 ? lead.at(re) : lead.selfEnergyAt(re, im));
      store.writeRecord(plan.leadRecord(i), slot);
      this.#open[i] = slot.channels;
      channels += slot.channels;
    }
    plan.channels = channels;
    this.#re = re;
    this.#im = im;
    this.#plan = plan;
  }

  /** Energies between two, without an open channel, where some Sigma may have a pole (leads.ts), ascending. */
  surfaceLevels(low: number, high: number): number[] {
    return this.prepared.flatMap((lead) => lead.surfaceLevels?.(low, high) ?? []).sort((a, b) => a - b);
  }

  /** Writes the lead of each open channel. */
  writeChannels(channelLead: Int32Array): void {
    let channel = 0;
    for (let lead = 0; lead < this.#open.length; lead++)
      for (let k = 0; k < this.#open[lead]; k++) channelLead[channel++] = lead;
  }

  release(): void {
    for (const store of this.#stores) store.release();
  }
}

function largestElement(matrix: Float64Array): number {
  return matrix.reduce((most, part) => Math.max(most, Math.abs(part)), 0);
}
