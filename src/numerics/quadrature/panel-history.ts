// The initial panels of the integrals over one window, kept from integral to integral if many
// similar integrals follow each other. Each panel keeps the largest key it has had (its error
// relative to the allowed one), and from time to time all panels are laid out again. If the error
// of a rule decreases like the power p of a panel's length, a panel of length l and key k would
// have the wanted key at the length l (wanted / k)^(1/p). Hence
//
//     int dx / length(x)
//
// is the number of panels, and a new end is placed each time this integral has grown by one.
// Bisection alone would leave panels with very different keys and take a third more nodes.

/** Ascending panels without gaps: `count` of them, with `count` + 1 ends. */
export interface PanelList {
  count: number;
  ends: Float64Array;
  /** Largest error of each panel in units of the allowed error. */
  keys: Float64Array;
}

/** The key that a panel should have. The sum of tens of them is then within the allowed error. */
const WANTED = 0.03;
/** Keys below this number are rounding. */
const LEAST = 1e-16;
/**
 * The panels are laid out again after the first integral, and then each time when the number of
 * integrals has grown by this factor.
 */
const FACTOR = 4;
/**
 * They are also laid out again where the last integral needed at most this part of their number.
 * Otherwise they stay, because nodes that many integrals share have their leads solved once.
 */
const FEWER = 0.8;

/** A history as plain data. Its lists are not changed any more. */
export interface PanelMemory extends PanelList {
  integrals: number;
  next: number;
}

/** The initial panels of the next integral. */
export class PanelHistory implements PanelList {
  count = 0;
  ends: Float64Array = new Float64Array();
  keys: Float64Array = new Float64Array();
  #integrals = 0;
  #next = 1;
  readonly #power: number;

  /**
   * The error of the rule decreases like the power `power` of a panel's length. The history
   * continues that of `memory`.
   */
  constructor(power: number, memory?: PanelMemory) {
    this.#power = power;
    if (!memory) return;
    this.count = memory.count;
    this.ends = memory.ends;
    this.keys = memory.keys;
    this.#integrals = memory.integrals;
    this.#next = memory.next;
  }

  /** This history, to be continued by others. */
  get memory(): PanelMemory {
    const { count } = this;
    return {
      count,
      ends: this.ends.slice(0, count + 1),
      keys: this.keys.slice(0, count),
      integrals: this.#integrals,
      next: this.#next,
    };
  }

  /**
   * Takes over the panels at the end of an integral, which are those of this history or parts of
   * them. The list is kept, not copied. `fixed` returns ends that must stay, in ascending order.
   */
  keepPanels(panels: PanelList, fixed: () => readonly number[]): void {
    const { count, ends, keys } = this;
    this.count = panels.count;
    this.ends = panels.ends;
    this.keys = panels.keys;
    const fewer = this.#laid(fixed());
    if (fewer.length - 1 <= FEWER * this.count) {
      this.#take(fewer);
      return;
    }
    for (let i = 0, old = 0; i < this.count && old < count; i++) {
      while (old + 1 < count && ends[old + 1] <= this.ends[i]) old++;
      if (ends[old] === this.ends[i] && ends[old + 1] === this.ends[i + 1])
        this.keys[i] = Math.max(this.keys[i], keys[old]);
    }
    if (++this.#integrals < this.#next) return;
    this.#next *= FACTOR;
    this.#take(this.#laid(fixed()));
  }

  #take(laid: readonly number[]): void {
    this.ends = Float64Array.from(laid);
    this.count = laid.length - 1;
    this.keys = new Float64Array(this.count);
  }

  /** The ends of new panels by the present keys. */
  #laid(fixed: readonly number[]): number[] {
    const { count, ends, keys } = this;
    const parts = keys.map((key) => (Math.max(key, LEAST) / WANTED) ** (1 / this.#power));
    const laid: number[] = [];
    for (let from = 0; from < count; ) {
      let to = from + 1;
      while (to < count && !fixed.includes(ends[to])) to++;
      let whole = 0;
      for (let i = from; i < to; i++) whole += parts[i];
      const pieces = Math.ceil(whole);
      laid.push(ends[from]);
      for (let piece = 1, i = from, before = 0; piece < pieces; piece++) {
        const wanted = (whole * piece) / pieces;
        for (; before + parts[i] < wanted; i++) before += parts[i];
        laid.push(ends[i] + ((ends[i + 1] - ends[i]) * (wanted - before)) / parts[i]);
      }
      from = to;
    }
    laid.push(ends[count]);
    return laid;
  }
}
