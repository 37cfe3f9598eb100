// An identity that holds exactly in the theory, held against the numbers: data, made where the
// numbers are made.

import type { Warning, WarningCode } from "./warning.js";

/** An identity that holds exactly in the theory, held against the numbers of a result. */
export interface Certificate {
  /** What was found. */
  readonly value: number;
  /** The most it may be; the least for what must not be negative (`secondLaw`, `noisePositive`). */
  readonly allowed: number;
  /** Whether `value` is within `allowed`; a warning says so where it is not. */
  readonly holds: boolean;
}

/** Something that should vanish, or at least stay below `allowed`; a NaN does not hold. */
export const atMost = (value: number, allowed: number): Certificate => ({
  value,
  allowed,
  holds: value <= allowed,
});

/** Something that should not be negative: at least `allowed`, which is not positive. */
export const atLeast = (value: number, allowed: number): Certificate => ({
  value,
  allowed,
  holds: value >= allowed,
});

/** A warning for a certificate that does not hold. */
export function broken(code: WarningCode, what: string, { value, allowed, holds }: Certificate): Warning[] {
  if (holds) return [];
  const side = value > allowed ? "at most" : "at least";
  return [{ code, text: `${what} ${value.toExponential(2)}; expected ${side} ${allowed.toExponential(2)}` }];
}

/** What was found, by name. */
export function values<Names extends string>(
  certificates: Partial<Record<Names, Certificate>>,
): Record<Names, number> {
  const entries = Object.entries<Certificate | undefined>(certificates);
  return Object.fromEntries(
    entries.flatMap(([name, found]) => (found ? [[name, found.value]] : [])),
  ) as Record<Names, number>;
}
