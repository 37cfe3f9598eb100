// An error as plain data for programs that read JSON: its kind and name, the message, and its own
// fields. The document can be written as JSON for any exception and any numbers inside it.

import { messageOf } from "../base/errors.js";
import { InputError, NumericalError, plain } from "../index.js";

/** The members that an error has as JSON; those that do not apply are absent. */
export interface ErrorDocument {
  error: {
    kind: "input" | "numerical" | "internal";
    name: string;
    message: string;
    [detail: string]: unknown;
  };
  /** The part of the answer that is known, with its errors. */
  known?: object;
}

/** The document of an InputError, a NumericalError, or any other exception. */
export function errorDocument(error: unknown): ErrorDocument {
  if (error instanceof InputError) {
    const { name, message, field, expected, found } = error;
    return { error: { kind: "input", name, message, field, expected, found } };
  }
  if (error instanceof NumericalError) {
    const { name, message, energy, at, condition, causes } = error;
    return {
      error: { kind: "numerical", name, message, energy, at, condition, causes },
      ...knownPart(error),
    };
  }
  return { error: { kind: "internal", name: "Defect", message: messageOf(error) } };
}

/** The known part of the answer, if all of it can be written. */
function knownPart({ known }: NumericalError): { known?: object } {
  if (known === undefined) return {};
  try {
    return { known: plain(known) as object };
  } catch {
    return {};
  }
}
