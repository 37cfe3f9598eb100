// An identity that holds exactly in the theory, compared with computed numbers. A certificate is
// data and is made together with the numbers.

import type { Warning, WarningCode } from "./warning.js";

/** The deviation of a result's numbers from an identity that holds exactly in the theory. */
export interface Certificate {
  /** The deviation that was found. */
  readonly value: number;
  /**
   * Largest allowed value; for quantities that must not be negative (`secondLaw`, `noisePositive`)
   * the least one.
   */
  readonly allowed: number;
  /** Whether `value` is within `allowed`. If not, there is a warning as well. */
  readonly holds: boolean;
}

/** A certificate of a quantity that should vanish, or stay below `allowed`. NaN does not hold. */
export const atMost = (value: number, allowed: number): Certificate => ({
  value,
  allowed,
  holds: value <= allowed,
});

/**
 * A certificate of a quantity that should not be negative: at least `allowed`, which is not
 * positive.
 */
export const atLeast = (value: number, allowed: number): Certificate => ({
  value,
  allowed,
  holds: value >= allowed,
});

/** A warning if the certificate does not hold. */
export function broken(code: WarningCode, what: string, { value, allowed, holds }: Certificate): Warning[] {
  if (holds) return [];
  const side = value > allowed ? "at most" : "at least";
  return [{ code, text: `${what} ${value.toExponential(2)}; expected ${side} ${allowed.toExponential(2)}` }];
}

/** The values of certificates, by name. */
export function values<Names extends string>(
  certificates: Partial<Record<Names, Certificate>>,
): Record<Names, number> {
  const entries = Object.entries<Certificate | undefined>(certificates);
  return Object.fromEntries(
    entries.flatMap(([name, found]) => (found ? [[name, found.value]] : [])),
  ) as Record<Names, number>;
}
