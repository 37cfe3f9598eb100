// The energy window: the energies between and around the chemical potentials at which integrands of
// transport do not vanish, with breakpoints at all sharp features (Fermi edges, resonances). Band
// edges and steps of fillings (T = 0) divide the window into pieces. Pieces without an open channel
// are left out, and one variable x runs through the others (window-pieces.ts).
//
// Longer than most files: everything that is sharp in a window is laid out in one place.

import type { AdaptiveIntegrator } from "../../numerics/quadrature/adaptive.js";
import { graded } from "../../numerics/quadrature/graded.js";
import {
  type Nodes,
  plainNodes,
  pointwise,
  type VectorIntegrand,
} from "../../numerics/quadrature/integrand.js";
import type { PanelList } from "../../numerics/quadrature/panel-history.js";
import type { IntegralRequest, IntegralStatus } from "../../numerics/quadrature/tolerance.js";
import type { ScatteringSolver } from "../../scattering/contract.js";
import type { SteepSide } from "./divergence.js";
import { thermalReach } from "./fermi.js";
import { findResonances, type ResonanceList, resonanceList } from "./resonances.js";
import { stateCount } from "./state-count.js";
import { WindowPieces } from "./window-pieces.js";

/** Distances from a chemical potential, in units of T, at which panels are divided. */
const THERMAL_BREAKS = [0, 5, 14, 28];

/** Distance from a band edge, in units of the piece, at which states are counted. */
const INWARD = 1e-7;

/**
 * A level this near to a band edge, in units of the device's energies, is half-bound. It is no
 * resonance, and the variable x removes the square root that it makes.
 */
const HALF_BOUND = 1e-12;

/**
 * Breakpoints are at least this far from a band edge, in the variable x. Nothing is sharp there in
 * x, and nodes that are closer to an edge lose digits like 1/distance.
 */
const EDGE_ROOM = 1e-7;

/**
 * Ratio of successive breakpoints' distances from an edge where the integrand grows nearly like
 * 1/distance. The ratio is 4 in the variable x.
 */
const GRADING = 16;

/**
 * Distance of breakpoints above a resonance, in units of those below it. On a panel with the line in
 * its middle every second coefficient of a Gauss rule vanishes, and the error would be estimated by
 * one coefficient alone, which may be small by chance.
 */
const LOPSIDED = 1.4;

/** Distance from a step, in units of the window, beyond which panels find a level by themselves. */
const CLOSE = 0.01;

/** The energy window of a set of reservoirs. The object is reused from call to call. */
export class EnergyWindow {
  low = 0;
  high = 0;
  readonly resonances: ResonanceList = resonanceList();
  /**
   * Band edges inside the window towards which the integrand grows nearly like 1/distance. The
   * caller sets them.
   */
  steep: readonly SteepSide[] = [];
  /**
   * Steps of fillings, each with the distance over which the scattering states change there. A step
   * may cut off the line of a level that lies beyond it. The caller sets them.
   */
  sharpSteps: readonly { energy: number; distance: number }[] = [];
  /** Whether there are breakpoints at such distances. */
  cutsLines = false;
  /** Energy of a further step of an integrand at T = 0, beside those of the fillings. */
  furtherStep: number | undefined;
  private readonly solver: ScatteringSolver;
  private readonly pieces = new WindowPieces();
  private sharp = new Float64Array(64);
  private sharpCount = 0;
  /** Energies at which fillings have steps. */
  private readonly steps: number[] = [];
  private breakpoints = new Float64Array(64);
  private breakpointCount = 0;
  /** The breakpoints in x with further ones put between them. */
  private readonly ends: number[] = [];
  /** Nodes of the current integral in the variable x. */
  private unmapped: Nodes = plainNodes(new Float64Array(), 0);
  /** The energies of these nodes, with their low parts. */
  private readonly mapped: Nodes = {
    x: new Float64Array(64),
    count: 0,
    rest: (k) => {
      const low = this.unmapped.rest(k) ?? 0;
      return this.pieces.energyLowAt(this.unmapped.x[k], low, this.mapped.x[k]);
    },
  };
  private jacobians = new Float64Array(64);
  private integrand: VectorIntegrand = pointwise(() => undefined);

  constructor(solver: ScatteringSolver) {
    this.solver = solver;
  }

  /**
   * Lays out the window for fillings (mu_a, T_a). It reaches from the lowest to the highest energy
   * at which two fillings differ or some f (1 - f) exceeds `fraction`. It is empty (low = high) if
   * all T = 0 and all mu are equal. Without `search` the caller has to search for narrow resonances
   * (`searchResonances`).
   */
  lay(
    chemicalPotentials: ArrayLike<number>,
    temperatures: ArrayLike<number>,
    fraction: number,
    search = true,
  ): void {
    const reach = thermalReach(fraction);
    const [lowBefore, highBefore, stepsBefore] = [this.low, this.high, this.steps.slice()];
    this.low = Number.POSITIVE_INFINITY;
    this.high = Number.NEGATIVE_INFINITY;
    for (let a = 0; a < chemicalPotentials.length; a++) {
      this.low = Math.min(this.low, chemicalPotentials[a] - reach * temperatures[a]);
      this.high = Math.max(this.high, chemicalPotentials[a] + reach * temperatures[a]);
    }
    this.sharpCount = 0;
    this.steps.length = 0;
    if (!(this.high > this.low)) {
      this.pieces.count = 0;
      return;
    }
    for (let a = 0; a < chemicalPotentials.length; a++) {
      const mu = chemicalPotentials[a];
      if (temperatures[a] === 0 && !this.steps.includes(mu)) this.steps.push(mu);
    }
    const { furtherStep } = this;
    if (furtherStep !== undefined && !this.steps.includes(furtherStep)) this.steps.push(furtherStep);
    // The leads alone determine where channels open, and no configuration changes them.
    const sameSteps =
      this.steps.length === stepsBefore.length && this.steps.every((mu, i) => mu === stepsBefore[i]);
    if (!sameSteps || this.low !== lowBefore || this.high !== highBefore) this.addPieces();
    for (let a = 0; a < chemicalPotentials.length; a++) {
      const temperature = temperatures[a];
      if (temperature === 0) continue;
      for (const multiple of THERMAL_BREAKS) {
        const near = (0.5 + 0.2 * multiple) * temperature;
        this.addSharp(chemicalPotentials[a] - multiple * temperature, near);
        this.addSharp(chemicalPotentials[a] + multiple * temperature, near);
      }
    }
    this.cutsLines = false;
    for (const { energy, distance } of this.sharpSteps) {
      if (distance > CLOSE * (this.high - this.low)) continue;
      this.cutsLines = true;
      this.addSharp(energy - distance, 0.3 * distance);
      this.addSharp(energy + distance, 0.3 * distance);
    }
    for (const { energy, distance: nearest } of this.steep) {
      const span = 0.1 * (this.high - this.low);
      for (let distance = span; distance > Math.abs(nearest); distance /= GRADING)
        this.addSharp(energy + Math.sign(nearest) * distance, 0);
    }
    this.sharp.subarray(0, this.sharpCount).sort();
    if (search) this.searchResonances();
  }

  /** True if no channel is open anywhere in the window. */
  get empty(): boolean {
    return this.pieces.count === 0;
  }

  get pieceCount(): number {
    return this.pieces.count;
  }

  /** True if no channel opens or closes inside, and no filling has a step there. */
  get uninterrupted(): boolean {
    return this.pieces.plain;
  }

  /** Whether a bound state may lie in a part of the window where no channel is open. */
  hidesBoundStates(): boolean {
    const { solver, pieces } = this;
    const inward = INWARD * (this.high - this.low);
    const holds = (low: number, high: number) =>
      high - low > 2 * inward &&
      (solver.eigenvaluesBelow(low + inward) !== solver.eigenvaluesBelow(high - inward) ||
        solver.surfaceLevels(low, high).length > 0);
    let from = this.low;
    for (let p = 0; p < pieces.count; p++) {
      if (holds(from, pieces.low[p])) return true;
      from = pieces.high[p];
    }
    return holds(from, this.high);
  }

  /** Number of states inside all pieces, by the exact count of state-count.ts. */
  countStates(): number {
    let sum = 0;
    const { pieces } = this;
    for (let p = 0; p < pieces.count; p++) {
      const [low, high] = [pieces.low[p], pieces.high[p]];
      const inward = INWARD * (high - low);
      sum += stateCount(this.solver, pieces.endsAtEdge(p) ? high - inward : high);
      sum -= stateCount(this.solver, pieces.startsAtEdge(p) ? low + inward : low);
    }
    return sum;
  }

  /** Number of levels inside all pieces that the last search found and no lead sees. */
  get darkLevels(): number {
    const { low, high, count } = this.pieces;
    const inside = (energy: number) => {
      for (let p = 0; p < count; p++) if (energy > low[p] && energy < high[p]) return true;
      return false;
    };
    return this.resonances.dark.filter(inside).length;
  }

  /**
   * Finds all narrow resonances and puts breakpoints around each, at its width times powers of
   * four. With `all`, levels that look broad are located as well.
   */
  searchResonances(all = false): void {
    const span = this.high - this.low;
    const margin = 0.05 * span;
    findResonances(this.solver, this.low - margin, this.high + margin, 0.2 * span, this.resonances, all);
    const nearest = HALF_BOUND * this.solver.energyScale();
    const edges = this.solver.bandEdges(this.low, this.high);
    for (let i = 0; i < this.resonances.count; i++) {
      const centre = this.resonances.energies[i];
      if (edges.some((edge) => Math.abs(edge - centre) < nearest)) continue;
      for (let distance = this.resonances.widths[i]; distance < span; distance *= 4) {
        const above = LOPSIDED * distance;
        this.addSharp(centre - distance, 0.3 * distance);
        this.addSharp(centre + above, 0.3 * above);
      }
    }
    this.sharp.subarray(0, this.sharpCount).sort();
  }

  /**
   * Integrates over the window. The integrand receives energies and adds to its output. `known`
   * holds panels to begin with, from a window that was laid out in the same way.
   */
  integrate(
    integrator: AdaptiveIntegrator,
    integrand: VectorIntegrand,
    request: IntegralRequest,
    known?: PanelList,
  ): IntegralStatus {
    this.integrand = integrand;
    // mapBreakpoints may replace the list, so that it must come before the list is read.
    this.breakpointCount = this.mapBreakpoints();
    const count = graded(this.breakpoints, this.breakpointCount, this.ends);
    request.walls = Array.from({ length: this.pieces.count + 1 }, (_, p) => p);
    const status = known
      ? integrator.integrate(this.substituted, known.ends, known.count + 1, request)
      : integrator.integrate(this.substituted, this.ends, count, request);
    if (this.pieces.count > 0 && Number.isFinite(status.worst))
      status.worst = this.pieces.energyAt(status.worst);
    return status;
  }

  /**
   * The breakpoints of the last integral in the variable x, ascending. Panels that bridge a thermal
   * edge would see nothing of it.
   */
  marks(): number[] {
    return Array.from(this.breakpoints.subarray(0, this.breakpointCount));
  }

  /** The integrand in the variable x: f(E(x)) dE/dx. */
  private readonly substituted: VectorIntegrand = {
    evaluateNodes: (nodes, out, components) => {
      this.mapNodes(nodes);
      this.integrand.evaluateNodes(this.mapped, out, components);
      for (let k = 0, at = 0; k < nodes.count; k++) {
        const weight = this.jacobians[k];
        for (const end = at + components; at < end; at++) out[at] *= weight;
      }
    },
    evaluatePanels: (nodes, panels, rule, out) => {
      this.mapNodes(nodes);
      return this.integrand.evaluatePanels(this.mapped, panels, rule, out, this.jacobians);
    },
  };

  /** Divides the window at the band edges inside it and at the steps of the fillings. */
  private addPieces(): void {
    const edges = this.solver.bandEdges(this.low, this.high);
    const inside = [...new Set([...edges, ...this.steps])].sort((a, b) => a - b);
    this.pieces.count = 0;
    this.pieces.stepped = this.steps.length > 0;
    let from = this.low;
    let fromRest: number | undefined;
    const add = (to: number, toRest: number | undefined): void => {
      if (edges.length > 0 && !this.isOpen(0.5 * (from + to))) return;
      this.pieces.add(from, fromRest, to, toRest);
    };
    for (const energy of inside) {
      if (energy < this.low || energy > this.high) continue;
      const rest = edges.includes(energy) ? this.solver.edgeLow(energy) : undefined;
      if (energy > from) add(energy, rest);
      [from, fromRest] = [energy, rest];
    }
    if (this.high > from) add(this.high, undefined);
  }

  /** Whether a channel is open at this energy. */
  private isOpen(energy: number): boolean {
    return this.solver.solve(energy, { energyDerivative: false }).channels > 0;
  }

  /** Adds a breakpoint unless another one is nearer than `near`. */
  private addSharp(energy: number, near: number): void {
    if (!(energy - near > this.low && energy + near < this.high)) return;
    for (let i = 0; i < this.sharpCount; i++) if (Math.abs(this.sharp[i] - energy) <= near) return;
    if (this.sharpCount === this.sharp.length) {
      const longer = new Float64Array(2 * this.sharp.length);
      longer.set(this.sharp);
      this.sharp = longer;
    }
    this.sharp[this.sharpCount++] = energy;
  }

  /** Writes all breakpoints in the variable x and returns their number. */
  private mapBreakpoints(): number {
    const needed = this.sharpCount + this.pieces.count + 1;
    if (this.breakpoints.length < needed) this.breakpoints = new Float64Array(2 * needed);
    let count = 0;
    let next = 0;
    const { pieces } = this;
    for (let p = 0; p < pieces.count; p++) {
      this.breakpoints[count++] = p;
      const from = pieces.startsAtEdge(p) ? p + EDGE_ROOM : p;
      const to = pieces.endsAtEdge(p) ? p + 1 - EDGE_ROOM : p + 1;
      for (; next < this.sharpCount && this.sharp[next] < pieces.high[p]; next++) {
        if (!(this.sharp[next] > pieces.low[p])) continue;
        const x = p + pieces.fractionOf(p, this.sharp[next]);
        if (x > Math.max(this.breakpoints[count - 1], from) && x < to) this.breakpoints[count++] = x;
      }
    }
    if (pieces.count > 0) this.breakpoints[count++] = pieces.count;
    return count;
  }

  /** Computes the energies and dE/dx at the nodes. */
  private mapNodes(nodes: Nodes): void {
    const { x, count } = nodes;
    this.unmapped = nodes;
    this.mapped.count = count;
    if (this.jacobians.length < count) {
      this.mapped.x = new Float64Array(2 * count);
      this.jacobians = new Float64Array(2 * count);
    }
    const { pieces, jacobians } = this;
    const energies = this.mapped.x;
    if (pieces.plain && !pieces.stepped) {
      const [low, length] = [pieces.low[0], pieces.high[0] - pieces.low[0]];
      jacobians.fill(length, 0, count);
      for (let k = 0; k < count; k++) energies[k] = low + length * x[k];
      return;
    }
    for (let k = 0; k < count; k++) {
      energies[k] = pieces.energyAt(x[k]);
      jacobians[k] = pieces.derivativeAt(x[k]);
    }
  }
}
