// The layout of a compiled device in kernel memory; the table is that of assembly/device/plan.ts.
// Fields whose size depends on the number of open channels are zero until plan.ts sets them.

import { planConstants, planFields } from "../abi.js";
import type { Kernels } from "../kernels.js";
import { Table } from "../table.js";
import { frontFields, frontPlaces } from "./plan-fronts.js";
import { areDiagonal, type PlanInput, planPattern, selectionPays, supportOf } from "./plan-pattern.js";

export type PlanField = (typeof planFields)[number];

const { leadFields, directionFields, postponedMost } = planConstants;

/** A device in kernel memory: its table, and the places that are written repeatedly. */
export interface PlanLayout {
  table: Table<PlanField>;
  /** Per lead: address of the record that holds the addresses of its values, for LeadStore. */
  leadRecords: number[];
  /** Per direction: index of its values in `kernels.floats`. */
  directionValues: number[];
  /** Rows that some direction touches, ascending. */
  support: Int32Array;
  /**
   * Number of columns that the slice must hold in addition to the channels, for Green's functions
   * on the support.
   */
  columns: number;
  /** Number of rows of the largest block or lead, and of the largest direction. */
  sliceRows: number;
  directionWidest: number;
}

/** Size in bytes of the inverses of all slices, which are the largest part of a plan. */
export function planBytes(blockStart: Int32Array): number {
  let elements = 0;
  for (let i = 0; i + 1 < blockStart.length; i++) elements += (blockStart[i + 1] - blockStart[i]) ** 2;
  return 16 * elements;
}

/**
 * Writes a device to kernel memory. Throws RangeError if the memory is not sufficient, and takes no
 * memory in that case.
 */
export function layPlan(kernels: Kernels, input: PlanInput): PlanLayout {
  const n = input.rowStart.length - 1;
  const blocks = input.blockStart.length - 1;
  const entries = input.columns.length;
  const { directions } = input;
  let widest = 1;
  for (let i = 0; i < blocks; i++) widest = Math.max(widest, input.blockStart[i + 1] - input.blockStart[i]);
  const leadWidest = input.leads.reduce((most, { positions }) => Math.max(most, positions.length), 0);
  const support = supportOf(directions, n);
  const directionRows = directions.reduce((sum, { rows }) => sum + rows.length, 0);
  const bytes = input.complex ? 16 : 8;
  const fronts = input.fronts && frontPlaces(input.blockStart, input.fronts, bytes);
  const selected = !fronts && support.length > 0 && selectionPays(input.blockStart, support);
  const pattern = planPattern(input, support);
  const leadRecords: number[] = [];
  const directionValues: number[] = [];

  const table = new Table(kernels, planFields, (layout) => {
    const complex = (count: number) => layout.take(16 * Math.max(count, 1));
    const values: Record<PlanField, number> = {
      n,
      blocks,
      symmetric: 0,
      blockStart: layout.integers(input.blockStart),
      rowStart: layout.integers(input.rowStart),
      diagonalStart: layout.integers(pattern.diagonalStart),
      upperStart: layout.integers(pattern.upperStart),
      column: layout.integers(input.columns),
      hValues: complex(entries),
      aValues: fronts && !input.complex ? 0 : complex(entries),
      diagonal: layout.integers(pattern.diagonal),
      inverses: fronts ? 0 : complex(planBytes(input.blockStart) / 16),
      inverseOffset: layout.integers(pattern.inverseOffset),
      block: complex(3 * widest * widest),
      pivots: layout.take(4 * widest),
      work: complex(36 * widest + 512),
      leads: input.leads.length,
      leadTable: layout.take(4 * leadFields * input.leads.length),
      psi: 0,
      dPsi: 0,
      thin: 0,
      slice: 0,
      s: 0,
      dS: 0,
      directions: directions.length,
      directionTable: layout.take(4 * directionFields * directions.length),
      gathered: 0,
      statistics: layout.take(120),
      k: 0,
      p: 0,
      support: support.length,
      directionRows,
      local: directionRows === support.length && areDiagonal(directions) ? 1 : 0,
      supportList: layout.integers(support),
      selected: selected ? 1 : 0,
      green: fronts ? 0 : complex(selected ? entries : n * support.length),
      traces: complex(directions.length),
      squares: complex(selected ? 3 * widest * widest : 1),
      widest,
      realValues: fronts && input.complex ? 0 : layout.take(8 * entries),
      realFactors: 0,
      x: 0,
      reactance: 0,
      b: 0,
      overlap: 0,
      channelPivots: 0,
      fronts: fronts ? 1 : 0,
      frontTable: 0,
      frontWork: 0,
      shortCut: 0,
      postponedTable: layout.take(8 * blocks),
      postponedColumns: fronts ? 0 : complex(n * postponedMost),
      postponedMatrices: fronts ? 0 : complex(blocks * postponedMost ** 2),
      postponedRows: 0,
      postponedRoom: 0,
      parts: 0,
    };
    if (input.fronts && fronts) {
      const factors = layout.take(bytes * fronts.factorNumbers);
      const updates = layout.take(bytes * fronts.updateNumbers);
      const boundary = layout.integers(input.fronts.boundary);
      const pieces = { factors, updates, boundary };
      values.frontTable = layout.integers(frontFields(input.fronts, fronts, pieces, bytes));
      values.frontWork = layout.take(fronts.workBytes);
    }
    input.leads.forEach(({ positions }, index) => {
      const address = values.leadTable + 4 * leadFields * index;
      const lists = [layout.integers(positions), layout.integers(pattern.slots[index])];
      layout.write(address, [positions.length, ...lists, 0, 0, 0, 0, 0]);
      leadRecords[index] = address + 12;
    });
    directions.forEach((direction, index) => {
      const { slots, places } = pattern.directions[index];
      const record = [
        direction.rows.length,
        layout.integers(direction.rows),
        layout.integers(direction.rowStart),
        layout.integers(direction.columns),
        complex(direction.columns.length),
        layout.integers(slots),
        layout.integers(places),
      ];
      layout.write(values.directionTable + 4 * directionFields * index, record);
      directionValues[index] = record[4] / 8;
    });
    return values;
  });

  return {
    table,
    leadRecords,
    directionValues,
    support,
    columns: fronts ? 0 : selected ? 1 : support.length,
    sliceRows: Math.max(widest, leadWidest, fronts?.rows ?? 0),
    directionWidest: directions.reduce((most, { rows }) => Math.max(most, rows.length), 0),
  };
}
