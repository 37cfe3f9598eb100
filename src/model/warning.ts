// What a result says beside its numbers: a code for programs, a sentence for readers. No code reads the sentence.

/** What each code means. */
export const warningCodes = {
  isolated: "orbitals are connected to no lead",
  "still-cycle": "no parameter moves along the cycle",
  threshold: "the energy lies on a channel threshold",
  derivatives: "S exists at this energy, but a derivative of it does not or is not known",
  rounding: "rounding keeps an integral from the tolerance",
  small: "a quantity far below its scale is not known to the tolerance of its own size",
  diverges: "a quantity diverges and is left out",
  unknown: "a quantity is not known to the tolerance and is left out",
  unitarity: "S is not unitary",
  "charge-balance": "charges or currents do not sum to zero",
  "energy-balance": "energy currents do not sum to zero",
  "first-law": "the energy that enters in a turn is not the work",
  "second-law": "the entropy production at rest is negative",
  "negative-noise": "the noise has a negative eigenvalue",
  "fluctuation-dissipation": "D is not 2 T gamma in equilibrium",
  bound: "the charge is beyond its bound by the friction",
  "given-s": "a given S lacks what a quantity needs",
  "left-out": "a part of the answer is left out",
  kinks: "the curves over the turn have kinks",
  "bound-state": "a bound state joins a band where fillings differ",
  "no-steady-state": "no speed and no angle holds the rotor",
  fast: "the steady state turns faster than slow driving allows",
  "no-noise": "the rotor feels no noise",
  transient: "the time is short against the rotor's own relaxation",
  "rare-events": "rare events carry a statistical quantity: its error is not reliable",
  step: "the time step does not resolve the motion",
  "fixed-grid": "a fixed number of points does not resolve the turn",
} as const;

export type WarningCode = keyof typeof warningCodes;

export interface Warning {
  readonly code: WarningCode;
  readonly text: string;
}

/** Warnings met along the way, one per code: the first, and how many more there were with other words. */
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
