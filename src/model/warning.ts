// What a result says beside its numbers: a code for programs, a sentence for readers. No code reads
// the sentence.

/** What each code of a warning means, by code. */
export const warningCodes = {
  /** No path of matrix elements connects some orbitals to a lead: they exchange no particles. */
  isolated: "orbitals are connected to no lead",
  /** Nothing is pumped and there is no torque. */
  "still-cycle": "no parameter moves along the cycle",
  /** `scatter`: digits of S beyond the eighth depend on rounding there. */
  threshold: "the energy lies on a channel threshold",
  /**
   * `scatter`: a level that no lead sees, or a band edge, lies at the energy; the derivatives named
   * are left out.
   */
  derivatives: "S exists at this energy, but a derivative of it does not or is not known",
  /** Next to a narrow resonance doubles are too short; `errors` hold what was reached. */
  rounding: "rounding keeps an integral from the tolerance",
  /** The number and its absolute error hold, its relative error is above the tolerance. */
  small: "a quantity far below its scale is not known to the tolerance of its own size",
  /** Friction and noise where a channel opens inside the thermal window at a half-bound state. */
  diverges: "a quantity diverges and is left out",
  /** The rest of the answer holds without it. */
  unknown: "a quantity is not known to the tolerance and is left out",
  /** S was given so, or solved so; the text says how far from unitary it is. */
  unitarity: "S is not unitary",
  /** Certificate `chargeBalance`. */
  "charge-balance": "charges or currents do not sum to zero",
  /** Certificate `energyBalance`. */
  "energy-balance": "energy currents do not sum to zero",
  /** Certificate `firstLaw`. */
  "first-law": "the energy that enters in a turn is not the work",
  /** Certificate `secondLaw`. */
  "second-law": "the entropy production at rest is negative",
  /** Certificate `noisePositive`. */
  "negative-noise": "the noise has a negative eigenvalue",
  /** Certificate `fluctuationDissipation`. */
  "fluctuation-dissipation": "D is not 2 T gamma in equilibrium",
  /** Certificate `bound`. */
  bound: "the charge is beyond its bound by the friction",
  /**
   * The conservative force, the antisymmetric friction, or (without A, at a bias) friction and
   * currents per velocity.
   */
  "given-s": "a given S lacks what a quantity needs",
  /** The text says which, and why. */
  "left-out": "a part of the answer is left out",
  /**
   * `motor`, `turnCurve`: the integrals over the turn keep the tolerance, the curves hold as
   * `error` says.
   */
  kinks: "the curves over the turn have kinks",
  /** `motor`, `turnCurve`: charge and energy of a turn miss the difference of the fillings. */
  "bound-state": "a bound state joins a band where fillings differ",
  /** `motor`: friction does not brake enough to hold a speed; `steadyState` is left out. */
  "no-steady-state": "no speed and no angle holds the rotor",
  /** `motor`: the speed is beyond the inverse of the longest delay. */
  fast: "the steady state turns faster than slow driving allows",
  /** `simulate`: a rotor of infinite inertia rotates uniformly in every trajectory. */
  "no-noise": "the rotor feels no noise",
  /** `simulate`: the averages remember their start; the errors say by how much. */
  transient: "the time is short against the rotor's own relaxation",
  /** `simulate`: turns over barriers are too few to be more than counted. */
  "rare-events": "rare events carry a statistical quantity: its error is not reliable",
  /** `simulate`: the errors of second order in the step are not known. */
  step: "the time step does not resolve the motion",
  /** `pump`, `linearResponse` with `points`: `error` is more than 1 % of the charges. */
  "fixed-grid": "a fixed number of points does not resolve the turn",
} as const;

/** Code of a warning, by which programs tell them apart; `warningCodes` says what each means. */
export type WarningCode = keyof typeof warningCodes;

/**
 * What a result says beside its numbers. The numbers hold as their errors say, with or without it.
 */
export interface Warning {
  /** What kind of remark it is, for programs. */
  readonly code: WarningCode;
  /** The remark as a sentence, for readers; its wording may change. */
  readonly text: string;
}

/**
 * Warnings met along the way, one per code: the first, and how many more there were with other
 * words.
 */
export class WarningList {
  readonly #texts = new Map<WarningCode, Set<string>>();

  add({ code, text }: Warning): void {
    const known = this.#texts.get(code);
    if (known) known.add(text);
    else this.#texts.set(code, new Set([text]));
  }

  clear(): void {
    this.#texts.clear();
  }

  get list(): Warning[] {
    return Array.from(this.#texts, ([code, texts]) => {
      const [first] = texts;
      const others = texts.size - 1;
      return { code, text: others === 0 ? first : `${first} (and ${others} more like it)` };
    });
  }
}
