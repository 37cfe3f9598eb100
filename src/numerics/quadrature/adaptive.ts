// Adaptive integration of a vector-valued function by a Gauss-Kronrod or Gauss rule on panels
// between given breakpoints. All components share their nodes. The panel with the largest error,
// relative to the allowed one, is bisected first. tolerance.ts decides when to stop.

import type { VectorIntegrand } from "./integrand.js";
import { kronrod15 } from "./kronrod.js";
import type { PanelList } from "./panel-history.js";
import type { PanelRule } from "./panel-sums.js";
import { PanelPool } from "./panels.js";
import { type IntegralRequest, type IntegralStatus, ToleranceGauge } from "./tolerance.js";

/** Integrates vectors of `components` functions. Its memory is reused from integral to integral. */
export class AdaptiveIntegrator {
  readonly components: number;
  readonly rule: PanelRule;
  private readonly pool: PanelPool;
  private readonly gauge: ToleranceGauge;

  constructor(components: number, rule: PanelRule = kronrod15) {
    this.components = components;
    this.rule = rule;
    this.pool = new PanelPool(components, rule);
    this.gauge = new ToleranceGauge(components);
  }

  /** The integrals per component, valid after `integrate`. */
  get values(): Float64Array {
    return this.pool.values;
  }

  /** The estimated absolute errors per component, rounding included. */
  get errors(): Float64Array {
    return this.pool.errors;
  }

  /** The scale of each component's group, without floors. */
  get scales(): Float64Array {
    return this.gauge.scale;
  }

  /** The panels at the end of the last integral. */
  get panels(): PanelList {
    return this.pool.ordered;
  }

  /** Integrates from the first to the last of `count` ascending breakpoints. */
  integrate(
    integrand: VectorIntegrand,
    breakpoints: ArrayLike<number>,
    count: number,
    request: IntegralRequest,
  ): IntegralStatus {
    const { pool, gauge } = this;
    const { values, errors, sizes } = pool;
    const counted = request.counted ?? this.components;
    pool.clear();
    pool.add(integrand, breakpoints, count);
    let evaluations = this.rule.count * pool.count;
    let excess = gauge.measure(request, values, errors, sizes);
    pool.sort(gauge.allowed, counted);
    let refreshed = pool.count;
    const update = () => {
      pool.resum();
      excess = gauge.measure(request, values, errors, sizes);
      pool.sort(gauge.allowed, counted);
      refreshed = pool.count;
    };
    const more = () =>
      pool.count > 0 && pool.count < (request.panels ?? 4000) && pool.worstKey > 0 && !request.budget?.spent;
    for (;;) {
      while (excess > 1 && more()) {
        if (pool.bisectWorst(integrand, gauge.allowed, counted)) evaluations += 2 * this.rule.count;
        excess = gauge.measure(request, values, errors, sizes);
        // The scales change while the integral grows, so that all keys are updated from time to time.
        if (pool.count > 1.5 * refreshed || excess <= 1) update();
      }
      // An estimate holds only where no panel is much longer than its neighbours.
      const added = excess <= 1 ? pool.balance(integrand, request.walls) : 0;
      if (added === 0) break;
      evaluations += added * this.rule.count;
      update();
    }
    const worst = pool.count > 0 ? pool.worst : Number.NaN;
    const judgement = gauge.conclude(request, errors);
    return { converged: excess <= 1, ...judgement, evaluations, worst };
  }
}
