// The effect of the electrons on the angle over a turn, at any reservoirs: torque and its
// conservative part, friction, noise, and currents of charge and energy to order 0 and 1 in the
// speed. The results are trigonometric interpolants that hold to the tolerance at every angle.
//
// The samples lie at equispaced angles, which are doubled until the last harmonics are below the
// tolerance. This converges exponentially for a smooth cycle; sometimes a part of a grid's new
// angles suffices (grid.ts). The interpolant is then compared with samples off the grid: at some
// angles spread over the turn and, for reservoirs at T = 0, at every angle where a level crosses
// their chemical potential. Levels are counted at all angles, so that no resonance hides between
// two of them. If a comparison fails, doubling goes on.
//
// A symmetric device may be exceptional at the angles of the grid, such as a level that loses its
// coupling at one angle: the curves have limits there that differ from the value at the angle. If a
// few hundred angles do not resolve the curves, a grid shifted by a fifth of a step is used, which
// avoids all halves, quarters and thirds of the turn however often it is doubled.
//
// Curves with a few peaks far narrower than the turn, as where a resonance passes a transverse
// threshold of a wide lead, would need a fine grid everywhere. If the harmonics do not decrease fast
// enough, the grid is refined where the curves are sharp (refined.ts), and the angles where
// levels pass thresholds are among its trial angles.
//
// Where a bound state joins or leaves a band, or chemical potentials of probes at T = 0 cross
// others, the curves have kinks (kinks.ts), and the turn goes by panels (by-panels.ts). The
// integrals over the turn then keep the tolerance. The interpolants have the accuracy of a uniform
// grid, which the result states.
//
// Cost: one ForceCalculator.compute per sample (sampler.ts).

import { TURN } from "../../base/constants.js";
import { NumericalError } from "../../base/errors.js";
import { lazily } from "../../base/lazily.js";
import type { Cycle, CycleFunction, Reservoir } from "../../model/types.js";
import type { PeriodicCurve } from "../../numerics/periodic/periodic.js";
import type { PointSolver } from "../../scattering/contract.js";
import { trialAngles } from "../../transport/energy/divergence.js";
import { quantities } from "../../transport/forces/result.js";
import type { TurnIntegrals } from "../../transport/pump/pump.js";
import type { Kink } from "../../transport/turn/kinks.js";
import { TurnSampler } from "../sampling/sampler.js";
import { turnByPanels, turnByRefinement } from "./by-panels.js";
import { TurnGrid } from "./grid.js";
import { turnCorners, turnKinks } from "./kinks.js";
import { FIRST } from "./refined.js";
import { turnResponse } from "./response.js";
import { turnResult } from "./result.js";
import type { TurnCurve, TurnCurveOptions } from "./turn-curve.js";

/** Size of the first grid. */
const FEWEST = FIRST;
/** Size of the largest grid. */
const MOST = 4096;
/** Most angles of a uniform grid where panels that end at kinks are the alternative. */
const WITH_KINKS = 128;
/** Most angles of a uniform grid where these panels have failed. */
const UNIFORM = 1024;
/** Least angles of a uniform grid that tell whether it should be refined where the curves are sharp. */
const TELLING = 32;
/**
 * Angles of a uniform grid that cost no more than a refined one for curves with a few peaks, at the
 * tolerance LOOSE. A refined grid of order ORDER takes more angles at a lower tolerance.
 */
const AFFORDABLE = 256;
const LOOSE = 1e-4;
const ORDER = 10;
/** Most angles of the first grid, before it is replaced by the shifted one. */
const PLAIN = 256;
/** Shift of that grid, in steps of the smallest grid. */
const TURNED = 1 / 5;
/**
 * Factor by which the error of an interpolant may exceed the largest one at the trial angles. In
 * 999 of 1000 cases one of five angles is near enough to a maximum of the error for this to hold.
 */
const CREST = 3;
/** Error in units of the tolerance from which a curve is refused before it is resolved. */
const HOPELESS = 10;

/** What a grid has shown. */
interface Judgement {
  curve?: TurnCurve;
  failedAt?: number;
  /** True if the grid resolves the curves, except for rounding. */
  resolved?: boolean;
}

/** One computation of a curve. The object owns its samples. */
export class TurnCurveBuilder {
  readonly #sampler: TurnSampler;
  readonly #tolerance: number;
  readonly #grid: TurnGrid;
  /** Samples off the grid, by angle, with which the interpolants are compared. */
  readonly #tried = new Map<number, Float64Array>();
  /** Interpolants of the last grid, one per judged component. */
  #curves: PeriodicCurve[] = [];
  readonly #passages: () => { kinks: readonly Kink[]; passes: readonly number[] };
  /** Errors of the integrals per component, if the turn went by panels or on a refined grid. */
  #panelErrors: Float64Array | undefined;

  /**
   * `solver` has one direction, the tangent of the cycle. `reservoirs` has one entry per lead,
   * undefined for probes.
   */
  constructor(
    solver: PointSolver,
    cycle: Cycle | CycleFunction,
    names: readonly string[],
    reservoirs: readonly (Reservoir | undefined)[],
    { tolerance = 1e-8, dephasing, response, progress = () => {}, crew }: TurnCurveOptions = {},
  ) {
    this.#tolerance = tolerance;
    const options = { tolerance, dephasing, response, crew };
    this.#sampler = new TurnSampler(solver, cycle, names, reservoirs, options);
    this.#grid = new TurnGrid(this.#sampler, progress);
    this.#passages = lazily(() => turnKinks(this.#sampler, this.#grid.start));
  }

  /**
   * Linear response over the turn, after `build`, from the same angles and energies. Its errors are
   * those of the interpolants, which are far larger than those of the integrals. Undefined if it
   * was not requested, at T = 0, with probes, or if it misses the tolerance.
   */
  response(): TurnIntegrals | undefined {
    return turnResponse(this.#sampler, this.#grid, [...this.#tried], this.#panelErrors);
  }

  /** Where a bound state meets a band edge inside the thermal window. */
  get kinks(): readonly Kink[] {
    return this.#passages().kinks;
  }

  /** The torque at some angles alone, radians, to the tolerance on the scale of forces. */
  torques(angles: readonly number[]): number[] {
    return this.#sampler.samples(angles.map((theta) => ({ theta }))).map(({ values }) => values[0]);
  }

  /**
   * Computes the curve. Throws NumericalError if the largest grid misses the tolerance or a force
   * calculation fails.
   */
  build(): TurnCurve {
    const sampler = this.#sampler;
    sampler.refuseDivergent();
    // A state that meets a band need not make a kink that is seen: a grid that resolves the curves
    // is preferable to panels, but one that does not resolve them soon is not doubled further.
    const { kinks } = this;
    try {
      const curve = this.#resolve(kinks.length > 0 ? WITH_KINKS : PLAIN, true);
      if (!("failedAt" in curve)) return curve;
    } catch (error) {
      if (!(error instanceof NumericalError) || error === sampler.refusal) throw error;
    }
    sampler.refines = false;
    const corners = turnCorners(sampler, this.#grid);
    this.#restart((TURNED * TURN) / FEWEST);
    const panels = corners.length + kinks.length > 0;
    let failure: NumericalError | undefined;
    let curve: TurnCurve | { failedAt: number } = { failedAt: 0 };
    if (panels)
      try {
        curve = this.#byPanels(kinks, corners);
      } catch (error) {
        if (!(error instanceof NumericalError) || sampler.solver.budget?.spent) throw error;
        failure = error;
      }
    // Panels have nodes close to the kinks, where an angle may have no answer.
    if ("failedAt" in curve && corners.length === 0) {
      this.#restart((TURNED * TURN) / FEWEST);
      this.#panelErrors = undefined;
      curve = this.#resolve(panels ? UNIFORM : MOST, false);
    }
    if (!("failedAt" in curve)) return curve;
    if (failure) throw failure;
    const { failedAt } = curve;
    sampler.configure(failedAt);
    const by = panels ? "panels" : `${MOST} angles`;
    throw new NumericalError(`the curve over the turn is not resolved by ${by} near theta = ${failedAt}`, {
      ...(sampler.cold.length === 1 && { energy: sampler.cold[0] }),
      at: sampler.parameters,
      causes: [
        "a level crosses a chemical potential almost uncoupled from the leads: raise the temperature or the tolerance",
        "a bound state that touches a band without leaving it, or a level cut off from the leads: raise the tolerance",
        "the cycle is not smooth: write it as a Fourier series",
      ],
    });
  }

  /** Begins a grid at the angle `start` and discards what earlier samples have recorded. */
  #restart(start: number): void {
    this.#grid.restart(start);
    this.#sampler.forget();
    this.#tried.clear();
  }

  /** The curve by panels between kinks and corners. */
  #byPanels(kinks: readonly Kink[], corners: readonly number[]): TurnCurve | { failedAt: number } {
    const sampler = this.#sampler;
    sampler.refines = false;
    this.#restart(this.#grid.start);
    this.#grid.levelsOnly(PLAIN);
    const found = turnByPanels(sampler, this.#grid, kinks, corners, trialAngles);
    if (!("curve" in found)) return found;
    this.#panelErrors = found.integralErrors;
    return found.curve;
  }

  /**
   * Doubles the grid up to `most` angles. If a part of the new angles is likely to suffice, that
   * part is tried first. Where doubling is not likely to suffice soon, the grid is refined. `wary`
   * is for the first grid, whose angles may be exceptional, and where kinks are known to panels.
   */
  #resolve(most: number, wary: boolean): TurnCurve | { failedAt: number } {
    const [grid, sampler] = [this.#grid, this.#sampler];
    let failedAt = 0;
    grid.begin(FEWEST);
    for (;;) {
      const found = this.#judge();
      if (found.curve) return found.curve;
      if (grid.part < 1) {
        grid.complete();
        continue;
      }
      failedAt = found.failedAt ?? 0;
      if (found.resolved) {
        this.#repeatExactly();
        continue;
      }
      const allowed = sampler.allowed(grid.scales());
      const allowedOf = (i: number) => allowed[sampler.groupOf[i]];
      // Doubling goes on as long as it is likely to suffice.
      const uniform = Math.min(most, AFFORDABLE * (LOOSE / this.#tolerance) ** (1 / ORDER));
      const mayDouble = 2 * grid.count <= most;
      if (!mayDouble || (grid.count >= TELLING && !grid.suffices(uniform, this.#curves, allowedOf))) {
        const refined = this.#refine(failedAt, 2 * grid.count <= uniform, wary);
        if ("failedAt" in refined || "theta" in refined) return refined;
        if ("spoiled" in refined) {
          this.#repeatExactly();
          continue;
        }
      }
      grid.double(grid.likely(this.#curves, allowedOf));
    }
  }

  /**
   * Begins the grid again in higher precision, because only rounding next to narrow resonances is
   * left.
   */
  #repeatExactly(): void {
    this.#sampler.refines = true;
    this.#restart(this.#grid.start);
    this.#grid.begin(FEWEST);
  }

  /**
   * The curve with further angles where the present grid does not resolve it. Kinks and corners are
   * left to panels.
   */
  #refine(
    failedAt: number,
    mayDouble: boolean,
    wary: boolean,
  ): TurnCurve | { failedAt: number } | { rough: true } | { spoiled: true } {
    const [grid, sampler] = [this.#grid, this.#sampler];
    if (wary && (this.kinks.length > 0 || turnCorners(sampler, grid).length > 0)) return { failedAt };
    const trials = () => {
      if (sampler.cold.length > 0) grid.levelsOnly(PLAIN);
      return [...trialAngles, ...this.#passages().passes, ...grid.crossings()];
    };
    const found = turnByRefinement(sampler, grid, trials, { mayDouble, wary });
    if (!("curve" in found)) return found;
    this.#panelErrors = found.integralErrors;
    return found.curve;
  }

  /** The curve if the grid resolves it. */
  #judge(): Judgement {
    const [grid, sampler] = [this.#grid, this.#sampler];
    this.#curves = sampler.groupOf.map((_, i) => grid.curve(i));
    const scales = grid.scales();
    this.#refuseHopeless(scales);
    const allowed = sampler.allowed(scales);
    const open = this.#curves.findIndex((curve, i) => grid.tail(curve) > allowed[sampler.groupOf[i]]);
    if (open >= 0) return { failedAt: grid.count === MOST ? grid.roughest(open) : 0 };
    const trial = this.#trial(allowed);
    if (trial.failedAt !== undefined) return { failedAt: trial.failedAt };
    const { refines } = sampler.solver;
    if (refines && !sampler.refines && sampler.integralError(scales).relative > this.#tolerance)
      return { resolved: true };
    return { curve: turnResult(sampler, grid, this.#curves, scales, this.#between(trial.worst)) };
  }

  /**
   * Errors of the interpolants per group at any angle, from the largest errors at the trial angles.
   * The error of a grid oscillates, and a few angles may miss its maxima. The last harmonics bound
   * the error if they decrease.
   */
  #between(worst: Float64Array): Float64Array {
    const tails = new Float64Array(worst.length);
    for (const [i, group] of this.#sampler.groupOf.entries())
      tails[group] = Math.max(tails[group], this.#grid.tail(this.#curves[i]));
    return worst.map((error, g) => Math.max(error, Math.min(CREST * error, tails[g])));
  }

  /**
   * Largest errors of the interpolants per group at angles off the grid. The search stops at the
   * first angle whose error exceeds `allowed`.
   */
  #trial(allowed: Float64Array): { worst: Float64Array; failedAt?: number } {
    const sampler = this.#sampler;
    const worst = new Float64Array(quantities.length);
    const angles = [...trialAngles, ...this.#grid.crossings()];
    const untried = angles.filter((theta) => !this.#tried.has(theta));
    const requests = untried.map((theta) => ({ theta, after: this.#grid.trailAt(theta) }));
    for (const [k, { values }] of sampler.samples(requests).entries()) this.#tried.set(untried[k], values);
    for (const theta of angles) {
      const sample = this.#tried.get(theta)!;
      for (const [i, group] of sampler.groupOf.entries())
        worst[group] = Math.max(worst[group], Math.abs(this.#curves[i].value(theta) - sample[i]));
      if (worst.some((error, g) => error > allowed[g])) return { worst, failedAt: theta };
    }
    return { worst };
  }

  /**
   * Refuses a curve whose errors are far above the tolerance in the highest precision, because more
   * angles do not help.
   */
  #refuseHopeless(scales: Float64Array): void {
    // Higher precision may still help, but it has no more digits of a given S.
    if (!this.#sampler.refines && this.#sampler.solver.refines) return;
    const { relative, group } = this.#sampler.integralError(scales);
    if (relative > HOPELESS * this.#tolerance) throw this.#sampler.unknown(relative, group);
  }
}
