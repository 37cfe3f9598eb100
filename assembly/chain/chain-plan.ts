// A chain and a batch of points in memory: a table of i32 (sizes and addresses). It is written by
// src/engine/chain/chain.ts, which gets this list through scripts/abi.mjs. Points, results and
// gates are rows of f64 over the points of the batch. A workspace holds two vectors of points per
// site.
export const N: i32 = 0; // sites, two or more
export const UNIFORM: i32 = 1; // 1 if all weights are the same
// 1: the hoppings are evaluated per point, and the weights are one; 0: they are fixed and scaled to
// one
export const HOPPINGS: i32 = 2;
export const ROW_BYTES: i32 = 3; // bytes from one row of points to the next
export const ONSITE: i32 = 4; // c_i^2 h_i
export const WEIGHT: i32 = 5; // c_i^2
// The gates' entries by site: first entry, byte offset of the gate's row, c_i^2 times its value
export const SITE_START: i32 = 6;
export const SITE_ROW: i32 = 7;
export const SITE_VALUE: i32 = 8;
export const HOPPING: i32 = 9; // complex, per bond
export const BOND_START: i32 = 10;
export const BOND_ROW: i32 = 11;
export const BOND_VALUE: i32 = 12; // complex
// Rows: the energy, then the leads' values listed below. Sigma and Sigma' are scaled by c^2 of
// their end, W and W' by c.
export const POINTS: i32 = 13;
export const VALUES: i32 = 14; // rows of X
export const TANGENTS: i32 = 15; // rows of dX/dtheta
export const RESULTS: i32 = 16;
export const DELTA: i32 = 17; // two vectors per site
export const LAMBDA: i32 = 18;
// Per bond, two vectors each: |t|, 1/|t|, real and imaginary part of the gauged dt/dtheta
export const BONDS: i32 = 19;
// Per site, two vectors each: real parts, imaginary parts; one additional step beyond the last site
export const U: i32 = 20;
export const V: i32 = 21; // the same, with the additional step before the first site
export const POWERS: i32 = 22; // per segment: powers of two of u and of v
export const REACH: i32 = 23;
export const PHASE: i32 = 24; // real and imaginary parts, two vectors each
export const SUMS: i32 = 25; // eight vectors
export const SCRATCH: i32 = 26;
export const MOMENTS: i32 = 27; // records of chain-moments.ts
// 1 or 2 gates: TABLE holds c_i^2 h_i and the gate elements site by site (the weights are equal);
// else 0
export const TABLE_GATES: i32 = 29;
export const TABLE: i32 = 30;
export const SEGMENT: i32 = 31; // delta and lambda of one segment, one vector
export const KEPT: i32 = 28; // results of two vectors, 64 bytes per row

// Rows of POINTS after the energy.
export const SIGMA_LEFT: usize = 1; // real, imaginary
export const SIGMA_RIGHT: usize = 3;
export const D_SIGMA_LEFT: usize = 5;
export const D_SIGMA_RIGHT: usize = 7;
export const W_LEFT: usize = 9;
export const W_RIGHT: usize = 10;
export const D_W_LEFT: usize = 11;
export const D_W_RIGHT: usize = 12;

// Rows of RESULTS: S, S' and K with channels (left, right), row by row, [re, im] each, followed by
// the numbers that the integrals over a turn need.
export const S: usize = 0;
export const D_S: usize = 8;
export const K: usize = 16;
export const CHARGE: usize = 24; // -(1/2pi) (S K S^+)_aa, left and right
export const K_SQUARE: usize = 26; // Tr K^2
export const TRANSMISSION: usize = 27;
export const DELAY_SQUARE: usize = 28; // sum |S'_ab|^2
export const DEFECT_SQUARE: usize = 29; // largest |(S^+ S - 1)_ab|^2
export const LEVELS_ABOVE: usize = 30; // 64-bit integers
export const RESULT_ROWS: usize = 31;
