// `validate`: checks whether the file is a model, and shows what it contains.

import { type Answer, openDevice } from "../answer.js";
import type { CommandEntry } from "../command.js";
import type { ModelOptions } from "../source.js";

/** The description for the command line. */
export const entry: CommandEntry = {
  description: "check a model",
  example: "nanopinwheel validate --preset two-gate --set radius=0.2",
  argument: "model",
  long: false,
  options: [],
};

export default async function validate(file: string | undefined, options: ModelOptions): Promise<Answer> {
  const [{ orbitals, leadNames, parameterNames, warnings }] = await openDevice(file, options);
  const parameters = parameterNames.length > 0 ? parameterNames.join(", ") : "none";
  return {
    result: { ok: true, orbitals, leads: leadNames, parameters: parameterNames, warnings },
    text: `valid: ${orbitals} orbitals; leads ${leadNames.join(", ")}; parameters ${parameters}\n`,
  };
}
