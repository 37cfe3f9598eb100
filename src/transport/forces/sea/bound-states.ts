// What bound states in the thermal window add to the antisymmetric friction of the filled sea
// (sea.ts). Its contour holds the whole first-order lesser function but the part with df/dE, which
// the window integrates over the bands; a bound state at E_b, outside all bands, has its own:
//
//   gamma_nu,nu' (antisymmetric) += sum_b f'(E_b) B_b,   B_b = Im Tr[Lambda_nu G_c Lambda_nu' R_b]      (R_b: residue of G at E_b, G_c: its regular part)
//
// It cancels the double pole of the contour's h(z) (contract.ts, curlGreen), i B_b / (z - E_b)^2,
// and leaves of a bound state its Berry curvature times its filling. B_b is read off that pole, by
// the trapezoidal rule on a circle around E_b that keeps off everything else where G is singular:
// the error falls like (radius / room)^nodes. h(z*) = -h(z)^*, so the upper half of the circle
// does. Cost: two counts of levels per stretch of the window without an open channel, and for each
// bound state there about 50 more and 32 evaluations of h.

import { NumericalError } from "../../../base/errors.js";
import type { PointSolver } from "../../../scattering/contract.js";
import { fermiSlope, thermalReach } from "../../energy/fermi.js";
import { findLevels } from "../../energy/resonances.js";

/** f (1 - f) beyond which no state counts. */
const FRACTION = 1e-18;
/**
 * Nodes on the upper half of a circle, and the radii of two circles in parts of the room around the
 * state: their difference is the error.
 */
const NODES = 16;
const RADII = [1 / 3, 2 / 9] as const;
/** Margin of that error, of which rounding is a part. */
const MARGIN = 4;
/**
 * Distance from the end of a stretch at which levels are counted, in units of the device's
 * energies, and the shortest stretch that is looked at.
 */
const INWARD = 2e-14;
const SHORTEST = 1e-12;
/**
 * Around a level bound to the end of a lead, in the same units: no levels are counted this near to
 * it, where Sigma has a pole. A state in there is that level but for this part of it, which is
 * taken to lie at the level. States found within SIDE times that are not told from it.
 */
const AROUND = 3e-8;
const SIDE = 100;

/** One bound state, or several at the same energy to rounding. */
interface BoundState {
  energy: number;
  /** Half the width of the interval that it was followed to. */
  uncertainty: number;
}

/** The antisymmetric of a device that is not reciprocal; keeps its buffers. */
export class BoundStates {
  readonly #solver: PointSolver;
  /** Window and stretches of it without an open channel, ends in turn. */
  #window: readonly [number, number] = [0, 0];
  #stretches: [number, number][] = [];
  /** Levels bound to the ends of leads inside. */
  #ends: BoundState[] = [];
  readonly #poles: Float64Array[];

  constructor(solver: PointSolver) {
    this.#solver = solver;
    const pairs = (solver.directions * (solver.directions - 1)) / 2;
    this.#poles = RADII.map(() => new Float64Array(2 * pairs));
  }

  /**
   * Adds the term per pair nu < nu', at filling (mu, T), T > 0, to `out` from place `at` on;
   * returns its error and the number of energies taken.
   */
  addTwist(
    chemicalPotential: number,
    temperature: number,
    out: Float64Array,
    at: number,
  ): { error: number; evaluations: number } {
    const result = { error: 0, evaluations: 0 };
    const solver = this.#solver;
    const reach = thermalReach(FRACTION) * temperature;
    const [low, high] = [chemicalPotential - reach, chemicalPotential + reach];
    const edges = solver.bandEdges(low, high);
    this.#lay(low, high, edges);
    const found = this.#stretches.flatMap(([low, high]) => this.#statesBetween(low, high));
    const apart = ({ energy, uncertainty }: BoundState) =>
      found.every((state) => Math.abs(state.energy - energy) > SIDE * uncertainty);
    const states = [...found, ...this.#ends.filter(apart)];
    const walls = [low, high, ...edges];
    for (const state of states) {
      let room = Number.POSITIVE_INFINITY;
      for (const wall of walls) room = Math.min(room, Math.abs(wall - state.energy));
      for (const other of states)
        if (other !== state) room = Math.min(room, Math.abs(other.energy - state.energy));
      const slope = fermiSlope(state.energy, chemicalPotential, temperature);
      const error = this.#addState(state, room, slope, out, at);
      result.error = Math.max(result.error, error);
      result.evaluations += RADII.length * NODES;
    }
    return result;
  }

  /** Where nothing is open is a matter of the leads, which no configuration moves. */
  #lay(low: number, high: number, edges: readonly number[]): void {
    if (low === this.#window[0] && high === this.#window[1]) return;
    this.#window = [low, high];
    const scale = this.#solver.energyScale();
    const inside = (energy: number) => energy > low && energy < high;
    const ends = [low, ...edges.filter(inside), high];
    this.#stretches = [];
    this.#ends = [];
    for (let i = 0; i + 1 < ends.length; i++) {
      let [from, to] = [ends[i], ends[i + 1]];
      if (!(to - from > SHORTEST * scale && this.#isClosed(from, to))) continue;
      for (const level of this.#solver.surfaceLevels(from, to)) {
        if (level - AROUND * scale > from) this.#stretches.push([from, level - AROUND * scale]);
        this.#ends.push({ energy: level, uncertainty: AROUND * scale });
        from = level + AROUND * scale;
      }
      if (to > from) this.#stretches.push([from, to]);
    }
  }

  /** Whether no channel is open between two ends; a level may lie at any one energy. */
  #isClosed(from: number, to: number): boolean {
    for (const part of [0.5, 0.43, 0.61]) {
      try {
        return this.#solver.solve(from + part * (to - from), { energyDerivative: false }).channels === 0;
      } catch (error) {
        if (!(error instanceof NumericalError)) throw error;
      }
    }
    // Only without a channel there is nothing that would broaden a level.
    return true;
  }

  /**
   * The levels of H + Sigma between two ends; there Sigma is Hermitian, has no pole, and falls with
   * the energy: each level is crossed once.
   */
  #statesBetween(from: number, to: number): BoundState[] {
    const solver = this.#solver;
    const inward = INWARD * solver.energyScale();
    const [low, high] = [from + inward, to - inward];
    const states: BoundState[] = [];
    findLevels(
      solver,
      low,
      high,
      solver.eigenvaluesBelow(low),
      solver.eigenvaluesBelow(high),
      (energy, resolution) => {
        const last = states[states.length - 1];
        // Next to each other in the last digits they are one, of higher degree.
        if (last && energy - last.energy < 8 * resolution) {
          const [start, end] = [last.energy - last.uncertainty, energy + resolution];
          last.energy = 0.5 * (start + end);
          last.uncertainty = 0.5 * (end - start);
        } else states.push({ energy, uncertainty: resolution });
      },
    );
    return states;
  }

  /** Adds slope x B per pair; returns the largest error. */
  #addState(
    { energy, uncertainty }: BoundState,
    room: number,
    slope: number,
    out: Float64Array,
    at: number,
  ): number {
    const pairs = this.#poles[0].length / 2;
    const [wide, narrow] = this.#poles;
    for (const [k, part] of RADII.entries()) this.#readPole(energy, part * room, this.#poles[k]);
    let most = 0;
    for (let p = 0; p < pairs; p++) {
      const [antisymmetric, simple] = [wide[2 * p], wide[2 * p + 1]];
      out[at + p] += slope * antisymmetric;
      // Where the state is not known better the simple pole of h takes part in what is read as the
      // double one.
      const error = MARGIN * Math.abs(antisymmetric - narrow[2 * p]) + uncertainty * Math.abs(simple);
      most = Math.max(most, Math.abs(slope) * error);
    }
    return most;
  }

  /** Coefficients of i / (z - E)^2 and i / (z - E) in h, per pair, from a circle around E. */
  #readPole(energy: number, radius: number, poles: Float64Array): void {
    poles.fill(0);
    for (let k = 0; k < NODES; k++) {
      const angle = (Math.PI * (k + 0.5)) / NODES;
      const [x, y] = [radius * Math.cos(angle), radius * Math.sin(angle)];
      const h = this.#solver.curlGreen(energy + x, y);
      for (let i = 0; i < poles.length; i += 2) {
        const simple = x * h[i + 1] + y * h[i];
        poles[i] += (x * simple + y * (x * h[i] - y * h[i + 1])) / NODES;
        poles[i + 1] += simple / NODES;
      }
    }
  }
}
