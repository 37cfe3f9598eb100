// One configuration of a chain and a batch of energies in memory: a table of i32 (sizes and
// addresses). It is written by src/engine/chain/chain-point.ts, which gets this list through
// scripts/abi.mjs. Workspaces hold one vector of energies.
export const N: i32 = 0; // sites
export const LENGTH: i32 = 1; // sites between rescalings
export const WEIGHT: i32 = 2; // c_i^2
export const ONSITE: i32 = 3; // c_i^2 h_i
// Vectors: the energy, then the rows of chain-plan.ts, w'/w of either lead, and eight more for the
// evaluation
export const LEADS: i32 = 4;
export const DIRECTIONS: i32 = 5;
export const TABLE: i32 = 6; // per direction: sites, list, values; bonds, list, complex values
// Per site four vectors: u, u' (real, imaginary); one additional site beyond the last one
export const U: i32 = 7;
export const V: i32 = 8; // the same, with the additional site before the first one
export const SCALES: i32 = 9; // per segment: power of two of u and of v, then their reach
export const SUMS: i32 = 10; // 16 vectors
// Per vector of energies: S, S', then K and P of each direction, 8 numbers each, and w of either
// lead; each number is a vector of its lanes
export const OUT: i32 = 11;
export const NUMBERS: i32 = 12; // how many numbers these are
export const ENERGIES: i32 = 13;
// Per lead: 1 for a chain or 0 for a wide band, on-site energy, |hopping|, |coupling|, width
export const LEAD_TABLE: i32 = 14;
export const UNIFORM: i32 = 15; // 1 if all weights are the same
export const BY_SOLUTIONS: i32 = 16; // 1 if no direction has a hopping element
export const SITES: i32 = 17; // a, b, a', b' of one segment
export const RECORDS: i32 = 18; // records of all segments
export const CURSORS: i32 = 19; // per direction: the element reached
export const MOMENT_SUMS: i32 = 20; // per direction 14 vectors
export const HOP: i32 = 21; // 48 vectors
export const KEPT: i32 = 22; // results of one vector of energies
// Rows over the points of a batch, [re, im] each: z, Sigma of the left and of the right lead
// (scaled)
export const TRACE_ROWS: i32 = 23;
export const ROW_BYTES: i32 = 24;

export const TABLE_FIELDS: i32 = 6;
export const LEAD_FIELDS: usize = 5;
