// The panels of an adaptive integral: values, errors and sizes of each panel by a Gauss-Kronrod or
// a Gauss rule (panel-sums.ts), and a heap that gives the panel with the largest error. Nodes are
// passed on with their low parts, which matter next to a resonance narrower than the last digit of
// a node. The memory is one flat pool that grows by doubling and is kept between integrals; nothing
// is allocated per node.

import { graded } from "./graded.js";
import type { VectorIntegrand } from "./integrand.js";
import type { PanelList } from "./panel-history.js";
import { PanelNodes } from "./panel-nodes.js";
import { type PanelRule, panelError, SUMS, sumPanel } from "./panel-sums.js";

/** Largest number of sample values that are stored at once. */
const CHUNK = 2 ** 18;

/** The panels of one integral. */
export class PanelPool {
  /** Number of panels. */
  count = 0;
  /**
   * Sums over all panels per component: the integral, the error and the integral of the modulus.
   */
  readonly values: Float64Array;
  readonly errors: Float64Array;
  readonly sizes: Float64Array;
  private readonly components: number;
  private readonly rule: PanelRule;
  /** Samples of the panels that are being evaluated, one row per node. */
  private samples = new Float64Array();
  /** The sums of one panel, and those of many panels if the integrand provides them. */
  private readonly sums: Float64Array;
  private given = new Float64Array();
  /** The nodes of the panels that are being evaluated. */
  private readonly nodes: PanelNodes;
  // Per panel: both ends, the heap key, and per component the value, the error and the size.
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
    this.sums = new Float64Array(SUMS * components);
    this.nodes = new PanelNodes(rule);
    this.left = new Float64Array(this.capacity);
    this.right = new Float64Array(this.capacity);
    this.key = new Float64Array(this.capacity);
    this.heap = new Int32Array(this.capacity);
    this.ordering = new Int32Array(this.capacity);
    this.store = new Float64Array(3 * components * this.capacity);
  }

  /** Removes all panels. */
  clear(): void {
    this.count = 0;
    this.values.fill(0);
    this.errors.fill(0);
    this.sizes.fill(0);
  }

  /** Adds the panels between ascending ends. The next `sort` finds their places in the heap. */
  add(integrand: VectorIntegrand, ends: ArrayLike<number>, count: number): void {
    const from = this.count;
    for (let i = 0; i + 1 < count; i++) {
      if (ends[i + 1] > ends[i]) this.append(ends[i], ends[i + 1]);
    }
    this.evaluate(integrand, from, this.count);
    for (let panel = from; panel < this.count; panel++) this.account(panel, 1);
  }

  private append(left: number, right: number): void {
    if (this.count === this.capacity) this.grow();
    this.left[this.count] = left;
    this.right[this.count] = right;
    this.count++;
  }

  private move(from: number, to: number): void {
    const numbers = 3 * this.components;
    this.left[to] = this.left[from];
    this.right[to] = this.right[from];
    this.store.copyWithin(numbers * to, numbers * from, numbers * (from + 1));
  }

  /** Evaluates the panels from ... to - 1 and stores the results. */
  private evaluate(integrand: VectorIntegrand, from: number, to: number): void {
    const { components: n, nodes, rule, left, right, sums } = this;
    if ("all" in rule) {
      const numbers = SUMS * (to - from) * n;
      if (this.given.length < numbers) this.given = new Float64Array(2 * numbers);
      nodes.lay(left, right, from, to);
      if (integrand.evaluatePanels(nodes, to - from, rule, this.given)) {
        for (let panel = from; panel < to; panel++) this.keep(panel, this.given, SUMS * n * (panel - from));
        return;
      }
    }
    const length = n * rule.count;
    const together = Math.max(1, Math.floor(CHUNK / length));
    for (let first = from; first < to; first += together) {
      const last = Math.min(to, first + together);
      const numbers = (last - first) * length;
      if (this.samples.length < numbers) this.samples = new Float64Array(Math.max(numbers, 2 * length));
      this.samples.fill(0, 0, numbers);
      nodes.lay(left, right, first, last);
      integrand.evaluateNodes(nodes, this.samples, n);
      for (let panel = first; panel < last; panel++) {
        sumPanel(rule, this.samples, (panel - first) * length, n, sums);
        this.keep(panel, sums, 0);
      }
    }
  }

  /**
   * Stores the value, the error and the size that follow from the sums of a panel at index `at`.
   */
  private keep(panel: number, sums: Float64Array, at: number): void {
    const { components: n, store } = this;
    const half = 0.5 * (this.right[panel] - this.left[panel]);
    const byKronrod = "kronrod" in this.rule;
    for (let i = 0, to = 3 * n * panel; i < n; i++, to++, at += SUMS) {
      const finite = sums[at] - sums[at] === 0;
      store[to] = finite ? half * sums[at] : 0;
      // A node lies on a singular point (an isolated level). The large error leads to a bisection,
      // which moves the nodes.
      store[to + n] = half * (finite ? panelError(byKronrod, sums, at) : 1e300);
      store[to + 2 * n] = finite ? half * sums[at + 1] : 0;
    }
  }

  /** The middle of the panel with the largest key. */
  get worst(): number {
    const panel = this.heap[0];
    return 0.5 * (this.left[panel] + this.right[panel]);
  }

  /**
   * The key of that panel: its error relative to the allowed one. It is 0 if no panel can be
   * divided.
   */
  get worstKey(): number {
    return this.key[this.heap[0]];
  }

  /**
   * Bisects the panel with the largest key and inserts its halves into the heap by `allowed`.
   * Returns false if the panel is too short; it is not chosen again.
   */
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
    // The halves are adjacent at the end of the pool while they are evaluated. The lower half then
    // takes the place of the whole.
    if (this.count + 2 > this.capacity) this.grow();
    const spare = this.count;
    this.left[spare] = a;
    this.right[spare] = middle;
    this.left[spare + 1] = middle;
    this.right[spare + 1] = b;
    this.evaluate(integrand, spare, spare + 2);
    const numbers = 3 * this.components;
    this.left[panel] = a;
    this.right[panel] = middle;
    this.left[spare] = middle;
    this.right[spare] = b;
    this.store.copyWithin(numbers * panel, numbers * spare, numbers * (spare + 1));
    this.store.copyWithin(numbers * spare, numbers * (spare + 1), numbers * (spare + 2));
    this.account(panel, 1);
    this.account(spare, 1);
    this.setKey(panel, allowed, counted);
    this.setKey(spare, allowed, counted);
    this.sink(0, this.count);
    this.heap[spare] = spare;
    this.rise(spare);
    this.count++;
    return true;
  }

  /**
   * Divides the panels that are much longer than a neighbour, as breakpoints are (graded.ts): no
   * node of theirs is near enough to what made the neighbour short. Returns the number of new
   * panels. The next `sort` finds their places in the heap.
   */
  balance(integrand: VectorIntegrand, walls?: ArrayLike<number>): number {
    const { ends, panels } = this.ascending();
    const finer: number[] = [];
    if (graded(ends, panels.length + 1, finer, walls) === ends.length) return 0;
    const from = this.count;
    const divided: number[] = [];
    for (let i = 0, at = 0; i < panels.length; i++) {
      const first = at;
      while (finer[at] < ends[i + 1]) at++;
      if (at - first < 2) continue;
      divided.push(panels[i]);
      for (let k = first; k < at; k++) this.append(finer[k], finer[k + 1]);
    }
    this.evaluate(integrand, from, this.count);
    const added = this.count - from;
    for (let panel = from; panel < this.count; panel++) this.account(panel, 1);
    // The last panels take the places of the divided ones.
    for (const panel of divided.sort((a, b) => b - a)) {
      this.account(panel, -1);
      this.move(--this.count, panel);
    }
    return added;
  }

  /** All panels in ascending order, without gaps. The keys must be up to date. */
  get ordered(): PanelList {
    const { ends, panels } = this.ascending();
    return { count: panels.length, ends, keys: Float64Array.from(panels, (panel) => this.key[panel]) };
  }

  /** The numbers of all panels in ascending order, and their ends. */
  private ascending(): { ends: Float64Array; panels: Int32Array } {
    const { left, right, count, ordering } = this;
    // The panels are in order except for the halves of bisected panels.
    for (let i = 0; i < count; i++) {
      let at = i;
      for (; at > 0 && left[ordering[at - 1]] > left[i]; at--) ordering[at] = ordering[at - 1];
      ordering[at] = i;
    }
    const ends = new Float64Array(count + 1);
    for (let i = 0; i < count; i++) ends[i] = left[ordering[i]];
    if (count > 0) ends[count] = right[ordering[count - 1]];
    return { ends, panels: ordering.subarray(0, count) };
  }

  /** Computes the sums again, because removing panels leaves rounding errors behind. */
  resum(): void {
    this.values.fill(0);
    this.errors.fill(0);
    this.sizes.fill(0);
    for (let panel = 0; panel < this.count; panel++) this.account(panel, 1);
  }

  /** Computes all keys and the heap again. */
  sort(allowed: Float64Array, counted: number): void {
    for (let panel = 0; panel < this.count; panel++) {
      this.setKey(panel, allowed, counted);
      if (tooShort(this.left[panel], this.right[panel])) this.key[panel] = 0;
      this.heap[panel] = panel;
    }
    for (let i = (this.count >> 1) - 1; i >= 0; i--) this.sink(i, this.count);
  }

  /** Adds a panel to the sums (sign 1) or removes it (sign -1). */
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

function tooShort(a: number, b: number): boolean {
  const middle = 0.5 * (a + b);
  return !(middle > a && middle < b) || b - a < 1e-15 * (Math.abs(a) + Math.abs(b));
}
