// Values of the leads in kernel memory, with one slot per energy. A lead record points to a slot.
// An energy that is used again (such as the nodes of an integral at the next configuration)
// therefore costs no evaluation and no copy. When all slots of a lead are taken, they are reused in
// the order in which they were filled.

import type { Kernels } from "../kernels.js";

/**
 * The dense interleaved matrices of one lead at one energy. At complex energies there are no
 * vectors and no derivatives of vectors.
 */
export interface LeadValues {
  /** Sigma, orbitals x orbitals. */
  selfEnergy: Float64Array;
  /** Sigma', orbitals x orbitals. */
  selfEnergyDerivative: Float64Array;
  /** W, orbitals x channels. */
  vectors?: Float64Array;
  /** W', orbitals x channels. */
  vectorDerivatives?: Float64Array;
  /** Number of open channels. */
  channels?: number;
  waves?: LeadWaves;
}

/**
 * A lead in wave variables (scattering/leads/wave-closure.ts), interleaved: its contact with the
 * device (orbitals x ports), the scattering matrix [[R, Q], [P, rho]] of the waves at its ports and
 * its open channels, and the derivatives by the energy.
 */
export interface LeadWaves {
  /** Number of ports, the rank of the hopping into the lead. */
  ports: number;
  /** Number of open channels. */
  open: number;
  contact: Float64Array;
  /** The derivative of the contact by the energy; default 0. */
  contactSlope?: Float64Array;
  /** True if the phases of the channels, and with them the delay, are not those of W from Gamma. */
  unphased?: boolean;
  /**
   * R (ports x ports), P (open x ports), Q (ports x open), rho (open x open) and their derivatives.
   */
  R: Float64Array;
  dR: Float64Array;
  P: Float64Array;
  dP: Float64Array;
  Q: Float64Array;
  dQ: Float64Array;
  rho: Float64Array;
  drho: Float64Array;
  /**
   * Rotation of the channel basis with the energy, open x open: dS/dE of the returned S is
   * S' + rotationOut S + S rotationIn.
   */
  rotationOut: Float64Array;
  rotationIn: Float64Array;
}

/** The imaginary part of an energy or, of a double-double, its low part as a text. */
type Line = number | string;

/** The place of a lead's values: Sigma, Sigma', W and W' one after the other. */
interface Slot {
  address: number;
  channels: number;
  re: number;
  line: Line;
  /** Present if Sigma has lost digits that the waves keep. */
  waves?: LeadWaves;
  /** How the channel basis rotates with the energy, if it was asked for (LeadAtEnergy). */
  connection?: Float64Array;
}

const storeBytes = 4 * 2 ** 20;
const mostSlots = 4096;

/** The stored values of one lead. */
export class LeadStore {
  readonly #kernels: Kernels;
  readonly #orbitals: number;
  readonly #channels: number;
  readonly #slotBytes: number;
  readonly #most: number;
  readonly #slots: Slot[] = [];
  /** The slots by the line and then the real part of the energy. */
  readonly #byEnergy = new Map<Line, Map<number, Slot>>();
  #next = 0;

  /**
   * `channels` is the largest number that can be open. `constant` is true if the values do not
   * depend on the energy.
   */
  constructor(kernels: Kernels, orbitals: number, channels: number, constant: boolean) {
    this.#kernels = kernels;
    this.#orbitals = orbitals;
    this.#channels = channels;
    this.#slotBytes = 32 * orbitals * (orbitals + channels);
    this.#most = constant ? 1 : Math.max(4, Math.min(mostSlots, Math.floor(storeBytes / this.#slotBytes)));
  }

  /** The slot of an energy, if the energy is stored. */
  find(re: number, im: number, low?: number): Slot | undefined {
    return this.#byEnergy.get(low === undefined ? im : `${low}`)?.get(re);
  }

  /** Copies the values into a slot. */
  keep(re: number, im: number, values: LeadValues, low?: number): Slot {
    const slot = this.#vacant();
    slot.re = re;
    slot.line = low === undefined ? im : `${low}`;
    slot.channels = values.channels ?? 0;
    slot.waves = values.waves;
    slot.connection = undefined;
    const floats = this.#kernels.floats;
    const square = 2 * this.#orbitals * this.#orbitals;
    const at = slot.address / 8;
    floats.set(values.selfEnergy, at);
    floats.set(values.selfEnergyDerivative, at + square);
    const vectors = at + 2 * square;
    if (values.vectors) floats.set(values.vectors, vectors);
    if (values.vectorDerivatives)
      floats.set(values.vectorDerivatives, vectors + 2 * this.#orbitals * this.#channels);
    let line = this.#byEnergy.get(slot.line);
    if (!line) {
      line = new Map();
      this.#byEnergy.set(slot.line, line);
    }
    line.set(re, slot);
    return slot;
  }

  #vacant(): Slot {
    if (this.#slots.length < this.#most) {
      const slot = { address: this.#kernels.allocate(this.#slotBytes), channels: 0, re: 0, line: 0 };
      this.#slots.push(slot);
      return slot;
    }
    const slot = this.#slots[this.#next];
    this.#next = (this.#next + 1) % this.#slots.length;
    const line = this.#byEnergy.get(slot.line);
    line?.delete(slot.re);
    if (line?.size === 0) this.#byEnergy.delete(slot.line);
    return slot;
  }

  /** Writes the addresses of Sigma, Sigma', W and W' of a slot to a lead record. */
  writeRecord(record: number, slot: Slot): void {
    const square = 16 * this.#orbitals * this.#orbitals;
    const vectors = slot.address + 2 * square;
    const integers = this.#kernels.integers;
    const at = record / 4;
    integers[at] = slot.address;
    integers[at + 1] = slot.address + square;
    integers[at + 2] = vectors;
    integers[at + 3] = vectors + 16 * this.#orbitals * this.#channels;
    integers[at + 4] = slot.channels;
  }

  /** Frees the kernel memory. */
  release(): void {
    for (const { address } of this.#slots) this.#kernels.release(address);
    this.#slots.length = 0;
    this.#byEnergy.clear();
  }
}
