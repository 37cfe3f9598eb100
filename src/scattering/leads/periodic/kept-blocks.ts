// What leads with the same cells keep of the last energies (shared-bulk.ts): blocks of cells, and
// reflections. The numbers are copied out of the workspace and back.

import type { Block, Workspace } from "../../../engine/workspace.js";
import type { NearEdge } from "./wave-pencils.js";

/** Number of energies whose cells are kept, and number of kept reflections. */
const KEPT_CELLS = 2;
const KEPT_REFLECTIONS = 20;

interface Numbers {
  rows: number;
  columns: number;
  data: Float64Array;
}

const kept = (w: Workspace, block: Block): Numbers => ({
  rows: block.rows,
  columns: block.columns,
  data: w.values(block).slice(),
});
const restored = (w: Workspace, { rows, columns, data }: Numbers): Block => w.from(data, rows, columns);

/** The reflection of a lead at one energy (wave-surface.ts). */
export interface KeptReflection {
  /** Number of open channels. */
  open: number;
  /** R, and R' = dR/dE. */
  value: Block;
  slope: Block;
  /** P, open x ports. */
  outgoing: Block;
  /**
   * Distance in lambda of a right and a left mover, if they are closer than rounding allows. R is
   * then more accurate if it is interpolated from energies around this one. Zero on a flat band,
   * infinity if no modes are that close.
   */
  crossing: number;
  edge?: NearEdge;
}

/** The reflections at the last energies of leads that are the same. */
export class Reflections {
  readonly #kept: (Omit<KeptReflection, "value" | "slope" | "outgoing"> & {
    energy: number;
    blocks: Numbers[];
  })[] = [];
  /** Number of leads. A reflection is only kept if it is more than one. */
  leads = 0;

  find(w: Workspace, energy: number): KeptReflection | undefined {
    const found = this.#kept.find((one) => one.energy === energy);
    if (!found) return undefined;
    const [value, slope, outgoing] = found.blocks.map((block) => restored(w, block));
    const { open, crossing, edge } = found;
    return { open, value, slope, outgoing, crossing, edge };
  }

  keep(w: Workspace, energy: number, { open, value, slope, outgoing, crossing, edge }: KeptReflection): void {
    if (this.leads < 2) return;
    if (this.#kept.length === KEPT_REFLECTIONS) this.#kept.shift();
    this.#kept.push({
      energy,
      open,
      crossing,
      edge,
      blocks: [value, slope, outgoing].map((block) => kept(w, block)),
    });
  }
}

/** Blocks of cells at the last energies, in one order for both directions. */
export class SharedCells {
  readonly #kept: { re: number; im: number; blocks: Numbers[] }[] = [];
  /** True if there are leads in both directions. Nothing is kept otherwise. */
  both = false;

  /** The blocks at an energy; `compute` makes them where they are not known. */
  at(w: Workspace, re: number, im: number, compute: () => Block[] | undefined): Block[] | undefined {
    const known = this.#kept.find((one) => one.re === re && one.im === im);
    if (known) return known.blocks.map((block) => restored(w, block));
    const blocks = compute();
    if (!blocks || !this.both) return blocks;
    if (this.#kept.length === KEPT_CELLS) this.#kept.shift();
    this.#kept.push({ re, im, blocks: blocks.map((block) => kept(w, block)) });
    return blocks;
  }
}
