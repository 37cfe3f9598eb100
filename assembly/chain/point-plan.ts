// One configuration of a chain and a batch of energies in memory: a table of i32 (sizes and
// addresses) that src/engine/chain/chain-point.ts writes; it has the list from here
// (scripts/abi.mjs). Workspaces hold one vector of energies.
export const N: i32 = 0; // sites
export const LENGTH: i32 = 1; // sites between rescalings
export const WEIGHT: i32 = 2; // c_i^2
export const ONSITE: i32 = 3; // c_i^2 h_i
export const LEADS: i32 = 4; // vectors: energy, then as the rows of chain-plan.ts, w'/w of either lead, eight more of the evaluation
export const DIRECTIONS: i32 = 5;
export const TABLE: i32 = 6; // per direction: sites, list, values; bonds, list, complex values
export const U: i32 = 7; // per site four vectors: u, u' (real, imaginary); one site more at the far end
export const V: i32 = 8; // the same, one site more before the first
export const SCALES: i32 = 9; // per segment: power of two of u, of v, then their reach
export const SUMS: i32 = 10; // 16 vectors
export const OUT: i32 = 11; // per vector of energies: S, S', then K and P of each direction, 8 numbers each, and w of either lead, side by side in its lanes
export const NUMBERS: i32 = 12; // how many those are
export const ENERGIES: i32 = 13;
export const LEAD_TABLE: i32 = 14; // per lead: 1 for a chain or 0 for a wide band, on-site energy, |hopping|, |coupling|, width
export const UNIFORM: i32 = 15; // 1 if all weights are the same
export const BY_SOLUTIONS: i32 = 16; // 1 if no direction has a hopping element: chain-solutions.ts
export const SITES: i32 = 17; // a, b, a', b' of one segment
export const RECORDS: i32 = 18; // of its segments
export const CURSORS: i32 = 19; // per direction: element reached
export const MOMENT_SUMS: i32 = 20; // per direction 14 vectors
export const HOP: i32 = 21; // 48 vectors
export const KEPT: i32 = 22; // results of one vector of energies
export const TRACE_ROWS: i32 = 23; // rows over the points of a batch: z, Sigma of the left and of the right lead (scaled), [re, im] each
export const ROW_BYTES: i32 = 24;

export const TABLE_FIELDS: i32 = 6;
export const LEAD_FIELDS: usize = 5;
