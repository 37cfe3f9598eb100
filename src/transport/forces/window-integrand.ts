// The integrand of all forces over the energy window, evaluated at many energies at once. Devices
// with one channel per lead and no probes use a kernel for pairs of channels. Other devices are
// evaluated point by point, in doubles or in higher precision. The object records the longest delay
// and the largest defect of unitarity.
//
// Longer than most files: kernels, doubles and higher precision are ways to the same point, and
// share what is added to it.

import type { Reservoir } from "../../model/types.js";
import type { GaussRule } from "../../numerics/quadrature/gauss.js";
import { lowOf, type Nodes, nodeOf, type VectorIntegrand } from "../../numerics/quadrature/integrand.js";
import { INTEGRAND_ROUNDING, type IntegralRequest } from "../../numerics/quadrature/tolerance.js";
import type { PointSolver } from "../../scattering/contract.js";
import {
  type PointErrors,
  type PointRequest,
  type ScatteringPoint,
  UNITARY,
} from "../../scattering/point.js";
import type { Divergence } from "../energy/divergence.js";
import { fermiDerivative } from "../energy/fermi.js";
import { steepness } from "../energy/resonances.js";
import { timeDelay } from "../energy/state-count.js";
import type { DephasingProbes } from "../probes/energy-resolved.js";
import type { ProbeSolver } from "../probes/voltage.js";
import { addCharges, addMotor } from "../pump/emissivity.js";
import { GivenErrors } from "./given-errors.js";
import type { ForceIntegrand } from "./integrand.js";
import type { ForceLayout } from "./layout.js";
import { PairBatch } from "./pairs/batch.js";
import { addPair, flatten, isPair, mayBePair } from "./pairs/integrand.js";
import { PairWeights } from "./pairs/weights.js";

/**
 * Effect of the rounding of an energy, in units of the rounding of integrands (tolerance.ts).
 * Integrands are of second order in the scattering states. The kernel of pairs uses the same
 * number.
 */
export const CONDITIONING = 0.3;
/**
 * Part of that effect by which the elements of K, P and S' differ from each other, so that it does
 * not cancel between them. The kernel of pairs uses the same number.
 */
const INCOHERENT = 2e-4;
/** The groups (layout.ts) whose magnitudes are those of terms that cancel: friction, and velocity. */
const CANCELLING = [2, 5, 6];
/**
 * A temperature below this part of the chemical potentials needs more digits than energies have in
 * doubles.
 */
const COLD = 1e-5;
/**
 * Longest delay, times the energy scale of device and window, up to which rounding loses nothing.
 */
export const LONG_DELAY = 100;
/** Delay, times the energy scale, from which on rounding may keep the integral from converging. */
const NOISY_DELAY = 1e4;
/** Part of the tolerance that residuals of the scattering states' derivatives may take. */
const RESIDUAL = 3e-6;
/** Largest such residual, whatever the tolerance. */
const ROUGHEST = 1e-13;
/**
 * Distance from a band edge, in units of the device's energies, within which that residual falls
 * off like the distance.
 */
const NEAR_EDGE = 1e-2;
/** Most panels that are then spent on it before points are computed in higher precision. */
const NOISY_PANELS = 600;

/**
 * Distance from a band edge, in units of the device's energies, below which energies are
 * double-doubles, because their rounding is more than 1e-7 of the distance.
 */
const BESIDE_EDGE = 1e-9;
/** Roundings that leads lose (`lostAt`) from which on the same holds. */
const LOST = 10;

/** The integrand of one calculator, at the current configuration and fillings. */
export class WindowIntegrand implements VectorIntegrand {
  /**
   * Whether quantities that rounding keeps from the tolerance are computed again in higher
   * precision. If not, higher precision is used only for integrals that do not converge in doubles.
   */
  refines = true;
  /**
   * True while points are solved in higher precision. It becomes false if the device proves too
   * large for that.
   */
  refining = false;
  /** The energy-resolved probes, if they are in use. */
  resolved: DephasingProbes | null = null;
  /** Whether points keep all digits, whatever the tolerance. */
  exact = false;
  /** Whether some point was left with fewer digits. */
  rough = false;
  /** The quantities that diverge at the current configuration. Their components are zero. */
  diverging: readonly Divergence[] = [];
  /** The band edges inside the window. */
  edges: readonly number[] = [];
  /** Largest defect of unitarity met. */
  unitarity = 0;
  /** Longest delay met, times the energy scale of the device. */
  longestDelay = 0;
  /** Energy scale of the device. */
  scale = 1;
  readonly #solver: PointSolver;
  readonly #layout: ForceLayout;
  readonly #forces: ForceIntegrand;
  readonly #response: Reservoir | undefined;
  readonly #voltage: ProbeSolver | null;
  /** The current integral. Its number of panels is limited if rounding dominates. */
  readonly #request: IntegralRequest;
  readonly #options: PointRequest;
  /** Whether points with one channel per lead may use the formulas for pairs. */
  readonly #pair: boolean;
  readonly #batch: PairBatch | undefined;
  readonly #weights = new PairWeights();
  /** The energy of a single such point. */
  readonly #alone = new Float64Array(1);
  /** S, S', K and P of that point, 32 numbers. */
  readonly #numbers = new Float64Array(32);
  /** Energies of the nodes that are being evaluated. */
  #energies = new Float64Array();
  /** The integrand at one of these energies. */
  readonly #row: Float64Array;
  readonly #given: GivenErrors;
  readonly #rates: Float64Array;
  /** Size of the energies that are rounded: the larger of the scales of device and window. */
  #digits = 1;
  /** Whether a thermal edge is so narrow that the rounding of an energy matters on its scale. */
  #cold = false;

  /**
   * `forces` holds the integrands at one point and the fillings. With `response` the linear
   * response at this reservoir is computed as well.
   */
  constructor(
    solver: PointSolver,
    layout: ForceLayout,
    forces: ForceIntegrand,
    response: Reservoir | undefined,
    voltage: ProbeSolver | null,
    request: IntegralRequest,
  ) {
    this.#solver = solver;
    this.#layout = layout;
    this.#forces = forces;
    this.#response = response;
    this.#voltage = voltage;
    this.#request = request;
    this.#options = {
      energyDerivative: true,
      antisymmetricFriction: solver.directions > 1,
      residual: this.#residualAt,
    };
    this.#row = new Float64Array(layout.length);
    this.#given = new GivenErrors(forces.fillings);
    this.#rates = new Float64Array(solver.leads.length * solver.directions);
    this.#pair = mayBePair(layout, solver.probes);
    const tables = this.#pair ? solver.pairTables() : undefined;
    if (tables) this.#batch = new PairBatch(layout, forces.fillings, response, tables);
  }

  evaluateNodes(nodes: Nodes, out: Float64Array, components: number): void {
    const { count } = nodes;
    if (this.#energies.length < count) this.#energies = new Float64Array(2 * count);
    const energies = this.#energies;
    const row = this.#row;
    for (let k = 0; k < count; k++) energies[k] = nodeOf(nodes, k);
    const padded = count + (count % 2);
    const beside = !this.refining && this.#reachEdges(energies, count);
    if (!beside && this.#evaluatePairs(energies, count, padded)) {
      this.#batch!.addNodes(padded, count, out);
      return;
    }
    const solver = this.#solver;
    const options = this.#options;
    const add = (point: ScatteringPoint, k: number, exact = false): void => {
      row.fill(0);
      this.#addPoint(point, energies[k], lowOf(nodes, k, energies[k]), exact, row);
      for (let i = 0, at = k * components; i < components; i++, at++) out[at] += row[i];
    };
    if (!beside && !this.refining) {
      solver.solveEach(energies, count, options, (point, k) => add(this.#digitsKept(point, energies[k]), k));
      return;
    }
    for (let k = 0; k < count; k++) {
      const energy = energies[k];
      const low = lowOf(nodes, k, energy);
      const exact = low !== undefined;
      if (this.refining) add(this.pointAt(energy, low ?? 0), k, exact);
      else if (exact && this.#isBesideEdge(energy)) add(this.#pointBesideEdge(energy, low), k, true);
      else add(this.#digitsKept(solver.solve(energy, options), energy), k);
    }
  }

  evaluatePanels(
    nodes: Nodes,
    panels: number,
    rule: GaussRule,
    out: Float64Array,
    factors?: Float64Array,
  ): boolean {
    const count = panels * rule.count;
    if (this.#reachEdges(nodes.x, count)) return false;
    if (!this.#evaluatePairs(nodes.x, count, rule.count, factors)) return false;
    this.#batch!.sums(panels, rule, out);
    return true;
  }

  /**
   * The residual that a point may be left with. Next to a half-bound state terms like 1/distance
   * from the band edge cancel.
   */
  readonly #residualAt = (energy: number): number => {
    let part = this.exact ? 0 : 1;
    for (const edge of this.edges) part = Math.min(part, Math.abs(energy - edge) / (NEAR_EDGE * this.scale));
    return part * Math.min(RESIDUAL * this.#request.tolerance, ROUGHEST);
  };

  /** The point itself or, next to a narrow resonance, where 1/width^2 cancels, with all digits. */
  #digitsKept(point: ScatteringPoint, energy: number): ScatteringPoint {
    if (!point.rounding) return point;
    this.rough = true;
    if (this.noteDelay(energy, timeDelay(point)) < NOISY_DELAY) return point;
    return this.#solver.solve(energy, { ...this.#options, residual: undefined });
  }

  /** Whether one of these energies is so near to a band edge that its rounding matters there. */
  #reachEdges(energies: Float64Array, count: number): boolean {
    if (this.edges.length === 0) return false;
    for (let k = 0; k < count; k++) if (this.#isBesideEdge(energies[k])) return true;
    return false;
  }

  #isBesideEdge(energy: number): boolean {
    const near = BESIDE_EDGE * this.scale;
    for (let i = 0; i < this.edges.length; i++) if (Math.abs(energy - this.edges[i]) < near) return true;
    return this.edges.length > 0 && this.#solver.lostAt(energy) > LOST;
  }

  /**
   * The point at `energy` + `low` close to a band edge. Integrands grow like 1/sqrt(distance) there,
   * and terms like 1/distance cancel next to a half-bound state, so that closed forms of leads are
   * used in higher precision. Other leads have no digits for it.
   */
  #pointBesideEdge(energy: number, low: number): ScatteringPoint {
    const solver = this.#solver;
    const options = this.#options;
    const refined = solver.lostAt(energy) > 0 ? undefined : solver.solveRefined(energy, low, options);
    return refined ?? solver.solve(energy, { ...options, energyLow: low, residual: undefined });
  }

  /**
   * Adds the integrand at one point to `out`. With `exact` the point was solved at energy + low.
   */
  #addPoint(
    point: ScatteringPoint,
    energy: number,
    low: number | undefined,
    exact: boolean,
    out: Float64Array,
  ): void {
    const layout = this.#layout;
    const response = this.#response;
    if (point.unitarityDefect > this.unitarity) this.unitarity = point.unitarityDefect;
    if (this.#pair && !point.reduced && !this.#cold && isPair(point)) {
      this.#alone[0] = energy;
      this.#weights.lay(this.#forces.fillings, response, this.#alone, 1);
      flatten(point, this.#numbers);
      addPair(layout, this.#weights.table, 0, this.#numbers, out);
    } else {
      this.#forces.fillings.at(energy, low);
      this.resolved?.fill(point, false);
      this.#forces.filled(point, energy, out);
      this.#forces.fermiSurface(point, energy, out);
      this.addMovingProbes(point, energy, out);
      this.resolved?.respond(energy, out);
      out[layout.delay] = timeDelay(point);
      if (response) this.#addResponse(response, point, energy, out);
    }
    if (!point.reduced) this.#addLost(energy, out);
    const delay = out[layout.delay];
    const phase = this.noteDelay(energy, delay);
    this.#limitNoise(phase);
    if (!point.reduced) {
      const factor = 1 + INCOHERENT * CONDITIONING * phase;
      for (const group of CANCELLING) out[layout.counted + group] *= factor;
    }
    this.#addConditioning(this.#phaseOf(point, exact), out, 0);
    if (point.errors) this.#addGiven(point, point.errors, energy, low, out);
    for (const { group } of this.diverging)
      for (let i = 0; i < out.length; i++) if (layout.groups[i] === group) out[i] = 0;
  }

  /**
   * Evaluates points with one channel per lead in `batch`. Returns false if a point is of another
   * kind.
   */
  #evaluatePairs(energies: Float64Array, count: number, nodes: number, factors?: Float64Array): boolean {
    const { scale } = this;
    const solver = this.#solver;
    const batch = this.#batch;
    if (!batch || this.refining || this.#cold || !solver.pairs || this.diverging.length > 0) return false;
    solver.budget?.spend(count);
    const defect = batch.evaluate(energies, count, nodes, this.#digits, factors);
    if (!(defect <= UNITARY)) return false;
    if (defect > this.unitarity) this.unitarity = defect;
    const delays = batch.delays(count, nodes);
    for (let k = 0; k < count; k++) {
      const delay = delays[k];
      if (delay * scale > this.longestDelay || delay * scale > NOISY_DELAY)
        this.#limitNoise(this.noteDelay(energies[k], delay));
    }
    return true;
  }

  /** Limits the panels in doubles where rounding dominates and higher precision is available. */
  #limitNoise(phase: number): void {
    if (this.refines && !this.refining && phase > NOISY_DELAY && this.#solver.refines)
      this.#request.panels = NOISY_PANELS;
  }

  /** Takes the energy scales of the device and of the fillings, to which rounding is relative. */
  begin(): void {
    // What an earlier configuration needed says nothing about this one.
    this.exact = false;
    this.rough = false;
    const { mu, temperature, inEquilibrium } = this.#forces.fillings;
    // In equilibrium the antisymmetric friction of a real H vanishes.
    this.#options.antisymmetricFriction =
      this.#solver.directions > 1 && !(inEquilibrium && this.#solver.reciprocal);
    let [size, coldest] = [0, Number.POSITIVE_INFINITY];
    for (let a = 0; a < mu.length; a++) {
      size = Math.max(size, Math.abs(mu[a]));
      if (temperature[a] > 0) coldest = Math.min(coldest, temperature[a]);
    }
    this.scale = this.#solver.energyScale();
    this.#digits = Math.max(this.scale, size);
    this.#cold = coldest < COLD * size;
    // Relative effect of the rounding of energies at the coldest thermal edge.
    this.#request.rounding = this.#cold ? 0 : (CONDITIONING * INTEGRAND_ROUNDING * size) / coldest;
  }

  /**
   * Relative change of the scattering states by the rounding of energies. With `exact` the point's
   * energy is exactly that of its node.
   */
  #phaseOf(point: ScatteringPoint, exact: boolean): number {
    if (point.reduced && exact) return point.reduced.leadPhase;
    return steepness(point) * this.#digits;
  }

  /** Adds the linear response at a reservoir. */
  #addResponse(at: Reservoir, point: ScatteringPoint, energy: number, out: Float64Array): void {
    const weight = -fermiDerivative(energy, at.chemicalPotential, at.temperature);
    addCharges(point, weight, out, this.#layout.response);
    addMotor(point, weight, out, this.#layout.response + this.#layout.leads);
  }

  /**
   * Records a delay times the energy scale. The growth of every delay like 1/sqrt(distance) next to
   * a band edge is divided out.
   */
  noteDelay(energy: number, delay: number): number {
    let phase = delay * this.scale;
    if (phase > LONG_DELAY) {
      let room = this.scale;
      for (const edge of this.#solver.bandEdges()) room = Math.min(room, Math.abs(energy - edge));
      phase *= Math.sqrt(room / this.scale);
    }
    if (phase > this.longestDelay) this.longestDelay = phase;
    return phase;
  }

  /** The scattering point at `energy` + `low`, in higher precision if that is in use. */
  pointAt(energy: number, low: number): ScatteringPoint {
    const solver = this.#solver;
    const options = this.#options;
    const refined = this.refining ? solver.solveRefined(energy, low, options) : undefined;
    if (!refined) this.refining = false;
    const point = refined ?? solver.solve(energy, options);
    if (point.unitarityDefect > this.unitarity) this.unitarity = point.unitarityDefect;
    return point;
  }

  /** Adds the effects of probes whose fillings move with X. */
  addMovingProbes(point: ScatteringPoint, energy: number, out: Float64Array): void {
    if (this.resolved) {
      this.#forces.moving(point, energy, this.resolved.rates, out);
    } else if (this.#voltage) {
      const rates = this.#rates;
      const d = this.#layout.directions;
      for (const [a, probe] of this.#solver.probes.entries()) {
        for (let nu = 0; nu < d; nu++)
          rates[a * d + nu] = probe
            ? -this.#forces.fillings.derivative[a] * this.#voltage.drift[a * d + nu]
            : 0;
      }
      this.#forces.moving(point, energy, rates, out);
    }
  }

  /**
   * Raises the magnitudes, from which the rounding of the integral follows, to the effect of
   * rounded energies. This effect is large next to a narrow resonance, where the delay is long.
   * `spread` is the relative change of the scattering states by such a rounding.
   */
  #addConditioning(spread: number, out: Float64Array, from: number): void {
    const { groups, counted, delay: end } = this.#layout;
    const factor = CONDITIONING * spread;
    if (factor < 1) return;
    for (let i = 0; i < end; i++) {
      const at = from + counted + groups[i];
      out[at] = Math.max(out[at], factor * Math.abs(out[from + i]));
    }
  }

  /**
   * Magnitudes: what a given S may be off by counts like rounding, since no panel makes it smaller.
   */
  #addGiven(
    point: ScatteringPoint,
    errors: PointErrors,
    energy: number,
    low: number | undefined,
    out: Float64Array,
  ): void {
    this.#forces.fillings.at(energy, low);
    const sums = this.#given.of(point, errors, energy);
    for (let g = 0; g < sums.length; g++) out[this.#layout.counted + g] += sums[g] / INTEGRAND_ROUNDING;
  }

  /**
   * Raises the magnitudes next to a band edge, where the self-energies of leads have fewer digits.
   */
  #addLost(energy: number, out: Float64Array): void {
    const more = this.#solver.lostAt(energy);
    if (more > 0) for (let i = this.#layout.counted; i < this.#layout.length; i++) out[i] *= 1 + more;
  }
}
