// The compiled device in memory: a table of i32 (sizes and addresses). It is written once by
// src/engine/device/plan-layout.ts, which gets this list through scripts/abi.mjs. Orbitals are in
// block order. A = E - H - Sigma is stored in compressed rows, whose pattern also contains the
// leads' dense corners.
export const N: i32 = 0; // orbitals
export const BLOCKS: i32 = 1;
export const SYMMETRIC: i32 = 2; // 0: no, 1: A = A^T (all matrices but Sigma are real)
export const BLOCK_START: i32 = 3;
export const ROW_START: i32 = 4;
export const DIAGONAL_START: i32 = 5; // per row: first entry inside the row's own block
export const UPPER_START: i32 = 6; // per row: first entry after its own block
export const COLUMN: i32 = 7;
export const H_VALUES: i32 = 8;
export const A_VALUES: i32 = 9;
export const DIAGONAL: i32 = 10; // per row: its diagonal entry
export const INVERSES: i32 = 11;
export const INVERSE_OFFSET: i32 = 12; // complex elements
export const BLOCK: i32 = 13; // three times the square of the size of the largest block
export const PIVOTS: i32 = 14;
export const WORK: i32 = 15;
export const LEADS: i32 = 16;
export const LEAD_TABLE: i32 = 17;
export const PSI: i32 = 18;
export const D_PSI: i32 = 19;
export const THIN: i32 = 20;
export const SLICE: i32 = 21; // two slices, largest block x channels
export const S: i32 = 22;
export const D_S: i32 = 23;
export const DIRECTIONS: i32 = 24;
export const DIRECTION_TABLE: i32 = 25;
export const GATHERED: i32 = 26; // psi, Lambda psi and psi' on the rows of one direction
// f64: residual, refinements, growth, block of the growth; of the reactance method: loss, first
// residual, shift, row where X is largest, scale of the residual; max |S^+ S - 1|; whether
// reactance-derivatives.ts solved the point, the largest residual there, the largest allowed, and
// the sizes of what cancels in y and in b of a pair, as sums over the channels.
export const STATISTICS: i32 = 27;
// One matrix per direction, channels x channels each, without gaps. dS/dX uses the same place.
export const K: i32 = 28;
export const P: i32 = 29; // like K
export const SUPPORT: i32 = 30; // number of rows that any direction touches
export const SUPPORT_LIST: i32 = 31; // these rows, ascending
// 1: traces by selected inversion; 0: by one column of G per row of the support
export const SELECTED: i32 = 32;
export const GREEN: i32 = 33; // G on the pattern of A (selected), or its columns on the support (n x support)
export const TRACES: i32 = 34; // per direction Tr[Lambda G]
export const SQUARES: i32 = 35; // three blocks, largest block squared each (selected)
export const WIDEST: i32 = 36; // rows of the largest block
// A_r of a real device on the pattern, f64 (reactance.ts). A complex A_r is stored in A_VALUES.
export const REAL_VALUES: i32 = 37;
// 0: the factors are those of A, 1: those of a real A_r, 2: those of a complex A_r
export const REAL_FACTORS: i32 = 38;
export const X: i32 = 39; // n x channels, real or complex like A_r; shares its place with psi'
export const REACTANCE: i32 = 40; // g, and then X^+ Lambda X: channels x channels, real or complex like A_r
export const B: i32 = 41; // (1 + i pi g)^-1
export const OVERLAP: i32 = 42; // two matrices of channels x channels
export const CHANNEL_PIVOTS: i32 = 43;
export const DIRECTION_ROWS: i32 = 44; // number of rows of all directions together
// 1: every Lambda is diagonal and the only one on its orbitals, as for local gates
export const LOCAL: i32 = 45;
// 1: the blocks are the pivots of fronts (fronts.ts), and only points by the reactance method exist
export const FRONTS: i32 = 46;
export const FRONT_TABLE: i32 = 47;
export const FRONT_WORK: i32 = 48; // A21 and A12 of the largest front
export const SHORT_CUT: i32 = 49; // 1: points may be solved with A_r (reactance.ts)
// Postponed unknowns of slices near a pole (postponed.ts): per slice their number and whether they
// are eliminated there; per orbital and per slice the matrices; the rows of the solution.
export const POSTPONED_TABLE: i32 = 50;
export const POSTPONED_COLUMNS: i32 = 51; // n x POSTPONED_MOST
export const POSTPONED_MATRICES: i32 = 52; // POSTPONED_MOST squared per slice
export const POSTPONED_ROWS: i32 = 53; // POSTPONED_MOST x channels per slice, and one place more
// Fronts take all that they postpone from POSTPONED_ROWS: its size in complex numbers.
export const POSTPONED_ROOM: i32 = 54;
// 1: x^+ x of the rows of every direction stands in the places of K (reactance-contract.ts)
export const PARTS: i32 = 55;
export const POSTPONED_MOST: usize = 12;
export const FRONT_FIELDS: i32 = 15;
export const LEAD_FIELDS: i32 = 8; // orbitals, list, slots, Sigma, Sigma', W, W', channels
// rows, list, row starts, columns, values, slots of the columns in A, rows in the support list
export const DIRECTION_FIELDS: i32 = 7;

// Fields of the lead and direction records.
export const LEAD_CHANNELS: i32 = 7;
// What zscatter has to compute, in ascending order of the cost.
export const ASKED_S: i32 = 0; // S alone
export const ASKED_K: i32 = 1; // S and K_nu
export const ASKED_DSDE: i32 = 2; // S and S', and what zderivatives needs
export const ASKED_ALL: i32 = 3; // S, K_nu, S', psi' and P_nu

// @ts-ignore: decorator
@inline
export function lead(plan: usize, index: i32): usize {
  return <usize>field(plan, LEAD_TABLE) + <usize>(index * LEAD_FIELDS << 2);
}

// @ts-ignore: decorator
@inline
export function direction(plan: usize, index: i32): usize {
  return <usize>field(plan, DIRECTION_TABLE) + <usize>(index * DIRECTION_FIELDS << 2);
}

/** Number of open channels of all leads together. */
export function channels(plan: usize): i32 {
  let sum = 0;
  for (let l = 0; l < field(plan, LEADS); l++) sum += at(lead(plan, l), LEAD_CHANNELS);
  return sum;
}

// @ts-ignore: decorator
@inline
export function field(plan: usize, index: i32): i32 {
  return load<i32>(plan + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
export function at(list: usize, index: i32): i32 {
  return load<i32>(list + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
export function z(base: usize, index: i32): usize {
  return base + (<usize>index << 4);
}
