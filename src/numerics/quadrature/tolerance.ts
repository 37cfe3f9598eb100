// The decision when an integral with many components is accurate enough, and its final error.
//
// Components form groups (for example all elements of one tensor) with one scale. The scale is the
// largest |value| in the group or, if the group cancels (is zero by symmetry), 1 % of the integral
// of the largest modulus of an integrand, or a floor given by the caller. An error is accepted if,
// together with the rounding, it is below tolerance x scale. It is also accepted if rounding
// prevents a smaller one: the reported error is then that of rounding and may exceed the tolerance.
// Rounding is estimated from the integral of the modulus and from `magnitudes`, which are integrals
// of the size of the terms that cancel inside the integrand (up to 1/w^2 near a narrow resonance of
// width w).

/** Smallest scale of a group, in units of the largest integral of a modulus in it. */
const CANCELLATION = 0.01;
/** Relative rounding of an integrand, with a margin. */
export const INTEGRAND_ROUNDING = 1e-15;
/**
 * Relative rounding of the factors of one integrand (a few products of solved vectors) and of their
 * sum.
 */
const SUM_ROUNDING = 3e-15;
/**
 * If rounding is at most this fraction of the requested error, it is subtracted from that error.
 * Otherwise the requested error cannot be reached, and errors up to MARGIN times rounding are
 * accepted, because further bisection gains nothing.
 */
export const ROUNDED = 0.25;
const MARGIN = 10;

/** What an integral has to reach, and how its components belong together. */
export interface IntegralRequest {
  /** Requested error, relative to the scale of a component's group. */
  tolerance: number;
  /**
   * Group number (0, 1, ...) per component. The members of a group share one scale, for example all
   * elements of the friction tensor.
   */
  groups: Int32Array;
  /** Value per component to which the integral will be added. It counts for the scale. */
  offsets?: Float64Array;
  /** Smallest scale per group (default 0). */
  floors?: Float64Array;
  /** Smallest scale per group for the final error, if it differs from `floors`. */
  judged?: Float64Array;
  /** Error of the offset per component. */
  offsetErrors?: Float64Array;
  /**
   * Number of components that are integrals proper (default: all). The remaining ones are
   * magnitudes: positive bounds of the terms that cancel inside the integrand of their group. They
   * determine the level of rounding and have no tolerance themselves.
   */
  counted?: number;
  /** Relative rounding of the weights, in addition to that of the integrand (default 0). */
  rounding?: number;
  /**
   * Bound of the contribution from beyond the ends of the integral, per group (default 0). It takes
   * its part of the requested error and is added to the final one.
   */
  beyond?: Float64Array;
  /**
   * Ascending ends of panels at which the integrand changes its form. What is sharp on one side says
   * nothing about the other.
   */
  walls?: ArrayLike<number>;
  /** Largest number of panels before giving up (default 4000). */
  panels?: number;
  /** No panel is bisected any more once `spent` is true. */
  budget?: { readonly spent: boolean };
}

/** The status of an integral. The numbers are in `values` and `errors` of the integrator. */
export interface IntegralStatus {
  /** True if every error is accepted. */
  converged: boolean;
  /** Largest error of a component in units of its group's scale, rounding included. */
  relativeError: number;
  /**
   * Largest rounding of a component in units of its group's scale without floors. It measures the
   * loss of digits, also of small components.
   */
  relativeRounding: number;
  /**
   * Largest rounding of a component, that of the offset included, in units of the scale with
   * floors. It is the part of `relativeError` that is due to rounding.
   */
  judgedRounding: number;
  /** Largest contribution from beyond the ends, in units of the accepted error. */
  beyond: number;
  /** Number of nodes at which the integrand was evaluated. */
  evaluations: number;
  /** The place of the largest remaining error. */
  worst: number;
}

/** Judges the errors of one vector of integrals. The lists are per component after `measure`. */
export class ToleranceGauge {
  /** The accepted error. */
  readonly allowed: Float64Array;
  /** The scale without floors. */
  readonly scale: Float64Array;
  /** The error due to rounding. */
  readonly rounding: Float64Array;
  /** The contribution from beyond the ends of the integral. */
  private readonly beyond: Float64Array;
  /** The largest of them in units of the accepted error. */
  private largestBeyond = 0;
  private readonly components: number;
  private readonly byGroup: Float64Array;

  constructor(components: number) {
    this.components = components;
    this.allowed = new Float64Array(components);
    this.scale = new Float64Array(components);
    this.rounding = new Float64Array(components);
    this.beyond = new Float64Array(components);
    this.byGroup = new Float64Array(components);
  }

  /**
   * Returns the largest error relative to the accepted one. `sizes` are the integrals of the
   * moduli.
   */
  measure(request: IntegralRequest, values: Float64Array, errors: Float64Array, sizes: Float64Array): number {
    const { groups, offsets, floors, tolerance, counted = this.components, rounding: more = 0 } = request;
    const { allowed, scale, rounding } = this;
    scale.fill(0);
    allowed.fill(0);
    rounding.fill(0);
    // The loop first works per group (stored at the group's number; there are no more groups than
    // components).
    for (let i = 0; i < this.components; i++) {
      const g = groups[i];
      if (i >= counted) {
        rounding[g] = Math.max(rounding[g], sizes[i]);
        continue;
      }
      scale[g] = Math.max(scale[g], Math.abs(values[i] + (offsets ? offsets[i] : 0)));
      allowed[g] = Math.max(allowed[g], sizes[i]);
    }
    this.largestBeyond = 0;
    for (let g = 0; g < this.components; g++) {
      const size = allowed[g];
      const beyond = request.beyond?.[g] ?? 0;
      this.beyond[g] = beyond;
      scale[g] = Math.max(scale[g], CANCELLATION * size);
      rounding[g] = INTEGRAND_ROUNDING * Math.max(size, rounding[g]) + (more + SUM_ROUNDING) * size;
      const asked = tolerance * Math.max(scale[g], floorOf(floors, g));
      const most = rounding[g] <= ROUNDED * asked ? asked - rounding[g] : MARGIN * rounding[g];
      if (beyond > 0) this.largestBeyond = Math.max(this.largestBeyond, beyond / most);
      allowed[g] = most - Math.min(beyond, ROUNDED * most);
    }
    // The results per group are then compared with the components.
    let excess = 0;
    for (let i = 0; i < counted; i++) {
      const limit = allowed[groups[i]];
      if (errors[i] > 0) excess = Math.max(excess, limit > 0 ? errors[i] / limit : Number.POSITIVE_INFINITY);
    }
    this.spread(groups, allowed);
    this.spread(groups, scale);
    this.spread(groups, rounding);
    this.spread(groups, this.beyond);
    return excess;
  }

  /**
   * Adds rounding to the errors. Returns the largest error in units of the scale, and the largest
   * rounding in units of the scale without and with floors.
   */
  conclude(
    { groups, floors, judged = floors, offsetErrors, counted = this.components }: IntegralRequest,
    errors: Float64Array,
  ): Pick<IntegralStatus, "relativeError" | "relativeRounding" | "judgedRounding" | "beyond"> {
    let [relativeError, relativeRounding, judgedRounding] = [0, 0, 0];
    for (let i = 0; i < counted; i++) {
      const rounded = this.rounding[i] + (offsetErrors?.[i] ?? 0);
      errors[i] += rounded + this.beyond[i];
      const scale = Math.max(this.scale[i], floorOf(judged, groups[i]));
      if (scale > 0) {
        relativeError = Math.max(relativeError, errors[i] / scale);
        judgedRounding = Math.max(judgedRounding, rounded / scale);
      }
      if (this.scale[i] > 0) relativeRounding = Math.max(relativeRounding, this.rounding[i] / this.scale[i]);
    }
    return { relativeError, relativeRounding, judgedRounding, beyond: this.largestBeyond };
  }

  /** Converts a list by group to a list by component, in place. */
  private spread(groups: Int32Array, list: Float64Array): void {
    const { byGroup } = this;
    byGroup.set(list);
    for (let i = 0; i < this.components; i++) list[i] = byGroup[groups[i]];
  }
}

function floorOf(floors: Float64Array | undefined, group: number): number {
  return floors && group < floors.length ? floors[group] : 0;
}
