// An error as plain data, for programs that read JSON: its kind by name, the message, and its own fields.

import { InputError, NumericalError } from "../index.js";

export interface ErrorDocument {
  error: Record<string, unknown>;
  /** The part of the answer that is known, with its errors. */
  known?: object;
}

/** Of an InputError, of a NumericalError, of any other thing that was thrown. */
export function errorDocument(error: unknown): ErrorDocument {
  if (error instanceof InputError) {
    const { name, message, field, expected, found } = error;
    return { error: { name, message, field, expected, found } };
  }
  if (error instanceof NumericalError) {
    const { name, message, energy, at, condition, causes, known } = error;
    return {
      error: { name, message, energy: finite(energy), at, condition: finite(condition), causes },
      ...(known && { known }),
    };
  }
  return { error: { name: "Defect", message: error instanceof Error ? error.message : String(error) } };
}

/** JSON has no other numbers. */
const finite = (value: number | undefined): number | undefined =>
  Number.isFinite(value) ? value : undefined;
