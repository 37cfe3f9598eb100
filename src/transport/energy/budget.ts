// How many energies a question may solve the device at. Every solver counts what it is asked
// (EnergyBudget in contract.ts): an integral over energy ends where the budget does, and says what
// it reached; whatever else is still at work then is ended by an exception. So no question runs
// without bound.

import { NumericalError } from "../../base/errors.js";
import { option } from "../../model/options.js";
import type { EnergyBudget } from "../../scattering/contract.js";

/**
 * Most energies of one configuration, and of a turn with all its angles, if the question says
 * nothing.
 */
export const FORCES_BUDGET = 500_000;
export const TURN_BUDGET = 20_000_000;
/**
 * Operations (PointSolver.operations) of all these energies: one or two minutes; what an energy
 * takes beside them; energies that any device may have.
 */
const WORK = 4e11;
const BESIDE = 18_000;
const LEAST = 10_000;
/**
 * What is left to finish an integral that the budget has ended: a part of the budget, and at least
 * so many energies.
 */
const FINISH = 0.1;
const FINISH_AT_LEAST = 1000;

/**
 * Ends the work at hand. Not a NumericalError: nothing that goes on after one, at another energy or
 * another way, must go on after this.
 */
export class BudgetSpent extends Error {}

export class Budget implements EnergyBudget {
  readonly allowed: number;
  used = 0;
  known?: object;
  readonly #most: number;

  constructor(allowed: number) {
    this.allowed = allowed;
    this.#most = allowed * (1 + FINISH) + FINISH_AT_LEAST;
  }

  /** Whether nothing new should be begun. */
  get spent(): boolean {
    return this.used >= this.allowed;
  }

  /**
   * Counts energies about to be solved. Throws BudgetSpent where also what was left to finish with
   * is gone.
   */
  spend(energies: number): void {
    this.used += energies;
    if (this.used > this.#most) throw new BudgetSpent("the budget is spent");
  }
}

/**
 * A part of what is left of a budget, for work that need not succeed: `spent` as soon as that part
 * is.
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
 * Energies of a question that says nothing: `usual` of a small device, fewer of one whose energies
 * take long.
 */
export const usualBudget = ({ operations = 0 }: { operations?: number }, usual: number): number =>
  Math.min(usual, Math.max(LEAST, Math.floor(WORK / (BESIDE + operations))));

/**
 * Does the work of a question within the budget it asks for, or the usual one. Work inside other
 * work on the same solver shares that one's budget. Throws NumericalError where the budget ends the
 * work, with what is known so far if something is.
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
    throw error instanceof BudgetSpent ? budgetError(allowed, { known: budget.known }) : error;
  } finally {
    solver.budget = undefined;
  }
}

/** What to throw where a budget is spent; `known`: what is known so far. */
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

/** What to do about it, as the cause of an error. */
export const spentCause = (allowed: number): string =>
  `the question needs more than the budget of ${allowed} energies: give it a larger one (budget, --budget ${10 * allowed}), or ask for a looser tolerance`;

/** A budget that a caller gives. */
export const budgetOption = option(
  "a whole number of energies, at least 1",
  (value) => Number.isSafeInteger(value) && (value as number) >= 1,
);
