// The panels that an integral over one window begins with, handed on from integral to integral
// where many alike follow each other. Each keeps the largest key it has had (its error in units of
// what is allowed), and now and then all are laid afresh: a panel of length l and key k would have
// had the key wanted at the length l (wanted / k)^(1/p), p the power of its length that a rule's
// error falls with; so
//
//     int dx / length(x)
//
// counts panels, and ends stand where it has grown by one. Bisection alone leaves panels that
// differ by many digits: a third more nodes.

/** Ascending panels that follow each other without gaps: `count` of them, one more end. */
export interface PanelList {
  count: number;
  ends: Float64Array;
  keys: Float64Array;
}

/** Key wanted of a panel: tens of them together are then within what is allowed. */
const WANTED = 0.03;
/** Keys below are rounding. */
const LEAST = 1e-16;
/**
 * Panels are laid afresh after the first integral and each time when there have been this many
 * times more.
 */
const FACTOR = 4;

export class PanelHistory implements PanelList {
  count = 0;
  ends: Float64Array = new Float64Array();
  keys: Float64Array = new Float64Array();
  #integrals = 0;
  #next = 1;
  readonly #power: number;

  /** `power`: of a panel's length, with which the error of its rule falls. */
  constructor(power: number) {
    this.#power = power;
  }

  /**
   * Takes the panels that an integral ended with, those of this history or parts of them; `fixed`:
   * ends that must stay, ascending. The list is kept.
   */
  keepPanels(panels: PanelList, fixed: () => readonly number[]): void {
    const { count, ends, keys } = this;
    this.count = panels.count;
    this.ends = panels.ends;
    this.keys = panels.keys;
    for (let i = 0, old = 0; i < this.count && old < count; i++) {
      while (old + 1 < count && ends[old + 1] <= this.ends[i]) old++;
      if (ends[old] === this.ends[i] && ends[old + 1] === this.ends[i + 1])
        this.keys[i] = Math.max(this.keys[i], keys[old]);
    }
    if (++this.#integrals < this.#next) return;
    this.#next *= FACTOR;
    this.#layAfresh(fixed());
  }

  #layAfresh(fixed: readonly number[]): void {
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
    this.ends = Float64Array.from(laid);
    this.count = laid.length - 1;
    this.keys = new Float64Array(this.count);
  }
}
