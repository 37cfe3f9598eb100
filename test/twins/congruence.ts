// A model in another basis: new orbitals of the device are combinations of all old ones (T) and, on request, of those of the first cells of
// the leads (B); new orbitals of a cell are combinations of those of the cell (C) and of the next one outwards (A). H -> T^+ H T,
// S -> T^+ S T, dH/dX -> T^+ dH/dX T for the whole of device and leads: no observable changes.

import type { ExplicitDevice, Lead, Model, Triplet } from "../../src/model/types.js";
import { add, adjoint, multiply, scalar, zeros } from "./linear-algebra.js";
import { type RandomSource, randomSource } from "./random.js";

type Matrix = ReturnType<typeof zeros>;

/** A matrix from triplets, or from the upper triangle of a Hermitian one. */
function matrixOf(list: readonly Triplet[], rows: number, columns: number, hermitian = false): Matrix {
  const a = zeros(rows, columns);
  for (const [i, j, re, im = 0] of list) {
    a.data.set([re, im], 2 * (i * columns + j));
    if (hermitian && i !== j) a.data.set([re, -im], 2 * (j * columns + i));
  }
  return a;
}

/** All elements, or the upper triangle. */
function tripletsOf(a: Matrix, upper = false): Triplet[] {
  const [rows, columns] = a.shape;
  const list: Triplet[] = [];
  for (let i = 0; i < rows; i++)
    for (let j = upper ? i : 0; j < columns; j++) {
      const [re, im] = [a.data[2 * (i * columns + j)], a.data[2 * (i * columns + j) + 1]];
      list.push(upper && i === j ? [i, j, re] : [i, j, re, im]);
    }
  return list;
}

/** 1 + size times a random matrix, or without the 1. */
function mixing(random: RandomSource, rows: number, columns: number, size: number, real: boolean): Matrix {
  const a = zeros(rows, columns);
  const scale = size / Math.sqrt(columns);
  for (let k = 0; k < rows * columns; k++)
    a.data.set([scale * random.normal(), real ? 0 : scale * random.normal()], 2 * k);
  return a;
}

export interface Mixing {
  /** Size of the random part of T; default 0.4. */
  device?: number;
  /** That of C, within cells; default 0: the leads keep their orbitals. */
  cells?: number;
  /** That of A and B, across cells; default 0. */
  across?: number;
  /** Real transformations. */
  real?: boolean;
}

/** The model in a random basis. Chains become periodic leads, and every lead touches all orbitals. */
export function congruent<M extends Model & { device: ExplicitDevice }>(
  model: M,
  seed: number,
  { device: size = 0.4, cells = 0, across = 0, real = false }: Mixing = {},
): M {
  const random = randomSource(7000 + seed);
  const { device } = model;
  const n = device.orbitals;
  const T = add(scalar(n), mixing(random, n, n, size, real));
  const around = (a: Matrix, left: Matrix, right = left) => multiply(adjoint(left), a, right);
  let H = around(matrixOf(device.hamiltonian as Triplet[], n, n, true), T);
  const own = device.overlap ? matrixOf(device.overlap, n, n, true) : scalar(n);
  let S = around(own, T);
  const all = Array.from({ length: n }, (_, i) => i);
  const leads = device.leads.map((lead): Lead => {
    if (lead.kind === "wideband" || lead.kind === "probe") {
      const m = lead.orbitals.length;
      const { width } = lead;
      const gamma = Array.isArray(width)
        ? Array.isArray(width[0])
          ? matrixOf(width as Triplet[], m, m, true)
          : matrixOf(
              (width as number[]).map((w, i): Triplet => [i, i, w]),
              m,
              m,
            )
        : scalar(m, width);
      const rows = zeros(m, n);
      for (const [i, orbital] of lead.orbitals.entries())
        rows.data.set(T.data.subarray(2 * orbital * n, 2 * (orbital + 1) * n), 2 * i * n);
      return {
        name: lead.name,
        kind: lead.kind,
        orbitals: all,
        width: tripletsOf(around(gamma, rows), true),
      };
    }
    if (lead.kind !== "chain" && lead.kind !== "periodic") return lead;
    const chain = lead.kind === "chain";
    const orbitals = chain ? [lead.orbital] : lead.orbitals;
    const onsite: Triplet[] = chain ? [[0, 0, lead.onsite ?? 0]] : lead.onsite;
    const hopping: Triplet[] = chain ? [[0, 0, lead.hopping]] : lead.hopping!;
    const coupling: Triplet[] = chain
      ? [[0, 0, lead.coupling ?? lead.hopping]]
      : (lead.coupling ?? lead.hopping!);
    const m = 1 + Math.max(...[...onsite, ...hopping].flatMap(([i, j]) => [i, j]));
    const [h0, h1] = [matrixOf(onsite, m, m, true), matrixOf(hopping, m, m)];
    const V = zeros(n, m);
    for (const [row, j, re, im = 0] of coupling) V.data.set([re, im], 2 * (orbitals[row] * m + j));
    const C = add(scalar(m), mixing(random, m, m, cells, real));
    const A = mixing(random, m, m, across, real);
    const B = mixing(random, m, n, across, real);
    // Device orbitals are T on the device and B on the first cell.
    const VB = around(V, T, B);
    H = add(add(H, add(VB, adjoint(VB))), around(h0, B));
    S = add(S, around(scalar(m), B));
    const CA = around(h1, C, A);
    const base = { name: lead.name, kind: "periodic" as const, orbitals: all };
    const first = add(around(V, T, C), add(around(h0, B, C), around(h1, B, A)));
    if (cells === 0 && across === 0)
      return { ...base, onsite: tripletsOf(h0, true), hopping: tripletsOf(h1), coupling: tripletsOf(first) };
    const cell = add(add(around(h0, C), around(h0, A)), add(CA, adjoint(CA)));
    const next = add(around(h1, C), add(around(h0, A, C), around(h1, A)));
    const one = scalar(m);
    const overlaps = { overlap: tripletsOf(add(around(one, C), around(one, A)), true) };
    if (across === 0)
      return {
        ...base,
        onsite: tripletsOf(cell, true),
        hopping: tripletsOf(next),
        coupling: tripletsOf(first),
        ...overlaps,
      };
    return {
      ...base,
      onsite: tripletsOf(cell, true),
      hoppings: [tripletsOf(next), tripletsOf(around(h1, A, C))],
      couplings: [tripletsOf(first), tripletsOf(around(h1, B, C))],
      ...overlaps,
      hoppingOverlaps: [tripletsOf(around(one, A, C))],
      couplingOverlaps: [tripletsOf(around(one, B, C))],
    };
  });
  const parameters = Object.fromEntries(
    Object.entries(device.parameters as Record<string, Triplet[]>).map(([name, list]) => [
      name,
      tripletsOf(around(matrixOf(list, n, n, true), T), true),
    ]),
  );
  return {
    ...model,
    device: {
      ...device,
      hamiltonian: tripletsOf(H, true),
      overlap: tripletsOf(S, true),
      parameters,
      leads,
    },
  };
}
