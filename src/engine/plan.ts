// Lays a compiled device out in kernel memory and calls the fused kernels on it. The field list mirrors assembly/plan.ts.
// One region per device; sparse matrices come in as (row, column) pairs in block order, values go in before each point.

import type { Kernels } from "./kernels.js";

const fields = [
  "n",
  "blocks",
  "symmetric",
  "blockStart",
  "rowStart",
  "diagonalStart",
  "upperStart",
  "column",
  "hValues",
  "aValues",
  "diagonal",
  "inverses",
  "inverseOffset",
  "block",
  "pivots",
  "work",
  "leads",
  "leadTable",
  "psi",
  "dPsi",
  "thin",
  "slice",
  "s",
  "dS",
  "directions",
  "directionTable",
  "gathered",
  "statistics",
] as const;
const leadFields = 8;
const directionFields = 7;

/** What the kernels need to know of a device, in block order. */
export interface PlanInput {
  blockStart: Int32Array;
  /** Compressed rows of the pattern, columns ascending. */
  rowStart: Int32Array;
  columns: Int32Array;
  /** True if A = A^T always. */
  symmetric: boolean;
  leads: { positions: Int32Array; capacity: number }[];
  /** Rows, row starts and columns of each direction's sparse matrix (both triangles). */
  directions: { rows: Int32Array; rowStart: Int32Array; columns: Int32Array }[];
}

export interface LeadValues {
  selfEnergy: Float64Array;
  selfEnergyDerivative: Float64Array;
  vectors: Float64Array;
  vectorDerivatives: Float64Array;
  channels: number;
}

/** Bytes of the inverses of all slices, the bulk of a plan. */
export function planBytes(blockStart: Int32Array): number {
  let elements = 0;
  for (let i = 0; i + 1 < blockStart.length; i++) elements += (blockStart[i + 1] - blockStart[i]) ** 2;
  return 16 * elements;
}

/** A device in kernel memory. */
export class Plan {
  readonly #kernels: Kernels;
  readonly #bytes: number;
  readonly #start: number;
  readonly #address: Record<(typeof fields)[number], number>;
  readonly #leads: {
    orbitals: number;
    sigma: number;
    dSigma: number;
    w: number;
    dW: number;
    record: number;
  }[] = [];
  readonly #directions: { values: number; count: number; k: number; p: number }[] = [];
  readonly #entries: number;
  #channels = 0;

  constructor(kernels: Kernels, input: PlanInput) {
    this.#kernels = kernels;
    const n = input.rowStart.length - 1;
    const blocks = input.blockStart.length - 1;
    const entries = input.columns.length;
    this.#entries = entries;
    const channels = input.leads.reduce((sum, lead) => sum + lead.capacity, 0);
    let widest = 1;
    for (let i = 0; i < blocks; i++) widest = Math.max(widest, input.blockStart[i + 1] - input.blockStart[i]);
    const leadWidest = Math.max(...input.leads.map((lead) => lead.positions.length));
    const rowsWidest = Math.max(0, ...input.directions.map((direction) => direction.rows.length));

    // Two passes over the same list: the first measures, the second writes.
    let top = 0;
    let base = 0;
    const take = (bytes: number) => {
      const address = base + top;
      top += Math.ceil(bytes / 16) * 16;
      return address;
    };
    const list = (values: ArrayLike<number>) => {
      const address = take(4 * values.length);
      if (base > 0) kernels.i32(address, values.length).set(values);
      return address;
    };
    const complex = (count: number) => take(16 * Math.max(count, 1));
    const lay = () => {
      top = 0;
      const header = take(4 * fields.length);
      const pattern = this.#pattern(input, n, blocks);
      const values: Record<(typeof fields)[number], number> = {
        n,
        blocks,
        symmetric: input.symmetric ? 1 : 0,
        blockStart: list(input.blockStart),
        rowStart: list(input.rowStart),
        diagonalStart: list(pattern.diagonalStart),
        upperStart: list(pattern.upperStart),
        column: list(input.columns),
        hValues: complex(entries),
        aValues: complex(entries),
        diagonal: list(pattern.diagonal),
        inverses: complex(planBytes(input.blockStart) / 16),
        inverseOffset: list(pattern.inverseOffset),
        block: complex(widest * widest),
        pivots: take(4 * widest),
        work: complex(33 * widest + 512),
        leads: input.leads.length,
        leadTable: take(4 * leadFields * input.leads.length),
        psi: complex(n * channels),
        dPsi: complex(n * channels),
        thin: complex(n * channels),
        slice: complex(Math.max(widest, leadWidest, channels) * channels),
        s: complex(channels * channels),
        dS: complex(channels * channels),
        directions: input.directions.length,
        directionTable: take(4 * directionFields * input.directions.length),
        gathered: complex(Math.max(2 * rowsWidest, n) * channels),
        statistics: take(64),
      };
      input.leads.forEach((lead, index) => {
        const size = lead.positions.length;
        const record = [size, list(lead.positions), list(pattern.slots[index])];
        record.push(
          complex(size * size),
          complex(size * size),
          complex(size * lead.capacity),
          complex(size * lead.capacity),
          0,
        );
        if (base === 0) return;
        const address = values.leadTable + 4 * leadFields * index;
        kernels.i32(address, leadFields).set(record);
        const [, , , sigma, dSigma, w, dW] = record;
        this.#leads.push({ orbitals: size, sigma, dSigma, w, dW, record: address });
      });
      input.directions.forEach((direction, index) => {
        const record = [
          direction.rows.length,
          list(direction.rows),
          list(direction.rowStart),
          list(direction.columns),
        ];
        record.push(
          complex(direction.columns.length),
          complex(channels * channels),
          complex(channels * channels),
        );
        if (base === 0) return;
        kernels.i32(values.directionTable + 4 * directionFields * index, directionFields).set(record);
        this.#directions.push({
          values: record[4],
          count: direction.columns.length,
          k: record[5],
          p: record[6],
        });
      });
      if (base > 0) kernels.i32(header, fields.length).set(fields.map((name) => values[name]));
      return values;
    };
    lay();
    this.#bytes = top;
    this.#start = kernels.allocate(top);
    base = this.#start;
    this.#address = lay();
  }

  /** Where each row's own block starts and ends, its diagonal, and the leads' corners (-1: not in the pattern, always zero). */
  #pattern({ blockStart, rowStart, columns, leads }: PlanInput, n: number, blocks: number) {
    const diagonalStart = new Int32Array(n);
    const upperStart = new Int32Array(n);
    const diagonal = new Int32Array(n);
    const inverseOffset = new Int32Array(blocks);
    for (let i = 0; i < blocks; i++) {
      const [first, after] = [blockStart[i], blockStart[i + 1]];
      if (i + 1 < blocks) inverseOffset[i + 1] = inverseOffset[i] + (after - first) ** 2;
      for (let r = first; r < after; r++) {
        let k = rowStart[r];
        while (k < rowStart[r + 1] && columns[k] < first) k++;
        diagonalStart[r] = k;
        for (; k < rowStart[r + 1] && columns[k] < after; k++) if (columns[k] === r) diagonal[r] = k;
        upperStart[r] = k;
      }
    }
    const slots = leads.map(({ positions }) => {
      const size = positions.length;
      return Int32Array.from({ length: size * size }, (_, k) => {
        const row = positions[Math.floor(k / size)];
        const found = columns.subarray(rowStart[row], rowStart[row + 1]).indexOf(positions[k % size]);
        return found < 0 ? -1 : rowStart[row] + found;
      });
    });
    return { diagonalStart, upperStart, diagonal, inverseOffset, slots };
  }

  /** Interleaved values of H on the pattern, to be filled by the caller. */
  get hamiltonian(): Float64Array {
    return this.#kernels.f64(this.#address.hValues, 2 * this.#entries);
  }

  /** Interleaved values of direction nu on its own pattern, to be filled by the caller. */
  direction(nu: number): Float64Array {
    return this.#kernels.f64(this.#directions[nu].values, 2 * this.#directions[nu].count);
  }

  setLead(index: number, values: LeadValues): void {
    const lead = this.#leads[index];
    this.#kernels.f64(lead.sigma, values.selfEnergy.length).set(values.selfEnergy);
    this.#kernels.f64(lead.dSigma, values.selfEnergyDerivative.length).set(values.selfEnergyDerivative);
    this.#kernels.f64(lead.w, values.vectors.length).set(values.vectors);
    this.#kernels.f64(lead.dW, values.vectorDerivatives.length).set(values.vectorDerivatives);
    this.#kernels.i32(lead.record, leadFields)[7] = values.channels;
  }

  /** 0; block + 1 where a Schur complement is singular; -1 where the residual stays large. level: see assembly/scatter.ts. */
  scatter(energy: number, level: 0 | 1 | 2): number {
    const records = this.#leads.map(({ record }) => this.#kernels.i32(record, leadFields)[7]);
    this.#channels = records.reduce((sum, open) => sum + open, 0);
    return this.#kernels.calls.zscatter(this.#start, energy, level);
  }

  /** Eigenvalues of H + Sigma below the energy (the leads' Sigma set Hermitian by the caller), or -1 - block. */
  inertia(energy: number): number {
    return this.#kernels.calls.zinertia(this.#start, energy);
  }

  get channels(): number {
    return this.#channels;
  }

  /** Views of the results, valid until the next call. */
  #square(address: number): Float64Array {
    return this.#kernels.f64(address, 2 * this.#channels * this.#channels);
  }
  get S(): Float64Array {
    return this.#square(this.#address.s);
  }
  get dSdE(): Float64Array {
    return this.#square(this.#address.dS);
  }
  K(nu: number): Float64Array {
    return this.#square(this.#directions[nu].k);
  }
  P(nu: number): Float64Array {
    return this.#square(this.#directions[nu].p);
  }
  /** Relative residual of the lead columns, and the largest growth of a slice. */
  get statistics(): { residual: number; growth: number } {
    const view = this.#kernels.f64(this.#address.statistics, 4);
    return { residual: view[0], growth: view[2] };
  }

  release(): void {
    this.#kernels.release(this.#start, this.#bytes);
  }
}
