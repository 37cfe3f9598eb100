// The two errors that users of the package can meet. InputError: the input is wrong.
// NumericalError: the numbers could not be computed. Any other exception is a defect of this
// package.

/** The contents of an InputError besides the field and the fault. */
export interface InputFault {
  /** A description of valid values, as a noun phrase: "a finite number". */
  expected: string;
  /** A description of the value found, as a noun phrase: `"fast"`, "NaN", "a list of 3". */
  found: string;
  /** Advice as a full sentence. */
  advice?: string;
}

/**
 * The input is wrong. The error is thrown before any kernel runs. Message: `field: what is wrong;
 * expected ..., found .... Advice.`
 */
export class InputError extends Error {
  /** "InputError". */
  override readonly name = "InputError";
  /** Place of the question in the list of `engine.map`; absent elsewhere. */
  declare readonly index?: number;
  /** Path in the model, e.g. `device.leads[1].width`, or the option of a call, e.g. `energy`. */
  readonly field: string;
  /** A description of valid values, as a noun phrase: "a finite number". */
  readonly expected: string;
  /** A description of the value found, as a noun phrase: `"fast"`, "NaN", "a list of 3". */
  readonly found: string;

  /** An error at a field: `what` is wrong, what was expected and found, and advice. */
  constructor(field: string, what: string, { expected, found, advice }: InputFault) {
    // What a host says may end with a full stop of its own.
    const ended = found.replace(/(?<!\.)\.$/, "");
    super(`${field}: ${what}; expected ${expected}, found ${ended}.${advice ? ` ${advice}` : ""}`);
    this.field = field;
    this.expected = expected;
    this.found = found;
  }
}

/**
 * Place and causes of a failed computation. What is unknown, or is not a finite number, is absent.
 */
export interface NumericalFault {
  /** Energy in the model's unit. */
  energy?: number;
  /** Parameter values of the configuration. */
  at?: Record<string, number>;
  /**
   * Estimated condition number of `E - H - Sigma`, or another number that shows the difficulty.
   */
  condition?: number;
  /** Likely causes with a remedy each, the most likely first. */
  causes?: readonly string[];
  /** The part of the answer that is known, with its errors. */
  known?: object;
}

const finite = (value: number | undefined): number | undefined =>
  Number.isFinite(value) ? value : undefined;

const onlyFinite = (values: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)));

/** Largest number of parameters that a message lists. `at` of the error contains them all. */
const mostPlaces = 8;

function places(at: Record<string, number>): string[] {
  const named = Object.entries(at).map(([name, value]) => `${name} = ${value}`);
  const more = named.length - mostPlaces;
  return more > 0 ? [...named.slice(0, mostPlaces), `and ${more} more parameters`] : named;
}

/**
 * The numbers could not be computed to the tolerance. The message tells what failed, where, and the
 * likely causes in order.
 */
export class NumericalError extends Error {
  /** "NumericalError". */
  override readonly name = "NumericalError";
  /** Place of the question in the list of `engine.map`; absent elsewhere. */
  declare readonly index?: number;
  /** Energy at which the computation failed, in the model's unit; absent if there is none. */
  readonly energy?: number;
  /** Parameter values at which the computation failed; absent if there are none. */
  readonly at?: Readonly<Record<string, number>>;
  /**
   * Estimated condition number of `E - H - Sigma` there, at least 1; absent if it was not measured.
   */
  readonly condition?: number;
  /** Likely causes with a remedy each, the most likely first; may be empty. */
  readonly causes: readonly string[];
  /**
   * The part of the answer that is known, with its errors. It has the form of the answer without
   * the unknown members.
   */
  readonly known?: object;

  /** An error that tells what could not be computed, where, and why. */
  constructor(what: string, fault: NumericalFault = {}) {
    const { causes = [], known } = fault;
    const energy = finite(fault.energy);
    const at = fault.at && onlyFinite(fault.at);
    // A condition number is at least 1; a smaller value means that none was measured.
    const condition =
      finite(fault.condition) === undefined || fault.condition! < 1 ? undefined : fault.condition;
    const place = [...(energy === undefined ? [] : [`energy ${energy}`]), ...places(at ?? {})];
    const parts = [what];
    if (place.length > 0) parts.push(`at ${place.join(", ")}`);
    if (condition !== undefined) parts.push(`condition ${condition.toExponential(2)}`);
    const reasons = causes.map((cause, index) => `(${index + 1}) ${cause}`).join("; ");
    super(`${parts.join("; ")}.${reasons ? ` Likely causes: ${reasons}.` : ""}`);
    this.energy = energy;
    this.at = at;
    this.condition = condition;
    this.causes = causes;
    this.known = known;
  }
}

/** The message of any exception. */
export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : String(error);
  } catch {
    return "an error without a message";
  }
}

/** The result of the work. An error that it throws takes the place of its question with it. */
export function withIndex<Result>(index: number, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error) Object.defineProperty(error, "index", { value: index, enumerable: true });
    throw error;
  }
}
