// The filled sea in equilibrium at (mu, T): force and antisymmetric friction from all occupied
// energies, with bound states and the tail of wide-band leads, computed off the real axis. The
// integral over f(E) is rotated onto the line z = mu + i y. With h of curlGreen (contract.ts), at T
// = 0
//
//   F_nu = -Tr[Lambda_nu]/2 - (1/pi) int_0^inf dy Re Tr[Lambda_nu G(mu + i y)]
//   gamma_nu,nu' (antisymmetric, sea part) = -(1/pi) int_0^inf dy Im h_nu,nu'(mu + i y)
//
// At T > 0 the integral over y becomes the Matsubara sum 2 pi T sum_n at y_n = (2n + 1) pi T, and
// bound states add a term (bound-states.ts). The arc at infinity gives -Tr[Lambda]/2, and nothing
// for h. The first 20 Matsubara frequencies are summed one by one. The rest is the integral from y
// = 40 pi T plus central differences across that point (the Euler-Maclaurin series in Gregory's
// form up to the seventh difference). Its relative error is below 1e-11 for any level spacing.
//
// The integral runs from y = start (0 at T = 0) to infinity, in pieces of a variable in which all
// singularities (the spectrum, at imaginary y) are far away. Up to a quarter of the spectrum's
// width y grows by a constant factor per piece; beyond that the variable is 1/y. One panel of 24
// Gauss nodes per piece is mostly enough. At T = 0 a level may lie next to y = 0: the long
// Gauss-Kronrod rule is used instead, and the first panel ends before the nearest level matters.
//
// Cost: 48 evaluations of Tr[Lambda G] at moderate, 60 to 200 at low temperature.

import { NumericalError } from "../../../base/errors.js";
import { AdaptiveIntegrator } from "../../../numerics/quadrature/adaptive.js";
import { gauss24 } from "../../../numerics/quadrature/gauss.js";
import { graded } from "../../../numerics/quadrature/graded.js";
import { nodeOf, type VectorIntegrand } from "../../../numerics/quadrature/integrand.js";
import { kronrod31 } from "../../../numerics/quadrature/kronrod.js";
import type { IntegralRequest } from "../../../numerics/quadrature/tolerance.js";
import type { PointSolver } from "../../../scattering/contract.js";
import { BoundStates } from "./bound-states.js";

/** Number of Matsubara frequencies that are summed one by one. */
const EXPLICIT = 20;
/**
 * Coefficients of the difference between sum and integral:
 * 1/D - 1/delta = sum_k GREGORY[k] delta^(2k+1), with D = 2 asinh(delta/2).
 */
const GREGORY = [1 / 24, -17 / 5760, 367 / 967680, -27859 / 464486400];

/** Largest factor by which y grows in one piece. */
const FACTOR = 30;
/** Relative rounding of the sums, with a margin. */
const ROUNDING = 2e-15;
/** Start of the last piece, in units of the spectrum's distance from mu. */
const FAR = 0.25;

/**
 * Ends of the first panel at T = 0 that are tried, in the variable x with y = far x^3. At the first
 * no level is near; the last is below the digits of energies.
 */
const FIRST_PANELS = [0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5];

/** The contributions of the sea, with their errors. */
export interface SeaResult {
  /** F_nu per direction. */
  force: Float64Array;
  /** Sea part of the antisymmetric friction per pair nu < nu'; zero for a reciprocal device. */
  antisymmetricFriction: Float64Array;
  /** Largest estimated error relative to the scale of the force or of the friction. */
  relativeError: number;
  /** Estimated absolute error of the force. */
  forceError: number;
  /** Estimated absolute error of the antisymmetric friction. */
  antisymmetricFrictionError: number;
  /** Scale of the force, before least scales are applied. */
  forceScale: number;
  evaluations: number;
}

/** The other contributions, which set the scale of the sea's errors. */
export interface SeaScale {
  /** Other contributions to the force, per direction. */
  force: Float64Array;
  /** Largest element of the other contributions to the friction tensor. */
  friction: number;
  /**
   * Least scales of force and friction in the final error test. If left out, those of a force
   * alone.
   */
  judged?: { force: number; friction: number };
}

/** Least scale of the force in units of Lambda if the caller gives none. */
const FORCE_FLOOR = 1e-5;
/** Least scale of the friction in units of (Lambda / energy)^2 if the caller gives none. */
const FRICTION_FLOOR = 1e-2;

/** The sea of one solver; the object keeps its buffers. */
export class SeaIntegrator {
  private readonly solver: PointSolver;
  private readonly directions: number;
  private readonly pairs: number;
  private readonly warm: AdaptiveIntegrator;
  private readonly cold: AdaptiveIntegrator;
  private readonly offsets: Float64Array;
  /** The offsets plus the other contributions. */
  private readonly scaleOffsets: Float64Array;
  private readonly request: IntegralRequest;
  private readonly differences: Float64Array[];
  private readonly sample: Float64Array;
  private readonly result: SeaResult;
  /** Absolute sum of the terms added beside the integral, per component. */
  private readonly added: Float64Array;
  /** Last correction of Gregory's series, per component. */
  private readonly last: Float64Array;
  private readonly boundStates: BoundStates;
  private mu = 0;
  private start = 0;
  private pieces = 0;
  private factor = 1;
  private far = 1;
  private readonly breakpoints: number[] = [];
  private heights = new Float64Array(64);

  constructor(solver: PointSolver) {
    this.solver = solver;
    this.directions = solver.directions;
    this.pairs = solver.reciprocal ? 0 : (this.directions * (this.directions - 1)) / 2;
    const components = this.directions + this.pairs;
    this.warm = new AdaptiveIntegrator(components, gauss24);
    this.cold = new AdaptiveIntegrator(components, kronrod31);
    this.offsets = new Float64Array(components);
    this.sample = new Float64Array(components);
    this.added = new Float64Array(components);
    this.last = new Float64Array(components);
    this.differences = Array.from({ length: 2 * GREGORY.length }, () => new Float64Array(components));
    const groups = Int32Array.from({ length: components }, (_, i) => (i < this.directions ? 0 : 1));
    this.scaleOffsets = new Float64Array(components);
    this.request = { tolerance: 1e-10, groups, offsets: this.scaleOffsets, floors: new Float64Array(2) };
    this.boundStates = new BoundStates(solver);
    const allPairs = (this.directions * (this.directions - 1)) / 2;
    this.result = {
      force: new Float64Array(this.directions),
      antisymmetricFriction: new Float64Array(allPairs),
      relativeError: 0,
      forceError: 0,
      antisymmetricFrictionError: 0,
      forceScale: 0,
      evaluations: 0,
    };
  }

  /**
   * The equilibrium force and the antisymmetric friction of the sea at the solver's configuration.
   * The next call overwrites the result. Throws NumericalError if the tolerance, relative to the
   * largest component with `rest` included, is not met.
   */
  compute(chemicalPotential: number, temperature: number, tolerance: number, rest?: SeaScale): SeaResult {
    const { solver, offsets, scaleOffsets, request, result } = this;
    const integrator = temperature > 0 ? this.warm : this.cold;
    this.mu = chemicalPotential;
    request.tolerance = tolerance;
    offsets.fill(0);
    const traces = solver.traceLambda();
    this.added.fill(0);
    this.last.fill(0);
    for (let nu = 0; nu < this.directions; nu++) {
      offsets[nu] = -traces[nu] / 2;
      this.added[nu] = Math.abs(offsets[nu]);
    }
    const [lambda, energy] = [solver.lambdaScale(), solver.energyScale()];
    const { force, friction } = rest?.judged ?? {
      force: FORCE_FLOOR * lambda,
      friction: FRICTION_FLOOR * (lambda / energy) ** 2,
    };
    request.floors!.set([force, Math.max(rest?.friction ?? 0, friction)]);
    this.start = 0;
    let bound = { error: 0, evaluations: 0 };
    if (temperature > 0) {
      this.sumFrequencies(temperature);
      if (this.pairs > 0)
        bound = this.boundStates.addAntisymmetricFriction(
          chemicalPotential,
          temperature,
          offsets,
          this.directions,
        );
    }
    scaleOffsets.set(offsets);
    if (rest) for (let nu = 0; nu < this.directions; nu++) scaleOffsets[nu] += rest.force[nu];

    const panels = this.layPieces(FAR * (energy + Math.abs(chemicalPotential)));
    const status = integrator.integrate(this.graded, this.breakpoints, panels + 1, request);
    if (!status.converged) {
      throw new NumericalError("the force of the filled sea did not converge", {
        energy: chemicalPotential,
        causes: [
          "a bound state or very narrow resonance at the chemical potential",
          "a tolerance near rounding",
        ],
      });
    }
    for (let nu = 0; nu < this.directions; nu++) result.force[nu] = offsets[nu] + integrator.values[nu];
    for (let p = 0; p < this.pairs; p++) {
      result.antisymmetricFriction[p] = offsets[this.directions + p] + integrator.values[this.directions + p];
    }
    result.relativeError = status.relativeError;
    result.forceError = largest(integrator.errors, 0, this.directions) + this.roundingOfForce();
    result.antisymmetricFrictionError =
      largest(integrator.errors, this.directions, this.directions + this.pairs) + bound.error;
    result.forceScale = integrator.scales[0];
    result.evaluations = status.evaluations + (temperature > 0 ? EXPLICIT + GREGORY.length : 0);
    result.evaluations += bound.evaluations;
    return result;
  }

  /**
   * Rounding of the force where its terms cancel, plus the last correction of Gregory's series.
   */
  private roundingOfForce(): number {
    const { added, last, directions } = this;
    let most = 0;
    for (let nu = 0; nu < directions; nu++) most = Math.max(most, ROUNDING * added[nu] + last[nu]);
    return most;
  }

  /**
   * Lays out the pieces from `start` to infinity. The last one begins at `far` or beyond. Returns
   * the number of panels.
   */
  private layPieces(far: number): number {
    const { breakpoints } = this;
    this.pieces = 0;
    this.far = Math.max(far, this.start);
    if (this.start === 0) {
      this.pieces = 1;
    } else if (this.start < far) {
      this.pieces = Math.ceil(Math.log(far / this.start) / Math.log(FACTOR));
      this.factor = (far / this.start) ** (1 / this.pieces);
    }
    breakpoints.length = 0;
    for (let p = 0; p <= this.pieces + 1; p++) breakpoints.push(p);
    if (this.start > 0) return this.pieces + 1;
    const nearest = this.beforeLevels();
    if (nearest > 0) breakpoints.splice(1, 0, nearest);
    return graded(Float64Array.from(breakpoints), breakpoints.length, breakpoints);
  }

  /**
   * End of the first panel at T = 0, if a level is so near to mu that a panel of length 1 would have
   * no node where it matters; else 0. At y below the distance of all levels the integrand is smooth.
   */
  private beforeLevels(): number {
    const { solver, mu, far } = this;
    for (const x of FIRST_PANELS) {
      const distance = far * x ** 3;
      try {
        if (solver.eigenvaluesBelow(mu - distance) === solver.eigenvaluesBelow(mu + distance))
          return x === FIRST_PANELS[0] ? 0 : x;
      } catch (error) {
        // A lead has no answer at one of these energies, but may have one at others.
        if (!(error instanceof NumericalError)) throw error;
      }
    }
    return FIRST_PANELS[FIRST_PANELS.length - 1];
  }

  /**
   * Sums the first Matsubara frequencies and the correction at the point where the integral begins.
   */
  private sumFrequencies(temperature: number): void {
    const { differences, offsets, sample } = this;
    const step = 2 * Math.PI * temperature;
    const half = GREGORY.length;
    this.start = EXPLICIT * step;
    for (let n = 0; n < EXPLICIT + half; n++) this.heights[n] = (n + 0.5) * step;
    const rows = new Float64Array((EXPLICIT + half) * sample.length);
    this.addRows(EXPLICIT + half, rows, sample.length);
    for (let n = 0; n < EXPLICIT + half; n++) {
      sample.set(rows.subarray(n * sample.length, (n + 1) * sample.length));
      for (let i = 0; i < sample.length && n < EXPLICIT; i++) {
        offsets[i] += step * sample[i];
        this.added[i] += Math.abs(step * sample[i]);
      }
      if (n >= EXPLICIT - half) differences[n - EXPLICIT + half].set(sample);
    }
    // Odd central differences at that point, formed in place order by order from 2 half values.
    const size = 2 * half;
    for (let order = 1; order < size; order++) {
      for (let k = 0; k + order < size; k++) {
        for (let i = 0; i < sample.length; i++) differences[k][i] = differences[k + 1][i] - differences[k][i];
      }
      if (order % 2 === 0) continue;
      const central = differences[(size - order - 1) / 2];
      const weight = GREGORY[(order - 1) / 2] * step;
      for (let i = 0; i < sample.length; i++) {
        this.last[i] = Math.abs(weight * central[i]);
        offsets[i] += weight * central[i];
      }
    }
  }

  /**
   * Adds rows of -(1/pi) Re Tr[Lambda G] and -(1/pi) Im h at mu + i y for the first `count` heights
   * y.
   */
  private addRows(count: number, out: Float64Array, components: number): void {
    this.solver.traceGreenEach(this.mu, this.heights, count, (traces, k) => {
      const at = k * components;
      for (let nu = 0; nu < this.directions; nu++) out[at + nu] -= traces[2 * nu] / Math.PI;
    });
    if (this.pairs === 0) return;
    for (let k = 0, at = this.directions; k < count; k++, at += components) {
      const curls = this.solver.curlGreen(this.mu, this.heights[k]);
      for (let p = 0; p < this.pairs; p++) out[at + p] -= curls[2 * p + 1] / Math.PI;
    }
  }

  /**
   * The integrand over the pieces. At T = 0 the first piece is y = far x^3; otherwise
   * y = start factor^x up to `far`. The last piece is y = far / (1 - x) with x from 0 again.
   */
  private readonly graded: VectorIntegrand = {
    evaluateNodes: (nodes, out, components) => {
      const { far, start, factor, pieces } = this;
      const { count } = nodes;
      if (this.heights.length < count) this.heights = new Float64Array(2 * count);
      for (let k = 0; k < count; k++) this.heights[k] = this.heightAt(nodeOf(nodes, k));
      this.addRows(count, out, components);
      for (let k = 0, at = 0; k < count; k++) {
        const x = nodeOf(nodes, k);
        let weight = this.heights[k] * Math.log(factor);
        if (x >= pieces) weight = far / (pieces + 1 - x) ** 2;
        else if (start === 0) weight = 3 * far * x * x;
        for (const end = at + components; at < end; at++) out[at] *= weight;
      }
    },
    evaluatePanels: () => false,
  };

  private heightAt(x: number): number {
    const { far, start, factor, pieces } = this;
    if (x >= pieces) return far / (pieces + 1 - x);
    return start === 0 ? far * x * x * x : start * factor ** x;
  }
}

function largest(list: Float64Array, from: number, to: number): number {
  let most = 0;
  for (let i = from; i < to; i++) most = Math.max(most, list[i]);
  return most;
}
