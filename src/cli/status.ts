// Exit statuses: 0 done, 1 answer could not be written, 2 wrong input, 3 tolerance not reached, 70
// defect of this program.

import { InputError, messageOf, NumericalError } from "../base/errors.js";
import { tell, WriteError } from "./streams/output.js";

/** Writes the message of an error and returns the exit status. */
export function statusOf(error: unknown): number {
  const known = error instanceof InputError || error instanceof NumericalError || error instanceof WriteError;
  tell(known ? error.message : `defect in nanopinwheel: ${messageOf(error)}`);
  if (error instanceof WriteError) return 1;
  if (error instanceof InputError) return 2;
  return error instanceof NumericalError ? 3 : 70;
}
