// Single levels between two wide bands, with their forces in closed form (test/known/single-level.py).

import { readFileSync } from "node:fs";

/** A case, and its references; none where a quantity has no value. */
export type SingleLevel = [
  [level: number, first: number, second: number, mu1: number, mu2: number, T1: number, T2: number],
  (number | null)[],
];

export const singleLevels: SingleLevel[] = JSON.parse(
  readFileSync(new URL("../known/single-level.json", import.meta.url), "utf8"),
);

/** Whether the level is so far in the tail of a warm reservoir that it is not looked for (CONVENTIONS.md). */
export const isHidden = ([level, , , ...rest]: SingleLevel[0]): boolean =>
  [0, 1].some((a) => {
    const distance = Math.abs(level - rest[a]);
    return rest[2 + a] > 0 && distance > 41 * rest[2 + a] && distance < 130 * rest[2 + a];
  });
