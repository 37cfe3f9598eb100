// Ensembles of a rotor with noise. Eight trajectories are advanced at a time (and a last four
// alone): random words in the lanes of two vectors (threefry.ts), angles and speeds in four pairs
// (rotor-step.ts). A trajectory has the same bits in any grouping. Exponentials and normal
// quantiles are read from tables.
//
// A step of the inertial rotor (mode 0), where x is the angle in table cells and v is the speed in
// cells per half step, alternates the drift and the exact Ornstein-Uhlenbeck process at a fixed
// angle (Strang):
//     x += v;  v = c(x) v + b(x) + s(x) z;  x += v
// A step of the overdamped rotor (mode 1) is
//     x += b(x) + z (s(x) + z c(x))
// Whole turns are subtracted from x once in four steps, and passages are looked for at the same
// time.
//
// Memory: a table cell has 12 f64, [b0 c0 b1 c1 b2 c2 b3 c3 s0 s1 s2 s3], the coefficients of the
// powers of the distance from its centre. The states are 8 arrays of `stride` f64: x, turns, v,
// lower, upper, forward, backward, first passage (its step, negative if backward).

import { kick, normal1, normal2, outside, passed, place, QUANTILE_PARTS_LOG, rewind, ROUNDING } from "./rotor-step";
import { threefry1, threefry4, WORDS, wordsOfFour } from "./threefry";

const CONSTANTS: usize = memory.data(32, 16);

/** Advances one trajectory by 4 * blocks steps. */
function single(
  table: usize, cells: f64, quantile: usize, state: usize, stride: usize,
  seedLow: i32, seedHigh: i32, trajectory: i32, block: i32, blocks: i32, mode: i32,
): void {
  let x = load<f64>(state);
  let turns = load<f64>(state + stride);
  let v = load<f64>(state + 2 * stride);
  const inverse = 1.0 / cells;
  const mask = <i32>cells - 1;
  for (let k = 0; k < blocks; k++) {
    threefry1(seedLow, seedHigh, trajectory, block + k);
    const wrapped = Math.floor(x * inverse);
    x -= wrapped * cells;
    turns += wrapped;
    for (let i = 0; i < 4; i++) {
      const z = normal1(load<i32>(WORDS + (<usize>i << 2)), quantile);
      if (mode == 0) x += v;
      const rounded = x + ROUNDING;
      const t = x - (rounded - ROUNDING);
      const cell = table + <usize>(<i32>reinterpret<i64>(rounded) & mask) * 96;
      const b = ((load<f64>(cell, 48) * t + load<f64>(cell, 32)) * t + load<f64>(cell, 16)) * t + load<f64>(cell);
      const c = ((load<f64>(cell, 56) * t + load<f64>(cell, 40)) * t + load<f64>(cell, 24)) * t + load<f64>(cell, 8);
      const s = ((load<f64>(cell, 88) * t + load<f64>(cell, 80)) * t + load<f64>(cell, 72)) * t + load<f64>(cell, 64);
      if (mode == 0) {
        v = c * v + b + s * z;
        x += v;
      } else {
        x += b + z * (s + z * c);
      }
    }
    const position = turns * cells + x;
    if (position >= load<f64>(state + 4 * stride) || position <= load<f64>(state + 3 * stride)) {
      passed(state, stride, position, cells, <f64>(<i64>(block + k + 1) << 2));
    }
  }
  store<f64>(state, x);
  store<f64>(state + stride, turns);
  store<f64>(state + 2 * stride, v);
}

/**
 * Advances four trajectories by 4 * blocks steps, as two pairs. The chains of dependent operations
 * of the two pairs overlap in time.
 */
function four(
  table: usize, cells: f64, quantile: usize, state: usize, stride: usize,
  seedLow: i32, seedHigh: i32, trajectory: i32, block: i32, blocks: i32, mode: i32,
): void {
  const size = f64x2.splat(cells);
  const inverse = f64x2.splat(1.0 / cells);
  const mask = <i32>cells - 1;
  const speeds = state + 2 * stride;
  const lower = state + 3 * stride;
  const upper = state + 4 * stride;
  const base = quantile - (<usize>(1023 << QUANTILE_PARTS_LOG) << 4);
  // The constants pass through memory, so that they are loaded once and not rebuilt at every use.
  v128.store(CONSTANTS, f64x2.splat(ROUNDING));
  v128.store(CONSTANTS, f64x2.splat(-0.0), 16);
  const rounding = v128.load(CONSTANTS);
  const signs = v128.load(CONSTANTS, 16);
  let x = v128.load(state);
  let y = v128.load(state, 16);
  let v = v128.load(speeds);
  let w = v128.load(speeds, 16);
  for (let k = 0; k < blocks; k++) {
    wordsOfFour(seedLow, seedHigh, trajectory, block + k, WORDS);
    const turned = f64x2.floor(f64x2.mul(x, inverse));
    const other = f64x2.floor(f64x2.mul(y, inverse));
    x = f64x2.sub(x, f64x2.mul(turned, size));
    y = f64x2.sub(y, f64x2.mul(other, size));
    const turns = f64x2.add(v128.load(state + stride), turned);
    const turns2 = f64x2.add(v128.load(state + stride, 16), other);
    v128.store(state + stride, turns);
    v128.store(state + stride, turns2, 16);
    for (let i: usize = 0; i < 4; i++) {
      const z = normal2(v128.load64_zero(WORDS + 16 * i), base, signs);
      const z2 = normal2(v128.load64_zero(WORDS + 16 * i, 8), base, signs);
      if (mode == 0) {
        x = f64x2.add(x, v);
        y = f64x2.add(y, w);
        v = kick(x, v, z, table, mask, 0, rounding);
        w = kick(y, w, z2, table, mask, 0, rounding);
        x = f64x2.add(x, v);
        y = f64x2.add(y, w);
      } else {
        x = f64x2.add(x, kick(x, v, z, table, mask, 1, rounding));
        y = f64x2.add(y, kick(y, w, z2, table, mask, 1, rounding));
      }
    }
    const position = f64x2.add(f64x2.mul(turns, size), x);
    const position2 = f64x2.add(f64x2.mul(turns2, size), y);
    if (v128.any_true(v128.or(outside(position, lower, upper), outside(position2, lower + 16, upper + 16)))) {
      const now = <f64>(<i64>(block + k + 1) << 2);
      passed(state, stride, f64x2.extract_lane(position, 0), cells, now);
      passed(state + 8, stride, f64x2.extract_lane(position, 1), cells, now);
      passed(state + 16, stride, f64x2.extract_lane(position2, 0), cells, now);
      passed(state + 24, stride, f64x2.extract_lane(position2, 1), cells, now);
    }
  }
  v128.store(state, x);
  v128.store(state, y, 16);
  v128.store(speeds, v);
  v128.store(speeds, w, 16);
}

/**
 * Advances eight trajectories. Four pairs hide the latency of their dependent operations; two do
 * not.
 */
function eight(
  table: usize, cells: f64, quantile: usize, state: usize, stride: usize,
  seedLow: i32, seedHigh: i32, trajectory: i32, block: i32, blocks: i32, mode: i32,
): void {
  const size = f64x2.splat(cells);
  const inverse = f64x2.splat(1.0 / cells);
  const mask = <i32>cells - 1;
  const turns = state + stride;
  const speeds = state + 2 * stride;
  const lower = state + 3 * stride;
  const upper = state + 4 * stride;
  const base = quantile - (<usize>(1023 << QUANTILE_PARTS_LOG) << 4);
  v128.store(CONSTANTS, f64x2.splat(ROUNDING));
  v128.store(CONSTANTS, f64x2.splat(-0.0), 16);
  const rounding = v128.load(CONSTANTS);
  const signs = v128.load(CONSTANTS, 16);
  let x0 = v128.load(state);
  let x1 = v128.load(state, 16);
  let x2 = v128.load(state, 32);
  let x3 = v128.load(state, 48);
  let v0 = v128.load(speeds);
  let v1 = v128.load(speeds, 16);
  let v2 = v128.load(speeds, 32);
  let v3 = v128.load(speeds, 48);
  for (let k = 0; k < blocks; k++) {
    threefry4(seedLow, seedHigh, trajectory, block + k, WORDS);
    threefry4(seedLow, seedHigh, trajectory + 4, block + k, WORDS + 64);
    x0 = rewind(x0, turns, inverse, size);
    x1 = rewind(x1, turns + 16, inverse, size);
    x2 = rewind(x2, turns + 32, inverse, size);
    x3 = rewind(x3, turns + 48, inverse, size);
    for (let words = WORDS; words < WORDS + 64; words += 16) {
      const z0 = normal2(v128.load64_zero(words), base, signs);
      const z1 = normal2(v128.load64_zero(words, 8), base, signs);
      const z2 = normal2(v128.load64_zero(words, 64), base, signs);
      const z3 = normal2(v128.load64_zero(words, 72), base, signs);
      if (mode == 0) {
        x0 = f64x2.add(x0, v0);
        x1 = f64x2.add(x1, v1);
        x2 = f64x2.add(x2, v2);
        x3 = f64x2.add(x3, v3);
        v0 = kick(x0, v0, z0, table, mask, 0, rounding);
        v1 = kick(x1, v1, z1, table, mask, 0, rounding);
        v2 = kick(x2, v2, z2, table, mask, 0, rounding);
        v3 = kick(x3, v3, z3, table, mask, 0, rounding);
        x0 = f64x2.add(x0, v0);
        x1 = f64x2.add(x1, v1);
        x2 = f64x2.add(x2, v2);
        x3 = f64x2.add(x3, v3);
      } else {
        x0 = f64x2.add(x0, kick(x0, v0, z0, table, mask, 1, rounding));
        x1 = f64x2.add(x1, kick(x1, v1, z1, table, mask, 1, rounding));
        x2 = f64x2.add(x2, kick(x2, v2, z2, table, mask, 1, rounding));
        x3 = f64x2.add(x3, kick(x3, v3, z3, table, mask, 1, rounding));
      }
    }
    const p0 = place(x0, turns, size);
    const p1 = place(x1, turns + 16, size);
    const p2 = place(x2, turns + 32, size);
    const p3 = place(x3, turns + 48, size);
    const near = v128.or(outside(p0, lower, upper), outside(p1, lower + 16, upper + 16));
    const far = v128.or(outside(p2, lower + 32, upper + 32), outside(p3, lower + 48, upper + 48));
    if (v128.any_true(v128.or(near, far))) {
      const now = <f64>(<i64>(block + k + 1) << 2);
      passed(state, stride, f64x2.extract_lane(p0, 0), cells, now);
      passed(state + 8, stride, f64x2.extract_lane(p0, 1), cells, now);
      passed(state + 16, stride, f64x2.extract_lane(p1, 0), cells, now);
      passed(state + 24, stride, f64x2.extract_lane(p1, 1), cells, now);
      passed(state + 32, stride, f64x2.extract_lane(p2, 0), cells, now);
      passed(state + 40, stride, f64x2.extract_lane(p2, 1), cells, now);
      passed(state + 48, stride, f64x2.extract_lane(p3, 0), cells, now);
      passed(state + 56, stride, f64x2.extract_lane(p3, 1), cells, now);
    }
  }
  v128.store(state, x0);
  v128.store(state, x1, 16);
  v128.store(state, x2, 32);
  v128.store(state, x3, 48);
  v128.store(speeds, v0);
  v128.store(speeds, v1, 16);
  v128.store(speeds, v2, 32);
  v128.store(speeds, v3, 48);
}

/**
 * Advances `count` trajectories (a multiple of 4, numbered from `trajectory`) by 4 * blocks steps,
 * beginning with step 4 * block.
 */
export function rotorEnsemble(
  table: usize, cells: i32, quantile: usize, states: usize, count: i32,
  seedLow: i32, seedHigh: i32, trajectory: i32, block: i32, blocks: i32, mode: i32,
): void {
  const stride = <usize>count << 3;
  for (let i = 0; i < count; i += 4) {
    const state = states + (<usize>i << 3);
    if (ASC_FEATURE_SIMD && i + 8 <= count) {
      eight(table, cells, quantile, state, stride, seedLow, seedHigh, trajectory + i, block, blocks, mode);
      i += 4;
    } else if (ASC_FEATURE_SIMD) {
      four(table, cells, quantile, state, stride, seedLow, seedHigh, trajectory + i, block, blocks, mode);
    } else {
      for (let j = 0; j < 4; j++) {
        single(
          table, cells, quantile, state + (<usize>j << 3), stride,
          seedLow, seedHigh, trajectory + i + j, block, blocks, mode,
        );
      }
    }
  }
}
