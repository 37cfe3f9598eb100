// When an integral of many components is good enough, and what its error is in the end.
//
// Components form groups (all elements of one tensor) with one scale: the largest |value| in the
// group, or, where the group cancels (zero by symmetry), 1 % of the integral of the largest
// absolute integrand, or a floor given by the caller. An error is accepted if with rounding it is
// below tolerance x scale, or where rounding allows no better: then the error reported is what
// rounding leaves, which may exceed the tolerance. Rounding is reckoned from the integral of the
// absolute values and from `magnitudes`, integrals of the size of what cancels inside the integrand
// (near a narrow resonance of width w that is up to 1/w^2).

/** Least scale of a group, in units of the integral of its largest absolute value. */
const CANCELLATION = 0.01;
/** Relative rounding of an integrand, with a margin. */
export const INTEGRAND_ROUNDING = 1e-15;
/** The same of the factors of one integrand, a few products of solved vectors, and of their sum. */
const SUM_ROUNDING = 3e-15;
/**
 * Part of what is asked for up to which rounding counts against it. Beyond, what is asked for is
 * not to be had, and errors this many times rounding are accepted: bisecting further gains nothing.
 */
export const ROUNDED = 0.25;
const MARGIN = 10;

export interface IntegralRequest {
  /** Relative to the scale of a component's group. */
  tolerance: number;
  /**
   * Group number (0, 1, ...) per component: members share one scale, e.g. all elements of the
   * friction tensor.
   */
  groups: Int32Array;
  /** Value per component to which the integral will be added: it counts for the scale. */
  offsets?: Float64Array;
  /** Least scale per group (default 0). */
  floors?: Float64Array;
  /** Least scale per group by which the error is judged in the end, if not `floors`. */
  judged?: Float64Array;
  /** Errors of the offsets per component. */
  offsetErrors?: Float64Array;
  /**
   * How many of the components are integrals proper (default: all). The rest are magnitudes:
   * positive bounds of what cancels inside the integrand of their group; they set the level of
   * rounding and are not held to a tolerance.
   */
  counted?: number;
  /** Relative rounding of the weights, beside that of the integrand (default 0). */
  rounding?: number;
  /**
   * What lies beyond the ends of the integral, in parts of its value (default 0): counts as an
   * error in the end.
   */
  beyond?: number;
  /** Most panels before giving up (default 4000). */
  panels?: number;
  /** No panel is bisected any more once this is spent. */
  budget?: { readonly spent: boolean };
}

/** Status of an integral; `values` and `errors` of the integrator hold the numbers. */
export interface IntegralStatus {
  converged: boolean;
  /** Largest error of a component in units of its group's scale, rounding included. */
  relativeError: number;
  /**
   * Largest rounding of a component in units of its group's scale without floors: what digits
   * rounding has taken, also from what is small.
   */
  relativeRounding: number;
  /**
   * The same, offsets included, in units of the scale with floors: what rounding takes from what is
   * judged.
   */
  judgedRounding: number;
  evaluations: number;
  /** Where the largest remaining error is. */
  worst: number;
}

/** Judges the errors of one vector of integrals; the lists are per component after `measure`. */
export class ToleranceGauge {
  /** Accepted error. */
  readonly allowed: Float64Array;
  /** Scale without floors. */
  readonly scale: Float64Array;
  /** What rounding leaves. */
  readonly rounding: Float64Array;
  /** What lies beyond the ends. */
  private readonly beyond: Float64Array;
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
   * Largest error in units of what is allowed; `sizes` are the integrals of the absolute values.
   */
  measure(request: IntegralRequest, values: Float64Array, errors: Float64Array, sizes: Float64Array): number {
    const { groups, offsets, floors, tolerance, counted = this.components, rounding: more = 0 } = request;
    const { allowed, scale, rounding } = this;
    scale.fill(0);
    allowed.fill(0);
    rounding.fill(0);
    // First per group (stored at the group's number; there are no more groups than components) ...
    for (let i = 0; i < this.components; i++) {
      const g = groups[i];
      if (i >= counted) {
        rounding[g] = Math.max(rounding[g], sizes[i]);
        continue;
      }
      scale[g] = Math.max(scale[g], Math.abs(values[i] + (offsets ? offsets[i] : 0)));
      allowed[g] = Math.max(allowed[g], sizes[i]);
    }
    for (let g = 0; g < this.components; g++) {
      const size = allowed[g];
      this.beyond[g] = (request.beyond ?? 0) * scale[g];
      scale[g] = Math.max(scale[g], CANCELLATION * size);
      rounding[g] = INTEGRAND_ROUNDING * Math.max(size, rounding[g]) + (more + SUM_ROUNDING) * size;
      const asked = tolerance * Math.max(scale[g], floorOf(floors, g));
      allowed[g] = rounding[g] <= ROUNDED * asked ? asked - rounding[g] : MARGIN * rounding[g];
    }
    // ... then against the components.
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
   * Adds rounding to the errors; returns the largest error in units of the scale, and the largest
   * rounding in those of the scale without floors.
   */
  conclude(
    { groups, floors, judged = floors, offsetErrors, counted = this.components }: IntegralRequest,
    errors: Float64Array,
  ): Pick<IntegralStatus, "relativeError" | "relativeRounding" | "judgedRounding"> {
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
    return { relativeError, relativeRounding, judgedRounding };
  }

  /** From a list by group to a list by component, in place. */
  private spread(groups: Int32Array, list: Float64Array): void {
    const { byGroup } = this;
    byGroup.set(list);
    for (let i = 0; i < this.components; i++) list[i] = byGroup[groups[i]];
  }
}

function floorOf(floors: Float64Array | undefined, group: number): number {
  return floors && group < floors.length ? floors[group] : 0;
}
