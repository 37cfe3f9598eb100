// The distance of two answers of the library, number by number.

import { expect } from "vitest";

/** The numbers of an answer, in one list. */
export function numbers(value: unknown): number[] {
  if (typeof value === "number") return [value];
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(numbers);
}

/** Largest difference, relative to the largest number or 1. */
export function apart(one: unknown, other: unknown): number {
  const [a, b] = [numbers(one), numbers(other)];
  expect(a.length).toBeGreaterThan(0);
  expect(b.length).toBe(a.length);
  const size = a.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
  return a.reduce((most, x, k) => Math.max(most, Math.abs(x - b[k])), 0) / size;
}
