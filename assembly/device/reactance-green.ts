// Solutions G b for any right-hand sides with the factors of A_r of the last point (reactance.ts),
// G = A_r^-1 - (i - shift) pi psi W^+ A_r^-1. Each solution is followed by its residual and refined
// if that is not at rounding level.
import { axpySubtract } from "../linear-algebra/dense";
import { addTimes, at, bytes, isComplex, squaresOf, subtractRow } from "../linear-algebra/elements";
import { SUBTRACT, zgemm } from "../linear-algebra/gemm";
import { hermitianValues } from "./factor";
import * as P from "./plan";
import { PI, projectThin, RESIDUAL } from "./reactance";
import { solveDown, solveUp } from "./reactance-factor";

/** Number of elements of T in the given number of complex columns. */
// @ts-ignore: decorator
@inline
function widthOf<T>(columns: i32): i32 {
  return isComplex<T>() ? columns : columns << 1;
}

/** b <- G b with the factors of A_r, n x columns complex. psi must be complete in PSI. */
function applyGreen<T>(plan: usize, b: usize, columns: i32): void {
  const channels = P.channels(plan);
  const n = P.field(plan, P.N);
  const width = widthOf<T>(columns);
  solveDown<T>(plan, b, width);
  solveUp<T>(plan, b, width, 0);
  const overlap = <usize>P.field(plan, P.OVERLAP);
  projectThin<T>(plan, b, width, overlap);
  // (i - shift) pi W^+ A_r^-1 b, which zgemm subtracts.
  scaleOverlap(plan, channels * columns, overlap);
  zgemm(n, columns, channels, <usize>P.field(plan, P.PSI), channels, 1, overlap, columns, b, columns, SUBTRACT, false, false);
}

/**
 * r = b - A x, n x columns complex, with A = A_r + (i - shift) pi W W^+. Returns the size of r
 * relative to b and A x (Frobenius norms).
 */
function greenResidual<T>(plan: usize, columns: i32, b: usize, x: usize, r: usize, scaleA: f64): f64 {
  const n = P.field(plan, P.N);
  const rowStart = <usize>P.field(plan, P.ROW_START);
  const column = <usize>P.field(plan, P.COLUMN);
  const a = hermitianValues<T>(plan);
  const width = widthOf<T>(columns);
  for (let row = 0; row < n; row++)
    subtractRow<T>(width, P.at(rowStart, row), P.at(rowStart, row + 1), a, column, x, width, at<T>(b, row * width), at<T>(r, row * width));
  const overlap = <usize>P.field(plan, P.OVERLAP);
  projectThin<T>(plan, x, width, overlap);
  scaleOverlap(plan, P.channels(plan) * columns, overlap);
  let channel = 0;
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = P.lead(plan, l);
    const open = P.at(lead, P.LEAD_CHANNELS);
    const list = <usize>P.at(lead, 1);
    const w = <usize>P.at(lead, 5);
    for (let i = 0; i < P.at(lead, 0); i++)
      for (let c = 0; c < open; c++) {
        const entry = P.z(w, i * open + c);
        const source = at<T>(overlap, (channel + c) * width);
        const target = at<T>(r, P.at(list, i) * width);
        if (isComplex<T>()) axpySubtract(width, load<f64>(entry), load<f64>(entry, 8), source, target);
        else addTimes<T>(width, -load<f64>(entry), source, target);
      }
    channel += open;
  }
  const count = n * width;
  return Math.sqrt(squaresOf<T>(r, count)) / (Math.sqrt(squaresOf<T>(b, count)) + scaleA * Math.sqrt(squaresOf<T>(x, count)));
}

/** Multiplies `count` numbers by (i - shift) pi. */
function scaleOverlap(plan: usize, count: i32, overlap: usize): void {
  const shift = load<f64>(<usize>P.field(plan, P.STATISTICS), 48);
  for (let k = 0; k < count; k++) {
    const entry = P.z(overlap, k);
    const re = load<f64>(entry);
    const im = load<f64>(entry, 8);
    store<f64>(entry, -PI * (im + shift * re));
    store<f64>(entry, PI * (re - shift * im), 8);
  }
}

/**
 * x <- G rhs with the factors of A_r, n x columns complex, refined. psi must be complete in PSI.
 * Returns the relative residual.
 */
export function refinedReactanceSolve<T>(plan: usize, rhs: usize, x: usize, columns: i32): f64 {
  const n = P.field(plan, P.N);
  const count = n * widthOf<T>(columns);
  const r = <usize>P.field(plan, P.THIN);
  const entries = P.at(<usize>P.field(plan, P.ROW_START), n);
  const scaleA = Math.sqrt(squaresOf<T>(hermitianValues<T>(plan), entries) / <f64>n);
  memory.copy(x, rhs, bytes<T>(count));
  applyGreen<T>(plan, x, columns);
  let defect = Infinity;
  for (let round = 0; round < 4; round++) {
    const next = greenResidual<T>(plan, columns, rhs, x, r, scaleA);
    if (!(next < defect)) return isFinite(defect) ? defect : next;
    defect = next;
    if (defect < RESIDUAL || round == 3) return defect;
    applyGreen<T>(plan, r, columns);
    addTimes<T>(count, 1.0, r, x);
  }
  return defect;
}
