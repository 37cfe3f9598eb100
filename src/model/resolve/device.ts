// Makes sparse matrices and resolved leads from a device that is written out. A Hamiltonian given
// as a function is wrapped, so that all of its results are checked before they are used.

import { InputError } from "../../base/errors.js";
import { described, didYouMean, joinedPath, listed } from "../../base/wording.js";
import { called } from "../called.js";
import { maximumParameters } from "../file/fields.js";
import { checkName } from "../file/names.js";
import { LARGEST, refuseHuge } from "../file/sizes.js";
import { resolveLeads } from "../leads/index.js";
import type {
  ExplicitDevice,
  GivenDevice,
  HamiltonianFunction,
  ParameterValues,
  ResolvedDevice,
  SparseHermitian,
  Triplet,
} from "../types.js";
import type { Warning } from "../warning.js";
import { checkOverlaps, resolveOverlap } from "./overlap.js";
import { resolvePositions } from "./positions.js";
import { unreachableOrbitals } from "./reachability.js";
import { resolveSamples } from "./samples.js";
import { resolveGivenDevice } from "./scattering.js";
import { type Product, periodicNames, resolveTerms, sumOfProducts } from "./terms.js";
import { sparseHermitian } from "./triplets.js";

/**
 * The device with all matrices, and warnings about it. Throws InputError at the first wrong field.
 */
export function resolveDevice(device: ExplicitDevice | GivenDevice): {
  device: ResolvedDevice;
  warnings: Warning[];
} {
  checkParameterCount(device.parameters);
  if ("scattering" in device) return { device: resolveGivenDevice(device), warnings: [] };
  const { orbitals, hamiltonian } = device;
  const resolved =
    typeof hamiltonian === "function" ? functionalParts(device, hamiltonian) : matrixParts(device);
  const overlap = device.overlap && resolveOverlap(device.overlap, orbitals);
  const positions = device.positions && resolvePositions(device.positions, orbitals);
  const leads = resolveLeads(device.leads, orbitals);
  checkOverlaps({ orbitals, overlap, leads });
  const matrices = [resolved.hamiltonian, ...resolved.patterns, ...(overlap ? [overlap] : [])];
  const unreached = unreachableOrbitals(orbitals, matrices, leads);
  return {
    device: {
      orbitals,
      hamiltonian: resolved.hamiltonian,
      parameters: resolved.parameters,
      ...(resolved.hamiltonianFunction && { hamiltonianFunction: resolved.hamiltonianFunction }),
      ...(resolved.interpolation && { interpolation: resolved.interpolation }),
      ...(overlap && { overlap }),
      ...(positions && { positions }),
      leads,
    },
    warnings: [
      ...(resolved.warnings ?? []),
      ...(unreached.length === 0 ? [] : [isolationWarning(unreached, orbitals)]),
    ],
  };
}

function checkParameterCount(parameters: ExplicitDevice["parameters"] = {}): void {
  const count = Object.keys(parameters).length;
  if (count <= maximumParameters) return;
  throw new InputError("device.parameters", "too many", {
    expected: `at most ${maximumParameters}`,
    found: String(count),
  });
}

/** The matrices of the Hamiltonian; `patterns` tell on which elements the parameters act. */
type Parts = Pick<ResolvedDevice, "hamiltonian" | "parameters" | "hamiltonianFunction" | "interpolation"> & {
  patterns: SparseHermitian[];
  warnings?: Warning[];
};

function matrixParts(device: ExplicitDevice): Parts {
  const { orbitals, hamiltonian, derivative, parameters = {} } = device;
  if (Array.isArray(parameters)) {
    throw new InputError("device.parameters", "a list of names needs a Hamiltonian given as a function", {
      expected: "an object of triplets by parameter name",
      found: described(parameters),
    });
  }
  if (derivative !== undefined) {
    throw new InputError("device.derivative", "allowed only with a Hamiltonian given as a function", {
      expected: "no derivative: `parameters` contains it",
      found: "a function",
    });
  }
  const sparse = sparseHermitian(hamiltonian, orbitals, "device.hamiltonian");
  const resolved = Object.entries(parameters).map(([name, list]) => ({
    name,
    derivative: sparseHermitian(list, orbitals, joinedPath("device.parameters", name)),
  }));
  if (device.terms !== undefined || device.samples !== undefined)
    return nonlinearParts(device, sparse, resolved);
  return {
    hamiltonian: sparse,
    parameters: resolved,
    patterns: resolved.map((parameter) => parameter.derivative),
  };
}

/**
 * H0 + sum X dH/dX with the terms and the harmonics of the samples, as functions of X. Parameters
 * that only terms or samples name come after the others, in the order in which they occur.
 */
function nonlinearParts(
  { orbitals, terms = [], samples }: ExplicitDevice,
  constant: SparseHermitian,
  linear: ResolvedDevice["parameters"],
): Parts {
  const added = resolveTerms(terms, orbitals);
  const interpolated = samples && resolveSamples(samples, orbitals);
  const products: Product[] = [
    { factors: [], matrix: constant },
    ...linear
      .filter(({ derivative }) => derivative.rows.length > 0)
      .map(
        ({ name, derivative }): Product => ({
          factors: [{ name, kind: "powers", order: 1 }],
          matrix: derivative,
        }),
      ),
    ...added,
    ...(interpolated?.products ?? []),
  ];
  const named = added.flatMap(({ factors }) => factors.map(({ name }) => name));
  const names = [
    ...new Set([...linear.map(({ name }) => name), ...named, ...(samples ? [samples.parameter] : [])]),
  ];
  checkParameterCount(names);
  const functions = sumOfProducts(products, orbitals, names);
  const origin = Object.fromEntries(names.map((name) => [name, 0]));
  return {
    hamiltonian: sparseHermitian(functions.evaluate(origin), orbitals, "device.hamiltonian"),
    parameters: names.map((name) => ({ name, derivative: sparseHermitian([], orbitals, "device.terms") })),
    hamiltonianFunction: { ...functions, periodic: periodicNames(products, names) },
    patterns: products.map(({ matrix }) => matrix),
    ...(interpolated && { interpolation: interpolated.error, warnings: interpolated.warnings }),
  };
}

function functionalParts(device: ExplicitDevice, hamiltonian: HamiltonianFunction["evaluate"]): Parts {
  const { orbitals, derivative, parameters = [] } = device;
  for (const key of ["terms", "samples"] as const) {
    if (device[key] === undefined) continue;
    throw new InputError(`device.${key}`, "not beside a Hamiltonian given as a function", {
      expected: "a Hamiltonian as a list of elements",
      found: "a function",
      advice: "Add the terms within the function.",
    });
  }
  const names = checkedNames(parameters);
  const evaluate = checkedFunction(hamiltonian, orbitals);
  const checked: HamiltonianFunction = { evaluate };
  if (derivative !== undefined) checked.derivative = checkedDerivative(derivative, orbitals, names);

  const origin = Object.fromEntries(names.map((name) => [name, 0]));
  const slopes = Object.values(checked.derivative?.(origin) ?? {});
  return {
    hamiltonian: sparseHermitian(evaluate(origin), orbitals, "device.hamiltonian"),
    parameters: names.map((name) => ({
      name,
      derivative: sparseHermitian([], orbitals, "device.parameters"),
    })),
    hamiltonianFunction: checked,
    patterns: slopes.map((list) => sparseHermitian(list, orbitals, "device.derivative")),
  };
}

function checkedNames(parameters: NonNullable<ExplicitDevice["parameters"]>): string[] {
  if (!Array.isArray(parameters)) {
    throw new InputError(
      "device.parameters",
      "a Hamiltonian given as a function has no matrices for its parameters",
      {
        expected: 'a list of names, e.g. ["x", "y"]',
        found: "an object",
      },
    );
  }
  parameters.forEach((name, i) => {
    checkName(name, `device.parameters[${i}]`);
    if (parameters.indexOf(name) < i) {
      throw new InputError(`device.parameters[${i}]`, "a parameter is listed twice", {
        expected: "each name once",
        found: described(name),
      });
    }
  });
  return parameters;
}

function checkedFunction(
  evaluate: HamiltonianFunction["evaluate"],
  orbitals: number,
): HamiltonianFunction["evaluate"] {
  return (values) => {
    const elements = called(() => evaluate(values), "device.hamiltonian");
    sparseHermitian(elements, orbitals, "device.hamiltonian");
    refuseHugeElements(elements, "device.hamiltonian");
    return elements;
  };
}

/**
 * Throws InputError at an element too large to compute with. A second pass with names runs only if
 * there is one.
 */
function refuseHugeElements(elements: readonly Triplet[], field: string): void {
  if (elements.some(([, , re, im = 0]) => Math.abs(re) > LARGEST || Math.abs(im) > LARGEST))
    refuseHuge(elements, field);
}

/** The derivative with an entry for every parameter, which is empty if the function gives none. */
function checkedDerivative(
  derivative: NonNullable<HamiltonianFunction["derivative"]>,
  orbitals: number,
  names: string[],
): NonNullable<HamiltonianFunction["derivative"]> {
  return (values: ParameterValues) => {
    const field = "device.derivative";
    const slopes: unknown = called(() => derivative(values), field);
    if (typeof slopes !== "object" || slopes === null || Array.isArray(slopes)) {
      throw new InputError(field, "wrong result", {
        expected: "triplets by parameter name",
        found: described(slopes),
      });
    }
    const given = slopes as Record<string, Triplet[]>;
    for (const name of Object.keys(given)) {
      if (names.includes(name)) continue;
      throw new InputError(joinedPath(field, name), "unknown parameter", {
        expected: `one of ${listed(names)}`,
        found: described(name),
        advice: didYouMean(name, names),
      });
    }
    const entries = names.map((name): [string, Triplet[]] => {
      const list = Object.hasOwn(given, name) ? given[name] : [];
      sparseHermitian(list, orbitals, joinedPath(field, name));
      refuseHugeElements(list, joinedPath(field, name));
      return [name, list];
    });
    return Object.fromEntries(entries);
  };
}

function isolationWarning(unreached: number[], orbitals: number): Warning {
  const shown = unreached.slice(0, 8).join(", ") + (unreached.length > 8 ? ", ..." : "");
  const [subject, verb, them] =
    unreached.length === 1 ? ["orbital", "is", "it"] : ["orbitals", "are", "them"];
  const text =
    `device: ${subject} ${shown} ${verb} connected to no lead (${unreached.length} of ${orbitals}); ` +
    `nothing flows through ${them} and the states there have no broadening.`;
  return { code: "isolated", text };
}
