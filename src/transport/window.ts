// Where the integrands of transport live: the energy window between and around the chemical potentials, with
// breakpoints at everything sharp (Fermi edges, resonances, band edges). Between band edges the energy is substituted,
// E = edge +- s^2 (or a sine between two edges), which takes away the square roots of opening channels; stretches
// without an open channel are left out. The integral runs over one variable x: piece number p of the window is p <= x <= p + 1.

import type { ScatteringSolver } from "../scattering/point.js";
import type { PanelList } from "./division.js";
import { thermalReach } from "./fermi.js";
import type { AdaptiveIntegrator, IntegralRequest, IntegralStatus, VectorIntegrand } from "./quadrature.js";
import { findResonances, type ResonanceList, resonanceList } from "./resonances.js";
import { stateCount } from "./state-count.js";
import { foretelling } from "./tolerance.js";

/** Fermi edges in units of T at which the panels of the integral are divided. */
const THERMAL_BREAKS = [0, 5, 14, 28];

/** Distance from a band edge, in units of the piece, at which states are counted. */
const INWARD = 1e-7;

/** Band edge at neither end, at the lower end, at the upper end, at both. */
type Ends = 0 | 1 | 2 | 3;

/** The energy window of a set of reservoirs, ready to be integrated over; reused from call to call. */
export class EnergyWindow {
  low = 0;
  high = 0;
  readonly resonances: ResonanceList = resonanceList();
  private readonly solver: ScatteringSolver;
  private pieces = 0;
  private pieceLow = new Float64Array(8);
  private pieceHigh = new Float64Array(8);
  private pieceEnds = new Uint8Array(8);
  private sharp = new Float64Array(64);
  private sharpCount = 0;
  /** Energies at which fillings have steps. */
  private readonly steps: number[] = [];
  private breakpoints = new Float64Array(64);
  private energies = new Float64Array(64);
  private slopes = new Float64Array(64);
  private components = 0;
  private integrand: VectorIntegrand = () => undefined;

  constructor(solver: ScatteringSolver) {
    this.solver = solver;
  }

  /**
   * Lays out the window for fillings (mu_a, T_a): from the lowest to the highest energy at which any two fillings differ or
   * any f (1 - f) exceeds `fraction`. Empty (low = high) if all T = 0 and all mu are equal. Without `search` narrow resonances
   * are left to the caller: see `searchResonances`.
   */
  lay(
    chemicalPotentials: ArrayLike<number>,
    temperatures: ArrayLike<number>,
    fraction: number,
    search = true,
  ): void {
    const reach = thermalReach(fraction);
    const [lowBefore, highBefore] = [this.low, this.high];
    this.low = Number.POSITIVE_INFINITY;
    this.high = Number.NEGATIVE_INFINITY;
    for (let a = 0; a < chemicalPotentials.length; a++) {
      this.low = Math.min(this.low, chemicalPotentials[a] - reach * temperatures[a]);
      this.high = Math.max(this.high, chemicalPotentials[a] + reach * temperatures[a]);
    }
    this.sharpCount = 0;
    this.steps.length = 0;
    if (!(this.high > this.low)) {
      this.pieces = 0;
      return;
    }
    // Where channels open is a matter of the leads, which no configuration moves.
    if (this.low !== lowBefore || this.high !== highBefore) this.addPieces();
    // The steps first: they must stay where they are.
    for (let a = 0; a < chemicalPotentials.length; a++) {
      if (temperatures[a] !== 0) continue;
      this.steps.push(chemicalPotentials[a]);
      this.addSharp(chemicalPotentials[a], 0);
    }
    for (let a = 0; a < chemicalPotentials.length; a++) {
      const temperature = temperatures[a];
      for (const multiple of THERMAL_BREAKS) {
        const near = (0.5 + 0.2 * multiple) * temperature;
        this.addSharp(chemicalPotentials[a] - multiple * temperature, near);
        this.addSharp(chemicalPotentials[a] + multiple * temperature, near);
      }
    }
    this.sharp.subarray(0, this.sharpCount).sort();
    if (search) this.searchResonances();
  }

  /** True if nothing is open anywhere in the window. */
  get empty(): boolean {
    return this.pieces === 0;
  }

  /** True if no channel opens or closes inside. */
  get uninterrupted(): boolean {
    return this.pieces === 1 && this.pieceEnds[0] === 0;
  }

  /** States between the ends of all pieces, by their exact count (state-count.ts). */
  countStates(): number {
    let sum = 0;
    for (let p = 0; p < this.pieces; p++) {
      const [low, high, ends] = [this.pieceLow[p], this.pieceHigh[p], this.pieceEnds[p]];
      const inward = INWARD * (high - low);
      sum += stateCount(this.solver, ends & 2 ? high - inward : high);
      sum -= stateCount(this.solver, ends & 1 ? low + inward : low);
    }
    return sum;
  }

  /** Finds all narrow resonances and puts panels around each, growing by factors of four with the distance in widths. */
  searchResonances(): void {
    const span = this.high - this.low;
    const margin = 0.05 * span;
    findResonances(this.solver, this.low - margin, this.high + margin, 0.2 * span, this.resonances);
    for (let i = 0; i < this.resonances.count; i++) {
      const centre = this.resonances.energies[i];
      for (let distance = this.resonances.widths[i]; distance < span; distance *= 4) {
        this.addSharp(centre - distance, 0.3 * distance);
        this.addSharp(centre + distance, 0.3 * distance);
      }
    }
    this.sharp.subarray(0, this.sharpCount).sort();
  }

  /**
   * Integral of the integrand over the window; it is called with energies and adds to `out`. `known`: a division to begin with, of
   * a window laid the same way.
   */
  integrate(
    integrator: AdaptiveIntegrator,
    integrand: VectorIntegrand,
    request: IntegralRequest,
    known?: PanelList,
  ): IntegralStatus {
    this.integrand = integrand;
    this.components = integrator.components;
    const count = this.mapBreakpoints();
    const status = known
      ? integrator.integrate(this.substituted, known.ends, known.count + 1, request)
      : integrator.integrate(this.substituted, this.breakpoints, count, request);
    if (this.pieces > 0 && Number.isFinite(status.worst)) status.worst = this.energyAt(status.worst);
    return status;
  }

  /** Where the integrand is not smooth, in the variable x, ascending: at the ends of all pieces and at steps of the fillings. */
  kinks(): number[] {
    const list = Array.from({ length: this.pieces + 1 }, (_, p) => p);
    for (const energy of this.steps)
      for (let p = 0; p < this.pieces; p++)
        if (energy > this.pieceLow[p] && energy < this.pieceHigh[p])
          list.push(p + this.fractionOf(p, energy));
    return list.sort((a, b) => a - b);
  }

  /** The integrand in the variable x: f(E(x)) dE/dx. */
  private readonly substituted = foretelling(
    (x, out, low = 0) => {
      const energy = this.energyAt(x);
      this.integrand(energy, out, this.energyLowAt(x, low, energy));
      const weight = this.slopeAt(x);
      for (let i = 0; i < out.length; i++) out[i] *= weight;
    },
    (x, count) => {
      if (!this.integrand.foretell) return;
      this.mapNodes(x, count);
      this.integrand.foretell(this.energies, count);
    },
    (x, count, out) => {
      if (!this.integrand.many) return false;
      this.mapNodes(x, count);
      if (!this.integrand.many(this.energies, count, out)) return false;
      const components = this.components;
      for (let k = 0, at = 0; k < count; k++) {
        const weight = this.slopes[k];
        for (const end = at + components; at < end; at++) out[at] *= weight;
      }
      return true;
    },
    (x, panels, rule, out) => {
      if (!this.integrand.sums) return false;
      this.mapNodes(x, panels * rule.count);
      return this.integrand.sums(this.energies, panels, rule, out, this.slopes);
    },
  );

  /** Divides the window at the band edges inside it. */
  private addPieces(): void {
    const edges = this.solver.bandEdges();
    this.pieces = 0;
    let [from, fromEdge] = [this.low, false];
    const add = (to: number, toEdge: boolean): void => {
      if (edges.length > 0 && !this.isOpen(0.5 * (from + to))) return;
      if (this.pieces === this.pieceLow.length) this.growPieces();
      this.pieceLow[this.pieces] = from;
      this.pieceHigh[this.pieces] = to;
      this.pieceEnds[this.pieces] = (fromEdge ? 1 : 0) + (toEdge ? 2 : 0);
      this.pieces++;
    };
    for (const edge of edges) {
      if (edge < this.low || edge > this.high) continue;
      if (edge > from) add(edge, true);
      [from, fromEdge] = [edge, true];
    }
    if (this.high > from) add(this.high, false);
  }

  /** Whether a channel is open between two band edges. */
  private isOpen(energy: number): boolean {
    return this.solver.solve(energy, { firstOrder: false }).channels > 0;
  }

  private growPieces(): void {
    const count = 2 * this.pieceLow.length;
    const [low, high, ends] = [new Float64Array(count), new Float64Array(count), new Uint8Array(count)];
    low.set(this.pieceLow);
    high.set(this.pieceHigh);
    ends.set(this.pieceEnds);
    [this.pieceLow, this.pieceHigh, this.pieceEnds] = [low, high, ends];
  }

  /** Adds a breakpoint, unless there is one nearer than `near` already. */
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

  /** All breakpoints in the variable x; returns their number. */
  private mapBreakpoints(): number {
    const needed = this.sharpCount + this.pieces + 1;
    if (this.breakpoints.length < needed) this.breakpoints = new Float64Array(2 * needed);
    let count = 0;
    let next = 0;
    for (let p = 0; p < this.pieces; p++) {
      this.breakpoints[count++] = p;
      for (; next < this.sharpCount && this.sharp[next] < this.pieceHigh[p]; next++) {
        if (!(this.sharp[next] > this.pieceLow[p])) continue;
        const x = p + this.fractionOf(p, this.sharp[next]);
        if (x > this.breakpoints[count - 1] && x < p + 1) this.breakpoints[count++] = x;
      }
    }
    if (this.pieces > 0) this.breakpoints[count++] = this.pieces;
    return count;
  }

  private fractionOf(piece: number, energy: number): number {
    const length = this.pieceHigh[piece] - this.pieceLow[piece];
    const u = (energy - this.pieceLow[piece]) / length;
    const ends = this.pieceEnds[piece] as Ends;
    if (ends === 1) return Math.sqrt(u);
    if (ends === 2) return 1 - Math.sqrt(1 - u);
    if (ends === 3) return (2 / Math.PI) * Math.asin(Math.sqrt(u));
    return u;
  }

  /** Energies and dE/dx at a list of x. */
  private mapNodes(x: Float64Array, count: number): void {
    if (this.energies.length < count) {
      this.energies = new Float64Array(2 * count);
      this.slopes = new Float64Array(2 * count);
    }
    const { energies, slopes } = this;
    if (this.uninterrupted) {
      const [low, length] = [this.pieceLow[0], this.pieceHigh[0] - this.pieceLow[0]];
      slopes.fill(length, 0, count);
      for (let k = 0; k < count; k++) energies[k] = low + length * x[k];
      return;
    }
    for (let k = 0; k < count; k++) {
      energies[k] = this.energyAt(x[k]);
      slopes[k] = this.slopeAt(x[k]);
    }
  }

  private energyAt(x: number): number {
    const piece = Math.min(Math.floor(x), this.pieces - 1);
    const v = x - piece;
    const [low, high] = [this.pieceLow[piece], this.pieceHigh[piece]];
    const ends = this.pieceEnds[piece] as Ends;
    if (ends === 1) return low + (high - low) * v * v;
    if (ends === 2) return high - (high - low) * (1 - v) * (1 - v);
    if (ends === 3)
      return v < 0.5
        ? low + (high - low) * Math.sin((Math.PI * v) / 2) ** 2
        : high - (high - low) * Math.cos((Math.PI * v) / 2) ** 2;
    return low + (high - low) * v;
  }

  /** E(x + low) - energy to double-double, energy being energyAt(x); undefined between two band edges, where E(x) is a sine. */
  private energyLowAt(x: number, low: number, energy: number): number | undefined {
    const piece = Math.min(Math.floor(x), this.pieces - 1);
    const ends = this.pieceEnds[piece] as Ends;
    if (ends === 3) return undefined;
    const [from, to] = [this.pieceLow[piece], this.pieceHigh[piece]];
    const length = to - from;
    if (ends === 0) {
      const v = x - piece;
      return offsetError(from, length, v, energy) + length * low;
    }
    // From the edge, where energyAt rounds s and s^2: s = v + its error, s^2 = square + its error.
    const v = x - piece;
    const s = ends === 1 ? v : 1 - v;
    const sLow = ends === 1 ? low : 1 - s - v - low;
    const square = s * s;
    const squareLow = productError(s, s, square) + 2 * s * sLow;
    return ends === 1
      ? offsetError(from, length, square, energy) + length * squareLow
      : offsetError(to, -length, square, energy) - length * squareLow;
  }

  /** dE/dx. */
  private slopeAt(x: number): number {
    const piece = Math.min(Math.floor(x), this.pieces - 1);
    const v = x - piece;
    const length = this.pieceHigh[piece] - this.pieceLow[piece];
    const ends = this.pieceEnds[piece] as Ends;
    if (ends === 1) return 2 * length * v;
    if (ends === 2) return 2 * length * (1 - v);
    if (ends === 3) return 0.5 * Math.PI * length * Math.sin(Math.PI * v);
    return length;
  }
}

/** edge + length v - energy, exact but for a rounding of the result. */
function offsetError(edge: number, length: number, v: number, energy: number): number {
  const product = length * v;
  const sum = edge + product;
  const back = sum - edge;
  return edge - (sum - back) + (product - back) + productError(length, v, product) + (sum - energy);
}

/** a b - product, exactly, for product = fl(a b) (Dekker). */
function productError(a: number, b: number, product: number): number {
  const wideA = 134217729 * a;
  const headA = wideA - (wideA - a);
  const tailA = a - headA;
  const wideB = 134217729 * b;
  const headB = wideB - (wideB - b);
  const tailB = b - headB;
  return headA * headB - product + headA * tailB + tailA * headB + tailA * tailB;
}
