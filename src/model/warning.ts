// Warnings that accompany the numbers of a result: a code for programs and a sentence for readers.
// No program reads the sentence.

/** The meaning of each code of a warning. */
export const warningCodes = {
  /**
   * No path of matrix elements connects some orbitals to a lead, so that they exchange no
   * particles.
   */
  isolated: "orbitals are connected to no lead",
  /** `device.samples`: results are those of the interpolated H, which the text compares. */
  samples: "H between samples differs from the H that was sampled",
  /** The parameters stand still, so that nothing is pumped and there is no torque. */
  "still-cycle": "no parameter moves along the cycle",
  /** `scatter`: digits of S beyond the eighth depend on rounding there. */
  threshold: "the energy lies on a channel threshold",
  /**
   * `scatter`: a level that does not couple to any lead, or a band edge, lies at the energy. The
   * derivatives that the text names are absent.
   */
  derivatives: "S exists at this energy, but a derivative of it does not or is not known",
  /**
   * Next to a narrow resonance double precision does not suffice; `errors` state what was reached.
   */
  rounding: "rounding keeps an integral from the tolerance",
  /** The number and its absolute error hold, but its relative error is above the tolerance. */
  small: "a quantity far below its scale is not known to the tolerance of its own size",
  /** Friction and noise, if a channel opens inside the thermal window at a half-bound state. */
  diverges: "a quantity diverges and is left out",
  /** The other quantities of the answer hold. */
  unknown: "a quantity is not known to the tolerance and is left out",
  /** The given or computed S is not unitary; the text says by how much. */
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
  /** The text says which part, and why. */
  "left-out": "a part of the answer is left out",
  /**
   * `motor`, `turnCurve`: the integrals over the turn keep the tolerance; the curves hold to
   * `error`.
   */
  kinks: "the curves over the turn have kinks",
  /** `motor`, `turnCurve`: charge and energy of a turn lack the difference of the fillings. */
  "bound-state": "a bound state joins a band where fillings differ",
  /** `motor`: friction does not brake enough to hold a speed. `steadyState` is absent. */
  "no-steady-state": "no speed and no angle holds the rotor",
  /** `motor`: the speed exceeds the inverse of the longest delay. */
  fast: "the steady state turns faster than slow driving allows",
  /** `simulate`: a rotor of infinite inertia rotates uniformly in every trajectory. */
  "no-noise": "the rotor feels no noise",
  /** `simulate`: the averages remember their start; the errors state by how much. */
  transient: "the time is short against the rotor's own relaxation",
  /** `simulate`: turns over barriers are so few that only their number determines the errors. */
  "rare-events": "rare events carry a statistical quantity: its error is not reliable",
  /** `simulate`: the errors of second order in the step are unknown. */
  step: "the time step does not resolve the motion",
  /** `pump`, `linearResponse` with `points`: `error` exceeds 1 % of the charges. */
  "fixed-grid": "a fixed number of points does not resolve the turn",
} as const;

/** Code of a warning, for programs; `warningCodes` gives the meaning of each. */
export type WarningCode = keyof typeof warningCodes;

/**
 * A warning that accompanies the numbers of a result. The numbers hold within their errors in any
 * case.
 */
export interface Warning {
  /** The kind of warning, for programs. */
  readonly code: WarningCode;
  /** The warning as a sentence, for readers. Its wording may change. */
  readonly text: string;
}

/**
 * Collects warnings, one per code: the first text, and the number of further ones with other texts.
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
