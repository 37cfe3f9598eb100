// The slow twin for long chains: Gaussian elimination of the tridiagonal E - H - Sigma with partial pivoting (as LAPACK's gtsv), each
// definition written out: psi = G W, psi' = G (W' - (1 - Sigma') psi), S, S' and K. Orbitals must be numbered along the chain.

import type { ResolvedModel, SparseHermitian } from "../../src/model/types.js";
import { leadVectors, selfEnergy } from "./leads.js";

type Complex = [re: number, im: number];
const times = ([a, b]: Complex, [c, d]: Complex): Complex => [a * c - b * d, a * d + b * c];
const minus = ([a, b]: Complex, [c, d]: Complex): Complex => [a - c, b - d];
const plus = ([a, b]: Complex, [c, d]: Complex): Complex => [a + c, b + d];
const conjugate = ([a, b]: Complex): Complex => [a, -b];
const size = ([a, b]: Complex) => Math.abs(a) + Math.abs(b);
const over = (x: Complex, [c, d]: Complex): Complex => {
  const scale = Math.max(Math.abs(c), Math.abs(d));
  const [e, f] = [c / scale, d / scale];
  const [re, im] = times(x, [e, -f]);
  const square = (e * e + f * f) * scale;
  return [re / square, im / square];
};

/** Solves the tridiagonal system for several columns; `lower[i]` and `upper[i]` couple i and i + 1. */
function solve(lower: Complex[], diagonal: Complex[], upper: Complex[], columns: Complex[][]): Complex[][] {
  const n = diagonal.length;
  const [l, d, u] = [lower.slice(), diagonal.slice(), upper.slice()];
  const second: Complex[] = u.map(() => [0, 0]);
  const x = columns.map((column) => column.slice());
  for (let i = 0; i + 1 < n; i++) {
    if (size(l[i]) > size(d[i])) {
      [d[i], l[i]] = [l[i], d[i]];
      [u[i], d[i + 1]] = [d[i + 1], u[i]];
      if (i + 2 < n) [second[i], u[i + 1]] = [u[i + 1], [0, 0]];
      for (const column of x) [column[i], column[i + 1]] = [column[i + 1], column[i]];
    }
    const factor = over(l[i], d[i]);
    d[i + 1] = minus(d[i + 1], times(factor, u[i]));
    if (i + 2 < n) u[i + 1] = minus(u[i + 1], times(factor, second[i]));
    for (const column of x) column[i + 1] = minus(column[i + 1], times(factor, column[i]));
  }
  for (const column of x)
    for (let i = n - 1; i >= 0; i--) {
      let value = column[i];
      if (i + 1 < n) value = minus(value, times(u[i], column[i + 1]));
      if (i + 2 < n) value = minus(value, times(second[i], column[i + 2]));
      column[i] = over(value, d[i]);
    }
  return x;
}

/** On-site elements and the elements <i|.|i+1> of a sum of sparse matrices. */
function bands(n: number, terms: [SparseHermitian, number][]): { onsite: number[]; hopping: Complex[] } {
  const onsite = new Array<number>(n).fill(0);
  const hopping = Array.from({ length: n - 1 }, (): Complex => [0, 0]);
  for (const [{ rows, columns, re, im }, factor] of terms)
    for (let k = 0; k < rows.length; k++)
      if (rows[k] === columns[k]) onsite[rows[k]] += factor * re[k];
      else hopping[rows[k]] = plus(hopping[rows[k]], [factor * re[k], factor * im[k]]);
  return { onsite, hopping };
}

/** S, S' and K (2 x 2, row by row) at one energy; both leads open. */
export function tridiagonalPoint(
  model: ResolvedModel,
  X: Float64Array,
  tangent: Float64Array,
  energy: number,
) {
  const { orbitals: n, hamiltonian, parameters, leads } = model.device;
  const H = bands(n, [
    [hamiltonian, 1],
    ...parameters.map(({ derivative }, nu): [SparseHermitian, number] => [derivative, X[nu]]),
  ]);
  const L = bands(
    n,
    parameters.map(({ derivative }, nu): [SparseHermitian, number] => [derivative, tangent[nu]]),
  );
  const ends = leads.map((lead) => lead.orbitals[0]);
  const selves = leads.map((lead) => selfEnergy(lead, energy, 0));
  const vectors = leads.map((lead, a) => leadVectors(lead, selves[a]));
  const first = ({ data }: { data: Float64Array }): Complex => [data[0], data[1]];
  const diagonal = H.onsite.map((h): Complex => [energy - h, 0]);
  ends.forEach((i, a) => {
    diagonal[i] = minus(diagonal[i], first(selves[a].sigma));
  });
  const upper = H.hopping.map(([re, im]): Complex => [-re, -im]);
  const lower = upper.map(conjugate);
  const onLead = (part: "W" | "dW") =>
    ends.map((end, a) =>
      Array.from({ length: n }, (_, i): Complex => (i === end ? first(vectors[a][part]) : [0, 0])),
    );
  const psi = solve(lower, diagonal, upper, onLead("W"));
  const rhs = onLead("dW").map((column, a) => column.map((value, i) => minus(value, psi[a][i])));
  ends.forEach((end, lead) => {
    for (let a = 0; a < 2; a++)
      rhs[a][end] = plus(rhs[a][end], times(first(selves[lead].derivative), psi[a][end]));
  });
  const dPsi = solve(lower, diagonal, upper, rhs);
  const minusTwoPiI: Complex = [0, -2 * Math.PI];
  const S: number[] = [];
  const dSdE: number[] = [];
  const K: number[] = [];
  for (let a = 0; a < 2; a++)
    for (let b = 0; b < 2; b++) {
      const w = conjugate(first(vectors[a].W));
      const dw = conjugate(first(vectors[a].dW));
      const s = times(minusTwoPiI, times(w, psi[b][ends[a]]));
      S.push(s[0] + (a === b ? 1 : 0), s[1]);
      dSdE.push(...times(minusTwoPiI, plus(times(dw, psi[b][ends[a]]), times(w, dPsi[b][ends[a]]))));
      let k: Complex = [0, 0];
      for (let i = 0; i < n; i++) {
        let row: Complex = [L.onsite[i] * psi[b][i][0], L.onsite[i] * psi[b][i][1]];
        if (i + 1 < n) row = plus(row, times(L.hopping[i], psi[b][i + 1]));
        if (i > 0) row = plus(row, times(conjugate(L.hopping[i - 1]), psi[b][i - 1]));
        k = plus(k, times(conjugate(psi[a][i]), row));
      }
      K.push(2 * Math.PI * k[0], 2 * Math.PI * k[1]);
    }
  return { S, dSdE, K };
}
