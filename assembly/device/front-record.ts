// The record of a front (fronts.ts): what src/engine/device/plan-fronts.ts writes, and behind it what
// a factorisation notes. Its pivots are those of the block with the same number.
import * as P from "./plan";

export const BOUNDARY: i32 = 0; // number of boundary rows
export const ROWS: i32 = 1; // their positions, ascending
export const FACTOR: i32 = 2; // D and V
export const UPDATE: i32 = 3; // U, b x b
export const CHILD: i32 = 4; // first child, -1 if there is none
export const SIBLING: i32 = 5; // next child of the same parent, -1 at the last
export const PARENT: i32 = 6; // -1 at the top
export const LOW: i32 = 7; // lead columns that are nonzero here: from LOW to HIGH - 1
export const HIGH: i32 = 8;
// The postponed unknowns (postponed-fronts.ts): their place, 0 if there is none; their number; how
// many of them the children handed on; how many are eliminated here; the number of the first of the
// others among those of the parent; the rows of their solution.
export const POSTPONED: i32 = 9;
export const UNKNOWNS: i32 = 10;
export const RECEIVED: i32 = 11;
export const ELIMINATED: i32 = 12;
export const OFFSET: i32 = 13;
export const SOLUTION: i32 = 14;

// @ts-ignore: decorator
@inline
export function front(plan: usize, f: i32): usize {
  return <usize>P.field(plan, P.FRONT_TABLE) + <usize>(f * P.FRONT_FIELDS << 2);
}

// @ts-ignore: decorator
@inline
export function note(record: usize, index: i32, value: i32): void {
  store<i32>(record + (<usize>index << 2), value);
}
