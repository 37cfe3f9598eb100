// What a motor is asked with, for every question about one: its cycle, reservoirs and rotor in
// place of the model's, and the curves of the turn that follow.

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
import { budgetOption } from "../transport/energy/budget.js";
import type { Dephasing } from "../transport/forces/options.js";
import type { DeviceContext } from "./context.js";
import { chosenReservoirs, dephasingOption, type ReservoirChoice } from "./reservoirs.js";

/** What `motor` and `turnCurve` may be asked, and `simulate` beside its own. */
export interface MotorQuestion {
  /** Instead of the model's cycle. */
  cycle?: Cycle | CycleFunction;
  /** Reservoirs instead of the model's, lead by lead. */
  reservoirs?: ReservoirChoice;
  /**
   * Sets the chemical potentials of the first two leads that are not probes to +bias/2 and -bias/2
   * about their mean.
   */
  bias?: number;
  /** Rotor instead of the model's, key by key. */
  rotor?: Partial<Rotor>;
  /** Load instead of the rotor's, energy per radian. */
  load?: number;
  /** Relative error asked of every curve on its scale, between 0 and 1; default 1e-8. */
  tolerance?: number;
  /** What probes do (default "voltage"), as in `forces`. */
  dephasing?: Dephasing;
  /**
   * Most energies at which the device is solved over all angles, by default of a minute or two and
   * at most 20 million; one in higher precision counts as 10 or more.
   */
  budget?: number;
  /** Told the angles done and the number now aimed at. Default: nobody is. */
  progress?: (done: number, total: number) => void;
}

/** What `motor` may be asked, and `simulate` beside its own. */
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

/** Largest numbers of a rotor: their squares are finite. */
const LARGEST = 1e100;

/**
 * The reservoirs of a question, per lead (undefined for probes), its bias applied. Throws
 * InputError.
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
 * The rotor of a question: the model's with what the call gives in its place. Throws InputError.
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

/** The curves of a turn, to be built. */
export function turnOf(
  context: DeviceContext,
  reservoirs: readonly (Reservoir | undefined)[],
  { cycle, tolerance, dephasing, progress }: MotorQuestion,
  response?: Reservoir,
): TurnCurveBuilder {
  const options = { tolerance, dephasing, progress, response };
  const [solver, path] = [context.cycleSolver(), context.cycleOf(cycle)];
  return new TurnCurveBuilder(solver, path, context.parameterNames, reservoirs, options);
}
