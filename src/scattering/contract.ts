// The border between the scattering engine and everything that integrates over energy: what a
// device at one configuration X answers. Implemented by the kernels (solvers/) and by the slow
// dense twin (test/twins/dense.ts).

import type { DerivativePoint, PointRequest, ScatteringAlone, ScatteringPoint } from "./point.js";
import type { PointBatch } from "./solvers/chain.js";

/**
 * How a lead's channel basis turns with the energy: dS/dE of the S returned is S' + turnOut S + S
 * turnIn, block by block; see LeadAtEnergy.connection. Left out: not.
 */
export interface LeadConnection {
  channels: number;
  turnOut?: Float64Array;
  turnIn?: Float64Array;
  /** True next to a pole of the self-energy, where the lead was closed by its waves. */
  closed?: boolean;
}

/**
 * Integrands of transport for two leads of one channel each and one direction (pairs/integrand.ts),
 * at energies whose weights are set once and serve all configurations:
 * src/engine/chain/chain-pairs.ts. All numbers are valid until the solver is asked again.
 */
export interface PairTable {
  /** The list last given to `setWeights`. */
  readonly weights: Float64Array | undefined;
  /** 13 numbers per energy; see PairWeights. */
  setWeights(table: Float64Array, count: number): void;
  /**
   * Largest element of S^+ S - 1 at the first `count` energies, infinity if a channel is closed
   * there; panels of `nodes` energies.
   */
  evaluate(count: number, nodes: number, scale: number): number;
  /** Per panel 26 rows of `nodes` numbers. */
  readonly rows: { numbers: Float64Array; start: number };
  /**
   * Per panel and row but the last: value, size, last coefficient and spread by a rule (see
   * GaussRule).
   */
  sums(panels: number, nodes: number, rule: Float64Array): { numbers: Float64Array; start: number };
}

/**
 * Counts the energies of a question, and ends it where there are too many
 * (transport/energy/budget.ts).
 */
export interface EnergyBudget {
  /** How many were asked for. */
  readonly allowed: number;
  /** Counted so far. */
  readonly used: number;
  /** Whether nothing new should be begun. */
  readonly spent: boolean;
  /** Counts energies about to be solved; throws where there are no more to be had. */
  spend(energies: number): void;
  /**
   * What is known so far of the answer, for the error if the budget ends the work: written by
   * whatever is at work.
   */
  known?: object;
}

/**
 * Energies that one in higher precision counts for, it takes about as long: at least, and per
 * orbital.
 */
export const refinedCost = (orbitals: number): number => Math.max(10, 2.5 * orbitals);

/** Takes the k-th of several points; a view, valid during the call. */
export type PointVisitor = (point: ScatteringPoint, k: number) => void;

/** `solveEach` of a solver that takes one energy at a time. */
export function solveOneByOne(
  solver: Pick<PointSolver, "solve">,
  energies: Float64Array,
  count: number,
  options: PointRequest,
  visit: PointVisitor,
): void {
  for (let k = 0; k < count; k++) visit(solver.solve(energies[k], options), k);
}

/** By how much the Lambda_nu in force may be off, where H is differenced; else 0. */
export interface LambdaError {
  /** All elements of one together, the largest of the directions. */
  absolute: number;
  /** The same in parts of the largest element. */
  relative: number;
}

/** A device at one configuration X, ready to be asked at many energies. */
export interface PointSolver {
  /** Lead names in the order of the model file, probes included. */
  readonly leads: string[];
  /** True per lead if it is a voltage probe. */
  readonly probes: boolean[];
  /**
   * True if G(z) and all Lambda_nu are symmetric matrices (H, Lambda and Sigma real or complex
   * symmetric: no magnetic field). Then the antisymmetric friction of the filled sea vanishes and
   * `curlGreen` is never called.
   */
  readonly reciprocal: boolean;
  /** Number of Lambda_nu in force: all parameters, or one (the tangent of the cycle). */
  directions: number;
  /** Operations predicted for one energy, in those of slices (device/plans.ts); 0: few. */
  readonly operations: number;
  /**
   * Of the question being answered: every energy that the device is solved at counts. Those of
   * `pairTables` and `batch` are counted by who asks.
   */
  budget: EnergyBudget | undefined;
  /**
   * Sets X and, if a tangent is given, ONE direction Lambda = sum_nu tangent_nu Lambda_nu instead
   * of all parameters.
   */
  configure(values: Float64Array, tangent?: Float64Array): void;
  /**
   * Throws NumericalError if E - H - Sigma is singular (E exactly on a level that couples to no
   * lead).
   */
  solve(energy: number, options: PointRequest): ScatteringPoint;
  /**
   * The first `count` energies, one after the other; what each comes to is shown to `visit`, which
   * must not ask the solver meanwhile. The same to the last bit as `solve` of each; solvers that
   * take many at a time do it sooner.
   */
  solveEach(energies: Float64Array, count: number, options: PointRequest, visit: PointVisitor): void;
  /**
   * Tables of energies for integrands at once, for a device with a kernel for that: two, which all
   * who ask share.
   */
  pairTables(): readonly [PairTable, PairTable] | undefined;
  /** Whether tables can be evaluated at the configuration in force. */
  readonly pairs: boolean;
  /** Whether points can be had in higher precision, if the device is small enough. */
  readonly refines: boolean;
  /**
   * The same as `solve` at energy + energyLow in higher precision, with `reduced`, for the
   * neighbourhood of narrow resonances; undefined where that is not to be had (a device too large).
   * 20 to 100 times slower.
   */
  solveRefined(energy: number, energyLow: number, options: PointRequest): ScatteringPoint | undefined;
  /** Tr[Lambda_nu], per direction (real). */
  traceLambda(): Float64Array;
  /** Tr[Lambda_nu G(z)] for complex z in the upper half plane, [re, im] per direction. */
  traceGreen(re: number, im: number): Float64Array;
  /**
   * The same at re + i im[k] for k < `count`, one after the other: `visit(traces, k)` must not ask
   * the solver meanwhile.
   */
  traceGreenEach(
    re: number,
    im: Float64Array,
    count: number,
    visit: (traces: Float64Array, k: number) => void,
  ): void;
  /**
   * For a device that is not reciprocal and has two or more directions; per pair nu < nu', [re,
   * im]:
   *
   *   h(z) = ( Tr[Lambda_nu G' Lambda_nu' G] - Tr[Lambda_nu G Lambda_nu' G'] ) / 2,   G' = dG/dz = -G (1 - Sigma') G
   *
   * On the support s of the Lambda only G_ss and G'_ss = -G_s: (1 - Sigma') G_:s are needed.
   */
  curlGreen(re: number, im: number): Float64Array;
  /**
   * Number of eigenvalues of H + Re Sigma(E) - E below zero (Re: Hermitian part; Sylvester's law of
   * inertia): it changes by one across every resonance and bound state, however narrow.
   */
  eigenvaluesBelow(energy: number): number;
  /**
   * A bound on the size of H + Sigma and of the bands, e.g. the largest row sum: sets scales, not
   * results.
   */
  energyScale(): number;
  /**
   * Largest element of E - H(X) - Sigma that is rounded in doubles when it is formed at an exact E:
   * by how many times the rounding of a double levels may be off. It is far below `energyScale`
   * only where E stands next to all levels of H.
   */
  roundedScale(energy: number): number;
  /**
   * Largest absolute row sum of the Lambda_nu in force: sets the scale below which forces are
   * rounding.
   */
  lambdaScale(): number;
  /** What the Lambda_nu in force lack of their digits. */
  lambdaError(): LambdaError;
  /**
   * Energies from `low` to `high` (all of them if left out) where a channel of a lead opens or
   * closes, ascending, without duplicates.
   */
  bandEdges(low?: number, high?: number): readonly number[];
  /**
   * Energies between `low` and `high`, where no channel is open, at which a Sigma may have a pole:
   * levels bound to the end of a lead. There `eigenvaluesBelow` falls by one, elsewhere outside the
   * bands it never does.
   */
  surfaceLevels(low: number, high: number): number[];
  /**
   * Roundings that the relative change of the scattering states between two points of one energy
   * may have because the edge of a lead's band is near: zero where none is, or where leads are
   * exact. It may be asked while points are visited.
   */
  lostAt(energy: number): number;
  /** What the points solved so far leave open; undefined: nothing. */
  readonly limits: SolverLimits | undefined;
  /**
   * With a tangent: many configurations at once, where the device is of a kind that has a batched
   * kernel.
   */
  readonly batch: PointBatch | undefined;
}

/** A solver as a device holds it. */
export interface DeviceSolver extends PointSolver {
  /**
   * True once a singular point has changed the order of elimination: later points round differently
   * than before.
   */
  readonly merged: boolean;
  /** S alone, sooner. */
  solveAlone(energy: number): ScatteringAlone;
  /** S, dS/dE and dS/dX of every direction. */
  solveWithDerivatives(energy: number): DerivativePoint;
  /** Per lead how its channel basis turns with the energy; none where no lead's does. */
  connections(energy: number): LeadConnection[];
  /** Frees the kernel memory. */
  release(): void;
}

/**
 * What a solver that knows S alone (given-s.ts) cannot answer; a solver without limits answers
 * everything.
 */
export interface SolverLimits {
  /**
   * A is known: friction and currents per velocity are right at any bias, else at equal fillings
   * only.
   */
  completeA: boolean;
  /**
   * No conservative force exists: the force is complete, else its part from the filled sea is
   * missing.
   */
  sea: boolean;
  /** The antisymmetric friction is known (or there is one direction). */
  antisymmetricFriction: boolean;
}

/**
 * The part of a PointSolver that asks for scattering states at real energies only: all that pumping
 * and linear response need.
 */
export type ScatteringSolver = Pick<
  PointSolver,
  | "leads"
  | "probes"
  | "reciprocal"
  | "directions"
  | "budget"
  | "configure"
  | "solve"
  | "solveEach"
  | "eigenvaluesBelow"
  | "bandEdges"
  | "surfaceLevels"
  | "energyScale"
  | "lambdaScale"
  | "batch"
>;
