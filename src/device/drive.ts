// The common part of all questions about a motor: cycle, reservoirs and rotor in place of the
// model's, and the curves of the turn that follow from them.

import { InputError } from "../base/errors.js";
import { described } from "../base/wording.js";
import { parsed } from "../model/file/issues.js";
import { rotorSchema } from "../model/file/schema.js";
import { refuseHuge } from "../model/file/sizes.js";
import {
  checkedLater,
  finiteOption,
  functionOption,
  type OptionTable,
  objectOption,
  optionsOf,
  toleranceOption,
} from "../model/options.js";
import { definedOnly } from "../model/resolve/resolve.js";
import type { Cycle, CycleFunction, Reservoir, ResolvedModel, Rotor } from "../model/types.js";
import { TurnCurveBuilder } from "../motor/curve/curve.js";
import type { Dephasing } from "../transport/forces/options.js";
import { budgetOption } from "../transport/tasks/budget.js";
import type { DeviceContext } from "./context.js";
import { chosenReservoirs, dephasingOption, type ReservoirChoice } from "./reservoirs.js";

/** The options of `motor` and `turnCurve`; `simulate` has further ones. */
export interface MotorQuestion {
  /** Cycle in place of the model's. */
  cycle?: Cycle | CycleFunction;
  /** Reservoirs in place of the model's, by lead. */
  reservoirs?: ReservoirChoice;
  /**
   * Bias that sets the chemical potentials of the first two leads that are not probes to +bias/2
   * and -bias/2 about their mean; an energy. Default: no change.
   */
  bias?: number;
  /** Rotor in place of the model's, key by key. */
  rotor?: Partial<Rotor>;
  /** Load in place of the rotor's, energy per radian. */
  load?: number;
  /** Allowed relative error of every curve on its scale, between 0 and 1; default 1e-8. */
  tolerance?: number;
  /** The condition that probes fulfil, as in `forces`; default "voltage". */
  dephasing?: Dephasing;
  /**
   * Most energies at which the device is solved over all angles. An energy in higher precision
   * counts as 10 or more. Default: a minute or two of work, at most 20 million.
   */
  budget?: number;
  /** Receives the number of finished angles and the number at present aimed at. Default: none. */
  progress?: (done: number, total: number) => void;
}

/** The checks of these options, which `simulate` extends. */
export const motorTable: OptionTable<MotorQuestion> = {
  cycle: checkedLater,
  reservoirs: checkedLater,
  bias: finiteOption,
  rotor: objectOption,
  load: finiteOption,
  tolerance: toleranceOption,
  budget: budgetOption,
  dephasing: dephasingOption,
  progress: functionOption,
};

export const motorOptions = optionsOf<MotorQuestion>("question", motorTable);

/** Largest absolute value of a rotor's numbers; its square is finite. */
const LARGEST = 1e100;

/**
 * The reservoirs of a question per lead (undefined for probes), with its bias. Throws InputError.
 */
export function motorReservoirs(
  model: ResolvedModel,
  { reservoirs, bias }: Pick<MotorQuestion, "reservoirs" | "bias">,
): (Reservoir | undefined)[] {
  const chosen = chosenReservoirs(model, reservoirs);
  if (bias === undefined) return chosen;
  refuseHuge(bias, "bias");
  const [first, second] = chosen.flatMap((reservoir, a) => (reservoir ? [a] : []));
  if (second === undefined)
    throw new InputError("bias", "too few leads", { expected: "two that are not probes", found: "fewer" });
  const [left, right] = [chosen[first]!, chosen[second]!];
  const mean = left.chemicalPotential / 2 + right.chemicalPotential / 2;
  return chosen.map((reservoir, a) => {
    if (reservoir && a === first) return { ...reservoir, chemicalPotential: mean + bias / 2 };
    return reservoir && a === second ? { ...reservoir, chemicalPotential: mean - bias / 2 } : reservoir;
  });
}

/**
 * The rotor of a question: the model's, with the numbers that the question gives. Throws
 * InputError.
 */
export function motorRotor(
  model: ResolvedModel,
  { rotor, load }: Pick<MotorQuestion, "rotor" | "load">,
): Rotor {
  const given = { ...model.rotor, ...definedOnly(rotor ?? {}), ...(load !== undefined && { load }) };
  const chosen = parsed(rotorSchema, given, "rotor") as Rotor;
  for (const [key, value] of Object.entries(chosen)) {
    if (typeof value !== "number" || Math.abs(value) <= LARGEST) continue;
    throw new InputError(key === "load" && load !== undefined ? "load" : `rotor.${key}`, "too large", {
      expected: `a number of at most ${LARGEST} in size, so that powers are finite`,
      found: described(value),
    });
  }
  return chosen;
}

/** The builder of the curves of a turn. */
export function turnOf(
  context: DeviceContext,
  reservoirs: readonly (Reservoir | undefined)[],
  { cycle, tolerance, dephasing, progress }: MotorQuestion,
  response?: Reservoir,
): TurnCurveBuilder {
  const options = { tolerance, dephasing, progress, response, crew: context.crew };
  const [solver, path] = [context.cycleSolver(), context.cycleOf(cycle)];
  return new TurnCurveBuilder(solver, path, context.parameterNames, reservoirs, options);
}
