// The memory of assembly/dots/, laid out by src/engine/dots.ts, which gets this list through
// scripts/abi.mjs. Structure of arrays: a real number is one vector of points, a complex number is
// two, [re, im].

export const N: i32 = 0; // orbitals
export const M: i32 = 1; // channels
export const GATES: i32 = 2;
export const REAL: i32 = 3; // 1: all gates are real
export const ROW_BYTES: i32 = 4;
export const BASE: i32 = 5; // E - H0 - Sigma, n x n complex
export const GATE: i32 = 6; // gates x n x n complex
export const VALUES: i32 = 7;
export const TANGENTS: i32 = 8;
// Rows: charge per lead, then Tr K^2, transmission, |S'|^2, defect^2, levels, and per channel a
// pivot of 1 + S, [re, im]
export const RESULTS: i32 = 9;
export const ORBITAL: i32 = 10; // per channel
export const W: i32 = 11;
export const LEAD: i32 = 12;
export const LEADS: i32 = 13;
export const A: i32 = 14;
export const LAMBDA: i32 = 15;
export const X: i32 = 16; // psi, n x m
export const Y: i32 = 17; // Lambda psi
export const S: i32 = 18; // m x m
export const K: i32 = 19;
export const T: i32 = 20;
// 1: a real device with few channels, for which dots-states.ts uses real arithmetic
export const REACTANCE: i32 = 21;
export const SAVED: i32 = 22; // one vector per row of results
export const INERTIA: i32 = 23; // for dots-levels.ts and dots-symmetric.ts

export const TWO_PI: f64 = 6.283185307179586;
