// Tasks of one question that do not depend on each other. They are computed by the calling thread,
// and by a crew of further threads if there is one (run/crew.ts). The findings are taken in the order
// of the tasks, so that results, errors and the budget do not depend on who has computed what.
//
// With a crew no task knows how much of the budget the tasks before it will have used. Each is
// therefore computed as if it came first. What it found holds if it used less than half of what is
// then left of the budget, because no work begins to economise before that. Otherwise it is computed
// again in its turn, which happens at the end of a budget only.

import { InputError, NumericalError } from "../../base/errors.js";
import type { EnergyBudget } from "../../scattering/contract.js";
import { Budget, BudgetSpent } from "./budget.js";

/** The kinds of tasks that a crew can do. */
export type TaskKind = "angles";

/** What is left of a budget, as plain data. */
export type Allowance = Pick<EnergyBudget, "allowed" | "used">;

/** The findings of a task, or its error, and the energies that it took. */
export type Outcome<Result> = { energies: number } & ({ result: Result } | { error: unknown });

/** Threads that do tasks beside the calling one. */
export interface Crew {
  /**
   * Does tasks of one kind. `setting` and tasks are plain data. `here` does a task in the calling
   * thread. `take` is called once per task, in their order, and ends the work by an exception.
   */
  run<Task, Result>(
    job: CrewJob,
    tasks: readonly Task[],
    allowance: Allowance | undefined,
    here: (task: Task) => Outcome<Result>,
    take: (outcome: Outcome<Result>, k: number) => void,
  ): void;
}

/** What all tasks of a list have in common. The same object stands for the same setting. */
export interface CrewJob {
  readonly kind: TaskKind;
  readonly setting: unknown;
}

/** What a task changes in a solver. */
type TaskSolver = { budget?: EnergyBudget; forgetMerges(): void };

/**
 * Does a task. Points after one at which slices were merged would round differently, so that no
 * trace of it is left in the solver.
 */
function alone<Result>(solver: TaskSolver, task: () => Result): Result {
  try {
    return task();
  } finally {
    solver.forgetMerges();
  }
}

/**
 * Does a task with a budget of its own, of which `allowance` is left. An error that may have come in
 * an intermediate state of the solver is thrown.
 */
export function attempt<Result>(
  solver: TaskSolver,
  allowance: Allowance | undefined,
  task: () => Result,
): Outcome<Result> {
  const { budget } = solver;
  const own = allowance && new Budget(allowance.allowed, allowance.used);
  const energies = () => (own && allowance ? own.used - allowance.used : 0);
  solver.budget = own;
  try {
    const result = alone(solver, task);
    return { energies: energies(), result };
  } catch (error) {
    if (!(isAnswer(error) || error instanceof BudgetSpent)) throw error;
    return { energies: energies(), error };
  } finally {
    solver.budget = budget;
  }
}

/**
 * Does all tasks by `here`, which uses the solver, and takes the results in their order. Throws the
 * error of the first task that fails.
 */
export function inOrder<Task, Result>(
  solver: TaskSolver,
  crew: Crew | undefined,
  job: CrewJob,
  tasks: readonly Task[],
  here: (task: Task) => Result,
  take: (result: Result, k: number) => void,
): void {
  solver.forgetMerges();
  const now = (k: number) => alone(solver, () => here(tasks[k]));
  if (!crew || tasks.length < 2) {
    for (const k of tasks.keys()) take(now(k), k);
    return;
  }
  const { budget } = solver;
  const allowance = budget && { allowed: budget.allowed, used: budget.used };
  crew.run<Task, Result>(
    job,
    tasks,
    allowance,
    (task) => attempt(solver, allowance, () => here(task)),
    (outcome, k) => {
      if (!holds(outcome, budget)) return take(now(k), k);
      budget?.spend(outcome.energies);
      if ("error" in outcome) throw outcome.error;
      take(outcome.result, k);
    },
  );
}

/** Whether an outcome is what the calling thread would have found now. */
function holds(outcome: Outcome<unknown>, budget: EnergyBudget | undefined): boolean {
  if (budget && !(outcome.energies < (budget.allowed - budget.used) / 2)) return false;
  // Any other error, for example of a full memory, may be that of one thread alone.
  return !("error" in outcome) || isAnswer(outcome.error);
}

const isAnswer = (error: unknown): boolean => error instanceof InputError || error instanceof NumericalError;
