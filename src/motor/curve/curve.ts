// What the electrons do to the angle over a turn, at any reservoirs: torque (and its conservative
// part), friction, noise, currents of charge and energy to order 0 and 1 in the speed, as
// trigonometric interpolants that hold to the asked tolerance between the angles, too.
//
// Equispaced angles, doubled until the last harmonics have fallen below the tolerance
// (exponentially, for a smooth cycle; a part of a grid's new angles may do: grid.ts); then the
// interpolant is tried at angles that are not on the grid: some spread over the turn, and, for
// reservoirs at T = 0, every angle where a level crosses their chemical potential (levels are
// counted at all angles), so that no resonance hides between two angles. Where it fails, doubling
// goes on. A symmetric device may be exceptional at the very angles of the grid (a level that loses
// its coupling at one angle: the curves have limits there, but the value at it is another). Where a
// few hundred angles do not resolve the curves a grid turned by a fifth of a step is taken, which
// keeps off all halves, quarters and thirds of the turn however often it is doubled. Where a bound
// state joins or leaves a band, or chemical potentials of probes at T = 0 cross others, the curves
// have kinks (kinks.ts): then the turn goes by panels (by-panels.ts). The integrals over the turn
// keep the tolerance, the interpolants have what a uniform grid can give, and the result says so.
// Cost: one ForceCalculator.compute per sample (sampler.ts): at the angles of the final grid, or a
// part of them, and at those tried.

import { TURN } from "../../base/constants.js";
import { NumericalError } from "../../base/errors.js";
import type { Cycle, CycleFunction, Reservoir } from "../../model/types.js";
import type { PeriodicCurve } from "../../numerics/periodic/periodic.js";
import type { PointSolver } from "../../scattering/contract.js";
import { trialAngles } from "../../transport/energy/divergence.js";
import { quantities } from "../../transport/forces/result.js";
import type { TurnIntegrals } from "../../transport/pump/pump.js";
import type { Kink } from "../../transport/turn/kinks.js";
import { turnByPanels } from "./by-panels.js";
import { TurnGrid } from "./grid.js";
import { turnCorners, turnKinks } from "./kinks.js";
import { turnResponse } from "./response.js";
import { turnResult } from "./result.js";
import { TurnSampler } from "./sampler.js";
import type { TurnCurve, TurnCurveOptions } from "./turn-curve.js";

const FEWEST = 16;
const MOST = 4096;
/** Most angles where panels would be the other way. */
const UNIFORM = 1024;
/**
 * Angles after which a grid that does not resolve the curves is given up for the turned one, and
 * how far that is turned, in steps of the first grid.
 */
const PLAIN = 256;
const TURNED = 1 / 5;
/**
 * Most that a crest of an interpolant's error rises above the largest at the angles tried: of five
 * angles one is nearer in 999 of 1000 cases.
 */
const CREST = 3;
/** Error in units of the tolerance from which a curve is given up before it is resolved. */
const HOPELESS = 10;

/** What a grid is found to be. */
interface Judgement {
  curve?: TurnCurve;
  failedAt?: number;
  /** It is resolved, but for rounding. */
  resolved?: boolean;
}

/** One computation of a curve; owns its samples. */
export class TurnCurveBuilder {
  readonly #sampler: TurnSampler;
  readonly #tolerance: number;
  readonly #grid: TurnGrid;
  /** Samples off the grid: the interpolants are held against them. */
  readonly #tried = new Map<number, Float64Array>();
  /** Of the last grid, for all components that are judged. */
  #curves: PeriodicCurve[] = [];
  /** If the turn went by panels: errors of the integrals per component. */
  #panelErrors: Float64Array | undefined;

  /**
   * `solver`: one direction, the tangent of the cycle; `reservoirs`: per lead, undefined for
   * probes.
   */
  constructor(
    solver: PointSolver,
    cycle: Cycle | CycleFunction,
    names: readonly string[],
    reservoirs: readonly (Reservoir | undefined)[],
    { tolerance = 1e-8, dephasing, response, progress = () => {} }: TurnCurveOptions = {},
  ) {
    this.#tolerance = tolerance;
    this.#sampler = new TurnSampler(solver, cycle, names, reservoirs, { tolerance, dephasing, response });
    this.#grid = new TurnGrid(this.#sampler, progress);
  }

  /**
   * Linear response over the turn, after `build`: from the curve's own angles and energies, with
   * the errors of its interpolants (the integrals are far better); undefined where it was not asked
   * for, at T = 0, with probes, or where it is not resolved to the tolerance.
   */
  response(): TurnIntegrals | undefined {
    return turnResponse(this.#sampler, this.#grid, [...this.#tried], this.#panelErrors);
  }

  /**
   * Throws NumericalError where the tolerance is not reached with the largest grid, or where a
   * force calculation fails.
   */
  build(): TurnCurve {
    const sampler = this.#sampler;
    sampler.refuseDivergent();
    try {
      const curve = this.#resolve(PLAIN);
      if (!("failedAt" in curve)) return curve;
    } catch (error) {
      if (!(error instanceof NumericalError) || error === sampler.refusal) throw error;
    }
    sampler.refines = false;
    const corners = turnCorners(sampler, this.#grid);
    this.#restart((TURNED * TURN) / FEWEST);
    // A state that meets a band need not make a kink that is seen: a grid that serves is the better
    // answer.
    const kinks = turnKinks(sampler, this.#grid.start);
    let curve: TurnCurve | { failedAt: number } | undefined;
    if (corners.length === 0)
      try {
        curve = this.#resolve(kinks.length > 0 ? UNIFORM : MOST);
      } catch (error) {
        if (!(error instanceof NumericalError) || kinks.length === 0) throw error;
      }
    const panels = corners.length + kinks.length > 0;
    if (panels && (!curve || "failedAt" in curve)) curve = this.#byPanels(kinks, corners);
    if (!("failedAt" in curve!)) return curve!;
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

  /** On a grid from `start` on; what the angles so far left behind does not count. */
  #restart(start: number): void {
    this.#grid.restart(start);
    this.#sampler.forget();
    this.#tried.clear();
  }

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
   * Doubles the grid up to `most` angles; where a part of the new ones is likely to do with those
   * first.
   */
  #resolve(most: number): TurnCurve | { failedAt: number } {
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
        // But for the rounding next to narrow resonances: once more without it.
        sampler.refines = true;
        this.#restart(grid.start);
        grid.begin(FEWEST);
      } else if (2 * grid.count > most) return { failedAt };
      else {
        const allowed = sampler.allowed(grid.scales());
        grid.double(grid.likely(this.#curves, (i) => allowed[sampler.groupOf[i]]));
      }
    }
  }

  /** The curve, if the grid resolves it. */
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
    if (!sampler.refines && sampler.integralError(scales).relative > this.#tolerance)
      return { resolved: true };
    return { curve: turnResult(sampler, grid, this.#curves, scales, this.#between(trial.worst)) };
  }

  /**
   * Errors of the interpolants per group at any angle, from the largest at those tried: what a grid
   * leaves out swings about zero, and a few angles may miss its crests. The last harmonics bound it
   * where they fall.
   */
  #between(worst: Float64Array): Float64Array {
    const tails = new Float64Array(worst.length);
    for (const [i, group] of this.#sampler.groupOf.entries())
      tails[group] = Math.max(tails[group], this.#grid.tail(this.#curves[i]));
    return worst.map((error, g) => Math.max(error, Math.min(CREST * error, tails[g])));
  }

  /**
   * Largest errors of the interpolants per group at angles off the grid; stops at the first angle
   * that is beyond `allowed`.
   */
  #trial(allowed: Float64Array): { worst: Float64Array; failedAt?: number } {
    const sampler = this.#sampler;
    const worst = new Float64Array(quantities.length);
    for (const theta of [...trialAngles, ...this.#grid.crossings()]) {
      const sample = this.#tried.get(theta) ?? sampler.sample(theta);
      this.#tried.set(theta, sample);
      for (const [i, group] of sampler.groupOf.entries())
        worst[group] = Math.max(worst[group], Math.abs(this.#curves[i].value(theta) - sample[i]));
      if (worst.some((error, g) => error > allowed[g])) return { worst, failedAt: theta };
    }
    return { worst };
  }

  /** Errors far above the tolerance in the highest precision: more angles do not help. */
  #refuseHopeless(scales: Float64Array): void {
    if (!this.#sampler.refines) return;
    const { relative, group } = this.#sampler.integralError(scales);
    if (relative > HOPELESS * this.#tolerance) throw this.#sampler.unknown(relative, group);
  }
}
