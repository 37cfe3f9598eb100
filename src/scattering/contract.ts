// The contract between the solvers and everything that integrates over energy. It lists what a
// device at one configuration X can be asked. The solvers in solvers/ implement it with the
// kernels, and test/twins/dense.ts implements it with slow dense matrices for the tests.

import type { DerivativePoint, PointRequest, ScatteringAlone, ScatteringPoint } from "./point.js";
import type { PointBatch } from "./solvers/chain.js";

/**
 * The rotation of one lead's channel basis with the energy. The S that is returned has the
 * derivative
 *
 *     dS/dE = S' + rotationOut S + S rotationIn
 *
 * block by block, with the covariant S'; see LeadAtEnergy.connection. `rotationOut` and
 * `rotationIn` are `channels` x `channels`, interleaved, in units of 1/energy. A member that is
 * left out is zero.
 */
export interface LeadConnection {
  /** Number of open channels of the lead. */
  channels: number;
  rotationOut?: Float64Array;
  rotationIn?: Float64Array;
  /** True next to a pole of the self-energy, where the lead was closed by its waves. */
  closed?: boolean;
  /** True if the delay is not known there (LeadWaves). */
  unphased?: boolean;
}

/**
 * The transport integrands of a device with two leads of one channel each and one direction. The
 * caller sets the weights of the energies once, and they then serve all configurations. The numbers
 * that a call returns are valid until the next call of the solver. The implementation is
 * src/engine/chain/chain-pairs.ts; transport/forces/pairs/ uses it.
 */
export interface PairTable {
  /** The list last given to `setWeights`, or undefined before the first call. */
  readonly weights: Float64Array | undefined;
  /** Sets 13 numbers per energy (see PairWeights) for the first `count` energies. */
  setWeights(table: Float64Array, count: number): void;
  /**
   * Evaluates the first `count` energies in panels of `nodes` energies. Returns the largest element
   * of |S^+ S - 1| at these energies, or infinity if a channel is closed at one of them.
   */
  evaluate(count: number, nodes: number, scale: number): number;
  /** Each panel has 26 rows of `nodes` numbers. */
  readonly rows: { numbers: Float64Array; start: number };
  /**
   * Returns four numbers per panel and row (except the last row): the value, the size, the last
   * coefficient and the spread by a quadrature rule (see GaussRule).
   */
  sums(panels: number, nodes: number, rule: Float64Array): { numbers: Float64Array; start: number };
}

/**
 * An energy budget counts the energies of a question and ends the question when they are used up
 * (transport/tasks/budget.ts).
 */
export interface EnergyBudget {
  /** Number of energies that the question may use. */
  readonly allowed: number;
  /** Number of energies used so far. */
  readonly used: number;
  /** True if the work in hand should be finished but nothing new begun. */
  readonly spent: boolean;
  /**
   * Counts energies that are about to be solved. Throws NumericalError if the budget is used up.
   */
  spend(energies: number): void;
  /**
   * The part of the answer that is known so far. The running calculation writes it, and the error
   * contains it if the budget ends the work.
   */
  known?: object;
}

/** Number of ordinary energies that take as long as one energy in higher precision. */
export const refinedCost = (orbitals: number): number => Math.max(10, 2.5 * orbitals);

/** Receives the k-th of several points. The point is a view that is valid during the call only. */
export type PointVisitor = (point: ScatteringPoint, k: number) => void;

/** Implements `solveEach` for a solver that takes one energy at a time. */
export function solveOneByOne(
  solver: Pick<PointSolver, "solve">,
  energies: Float64Array,
  count: number,
  options: PointRequest,
  visit: PointVisitor,
): void {
  for (let k = 0; k < count; k++) visit(solver.solve(energies[k], options), k);
}

/** A bound on the error of the Lambda_nu in use where H is differenced numerically; else zero. */
export interface LambdaError {
  /**
   * The error summed over all elements of one Lambda_nu, for the direction with the largest error.
   */
  absolute: number;
  /** The same divided by the largest element of that Lambda_nu. */
  relative: number;
}

/** A device at one configuration X that can be evaluated at many energies. */
export interface PointSolver {
  /** Lead names in the order of the model file, probes included. */
  readonly leads: string[];
  /** True per lead if it is a voltage probe. */
  readonly probes: boolean[];
  /**
   * True if G(z) and all Lambda_nu are symmetric matrices. That holds without a magnetic field: H,
   * Lambda_nu and Sigma are then real symmetric or complex symmetric. The antisymmetric friction of
   * the filled sea vanishes in that case, and `curlGreen` is never called.
   */
  readonly reciprocal: boolean;
  /**
   * Number of Lambda_nu in use: one per parameter, or a single one along the tangent of the cycle.
   */
  directions: number;
  /**
   * Predicted cost of one energy, in operations of the slice solver (device/plans.ts). Zero stands
   * for a cost that is negligible.
   */
  readonly operations: number;
  /**
   * True if `traceGreen` takes a small part of the time of `solve`, because it comes from the levels
   * of the device.
   */
  readonly cheapTraces: boolean;
  /**
   * The budget of the question being answered. Every energy at which the device is solved counts.
   * The callers of `pairTables` and `batch` count the energies of those themselves.
   */
  budget: EnergyBudget | undefined;
  /**
   * Sets X. If a tangent is given, the single direction Lambda = sum_nu tangent_nu Lambda_nu
   * replaces the directions of all parameters.
   */
  configure(values: Float64Array, tangent?: Float64Array): void;
  /**
   * Goes back to the first order of elimination. A singular point may have changed it, and points
   * solved later would round differently.
   */
  forgetMerges(): void;
  /**
   * Throws NumericalError if E - H - Sigma is singular, as it is exactly on a level that couples to
   * no lead.
   */
  solve(energy: number, options: PointRequest): ScatteringPoint;
  /**
   * Solves the first `count` energies one after the other and passes each point to `visit`. `visit`
   * must not call the solver. The points equal those of `solve` to the last bit. A solver that
   * takes many energies per kernel call is faster this way.
   */
  solveEach(energies: Float64Array, count: number, options: PointRequest, visit: PointVisitor): void;
  /**
   * Returns two tables of transport integrands, shared by all callers, if the device has a kernel
   * for them; else undefined.
   */
  pairTables(): readonly [PairTable, PairTable] | undefined;
  /** True if the tables can be evaluated at the configuration in use. */
  readonly pairs: boolean;
  /** True if points can be solved in higher precision, provided that the device is small enough. */
  readonly refines: boolean;
  /** Number of ordinary energies that one in higher precision counts as. */
  readonly refinedEnergies: number;
  /**
   * The same as `solve` at energy + energyLow in higher precision, with `reduced`. It serves the
   * neighbourhood of narrow resonances and takes 20 to 100 times longer. Returns undefined if the
   * device is too large for it.
   */
  solveRefined(energy: number, energyLow: number, options: PointRequest): ScatteringPoint | undefined;
  /** Tr[Lambda_nu] per direction. The traces are real. */
  traceLambda(): Float64Array;
  /** Tr[Lambda_nu G(z)] for complex z in the upper half plane, [re, im] per direction. */
  traceGreen(re: number, im: number): Float64Array;
  /**
   * The same at re + i im[k] for all k < `count`, one after the other. `visit(traces, k)` must not
   * call the solver.
   */
  traceGreenEach(
    re: number,
    im: Float64Array,
    count: number,
    visit: (traces: Float64Array, k: number) => void,
  ): void;
  /**
   * For a device that is not reciprocal and has two or more directions, per pair nu < nu' as [re,
   * im]:
   *
   *       h(z) = ( Tr[Lambda_nu G' Lambda_nu' G] - Tr[Lambda_nu G Lambda_nu' G'] ) / 2
   *       G'   = dG/dz = -G (1 - Sigma') G
   *
   * Only the blocks G_ss and G'_ss = -G_s: (1 - Sigma') G_:s on the support s of the Lambda_nu are
   * needed.
   */
  curlGreen(re: number, im: number): Float64Array;
  /**
   * Number of negative eigenvalues of H + Re Sigma(E) - E, where Re is the Hermitian part
   * (Sylvester's law of inertia). This number changes by one across every resonance and bound
   * state, however narrow.
   */
  eigenvaluesBelow(energy: number): number;
  /**
   * The same number, or undefined if only another order of elimination can tell it. A search that
   * may count at an energy nearby instead spares the device that order, which costs more at every
   * later energy.
   */
  certainEigenvaluesBelow(energy: number): number | undefined;
  /**
   * A bound on the size of H + Sigma and of the bands, for example the largest row sum. It sets
   * scales of tolerances, never results.
   */
  energyScale(): number;
  /**
   * Largest element of E - H(X) - Sigma that is rounded to a double when it is formed at an exact
   * E. The levels may be off by this size times the rounding of a double. It is far below
   * `energyScale` only if E is close to all levels of H.
   */
  roundedScale(energy: number): number;
  /**
   * Largest absolute row sum of the Lambda_nu in use. It sets the scale below which a force is
   * rounding noise.
   */
  lambdaScale(): number;
  /** A bound on the error of the Lambda_nu in use. */
  lambdaError(): LambdaError;
  /**
   * The energies from `low` to `high` at which a channel of a lead opens or closes, ascending and
   * without duplicates. Both limits default to infinity.
   */
  bandEdges(low?: number, high?: number): readonly number[];
  /**
   * The energies between `low` and `high`, a range without open channels, at which a Sigma may have
   * a pole. These are levels bound to the end of a lead. `eigenvaluesBelow` falls by one at each of
   * them and falls nowhere else outside the bands.
   */
  surfaceLevels(low: number, high: number): number[];
  /**
   * Error of the relative change of the scattering states between two points near one energy, in
   * units of the rounding of a double, due to a nearby band edge of a lead. It is zero if no edge
   * is near or if the leads are exact. It may be called inside a visitor.
   */
  lostAt(energy: number): number;
  /** What one of `bandEdges` lacks of the edge of the band. It is at most some roundings. */
  edgeLow(edge: number): number;
  /**
   * What the points solved so far cannot provide; undefined if they provide everything, and come
   * without `errors`.
   */
  readonly limits: SolverLimits | undefined;
  /**
   * Evaluates many configurations at once, if the solver has a tangent and the device has a batched
   * kernel.
   */
  readonly batch: PointBatch | undefined;
}

/** The solver that a device owns. */
export interface DeviceSolver extends PointSolver {
  /**
   * True once a singular point has changed the order of elimination. Points solved later then round
   * differently from points solved before.
   */
  readonly merged: boolean;
  /** Returns S alone, which is cheaper than a whole point. */
  solveAlone(energy: number): ScatteringAlone;
  /** S, dS/dE and dS/dX of every direction. */
  solveWithDerivatives(energy: number): DerivativePoint;
  /**
   * Rotation of each lead's channel basis with the energy. The list is empty if no basis rotates.
   */
  connections(energy: number): LeadConnection[];
  /** Frees the kernel memory. */
  release(): void;
}

/**
 * The limits of a solver that knows S alone (given-s.ts), or leads at real energies only. A solver
 * without limits answers every question.
 */
export interface SolverLimits {
  /** What does not contain the rest, as a noun phrase: "a given S". */
  source: string;
  /**
   * True if A is known. Friction and currents per velocity are then right at any bias; otherwise
   * they are right at equal fillings only.
   */
  completeA: boolean;
  /**
   * True if the force is complete because no conservative force exists. If false, the contribution
   * of the filled sea is missing.
   */
  sea: boolean;
  /** True if the antisymmetric friction is known or there is only one direction. */
  antisymmetricFriction: boolean;
}

/**
 * The part of a PointSolver that concerns scattering states at real energies. Pumping and linear
 * response need nothing else.
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
  | "certainEigenvaluesBelow"
  | "bandEdges"
  | "edgeLow"
  | "surfaceLevels"
  | "energyScale"
  | "lambdaScale"
  | "limits"
  | "batch"
>;
