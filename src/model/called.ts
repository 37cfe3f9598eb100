// Calls of functions that the user supplies in a model.

import { InputError } from "../base/errors.js";
import { described } from "../base/wording.js";

/** The result of a user's function. An exception inside it becomes an InputError of its field. */
export function called<T>(compute: () => T, field: string, what = "the function failed"): T {
  try {
    return compute();
  } catch (error) {
    if (error instanceof InputError) throw error;
    const reason = error instanceof Error ? error.message : error;
    throw new InputError(field, what, { expected: "a result", found: described(reason) });
  }
}
