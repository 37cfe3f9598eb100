// An independent integrator of ordinary differential equations for the tests: extrapolation of the midpoint rule (package odex).
// Loaded at run time, because its sources do not pass this project's type check.

import { createRequire } from "node:module";

type Equation = (t: number, y: number[]) => number[];

interface Solver {
  absoluteTolerance: number;
  relativeTolerance: number;
  maxSteps: number;
  solve(f: Equation, start: number, y: number[], end: number): { y: number[] };
}

const odex = createRequire(import.meta.url)("odex") as { Solver: new (n: number) => Solver };

/** y(end) of dy/dt = f(t, y) from t = 0. */
export function extrapolated(f: Equation, initial: number[], end: number, tolerance = 1e-13): number[] {
  const solver = new odex.Solver(initial.length);
  solver.absoluteTolerance = tolerance;
  solver.relativeTolerance = tolerance;
  solver.maxSteps = 1e6;
  return solver.solve(f, 0, initial, end).y;
}
