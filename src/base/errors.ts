// The two errors a user of the package can meet: what they wrote is wrong (InputError), or the
// numbers could not be had (NumericalError). Anything else that is thrown is a defect of this
// package.

/** What an InputError says beside the field and the fault. */
export interface InputFault {
  /** What would have been right, as a noun phrase: "a finite number". */
  expected: string;
  /** What stood there, as a noun phrase: `"fast"`, "NaN", "a list of 3". */
  found: string;
  /** What to do, as a full sentence. */
  advice?: string;
}

/**
 * The input is wrong; thrown before any kernel runs. Message: `field: what is wrong; expected ...,
 * found .... What to do.`
 */
export class InputError extends Error {
  /** "InputError". */
  override readonly name = "InputError";
  /** Path in the model, e.g. `device.leads[1].width`, or the option of a call, e.g. `energy`. */
  readonly field: string;
  /** What would have been right, as a noun phrase: "a finite number". */
  readonly expected: string;
  /** What stood there, as a noun phrase: `"fast"`, "NaN", "a list of 3". */
  readonly found: string;

  /**
   * An error at a field: `what` is wrong with it, what was expected and found, and what to do about
   * it.
   */
  constructor(field: string, what: string, { expected, found, advice }: InputFault) {
    super(`${field}: ${what}; expected ${expected}, found ${found}.${advice ? ` ${advice}` : ""}`);
    this.field = field;
    this.expected = expected;
    this.found = found;
  }
}

/** Where and why a computation failed. What is not known, or is no finite number, is left out. */
export interface NumericalFault {
  /** Energy in the model's unit. */
  energy?: number;
  /** Parameter values of the configuration. */
  at?: Record<string, number>;
  /** Estimated condition number of `E - H - Sigma`, or another number that shows the trouble. */
  condition?: number;
  /** Likely causes, the likeliest first; each with its remedy. */
  causes?: readonly string[];
  /** The part of the answer that is known, with its errors. */
  known?: object;
}

const finite = (value: number | undefined): number | undefined =>
  Number.isFinite(value) ? value : undefined;

const onlyFinite = (values: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)));

/** Parameters that a message names; `at` of the error holds them all. */
const mostPlaces = 8;

function places(at: Record<string, number>): string[] {
  const named = Object.entries(at).map(([name, value]) => `${name} = ${value}`);
  const more = named.length - mostPlaces;
  return more > 0 ? [...named.slice(0, mostPlaces), `and ${more} more parameters`] : named;
}

/**
 * The numbers could not be computed to the asked tolerance. Message: what, where, and the likely
 * causes in order.
 */
export class NumericalError extends Error {
  /** "NumericalError". */
  override readonly name = "NumericalError";
  /** Energy at which it failed, in the model's unit; left out where there is none. */
  readonly energy?: number;
  /** Parameter values at which it failed; left out where there are none. */
  readonly at?: Readonly<Record<string, number>>;
  /**
   * Estimated condition number of `E - H - Sigma` there, at least 1; left out where it was not
   * measured.
   */
  readonly condition?: number;
  /** Likely causes, the likeliest first, each with its remedy; may be empty. */
  readonly causes: readonly string[];
  /**
   * The part of the answer that is known, with its errors: shaped as the answer, what is not known
   * left out.
   */
  readonly known?: object;

  /** An error that says what could not be computed, and where and why. */
  constructor(what: string, fault: NumericalFault = {}) {
    const { causes = [], known } = fault;
    const energy = finite(fault.energy);
    const at = fault.at && onlyFinite(fault.at);
    // A condition number is 1 or more: a smaller one was not measured.
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

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : String(error);
  } catch {
    return "an error without a message";
  }
}
