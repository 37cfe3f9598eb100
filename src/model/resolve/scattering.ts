// Checks a device that is given by its S: sizes, finite numbers, names of parameters, and
// unitarity. All entries of a table are checked at once, the results of a function at each call. An
// S that is unitary to its printed digits is replaced by the nearest unitary matrix
// (unitary-sample.ts).

import { InputError } from "../../base/errors.js";
import { described, joinedPath } from "../../base/wording.js";
import { unitarityDefect } from "../../numerics/linear-algebra/unitary.js";
import { called } from "../called.js";
import { checkName } from "../file/names.js";
import { LARGEST } from "../file/sizes.js";
import type {
  ComplexMatrix,
  GivenDevice,
  ResolvedDevice,
  ResolvedLead,
  ResolvedScattering,
  ScatteringFunction,
  ScatteringSample,
  ScatteringTable,
} from "../types.js";
import { tableFunction } from "./scattering-table.js";
import { madeUnitary, PRINTED, sampleErrors } from "./unitary-sample.js";

const field = "device.scattering";

/**
 * The device without orbitals that this S describes. Throws InputError at the first wrong field.
 */
export function resolveGivenDevice({ scattering, parameters, leads }: GivenDevice): ResolvedDevice {
  parameters.forEach((name, i) => {
    checkName(name, `device.parameters[${i}]`);
    if (parameters.indexOf(name) < i)
      throw new InputError(`device.parameters[${i}]`, "a parameter is listed twice", {
        expected: "each name once",
        found: described(name),
      });
  });
  leads.forEach(({ name }, i) => {
    checkName(name, `device.leads[${i}].name`);
    if (leads.findIndex((lead) => lead.name === name) < i)
      throw new InputError(`device.leads[${i}].name`, "two leads have the same name", {
        expected: "a name of its own for every lead",
        found: described(name),
      });
  });
  const channels = leads.map((lead) => lead.channels);
  const total = channels.reduce((sum, count) => sum + count, 0);
  const { evaluate, table, energyScale = 1, edges = [], reciprocal = false, sliding = false } = scattering;
  if ((evaluate === undefined) === (table === undefined))
    throw new InputError(field, "S is given once", {
      expected: "either `evaluate` or `table`",
      found: evaluate ? "both" : "neither",
    });
  const resolved: ResolvedScattering = {
    evaluate: evaluate ? checked(evaluate, total, parameters) : fromTable(table!, total, parameters),
    table: table !== undefined,
    channels,
    energyScale,
    edges: [...edges].sort((a, b) => a - b),
    reciprocal,
    sliding,
  };
  const none = {
    rows: new Int32Array(),
    columns: new Int32Array(),
    re: new Float64Array(),
    im: new Float64Array(),
  };
  return {
    orbitals: 0,
    hamiltonian: none,
    parameters: parameters.map((name) => ({ name, derivative: none })),
    scattering: resolved,
    leads: leads.map(
      ({ name }): ResolvedLead => ({
        name,
        kind: "wideband",
        orbitals: new Int32Array(),
        width: { shape: [0, 0], data: new Float64Array() },
        diagonal: true,
      }),
    ),
  };
}

/** A checked copy, because a function may write its next result into the same array. */
function checkedMatrix(matrix: ComplexMatrix | undefined, m: number, path: string): ComplexMatrix {
  const good =
    typeof matrix === "object" && matrix !== null && matrix.shape?.[0] === m && matrix.shape[1] === m;
  if (!good || matrix.data?.length !== 2 * m * m)
    throw new InputError(path, "wrong result", {
      expected: `a matrix { shape: [${m}, ${m}], data } with ${2 * m * m} interleaved numbers`,
      found: described(matrix),
    });
  for (const x of matrix.data)
    if (!(Math.abs(x) <= LARGEST))
      throw new InputError(path, "wrong value", {
        expected: `finite numbers of at most ${LARGEST} in size`,
        found: described(x),
      });
  return { shape: [m, m], data: Float64Array.from(matrix.data) };
}

/** The user's function with checks of its results. */
function checked(evaluate: ScatteringFunction, m: number, names: string[]): ResolvedScattering["evaluate"] {
  return (energy, at) => {
    const path = `${field}.evaluate`;
    const given = called(() => evaluate(energy, { ...at }), path);
    const sample: ScatteringSample = { S: checkedMatrix(given?.S, m, `${path}(...).S`) };
    if (given.dSdE) sample.dSdE = checkedMatrix(given.dSdE, m, `${path}(...).dSdE`);
    for (const key of ["dS", "mixed", "A"] as const) {
      const list = given[key];
      if (list === undefined) continue;
      sample[key] = Object.fromEntries(
        names.map((name) => [name, checkedMatrix(list?.[name], m, joinedPath(`${path}(...).${key}`, name))]),
      );
    }
    const place = [`energy ${energy}`, ...names.map((name) => `${name} = ${at[name]}`)].join(", ");
    const defect = checkUnitary(sample.S.data, m, `${path}(...).S`, ` at ${place}`);
    return { ...madeUnitary(sample, m), defect, errors: sampleErrors(sample, m, defect) };
  };
}

/** max |S^+ S - 1|. Throws InputError for an S that is not unitary to printed digits. */
function checkUnitary(S: Float64Array, m: number, path: string, place = ""): number {
  const defect = unitarityDefect(S, m);
  if (defect <= PRINTED) return defect;
  throw new InputError(path, `S is not unitary${place}`, {
    expected: `max |S^+ S - 1| of at most ${PRINTED}`,
    found: defect.toPrecision(2),
    advice:
      "Channels carry unit current (divide amplitudes by the roots of the velocities), and numbers need four digits.",
  });
}

/** The checked numbers of the table, as a function. */
function fromTable(
  { energies, S, A }: ScatteringTable,
  m: number,
  names: string[],
): ResolvedScattering["evaluate"] {
  const path = `${field}.table`;
  if (names.length !== 1)
    throw new InputError("device.parameters", "a table has one parameter, the angle", {
      expected: "one name",
      found: `${names.length}`,
    });
  const ascending = energies.every((e, i) => i === 0 || e > energies[i - 1]);
  if (energies.length < 4 || !ascending)
    throw new InputError(`${path}.energies`, "no grid", {
      expected: "four or more numbers, ascending",
      found: ascending ? `${energies.length}` : "a step down",
    });
  const angles = S[0]?.length ?? 0;
  if (angles < 4)
    throw new InputError(`${path}.S[0]`, "too few angles", {
      expected: "four or more, at 2 pi j / n",
      found: `${angles}`,
    });
  const flat = (list: ScatteringTable["S"], place: string): Float64Array => {
    const shape = [energies.length, angles, m, m, 2];
    const data = new Float64Array(shape.reduce((product, n) => product * n, 1));
    let next = 0;
    const walk = (value: unknown, depth: number, at: string): void => {
      if (depth === shape.length) {
        if (!Number.isFinite(value))
          throw new InputError(at, "wrong value", { expected: "a finite number", found: described(value) });
        data[next++] = value as number;
        return;
      }
      if (!Array.isArray(value) || value.length !== shape[depth])
        throw new InputError(at, "wrong size", {
          expected: `a list of ${shape[depth]}`,
          found: Array.isArray(value) ? `a list of ${value.length}` : described(value),
        });
      for (let i = 0; i < value.length; i++) walk(value[i], depth + 1, `${at}[${i}]`);
    };
    walk(list, 0, place);
    return data;
  };
  const values = flat(S, `${path}.S`);
  const size = 2 * m * m;
  let defect = 0;
  for (let i = 0; i < energies.length; i++)
    for (let j = 0; j < angles; j++) {
      const at = (i * angles + j) * size;
      defect = Math.max(defect, checkUnitary(values.subarray(at, at + size), m, `${path}.S[${i}][${j}]`));
    }
  return tableFunction(
    { energies, angles, channels: m, S: values, ...(A && { A: flat(A, `${path}.A`) }), defect },
    names[0],
  );
}
