// A device compiled for the kernels: the block order, the sparsity pattern, the plan, and the
// places at which the elements of H and of the directions are written. Compiling takes a time
// linear in the number of matrix elements. New values need no compilation as long as the pattern
// stays the same.

import { InputError } from "../../base/errors.js";
import { Plan } from "../../engine/device/plan.js";
import { planBytes } from "../../engine/device/plan-layout.js";
import type { Kernels } from "../../engine/kernels.js";
import type { ResolvedDevice } from "../../model/types.js";
import {
  accumulate,
  DirectionPatterns,
  type PlacedElements,
  placeElements,
  unionRows,
} from "../../numerics/linear-algebra/sparse.js";
import type { PreparedLead } from "../leads/lead.js";
import { type BlockOrder, leadCliques } from "../ordering/slices.js";
import type { Hamiltonian } from "./hamiltonian.js";
import { overlapGroups } from "./overlap.js";

/**
 * Largest plan in bytes. The inverses of the slices of a larger plan would not fit into the memory
 * of the kernels.
 */
const largestPlan = 2.5 * 2 ** 30;

function tooLarge(found: string): InputError {
  return new InputError("device.orbitals", "the device is too large for one factorisation", {
    expected: "slices whose squared sizes add up to at most 1.6e8, and results that fit beside them",
    found,
    advice: "Attach the leads to the narrow ends of the device, or give fewer parameters.",
  });
}

/** A device in kernel memory in one order of its orbitals. */
export class CompiledDevice {
  readonly plan: Plan;
  readonly #kernels: Kernels;
  readonly #matrices: Hamiltonian;
  readonly #hamiltonian: PlacedElements;
  readonly #derivatives: PlacedElements[];
  /**
   * Per direction: the places of one parameter's elements, or of all parameters' elements for a
   * tangent.
   */
  readonly #directions: PlacedElements[][];
  /** The elements of H0 on the pattern. */
  readonly #base: Float64Array;
  readonly #tangent: boolean;

  /**
   * With `complex` the fronts hold complex numbers. Throws InputError before any memory is taken if
   * the device is too large.
   */
  constructor(
    kernels: Kernels,
    device: ResolvedDevice,
    matrices: Hamiltonian,
    leads: PreparedLead[],
    order: BlockOrder,
    tangent: boolean,
    complex: boolean,
  ) {
    const bytes = order.fronts ? 0 : planBytes(order.starts);
    if (bytes > largestPlan) throw tooLarge(`${bytes / 16}`);
    const { orbitals, starts } = order;
    const position = new Int32Array(device.orbitals).fill(-1);
    orbitals.forEach((orbital, i) => {
      position[orbital] = i;
    });
    const pattern = unionRows(orbitals.length, matrices.matrices, leadCliques(device.leads), position);
    const { hamiltonian, derivatives } = matrices;
    // Each direction has its own compressed rows over the rows that it touches. There is one
    // direction per parameter, or one with the union of all rows for a tangent.
    const groups = tangent ? [derivatives] : derivatives.map((derivative) => [derivative]);
    const patterns = new DirectionPatterns(position, orbitals.length);
    const directions = groups.map((group) => patterns.of(group));
    this.#kernels = kernels;
    this.#matrices = matrices;
    this.#tangent = tangent;
    this.#hamiltonian = placeElements(hamiltonian, position, pattern);
    this.#derivatives = matrices.linear
      ? derivatives.map((matrix) => placeElements(matrix, position, pattern))
      : [];
    this.#directions = directions.map(({ places }) => places);
    this.#base = new Float64Array(2 * pattern.columns.length);
    try {
      this.plan = new Plan(kernels, {
        blockStart: starts,
        fronts: order.fronts,
        complex,
        rowStart: pattern.rowStart,
        columns: pattern.columns,
        leads: [...leads, ...overlapGroups(device.overlap)].map(({ orbitals }) => ({
          // An overlap between orbitals without a path to a lead has no place.
          positions: orbitals.map((orbital) => position[orbital]).filter((place) => place >= 0),
        })),
        directions: directions.map((direction) => direction.pattern),
      });
    } catch (error) {
      if (error instanceof RangeError) throw tooLarge(error.message);
      throw error;
    }
    if (matrices.linear) {
      accumulate(this.#base, 0, this.#hamiltonian, hamiltonian, 1);
      if (!tangent) this.writeDirections(undefined);
    }
  }

  /** Writes H(X) into the plan. */
  writeHamiltonian(values: Float64Array): void {
    const { floats } = this.#kernels;
    const at = this.plan.hamiltonian;
    const { hamiltonian, derivatives, linear } = this.#matrices;
    floats.set(this.#base, at);
    if (!linear) accumulate(floats, at, this.#hamiltonian, hamiltonian, 1);
    else
      for (let nu = 0; nu < derivatives.length; nu++)
        if (values[nu] !== 0) accumulate(floats, at, this.#derivatives[nu], derivatives[nu], values[nu]);
  }

  /**
   * Writes the directions: the derivatives, or their sum weighted with the components of the
   * tangent.
   */
  writeDirections(tangent: Float64Array | undefined): void {
    const { floats } = this.#kernels;
    const { derivatives } = this.#matrices;
    this.#directions.forEach((places, nu) => {
      const at = this.plan.direction(nu);
      floats.fill(0, at, at + this.plan.directionLength(nu));
      if (!this.#tangent) accumulate(floats, at, places[0], derivatives[nu], 1);
      else
        places.forEach((list, i) => {
          accumulate(floats, at, list, derivatives[i], tangent?.[i] ?? 0);
        });
    });
  }
}
