// One turn of a cycle: the integrals over its angle that pumping and linear response need, all on
// the same angles. The trapezoidal rule is doubled until it converges, which is exponential for a
// smooth cycle. The number of levels below mu is compared between neighbouring angles, so that a
// resonance narrower than the grid is found. In that case, and where doubling does not converge
// (kinks, or a level that decouples at an angle of the grid), adaptive Gauss-Kronrod panels take
// over. They are graded towards the crossings. At T > 0 the integrand has kinks where a bound state
// meets a band edge inside the thermal window (kinks.ts). The charges are analytic between these
// angles, so that panels which end there are taken from the first grid on. At T > 0 every angle
// takes a window integral (thermal-average.ts).

import { TURN } from "../../base/constants.js";
import { NumericalError } from "../../base/errors.js";
import { lazily } from "../../base/lazily.js";
import type { Cycle, CycleFunction } from "../../model/types.js";
import { AdaptiveIntegrator } from "../../numerics/quadrature/adaptive.js";
import { pointwise } from "../../numerics/quadrature/integrand.js";
import { INTEGRAND_ROUNDING } from "../../numerics/quadrature/tolerance.js";
import type { ScatteringSolver } from "../../scattering/contract.js";
import { TAIL } from "../energy/divergence.js";
import { thermalReach } from "../energy/fermi.js";
import { attainable, GIVEN_CAUSE } from "../forces/result.js";
import { LEAST_SCALE, type PumpOptions, type TurnIntegrals } from "../pump/options.js";
import { spentCause } from "../tasks/budget.js";
import { type Crossings, findCrossings } from "./crossings.js";
import { FixedTurn } from "./fixed-turn.js";
import { isNegligible, knownIntegrals, turnIntegralsOf } from "./integrals.js";
import { TurnIntegrand } from "./integrand.js";
import { kinkAngles } from "./kinks.js";
import { findTouches } from "./touches.js";

/** Size of the first grid. */
const FEWEST = 16;
/** Size of the largest grid. */
const MOST = 1 << 14;
/** Size of the grid at which narrow resonances are looked for even before convergence. */
const EARLY_GUARD = 256;
/**
 * From this size of the grid on, and without batches, doubling ends if it reduces the change by
 * less than a factor 1 / SLOW. The integrand then has kinks, or one angle is exceptional.
 */
const PATIENCE = 512;
/** Part of the earlier change that doubling must leave at most to count as progress. */
const SLOW = 0.4;
/**
 * A turn that misses its tolerance by less than this factor is computed again with more accurate
 * integrals over energy.
 */
const MISSED = 1e4;
/** Factor on the tolerance of the energy integrals in that case. */
const TIGHTER = 1e-2;
/**
 * Size in radians of the first panel at a kink if friction is asked for, which grows like a
 * logarithm towards the kink. Each further panel is four times as long.
 */
const AT_KINK = 1e-7;

/** One computation of the turn integrals. The object owns all buffers. */
export class Turn {
  readonly #integrand: TurnIntegrand;
  readonly #options: PumpOptions;
  readonly #tolerance: number;
  /** True once the turn is divided into panels. */
  #divided = false;
  /** True once a given S is found to be known too little: panels do not help. */
  #unknown = false;
  /** Levels below mu at the angle 2 pi i / MOST. */
  #counts = new Int32Array();
  /** Angles where a bound state meets a band edge inside the thermal window. */
  readonly #kinks: () => readonly number[];

  constructor(
    solver: ScatteringSolver,
    cycle: Cycle | CycleFunction,
    names: readonly string[],
    options: PumpOptions,
    motor: boolean,
  ) {
    this.#integrand = new TurnIntegrand(solver, cycle, names, options, motor);
    this.#options = options;
    this.#tolerance = options.tolerance ?? 1e-8;
    this.#kinks = lazily(() => this.#findKinks());
  }

  /** Computes the integrals. Throws NumericalError where they miss the tolerance. */
  run(): TurnIntegrals {
    const { points, temperature = 0 } = this.#options;
    this.#integrand.refuseDivergent(temperature, this.#tolerance);
    if (points !== undefined) return new FixedTurn(this.#integrand, this.#options).run(points);
    try {
      return this.#converged();
    } catch (error) {
      // A symmetric device may have no answer at an angle of the grid; panels use other angles.
      if (!(error instanceof NumericalError) || this.#divided || this.#unknown) throw error;
      return this.#adaptive(FEWEST, { angles: [], widths: [] });
    }
  }

  #addNodes(first: number, stride: number, count: number): void {
    this.#integrand.addNodes(first, stride, count, true, (node, _, levels) => {
      this.#counts[(node * MOST) / count] = levels;
    });
  }

  #crossings(count: number): Crossings {
    const stride = MOST / count;
    return findCrossings(this.#integrand, count, (j) => this.#counts[j * stride]);
  }

  #converged(): TurnIntegrals {
    const integrand = this.#integrand;
    const { components } = integrand;
    const now = new Float64Array(components);
    const before = new Float64Array(components);
    const change = new Float64Array(components);
    this.#counts = new Int32Array(MOST);
    this.#addNodes(0, 1, FEWEST);
    // With friction the panels of the curve are tried first (linear-response.ts).
    if (integrand.groups.length === 1 && this.#kinks().length > 0)
      return this.#adaptive(FEWEST, this.#crossings(FEWEST));
    let agreements = 0;
    let excess = Number.POSITIVE_INFINITY;
    for (let count = FEWEST; ; count *= 2) {
      for (let i = 0; i < components; i++) {
        now[i] = (TURN * integrand.sum[i]) / count;
        change[i] = Math.abs(now[i] - before[i]);
      }
      before.set(now);
      if (count > FEWEST) integrand.handOver(now, change, count);
      if (!now.every(Number.isFinite)) return this.#adaptive(count, this.#crossings(count));
      const earlier = excess;
      excess = this.#excess(now, change, count);
      const settled = count > FEWEST && excess <= 1;
      agreements = settled ? agreements + 1 : 0;
      if (agreements >= 2 || count === EARLY_GUARD) {
        const crossings = this.#crossings(count);
        if (crossings.sticksOut > 0) return this.#adaptive(count, crossings);
        if (agreements >= 2) {
          const noise = integrand.noiseOf(count);
          const errors = change.map((error, i) => error + noise[i]);
          this.#refuseUnknown(now, errors);
          return this.#result(now, errors);
        }
      }
      const slow = !integrand.batch && count >= PATIENCE && excess > Math.max(1, SLOW * earlier);
      if (slow || count === MOST) return this.#adaptive(count, this.#crossings(count));
      this.#addNodes(1, 2, 2 * count);
    }
  }

  /**
   * Throws NumericalError where a given S does not tell the integrals to the tolerance: charges on
   * the scale of a particle at least, the others on their own unless they are negligible.
   */
  #refuseUnknown(values: Float64Array, errors: Float64Array): void {
    const integrand = this.#integrand;
    if (!integrand.solver.limits) return;
    const { leads } = integrand;
    const charges = values.subarray(0, leads).reduce((most, q) => Math.max(most, Math.abs(q)), LEAST_SCALE);
    let reached = 0;
    for (let i = 0; i < values.length; i++) {
      const scale = i < leads ? charges : Math.abs(values[i]);
      if (i >= leads && isNegligible(values[i], errors[i], this.#tolerance)) continue;
      if (errors[i] > 0) reached = Math.max(reached, errors[i] / scale);
    }
    if (reached <= this.#tolerance) return;
    this.#unknown = true;
    throw integrand.failure(
      `the integrals over the cycle are known to ${reached.toExponential(1)} of their scale, asked for ${this.#tolerance}`,
      [...attainable(reached), GIVEN_CAUSE],
      knownIntegrals(integrand, values, errors),
    );
  }

  /**
   * The largest change of a component in units of its allowed error. Charges share one scale, with
   * a floor where they cancel along the turn. The other components are positive and have their own.
   */
  #excess(now: Float64Array, change: Float64Array, count: number): number {
    const { leads } = this.#integrand;
    let scale = this.#floor(count);
    const given = this.#integrand.givenOf(count);
    for (let a = 0; a < leads; a++) scale = Math.max(scale, Math.abs(now[a]));
    let most = 0;
    for (let i = 0; i < now.length; i++) {
      const allowed = this.#tolerance * (i < leads ? scale : Math.abs(now[i])) + given[i] + 1e-300;
      most = Math.max(most, change[i] / allowed);
    }
    return most;
  }

  /** Least scale of the charges: a fraction of the loop integral of |dn/dtheta|. */
  #floor(count: number): number {
    const { leads, size } = this.#integrand;
    let most = 0;
    for (let a = 0; a < leads; a++) most = Math.max(most, (TURN * size[a]) / count);
    return (this.#options.temperature ?? 0) > 0 ? most : 1e-3 * most;
  }

  #adaptive(count: number, { angles, widths }: Pick<Crossings, "angles" | "widths">): TurnIntegrals {
    this.#divided = true;
    const integrand = this.#integrand;
    const breakpoints = Array.from({ length: FEWEST + 1 }, (_, j) => (TURN * j) / FEWEST);
    const grade = (angle: number, width: number) => {
      breakpoints.push(angle);
      for (let d = width; d < 1; d *= 4) breakpoints.push(angle - d, angle + d);
    };
    for (const [k, angle] of angles.entries()) grade(angle, widths[k]);
    const warm = (this.#options.temperature ?? 0) > 0;
    const touches = warm ? { angles: [], widths: [] } : findTouches(integrand);
    for (const [k, angle] of touches.angles.entries()) grade(angle, touches.widths[k]);
    for (const angle of this.#kinks())
      if (integrand.groups.length > 1) grade(angle, AT_KINK);
      else breakpoints.push(angle);
    const inside = breakpoints.filter((theta) => theta >= 0 && theta <= TURN).sort((a, b) => a - b);
    // At first the refinement ends where the errors of the samples dominate by a factor of ten.
    // Where this misses the tolerance, the panels are refined further.
    let { status, errors, values, reached } = this.#byPanels(count, inside, true);
    const { budget } = integrand.solver;
    if (!(reached <= this.#tolerance) && !budget?.spent)
      ({ status, errors, values, reached } = this.#byPanels(count, inside, false));
    // Each integral over energy meets the tolerance on the scale of the largest value of the turn,
    // but its errors at all angles are added with one sign.
    if (warm && !(reached <= this.#tolerance) && reached < MISSED * this.#tolerance && !budget?.spent) {
      integrand.tighten(TIGHTER);
      ({ status, errors, values, reached } = this.#byPanels(count, inside, false));
    }
    if (reached <= this.#tolerance) return this.#result(values, errors);
    integrand.configure(status.worst);
    const known = `the integrals over the cycle are known to ${reached.toExponential(1)} of their scale; the tolerance is ${this.#tolerance}`;
    const where = `; they do not converge near theta = ${status.worst}`;
    throw integrand.failure(
      status.converged ? known : known + where,
      [
        ...(budget?.spent ? [spentCause(budget.allowed)] : []),
        ...attainable(reached),
        ...(integrand.solver.limits ? [GIVEN_CAUSE] : []),
        "a level crosses the chemical potential almost uncoupled from the leads: raise the temperature or the tolerance",
        "the cycle is not smooth: write it as a Fourier series",
      ],
      knownIntegrals(integrand, values, errors),
    );
  }

  /**
   * Integrates by adaptive panels. With `easy` the refinement ends at the errors of the samples,
   * which are then not added. `reached` is the largest error in units of its scale.
   */
  #byPanels(count: number, breakpoints: number[], easy: boolean) {
    const integrand = this.#integrand;
    const { components: n, groups } = integrand;
    // Component n stays zero; its offset is the least scale of the charges. The components after it
    // carry the errors of the samples per group and do not count as integrals.
    const length = n + 1 + groups.length;
    const integrator = new AdaptiveIntegrator(length);
    const groupOf = Int32Array.from({ length }, (_, i) => {
      if (i > n) return i - n - 1;
      return i === n ? 0 : integrand.groupOf(i);
    });
    const offsets = new Float64Array(length);
    // At T = 0 a peak that the grid happens to hit must not set the scale. There the integrator's
    // own integral of the absolute values says how much cancels.
    const floor = (this.#options.temperature ?? 0) > 0 ? this.#floor(count) : 0;
    offsets[n] = Number.isFinite(floor) ? floor : 0;
    const sample = new Float64Array(n);
    const unit = easy ? 1 / INTEGRAND_ROUNDING : 1;
    const sampled = pointwise((theta, out, low) => {
      integrand.evaluate(theta, sample, low, true);
      out.set(sample);
      for (let g = 0; g < groups.length; g++) out[n + 1 + g] = unit * integrand.noise[g];
    });
    const tolerance = easy ? this.#tolerance : 0.5 * this.#tolerance;
    const { budget } = integrand.solver;
    const request = { tolerance, groups: groupOf, offsets, counted: n + 1, budget };
    const status = integrator.integrate(sampled, breakpoints, breakpoints.length, request);
    const { scales } = integrator;
    const [values, errors] = [integrator.values.slice(0, n), integrator.errors.slice(0, n)];
    let reached = 0;
    const given = integrand.solver.limits !== undefined;
    for (let i = 0; i < n; i++) {
      if (!easy) errors[i] += integrator.values[n + 1 + groupOf[i]];
      if (given && i >= integrand.leads && isNegligible(values[i], errors[i], this.#tolerance)) continue;
      reached = Math.max(
        reached,
        errors[i] / Math.max(scales[i], i < integrand.leads ? LEAST_SCALE : 0, 1e-300),
      );
    }
    return { status, values, errors, reached };
  }

  /** Angles of the kinks that band edges in the thermal window make. */
  #findKinks(): number[] {
    const { energy, temperature = 0 } = this.#options;
    if (temperature === 0) return [];
    // Kinks beyond this reach are below the tolerance.
    const reach = thermalReach(TAIL * this.#tolerance) * temperature;
    const window: [number, number] = [energy - reach, energy + reach];
    const { solver } = this.#integrand;
    return kinkAngles(solver, window, 0, (theta) => this.#integrand.configure(theta)).flatMap(
      ({ theta, bound }) => (bound ? [theta] : []),
    );
  }

  #result(values: Float64Array, errors: Float64Array): TurnIntegrals {
    return turnIntegralsOf(this.#integrand, values, errors, this.#tolerance, this.#integrand.points);
  }
}
