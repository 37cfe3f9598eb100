// The number of energies at which a question may solve the device. Every solver counts its energies
// (EnergyBudget in contract.ts). An integral over energy ends where the budget ends and states the
// error that it reached; all other work is ended by an exception. No question therefore runs
// without bound.

import { NumericalError } from "../../base/errors.js";
import { option } from "../../model/options.js";
import type { EnergyBudget } from "../../scattering/contract.js";

/** Default budget of one configuration, in energies. */
export const FORCES_BUDGET = 500_000;
/** Default budget of a turn with all its angles, in energies. */
export const TURN_BUDGET = 20_000_000;
/**
 * Most operations (PointSolver.operations) of all these energies together, which is one or two
 * minutes of work.
 */
const WORK = 4e11;
/** Operations that one energy takes besides those of the solver. */
const BESIDE = 18_000;
/** Energies that every device may use, however large. */
const LEAST = 10_000;
/** Part of the budget that an integral may use beyond it in order to finish. */
const FINISH = 0.1;
/** Least number of energies that an integral may use beyond its budget. */
const FINISH_AT_LEAST = 1000;

/**
 * Ends the present work. This is not a NumericalError, because callers answer a NumericalError by
 * trying another energy or another method, and after this one nothing may go on.
 */
export class BudgetSpent extends Error {}

/** A number of energies that the solvers of a question may use. */
export class Budget implements EnergyBudget {
  readonly allowed: number;
  used: number;
  known?: object;
  readonly #most: number;

  constructor(allowed: number, used = 0) {
    this.allowed = allowed;
    this.used = used;
    this.#most = allowed * (1 + FINISH) + FINISH_AT_LEAST;
  }

  /** Whether no new work should begin. */
  get spent(): boolean {
    return this.used >= this.allowed;
  }

  /**
   * Counts energies that are about to be solved. Throws BudgetSpent if the reserve for finishing is
   * used up as well.
   */
  spend(energies: number): void {
    this.used += energies;
    if (this.used > this.#most) throw new BudgetSpent("the budget is spent");
  }
}

/**
 * A budget for optional work: it counts as `spent` once the given part of what is left of `budget`
 * is used.
 */
export function partOf(budget: EnergyBudget, part: number): EnergyBudget {
  const end = budget.used + part * (budget.allowed - budget.used);
  return {
    allowed: budget.allowed,
    get used() {
      return budget.used;
    },
    get spent() {
      return budget.used >= end;
    },
    spend: (energies) => budget.spend(energies),
  };
}

/**
 * Default budget in energies: `usual` for a small device, less for a device whose energies take
 * long.
 */
export const usualBudget = ({ operations = 0 }: { operations?: number }, usual: number): number =>
  Math.min(usual, Math.max(LEAST, Math.floor(WORK / (BESIDE + operations))));

/**
 * Runs the work of a question within the budget that the question gives, or within the default one.
 * Work inside other work on the same solver shares the outer budget. Throws NumericalError where
 * the budget ends the work. Every NumericalError carries the part of the answer that is known, if
 * there is one.
 */
export function within<Result>(
  solver: { budget?: EnergyBudget; operations?: number },
  asked: number | undefined,
  usual: number,
  work: () => Result,
): Result {
  if (solver.budget) return work();
  const allowed = asked ?? usualBudget(solver, usual);
  const budget = new Budget(allowed);
  solver.budget = budget;
  try {
    return work();
  } catch (error) {
    if (error instanceof BudgetSpent) throw budgetError(allowed, { known: budget.known });
    if (error instanceof NumericalError && !error.known && budget.known)
      Object.assign(error, { known: budget.known });
    throw error;
  } finally {
    solver.budget = undefined;
  }
}

/**
 * Optional work of a question, with at most `most` energies of the question's budget. Throws
 * NumericalError where these end the work, and the question goes on.
 */
export function withAtMost<Result>(
  solver: { budget?: EnergyBudget },
  most: number,
  work: () => Result,
): Result {
  const { budget } = solver;
  if (!budget) return work();
  const allowed = Math.min(most, budget.allowed - budget.used);
  const own = new Budget(Math.max(allowed, 0));
  solver.budget = own;
  try {
    return work();
  } catch (error) {
    if (!(error instanceof BudgetSpent)) throw error;
    throw new NumericalError(`it takes more than ${own.allowed} energies, its share of the budget`);
  } finally {
    solver.budget = budget;
    budget.spend(own.used);
  }
}

/** The error to throw if a budget is spent; `known` is the part of the answer that is known. */
export function budgetError(
  allowed: number,
  { energy, at, known }: { energy?: number; at?: Record<string, number>; known?: object } = {},
): NumericalError {
  return new NumericalError(`the budget of ${allowed} energies is spent`, {
    energy,
    at,
    known,
    causes: [
      spentCause(allowed),
      "levels that the leads hardly broaden, or temperatures far below the width of the window, which take many energies each",
    ],
  });
}

/** The cause to state in an error of an integral whose budget is spent, with advice. */
export const spentCause = (allowed: number): string =>
  `the question needs more than the budget of ${allowed} energies: give it a larger one (budget, --budget ${10 * allowed}), or ask for a looser tolerance`;

/** Check of the option `budget`. */
export const budgetOption = option(
  "a whole number of energies, at least 1",
  (value) => Number.isSafeInteger(value) && (value as number) >= 1,
);
