// The contribution of bound states in the thermal window to the antisymmetric friction
// (docs/physics.md, section 4). The contour of the filled sea (sea.ts) contains the whole
// first-order lesser function except the part with df/dE. The window integral holds that part over
// the bands. A bound state at E_b outside all bands has a part of its own:
//
//   gamma_nu,nu' (antisymmetric) += sum_b f'(E_b) B_b,   B_b = Im Tr[Lambda_nu G_c Lambda_nu' R_b]
//
// R_b is the residue of G at E_b and G_c its regular part there. This term cancels the double pole
// i B_b / (z - E_b)^2 of the contour's h(z) (contract.ts, curlGreen). The Berry curvature of the
// bound state times its filling remains.
//
// B_b is read from the double pole by the trapezoidal rule on a circle around E_b that excludes all
// other singularities of G. The error falls like (radius / room)^nodes. The upper half of the
// circle is sufficient, because h(z*) = -h(z)^*. Cost: two counts of levels per interval of the
// window without an open channel, and for each bound state there about 50 more and 32 evaluations
// of h.

import { NumericalError } from "../../../base/errors.js";
import type { PointSolver } from "../../../scattering/contract.js";
import { fermiDerivative, thermalReach } from "../../energy/fermi.js";
import { findLevels } from "../../energy/resonances.js";

/** A state counts if f (1 - f) exceeds this. */
const FRACTION = 1e-18;
/** Number of nodes on the upper half of a circle. */
const NODES = 16;
/**
 * Radii of two circles, relative to the distance to the nearest other singularity. The difference
 * of their results is the error.
 */
const RADII = [1 / 3, 2 / 9] as const;
/** Safety factor of that error, which includes rounding. */
const MARGIN = 4;
/**
 * Distance from the end of an interval at which levels are counted, in units of the device's
 * energies.
 */
const INWARD = 2e-14;
/** Shortest interval that is searched, in the same units. */
const SHORTEST = 1e-12;
/**
 * No levels are counted this near to a level bound to the end of a lead (in the same units),
 * because Sigma has a pole there. A state inside this distance is nearly that surface level and is
 * taken to lie at its energy.
 */
const AROUND = 3e-8;
/**
 * A state that is found within this many uncertainties of a surface level is taken for that level.
 */
const SIDE = 100;

/** One bound state, or several at the same energy up to rounding. */
interface BoundState {
  energy: number;
  /** Half the width of the interval to which the energy was bisected. */
  uncertainty: number;
}

/** The bound states of a device with antisymmetric friction. The object keeps its buffers. */
export class BoundStates {
  readonly #solver: PointSolver;
  /** Lower and upper end of the window of the present intervals. */
  #window: readonly [number, number] = [0, 0];
  /** Intervals of the window without an open channel. */
  #intervals: [number, number][] = [];
  /** Levels inside the window that are bound to the ends of leads. */
  #ends: BoundState[] = [];
  readonly #poles: Float64Array[];

  constructor(solver: PointSolver) {
    this.#solver = solver;
    const pairs = (solver.directions * (solver.directions - 1)) / 2;
    this.#poles = RADII.map(() => new Float64Array(2 * pairs));
  }

  /**
   * Adds the term at filling (mu, T), T > 0, for each pair nu < nu' to `out` from the index `at`
   * on. Returns its error and the number of energies solved.
   */
  addAntisymmetricFriction(
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
    const found = this.#intervals.flatMap(([low, high]) => this.#statesBetween(low, high));
    const apart = ({ energy, uncertainty }: BoundState) =>
      found.every((state) => Math.abs(state.energy - energy) > SIDE * uncertainty);
    const states = [...found, ...this.#ends.filter(apart)];
    const walls = [low, high, ...edges];
    for (const state of states) {
      let room = Number.POSITIVE_INFINITY;
      for (const wall of walls) room = Math.min(room, Math.abs(wall - state.energy));
      for (const other of states)
        if (other !== state) room = Math.min(room, Math.abs(other.energy - state.energy));
      const weight = fermiDerivative(state.energy, chemicalPotential, temperature);
      const error = this.#addState(state, room, weight, out, at);
      result.error = Math.max(result.error, error);
      result.evaluations += RADII.length * NODES;
    }
    return result;
  }

  /**
   * Finds the intervals without an open channel. They depend on the leads alone, which no
   * configuration changes.
   */
  #lay(low: number, high: number, edges: readonly number[]): void {
    if (low === this.#window[0] && high === this.#window[1]) return;
    this.#window = [low, high];
    const scale = this.#solver.energyScale();
    const inside = (energy: number) => energy > low && energy < high;
    const ends = [low, ...edges.filter(inside), high];
    this.#intervals = [];
    this.#ends = [];
    for (let i = 0; i + 1 < ends.length; i++) {
      let [from, to] = [ends[i], ends[i + 1]];
      if (!(to - from > SHORTEST * scale && this.#isClosed(from, to))) continue;
      for (const level of this.#solver.surfaceLevels(from, to)) {
        if (level - AROUND * scale > from) this.#intervals.push([from, level - AROUND * scale]);
        this.#ends.push({ energy: level, uncertainty: AROUND * scale });
        from = level + AROUND * scale;
      }
      if (to > from) this.#intervals.push([from, to]);
    }
  }

  /**
   * Whether no channel is open between two energies. Three energies are tried, because a level may
   * lie at one of them.
   */
  #isClosed(from: number, to: number): boolean {
    for (const part of [0.5, 0.43, 0.61]) {
      try {
        return this.#solver.solve(from + part * (to - from), { energyDerivative: false }).channels === 0;
      } catch (error) {
        if (!(error instanceof NumericalError)) throw error;
      }
    }
    // The device has no answer at all three. A level without any broadening exists only where no
    // channel is open.
    return true;
  }

  /**
   * The levels of H + Sigma between two energies. Sigma is Hermitian there, has no pole and
   * decreases with energy, so that each level is crossed once.
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
        // Levels that differ in the last digits only count as one degenerate level.
        if (last && energy - last.energy < 8 * resolution) {
          const [start, end] = [last.energy - last.uncertainty, energy + resolution];
          last.energy = 0.5 * (start + end);
          last.uncertainty = 0.5 * (end - start);
        } else states.push({ energy, uncertainty: resolution });
      },
    );
    return states;
  }

  /** Adds weight x B per pair, where weight is f'(E_b). Returns the largest error. */
  #addState(
    { energy, uncertainty }: BoundState,
    room: number,
    weight: number,
    out: Float64Array,
    at: number,
  ): number {
    const pairs = this.#poles[0].length / 2;
    const [wide, narrow] = this.#poles;
    for (const [k, part] of RADII.entries()) this.#readPole(energy, part * room, this.#poles[k]);
    let most = 0;
    for (let p = 0; p < pairs; p++) {
      const [antisymmetric, simple] = [wide[2 * p], wide[2 * p + 1]];
      out[at + p] += weight * antisymmetric;
      // If the energy of the state is uncertain, the simple pole of h contributes to the reading of
      // the double one.
      const error = MARGIN * Math.abs(antisymmetric - narrow[2 * p]) + uncertainty * Math.abs(simple);
      most = Math.max(most, Math.abs(weight) * error);
    }
    return most;
  }

  /**
   * Reads the coefficients of i / (z - E)^2 and i / (z - E) in h per pair, from a circle around E.
   */
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
