// A device of n cells of a crystal between two leads of the same crystal, as a model file. The
// direction trap: a lead's hopping leads outward on both sides. Along the axis H_r is
// <cell l|H|cell l + r>, which is outward for the right lead; the left lead needs H_-r = H_r^+.

import { InputError } from "../base/errors.js";
import { described, didYouMean, listed } from "../base/wording.js";
import type { Triplet } from "../model/triplet.js";
import type { Model } from "../model/types.js";
import { type Layer, layersOf } from "./layers.js";
import { readWannier90 } from "./wannier90.js";

/** How a device is cut from a crystal. */
export interface CrystalOptions {
  /** Axis of transport: 1, 2 or 3, the cell vector of that number. */
  axis: 1 | 2 | 3;
  /** Number of cells of the device, at least 1 and at least the range of the hoppings. */
  cells: number;
  /**
   * Bloch vector along the two other axes, in their order, in units of the reciprocal vectors (-.5 to
   * .5 is the zone). Default: 0, 0.
   */
  k?: readonly [number, number];
  /** Fermi energy, which becomes the zero of energy. Default: 0, and no reservoirs are written. */
  fermi?: number;
  /**
   * Parameters that shift energies of the device: by name its orbitals, from 0 (cell c of N functions
   * has c N to c N + N - 1), or `{ cells }`, the numbers of cells. Default: none.
   */
  gates?: Readonly<Record<string, readonly number[] | { cells: readonly number[] }>>;
  /**
   * Longest hopping that is kept, in cells. Default: all. What is dropped is told in `dropped`.
   */
  range?: number;
  /** Name of the file, for messages. Default: "FILE". */
  name?: string;
}

/** A model made of another code's file. */
export interface ImportedModel {
  /** The model, as of a model file. */
  model: Model;
  /** Longest hopping along the axis, in cells. */
  range: number;
  /** Largest matrix element that `range` left out, in the file's unit of energy; 0 if none. */
  dropped: number;
  /** Largest element of H(-R) - H(R)^+ in the file, which was averaged away. */
  hermiticityDefect: number;
}

const known = ["axis", "cells", "k", "fermi", "gates", "range", "name"];
/** Most orbitals of a device that is written. */
const mostOrbitals = 1e5;

function wholeNumber(value: unknown, field: string, least: number, most: number): number {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most)
    throw new InputError(field, "wrong value", {
      expected: `a whole number from ${least} to ${most}`,
      found: described(value),
    });
  return value as number;
}

function finite(value: unknown, field: string): number {
  if (typeof value !== "number" || !Number.isFinite(value) || Math.abs(value) > 1e6)
    throw new InputError(field, "wrong value", {
      expected: "a finite number of at most 1e6",
      found: described(value),
    });
  return value;
}

function blochVector(k: unknown): readonly number[] {
  if (k === undefined) return [0, 0];
  if (!Array.isArray(k) || k.length !== 2)
    throw new InputError("k", "wrong value", { expected: "two numbers", found: described(k) });
  return k.map((one, i) => finite(one, `k[${i}]`));
}

/** The elements of a matrix that are not zero; of the upper triangle alone for a Hermitian one. */
function triplets({ re, im }: Layer, size: number, hermitian: boolean): Triplet[] {
  const found: Triplet[] = [];
  for (let m = 0; m < size; m++)
    for (let n = hermitian ? m : 0; n < size; n++) {
      const i = m * size + n;
      // The last element is written in any case: the file takes the size of the cell from it.
      if (re[i] === 0 && im[i] === 0 && i !== size ** 2 - 1) continue;
      found.push(im[i] === 0 ? [m, n, re[i]] : [m, n, re[i], im[i]]);
    }
  return found;
}

function adjoint({ re, im }: Layer, size: number): Layer {
  const turned: Layer = { re: new Float64Array(size ** 2), im: new Float64Array(size ** 2) };
  for (let m = 0; m < size; m++)
    for (let n = 0; n < size; n++) {
      turned.re[m * size + n] = re[n * size + m];
      turned.im[m * size + n] = -im[n * size + m];
    }
  return turned;
}

function gateOrbitals(gate: unknown, field: string, size: number, cells: number): number[] {
  const ofCells = (gate as { cells?: unknown } | null)?.cells;
  const list = Array.isArray(gate) ? gate : ofCells;
  if (!Array.isArray(list) || list.length === 0)
    throw new InputError(field, "not a gate", {
      expected: "a list of orbitals, or { cells } with a list of cells",
      found: described(gate),
    });
  const most = Array.isArray(gate) ? size * cells : cells;
  const chosen = new Set(list.map((one, i) => wholeNumber(one, `${field}[${i}]`, 0, most - 1)));
  if (Array.isArray(gate)) return [...chosen].sort((a, b) => a - b);
  return [...chosen]
    .sort((a, b) => a - b)
    .flatMap((cell) => Array.from({ length: size }, (_, m) => cell * size + m));
}

/**
 * The model of `options.cells` cells of the crystal in a `_hr.dat` of Wannier90, between leads
 * `left` (towards lower cells) and `right` of the same crystal, at one transverse Bloch vector.
 * Energies are in eV. Throws InputError that names the option, or the line of the file.
 */
export function wannier90Model(text: string, options: CrystalOptions): ImportedModel {
  for (const key of Object.keys(options))
    if (!known.includes(key))
      throw new InputError(key, "unknown key", {
        expected: `one of ${listed(known)}`,
        found: described(key),
        advice: didYouMean(key, known),
      });
  const axis = wholeNumber(options.axis, "axis", 1, 3) - 1;
  const k = blochVector(options.k);
  const fermi = options.fermi === undefined ? undefined : finite(options.fermi, "fermi");
  const range = options.range === undefined ? undefined : wholeNumber(options.range, "range", 1, 1e6);
  const read = readWannier90(text, options.name);
  const { orbitals: size, hoppings, hermiticityDefect, dropped } = layersOf(read, axis, k, range);
  const reach = hoppings.length - 1;
  if (reach === 0)
    throw new InputError("axis", "nothing leads along it", {
      expected: "hoppings between cells",
      found: `none along axis ${axis + 1}`,
    });
  const most = Math.floor(mostOrbitals / size);
  const cells = wholeNumber(options.cells, "cells", reach, Math.max(reach, most));
  for (let m = 0; m < size; m++) hoppings[0].re[m * size + m] -= fermi ?? 0;

  const onsite = triplets(hoppings[0], size, true);
  const outward = hoppings.slice(1);
  const hamiltonian: Triplet[] = [];
  for (let cell = 0; cell < cells; cell++)
    for (let r = 0; r <= Math.min(reach, cells - 1 - cell); r++)
      for (const [m, n, ...value] of triplets(hoppings[r], size, r === 0))
        if (value.some((part) => part !== 0))
          hamiltonian.push([cell * size + m, (cell + r) * size + n, ...value] as Triplet);
  const lead = (name: string, cellsNear: number[], there: Layer[]) => {
    const matrices = there.map((one) => triplets(one, size, false));
    return {
      name,
      kind: "periodic" as const,
      orbitals: cellsNear.flatMap((cell) => Array.from({ length: size }, (_, m) => cell * size + m)),
      onsite,
      ...(reach === 1 ? { hopping: matrices[0] } : { hoppings: matrices }),
    };
  };
  const near = Array.from({ length: reach }, (_, i) => i);
  const parameters = Object.fromEntries(
    Object.entries(options.gates ?? {}).map(([name, gate]) => [
      name,
      gateOrbitals(gate, `gates.${name}`, size, cells).map((orbital): Triplet => [orbital, orbital, 1]),
    ]),
  );
  const model = {
    format: "nanopinwheel/1",
    units: { energy: "eV" },
    device: {
      orbitals: size * cells,
      hamiltonian,
      parameters,
      leads: [
        lead(
          "left",
          near,
          outward.map((one) => adjoint(one, size)),
        ),
        lead(
          "right",
          near.map((i) => cells - 1 - i),
          outward,
        ),
      ],
    },
    ...(fermi === undefined
      ? {}
      : {
          reservoirs: {
            left: { chemicalPotential: 0, temperature: 0 },
            right: { chemicalPotential: 0, temperature: 0 },
          },
        }),
  } as Model;
  return { model, range: reach, dropped, hermiticityDefect };
}
