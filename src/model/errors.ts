// The two errors a user of the package can meet: what they wrote is wrong (InputError), or the numbers could not be had (NumericalError).
// Anything else that is thrown is a defect of this package.

/** What an InputError says beside the field and the fault. */
export interface InputFault {
  /** What would have been right, as a noun phrase: "a finite number". */
  expected: string;
  /** What stood there, as a noun phrase: `"fast"`, "NaN", "a list of 3". */
  found: string;
  /** What to do, as a full sentence. */
  advice?: string;
}

/** The input is wrong; thrown before any kernel runs. Message: `field: what is wrong; expected ..., found .... What to do.` */
export class InputError extends Error {
  override readonly name = "InputError";
  /** Path in the model, e.g. `device.leads[1].width`, or the option of a call, e.g. `energy`. */
  readonly field: string;
  readonly expected: string;
  readonly found: string;

  constructor(field: string, what: string, { expected, found, advice }: InputFault) {
    super(`${field}: ${what}; expected ${expected}, found ${found}.${advice ? ` ${advice}` : ""}`);
    this.field = field;
    this.expected = expected;
    this.found = found;
  }
}

/** Where and why a computation failed. */
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

/** The numbers could not be computed to the asked tolerance. Message: what, where, and the likely causes in order. */
export class NumericalError extends Error {
  override readonly name = "NumericalError";
  readonly energy?: number;
  readonly at?: Readonly<Record<string, number>>;
  readonly condition?: number;
  readonly causes: readonly string[];
  /** The part of the answer that is known, with its errors: shaped as the answer, what is not known left out. */
  readonly known?: object;

  constructor(what: string, { energy, at, condition, causes = [], known }: NumericalFault = {}) {
    const place = [
      ...(energy === undefined ? [] : [`energy ${energy}`]),
      ...Object.entries(at ?? {}).map(([name, value]) => `${name} = ${value}`),
    ];
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
