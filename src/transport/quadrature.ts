// Adaptive integration of a vector-valued function: Gauss-Kronrod 7-15 on panels between given breakpoints, the panel
// with the largest error (in units of what is allowed) bisected first, all components on shared nodes.
// Error per panel and component as in QUADPACK (Piessens et al. 1983): |K - G| sharpened by (200 |K - G| / spread)^1.5.
// Memory: one flat pool of panels that grows by doubling and is kept between calls; nothing is allocated per node.

/** Positive Kronrod nodes of the interval [-1, 1], outermost first; odd positions are the Gauss nodes; the last is 0. */
const NODES = Float64Array.of(
  0.9914553711208126,
  0.9491079123427585,
  0.8648644233597691,
  0.7415311855993945,
  0.5860872354676911,
  0.4058451513773972,
  0.20778495500789848,
  0,
);
const KRONROD = Float64Array.of(
  0.022935322010529224,
  0.06309209262997856,
  0.10479001032225019,
  0.14065325971552592,
  0.1690047266392679,
  0.19035057806478542,
  0.20443294007529889,
  0.20948214108472782,
);
const GAUSS = Float64Array.of(
  0.1294849661688697,
  0.27970539148927664,
  0.3818300505051189,
  0.4179591836734694,
);

/** Rounding floor of a panel's error, in units of the integral of the absolute value. */
const ROUNDING = 2e-15;

/** Least scale of a group, in units of the integral of its largest absolute value. */
const CANCELLATION = 0.01;

export interface IntegralRequest {
  /** Relative tolerance, against the largest member of a component's group (or 1 % of what cancels in it). */
  tolerance: number;
  /** Group number (0, 1, ...) per component: members share one scale, e.g. all elements of the friction tensor. */
  groups: Int32Array;
  /** Value per component to which the integral will be added: it counts for the scale. */
  offsets?: Float64Array;
  /** Least scale per group: what lies below it is rounding (default 0). */
  floors?: Float64Array;
  /** Most panels before giving up (default 4000). */
  panels?: number;
}

/** Status of an integral; `values` and `errors` of the integrator hold the numbers. */
export interface IntegralStatus {
  converged: boolean;
  /** Largest error of a component in units of its group's scale. */
  relativeError: number;
  evaluations: number;
  /** Middle of the panel with the largest remaining error. */
  worst: number;
}

export type VectorIntegrand = (x: number, out: Float64Array) => void;

export class AdaptiveIntegrator {
  readonly components: number;
  /** Integrals per component after `integrate`. */
  readonly values: Float64Array;
  /** Estimated absolute errors per component. */
  readonly errors: Float64Array;
  /** Integrals of the absolute values. */
  private readonly sizes: Float64Array;
  private readonly sample: Float64Array;
  private readonly byGroup: Float64Array;
  private readonly samples: Float64Array;
  private readonly allowed: Float64Array;
  private readonly scale: Float64Array;
  // Pool of panels: ends, heap key and per component value, error, size.
  private capacity = 64;
  private count = 0;
  private left: Float64Array;
  private right: Float64Array;
  private key: Float64Array;
  private heap: Int32Array;
  private store: Float64Array;

  constructor(components: number) {
    this.components = components;
    this.values = new Float64Array(components);
    this.errors = new Float64Array(components);
    this.sizes = new Float64Array(components);
    this.sample = new Float64Array(components);
    this.byGroup = new Float64Array(components);
    this.samples = new Float64Array(15 * components);
    this.allowed = new Float64Array(components);
    this.scale = new Float64Array(components);
    this.left = new Float64Array(this.capacity);
    this.right = new Float64Array(this.capacity);
    this.key = new Float64Array(this.capacity);
    this.heap = new Int32Array(this.capacity);
    this.store = new Float64Array(3 * components * this.capacity);
  }

  /** Integral from the first to the last of `count` ascending breakpoints. */
  integrate(
    integrand: VectorIntegrand,
    breakpoints: ArrayLike<number>,
    count: number,
    request: IntegralRequest,
  ): IntegralStatus {
    this.count = 0;
    this.values.fill(0);
    this.errors.fill(0);
    this.sizes.fill(0);
    for (let i = 0; i + 1 < count; i++) {
      if (breakpoints[i + 1] > breakpoints[i]) this.addPanel(integrand, breakpoints[i], breakpoints[i + 1]);
    }
    let evaluations = 15 * this.count;
    const most = request.panels ?? 4000;
    let excess = this.measure(request);
    this.rebuildHeap();
    let refreshed = this.count;
    while (excess > 1 && this.count < most && this.count > 0) {
      const panel = this.heap[0];
      if (this.key[panel] <= 0) break;
      this.bisect(integrand, panel);
      evaluations += 30;
      excess = this.measure(request);
      // The scales move while the integral grows: bring all keys up to date now and then.
      if (this.count > 1.5 * refreshed || excess <= 1) {
        this.resum();
        excess = this.measure(request);
        this.rebuildHeap();
        refreshed = this.count;
      }
    }
    let relativeError = 0;
    for (let i = 0; i < this.components; i++) {
      if (this.scale[i] > 0) relativeError = Math.max(relativeError, this.errors[i] / this.scale[i]);
    }
    const worst = this.count > 0 ? 0.5 * (this.left[this.heap[0]] + this.right[this.heap[0]]) : Number.NaN;
    return { converged: excess <= 1, relativeError, evaluations, worst };
  }

  /** Largest error in units of what is allowed; sets `allowed` and `scale` per component. */
  private measure(request: IntegralRequest): number {
    const { groups, offsets, floors, tolerance } = request;
    const { values, sizes, errors, allowed, scale } = this;
    scale.fill(0);
    allowed.fill(0);
    // First per group (stored at the group's number; there are no more groups than components) ...
    for (let i = 0; i < this.components; i++) {
      const g = groups[i];
      const value = Math.abs(values[i] + (offsets ? offsets[i] : 0));
      if (value > scale[g]) scale[g] = value;
      if (sizes[i] > allowed[g]) allowed[g] = sizes[i];
    }
    // A group that cancels (zero by symmetry) is measured against a hundredth of what cancels in it.
    for (let g = 0; g < this.components; g++) {
      const size = allowed[g];
      const floor = floors && g < floors.length ? floors[g] : 0;
      scale[g] = Math.max(scale[g], CANCELLATION * size, floor);
      allowed[g] = Math.max(tolerance * scale[g], 1e-13 * size);
    }
    // ... then against the components.
    let excess = 0;
    for (let i = 0; i < this.components; i++) {
      const limit = allowed[groups[i]];
      if (errors[i] > 0) excess = Math.max(excess, limit > 0 ? errors[i] / limit : Number.POSITIVE_INFINITY);
    }
    this.spread(groups, allowed);
    this.spread(groups, scale);
    return excess;
  }

  /** From a list by group to a list by component, in place. */
  private spread(groups: Int32Array, list: Float64Array): void {
    const { byGroup } = this;
    byGroup.set(list);
    for (let i = 0; i < this.components; i++) list[i] = byGroup[groups[i]];
  }

  private addPanel(integrand: VectorIntegrand, a: number, b: number): void {
    if (this.count === this.capacity) this.grow();
    this.evaluate(integrand, this.count, a, b);
    this.count++;
  }

  private bisect(integrand: VectorIntegrand, panel: number): void {
    const [a, b] = [this.left[panel], this.right[panel]];
    const middle = 0.5 * (a + b);
    // Too short to divide: its error stays, but it is not chosen again.
    if (!(middle > a && middle < b) || b - a < 1e-15 * (Math.abs(a) + Math.abs(b))) {
      this.key[panel] = 0;
      this.sink(0, this.count);
      return;
    }
    this.account(panel, -1);
    if (this.count === this.capacity) this.grow();
    this.evaluate(integrand, panel, a, middle);
    this.evaluate(integrand, this.count, middle, b);
    this.setKey(panel);
    this.setKey(this.count);
    this.sink(0, this.count);
    this.heap[this.count] = this.count;
    this.rise(this.count);
    this.count++;
  }

  /** Gauss-Kronrod on one panel; its values go to the pool and to the sums. */
  private evaluate(integrand: VectorIntegrand, panel: number, a: number, b: number): void {
    const { components: n, sample, samples, store } = this;
    const [middle, half] = [0.5 * (a + b), 0.5 * (b - a)];
    for (let k = 0; k < 15; k++) {
      const node = k < 8 ? -NODES[k] : NODES[14 - k];
      sample.fill(0);
      integrand(middle + half * node, sample);
      samples.set(sample, k * n);
    }
    const base = 3 * n * panel;
    this.left[panel] = a;
    this.right[panel] = b;
    for (let i = 0; i < n; i++) {
      let kronrod = 0;
      let size = 0;
      let low = 0;
      for (let k = 0; k < 15; k++) {
        const j = k < 8 ? k : 14 - k;
        const value = samples[k * n + i];
        kronrod += KRONROD[j] * value;
        size += KRONROD[j] * Math.abs(value);
        if (j % 2 === 1) low += GAUSS[(j - 1) >> 1] * value;
      }
      let spread = 0;
      for (let k = 0; k < 15; k++) {
        spread += KRONROD[k < 8 ? k : 14 - k] * Math.abs(samples[k * n + i] - 0.5 * kronrod);
      }
      let error = Math.abs(kronrod - low);
      if (spread > 0 && error > 0) error = spread * Math.min(1, ((200 * error) / spread) ** 1.5);
      if (error < ROUNDING * size) error = 0;
      // A node on a singular point (an isolated level): let bisection move the nodes.
      if (!Number.isFinite(kronrod)) {
        kronrod = 0;
        size = 0;
        error = 1e300;
      }
      store[base + i] = half * kronrod;
      store[base + n + i] = half * error;
      store[base + 2 * n + i] = half * size;
    }
    this.account(panel, 1);
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

  /** Sums afresh: taking away panels leaves rounding errors behind. */
  private resum(): void {
    this.values.fill(0);
    this.errors.fill(0);
    this.sizes.fill(0);
    for (let panel = 0; panel < this.count; panel++) this.account(panel, 1);
  }

  private setKey(panel: number): void {
    const { components: n, store, allowed } = this;
    const base = 3 * n * panel + n;
    let worst = 0;
    for (let i = 0; i < n; i++) {
      const error = store[base + i];
      if (error > 0) worst = Math.max(worst, allowed[i] > 0 ? error / allowed[i] : 1e300);
    }
    this.key[panel] = worst;
  }

  private rebuildHeap(): void {
    for (let panel = 0; panel < this.count; panel++) {
      const { left, right } = this;
      this.setKey(panel);
      if (right[panel] - left[panel] < 1e-15 * (Math.abs(left[panel]) + Math.abs(right[panel])))
        this.key[panel] = 0;
      this.heap[panel] = panel;
    }
    for (let i = (this.count >> 1) - 1; i >= 0; i--) this.sink(i, this.count);
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
  }
}
