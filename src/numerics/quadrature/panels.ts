// The panels of an adaptive integral: values, errors and sizes of each by a Gauss-Kronrod or a Gauss rule (panel-sums.ts), and a heap that knows
// the worst.
// Nodes are handed over with what rounding takes from them: next to a resonance narrower than their last digits it counts.
// Memory: one flat pool that grows by doubling and is kept between integrals; nothing is allocated per node.

import type { PanelList } from "./division.js";
import { type PanelRule, panelError, SUMS, sumPanel } from "./panel-sums.js";
import type { VectorIntegrand } from "./tolerance.js";

export class PanelPool {
  count = 0;
  /** Sums over all panels per component: integral, error, integral of the absolute value. */
  readonly values: Float64Array;
  readonly errors: Float64Array;
  readonly sizes: Float64Array;
  private readonly components: number;
  private readonly rule: PanelRule;
  /** Values of the integrand at the nodes of one panel, and a view of each node's. */
  private readonly samples: Float64Array;
  private readonly rows: Float64Array[];
  /** Those at all nodes laid out, if the integrand gave them at once. */
  private batch = new Float64Array();
  private known = false;
  /** Sums of one panel, or of those laid out if the integrand gave them. */
  private sums: Float64Array;
  private summed = false;
  /** Nodes of the panels that are evaluated next. */
  private nodes: Float64Array;
  // Per panel: ends, heap key, and per component value, error, size.
  private capacity = 64;
  private left: Float64Array;
  private right: Float64Array;
  private key: Float64Array;
  private heap: Int32Array;
  private ordering: Int32Array;
  private store: Float64Array;

  constructor(components: number, rule: PanelRule) {
    this.components = components;
    this.rule = rule;
    this.values = new Float64Array(components);
    this.errors = new Float64Array(components);
    this.sizes = new Float64Array(components);
    this.samples = new Float64Array(rule.count * components);
    this.rows = Array.from({ length: rule.count }, (_, k) =>
      this.samples.subarray(k * components, (k + 1) * components),
    );
    this.sums = new Float64Array(SUMS * components);
    this.nodes = new Float64Array(16 * rule.count);
    this.left = new Float64Array(this.capacity);
    this.right = new Float64Array(this.capacity);
    this.key = new Float64Array(this.capacity);
    this.heap = new Int32Array(this.capacity);
    this.ordering = new Int32Array(this.capacity);
    this.store = new Float64Array(3 * components * this.capacity);
  }

  clear(): void {
    this.count = 0;
    this.values.fill(0);
    this.errors.fill(0);
    this.sizes.fill(0);
  }

  /** Adds the panels between ascending ends; their places in the heap are found by the next `sort`. */
  add(integrand: VectorIntegrand, ends: ArrayLike<number>, count: number): void {
    const from = this.count;
    for (let i = 0; i + 1 < count; i++) {
      if (!(ends[i + 1] > ends[i])) continue;
      if (this.count === this.capacity) this.grow();
      this.left[this.count] = ends[i];
      this.right[this.count] = ends[i + 1];
      this.count++;
    }
    this.foretell(integrand, from, this.count);
    for (let panel = from; panel < this.count; panel++) this.evaluate(integrand, panel, panel - from);
  }

  /** Lays out the nodes of the panels from ... to - 1 and tells the integrand of them. */
  private foretell(integrand: VectorIntegrand, from: number, to: number): void {
    const { nodes, count } = this.rule;
    const needed = (to - from) * count;
    if (this.nodes.length < needed) this.nodes = new Float64Array(2 * needed);
    const list = this.nodes;
    let at = 0;
    for (let panel = from; panel < to; panel++) {
      const [a, b] = [this.left[panel], this.right[panel]];
      const [middle, half, last] = [0.5 * (a + b), 0.5 * (b - a), count - 1];
      for (let k = 0; k < count; k++, at++)
        list[at] = middle + half * (2 * k < last ? -nodes[k] : nodes[last - k]);
    }
    this.summed = false;
    if (integrand.sums && "all" in this.rule) {
      const numbers = SUMS * (to - from) * this.components;
      if (this.sums.length < numbers) this.sums = new Float64Array(2 * numbers);
      this.summed = integrand.sums(this.nodes, to - from, this.rule, this.sums);
      if (this.summed) return;
    }
    if (integrand.many) {
      const numbers = needed * this.components;
      if (this.batch.length < numbers) this.batch = new Float64Array(2 * numbers);
      this.batch.fill(0, 0, numbers);
      this.known = integrand.many(this.nodes, needed, this.batch);
      if (this.known) return;
    }
    this.known = false;
    integrand.foretell?.(this.nodes, needed);
  }

  /** Middle of the panel with the largest key. */
  get worst(): number {
    const panel = this.heap[0];
    return 0.5 * (this.left[panel] + this.right[panel]);
  }

  /** Key of that panel: its error in units of what is allowed; 0 if no panel can be divided. */
  get worstKey(): number {
    return this.key[this.heap[0]];
  }

  /** Bisects the worst panel; its halves are sorted in by `allowed`. False if it is too short (it is not chosen again). */
  bisectWorst(integrand: VectorIntegrand, allowed: Float64Array, counted: number): boolean {
    const panel = this.heap[0];
    const [a, b] = [this.left[panel], this.right[panel]];
    const middle = 0.5 * (a + b);
    if (tooShort(a, b)) {
      this.key[panel] = 0;
      this.sink(0, this.count);
      return false;
    }
    this.account(panel, -1);
    // The halves stand side by side at the end, while they are evaluated.
    if (this.count + 2 > this.capacity) this.grow();
    const spare = this.count;
    this.left[spare] = a;
    this.right[spare] = middle;
    this.left[spare + 1] = middle;
    this.right[spare + 1] = b;
    this.foretell(integrand, spare, spare + 2);
    this.left[panel] = a;
    this.right[panel] = middle;
    this.left[spare] = middle;
    this.right[spare] = b;
    this.evaluate(integrand, panel, 0);
    this.evaluate(integrand, spare, 1);
    this.setKey(panel, allowed, counted);
    this.setKey(spare, allowed, counted);
    this.sink(0, this.count);
    this.heap[spare] = spare;
    this.rise(spare);
    this.count++;
    return true;
  }

  /** All panels, which follow each other without gaps, ascending. Keys must be up to date. */
  get ordered(): PanelList {
    const { left, right, key, count, ordering } = this;
    // They come in order but for the halves of what was bisected.
    for (let i = 0; i < count; i++) {
      let at = i;
      for (; at > 0 && left[ordering[at - 1]] > left[i]; at--) ordering[at] = ordering[at - 1];
      ordering[at] = i;
    }
    const [ends, keys] = [new Float64Array(count + 1), new Float64Array(count)];
    for (let i = 0; i < count; i++) {
      const panel = ordering[i];
      ends[i] = left[panel];
      ends[i + 1] = right[panel];
      keys[i] = key[panel];
    }
    return { count, ends, keys };
  }

  /** Sums afresh: taking away panels leaves rounding errors behind. */
  resum(): void {
    this.values.fill(0);
    this.errors.fill(0);
    this.sizes.fill(0);
    for (let panel = 0; panel < this.count; panel++) this.account(panel, 1);
  }

  /** All keys and the heap afresh. */
  sort(allowed: Float64Array, counted: number): void {
    for (let panel = 0; panel < this.count; panel++) {
      this.setKey(panel, allowed, counted);
      if (tooShort(this.left[panel], this.right[panel])) this.key[panel] = 0;
      this.heap[panel] = panel;
    }
    for (let i = (this.count >> 1) - 1; i >= 0; i--) this.sink(i, this.count);
  }

  /** One panel, whose nodes are laid out as the `place`-th; its values go to the pool and to the sums. */
  private evaluate(integrand: VectorIntegrand, panel: number, place: number): void {
    const { components: n, store, values, errors, sizes } = this;
    if (!this.summed) this.sumPanel(integrand, panel, place);
    const { sums } = this;
    const half = 0.5 * (this.right[panel] - this.left[panel]);
    const byKronrod = "kronrod" in this.rule;
    let to = 3 * n * panel;
    let at = this.summed ? SUMS * n * place : 0;
    for (let i = 0; i < n; i++, to++, at += SUMS) {
      const finite = sums[at] - sums[at] === 0;
      const value = finite ? half * sums[at] : 0;
      // A node on a singular point (an isolated level): let bisection move the nodes.
      const error = half * (finite ? panelError(byKronrod, sums, at) : 1e300);
      const size = finite ? half * sums[at + 1] : 0;
      store[to] = value;
      store[to + n] = error;
      store[to + 2 * n] = size;
      values[i] += value;
      errors[i] += error;
      sizes[i] += size;
    }
  }

  /** Sums of one panel from its samples: those the integrand gave at once, or node by node. */
  private sumPanel(integrand: VectorIntegrand, panel: number, place: number): void {
    const { components: n, rows, rule, samples, sums } = this;
    const { count } = rule;
    if (this.known) {
      sumPanel(rule, this.batch, place * count * n, n, sums);
      return;
    }
    const [a, b] = [this.left[panel], this.right[panel]];
    const [middle, half] = [0.5 * (a + b), 0.5 * (b - a)];
    const middleLow = 0.5 * sumError(a, b, a + b);
    samples.fill(0);
    for (let k = 0; k < count; k++) {
      const node = this.nodes[place * count + k];
      const offset = half * (2 * k < count - 1 ? -rule.nodes[k] : rule.nodes[count - 1 - k]);
      integrand(node, rows[k], middleLow + sumError(middle, offset, node));
    }
    sumPanel(rule, samples, 0, n, sums);
  }

  /** Adds (or takes away) a panel to the sums. */
  private account(panel: number, sign: number): void {
    const { components: n, store, values, errors, sizes } = this;
    const base = 3 * n * panel;
    for (let i = 0; i < n; i++) {
      values[i] += sign * store[base + i];
      errors[i] += sign * store[base + n + i];
      sizes[i] += sign * store[base + 2 * n + i];
    }
  }

  private setKey(panel: number, allowed: Float64Array, counted: number): void {
    const { components: n, store } = this;
    const base = 3 * n * panel + n;
    let worst = 0;
    for (let i = 0; i < counted; i++) {
      const error = store[base + i];
      if (error > 0) worst = Math.max(worst, allowed[i] > 0 ? error / allowed[i] : 1e300);
    }
    this.key[panel] = worst;
  }

  private sink(start: number, count: number): void {
    const { heap, key } = this;
    let i = start;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= count) return;
      if (child + 1 < count && key[heap[child + 1]] > key[heap[child]]) child++;
      if (key[heap[i]] >= key[heap[child]]) return;
      const kept = heap[i];
      heap[i] = heap[child];
      heap[child] = kept;
      i = child;
    }
  }

  private rise(start: number): void {
    const { heap, key } = this;
    let i = start;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (key[heap[parent]] >= key[heap[i]]) return;
      const kept = heap[i];
      heap[i] = heap[parent];
      heap[parent] = kept;
      i = parent;
    }
  }

  private grow(): void {
    this.capacity *= 2;
    const longer = (old: Float64Array, length: number): Float64Array => {
      const list = new Float64Array(length);
      list.set(old);
      return list;
    };
    this.left = longer(this.left, this.capacity);
    this.right = longer(this.right, this.capacity);
    this.key = longer(this.key, this.capacity);
    this.store = longer(this.store, 3 * this.components * this.capacity);
    const heap = new Int32Array(this.capacity);
    heap.set(this.heap);
    this.heap = heap;
    this.ordering = new Int32Array(this.capacity);
  }
}

/** a + b - sum, exactly, for sum = fl(a + b). */
function sumError(a: number, b: number, sum: number): number {
  const back = sum - a;
  return a - (sum - back) + (b - back);
}

function tooShort(a: number, b: number): boolean {
  const middle = 0.5 * (a + b);
  return !(middle > a && middle < b) || b - a < 1e-15 * (Math.abs(a) + Math.abs(b));
}
