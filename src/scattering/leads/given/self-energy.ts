// A lead that is known by its self-energy. A table is interpolated by polynomials over the energies
// around, as many as serve best there (numerics/interpolation/cell.ts). A function is asked; a
// derivative it does not give comes from differences. The channels are those of lead-vectors.ts.
//
// What a table leaves open shows in a second, coarser reading of it: it is off the first one in the
// direction of the interpolant of two energies less, by the distance from that or by the bound of
// the interpolation error and the digits of doubles, the larger of the two. A differenced derivative is shifted by its error. The solver compares the results of both readings (solvers/readings.ts).

import { NumericalError } from "../../../base/errors.js";
import type { Kernels } from "../../../engine/kernels.js";
import type { ResolvedSelfEnergyLead } from "../../../model/types.js";
import { cellOf, distances, judgeCell, lagrange } from "../../../numerics/interpolation/cell.js";
import { firstDifference } from "../../../numerics/interpolation/differences.js";
import type { LeadAtEnergy, PreparedLead } from "../lead.js";
import { BroadeningVectors } from "../lead-vectors.js";

/** Relative rounding of the numbers of a table or a function. */
const DOUBLES = 1e-15;

interface Reading {
  sigma: Float64Array;
  derivative: Float64Array;
}

/** Prepares the lead. Errors name the `field`. `coarse` is the second reading. */
export function selfEnergyLead(
  kernels: Kernels,
  lead: ResolvedSelfEnergyLead,
  field: string,
  coarse: boolean,
): PreparedLead {
  const { orbitals, table, evaluate, analytic } = lead;
  const n = orbitals.length;
  const vectors = new BroadeningVectors(kernels, n);
  const read = table ? tableReader(table, n, field, coarse) : functionReader(evaluate!, coarse);
  const reach = table ? largest(table.values) : sizeOfFunction(evaluate!);
  const at = (energy: number): LeadAtEnergy => {
    const { sigma, derivative } = read(energy);
    return vectors.complete(sigma, derivative, n);
  };
  return {
    orbitals,
    capacity: n,
    // Nothing is known of the symmetry of a function at other energies.
    symmetric: table !== undefined && isSymmetric(table.values, n),
    edges: [],
    edgesWithin: () => [],
    reach,
    onAxis: !analytic,
    approximate: table !== undefined || !givesDerivative(evaluate!),
    rotating: true,
    at,
    selfEnergyAt: (re, im) => {
      if (im === 0) return at(re);
      if (!analytic)
        throw new NumericalError(`${field}: the self-energy is known at real energies only`, { energy: re });
      const { sigma, derivative } = evaluate!(re, im);
      return { selfEnergy: sigma, selfEnergyDerivative: derivative! };
    },
  };
}

function tableReader(
  { energies, values }: NonNullable<ResolvedSelfEnergyLead["table"]>,
  n: number,
  field: string,
  coarse: boolean,
): (energy: number) => Reading {
  const size = 2 * n * n;
  const at = (node: number) => values.subarray(node * size, (node + 1) * size);
  const noise = DOUBLES * largest(values);
  const rules = new Map<number, ReturnType<typeof judgeCell>>();
  const between = (energy: number, cell: number, count: number): Reading => {
    const first = firstNode(energies, cell, count);
    const { values: weights, slopes } = lagrange(energies, first, count, energy);
    const [sigma, derivative] = [new Float64Array(size), new Float64Array(size)];
    for (let k = 0; k < count; k++) {
      const node = at(first + k);
      for (let p = 0; p < size; p++) {
        sigma[p] += weights[k] * node[p];
        derivative[p] += slopes[k] * node[p];
      }
    }
    return { sigma, derivative };
  };
  const [low, high] = [energies[0], energies[energies.length - 1]];
  return (energy) => {
    if (!(energy >= low && energy <= high))
      throw new NumericalError(`${field}.selfEnergy: the table ends at the energies ${low} and ${high}`, {
        energy,
        causes: ["a bias or temperature whose window is wider than the table: give more energies"],
      });
    const cell = cellOf(energies, energy);
    let judged = rules.get(cell);
    if (!judged) {
      judged = judgeCell({ nodes: energies, members: 1, size, at, noise }, cell);
      rules.set(cell, judged);
    }
    const { rule, errors } = judged;
    if (!rule.resolved)
      throw new NumericalError(`${field}.selfEnergy: the table is too coarse here`, {
        energy,
        causes: [
          "an edge of a band, or a level narrower than the spacing of the energies: give more of them",
        ],
      });
    const fine = between(energy, cell, rule.count);
    if (!coarse) return fine;
    const other = between(energy, cell, Math.max(2, rule.count - 2));
    const { product, slope } = distances(energies, firstNode(energies, cell, rule.count), rule.count, energy);
    const [value, next] = [errors.value[0], errors.next[0]];
    return {
      sigma: moved(fine.sigma, other.sigma, value * Math.abs(product) + noise),
      derivative: moved(
        fine.derivative,
        other.derivative,
        value * Math.abs(slope) + next * Math.abs(product) + noise / (energies[cell + 1] - energies[cell]),
      ),
    };
  };
}

const firstNode = (energies: Float64Array, cell: number, count: number): number =>
  Math.min(Math.max(cell - (count >> 1) + 1, 0), energies.length - count);

/** `a` moved towards b by their distance, or by `least` if that is more. */
function moved(a: Float64Array, b: Float64Array, least: number): Float64Array {
  const distance = Math.hypot(...a.map((x, k) => b[k] - x));
  // Without a direction the first element moves.
  if (distance === 0) return a.map((x, k) => (k === 0 ? x + least : x));
  const stretch = Math.max(1, least / distance);
  return a.map((x, k) => x + stretch * (b[k] - x));
}

function functionReader(
  evaluate: NonNullable<ResolvedSelfEnergyLead["evaluate"]>,
  coarse: boolean,
): (energy: number) => Reading {
  return (energy) => {
    const { sigma, derivative } = evaluate(energy, 0);
    if (derivative) return { sigma: sigma.slice(), derivative: derivative.slice() };
    const noise = DOUBLES * largest(sigma);
    const { data, error } = firstDifference((shift) => evaluate(energy + shift, 0).sigma, {
      size: Math.abs(energy),
      noise,
    });
    const slope = Float64Array.from(data);
    if (coarse) for (let k = 0; k < slope.length; k++) slope[k] += error;
    return { sigma: sigma.slice(), derivative: slope };
  };
}

const largest = (a: Float64Array): number => a.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** The size of Sigma at energy 0, or 1 if the function does not answer there. */
function sizeOfFunction(evaluate: NonNullable<ResolvedSelfEnergyLead["evaluate"]>): number {
  try {
    return largest(evaluate(0, 0).sigma);
  } catch {
    return 1;
  }
}

/** Whether the function gives the derivative, as far as it answers at energy 0. */
function givesDerivative(evaluate: NonNullable<ResolvedSelfEnergyLead["evaluate"]>): boolean {
  try {
    return evaluate(0, 0).derivative !== undefined;
  } catch {
    return false;
  }
}

function isSymmetric(values: Float64Array, n: number): boolean {
  for (let start = 0; start < values.length; start += 2 * n * n)
    for (let i = 0; i < n; i++)
      for (let j = 0; j < i; j++)
        for (let part = 0; part < 2; part++)
          if (values[start + 2 * (i * n + j) + part] !== values[start + 2 * (j * n + i) + part]) return false;
  return true;
}
