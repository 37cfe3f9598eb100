// Ensembles of a rotor with noise. Eight trajectories at a time (a last four alone): random words in the lanes of two vectors, angles and
// speeds in four pairs. Only + - *, comparison and floor are used, in one fixed order, so that both builds and the slow twin in TypeScript give the same
// bits whatever the grouping; functions (exponentials, normal quantiles) come as tables of cubics.
//
// Random words: Threefry-4x32-20 (Salmon, Moraes, Dror, Shaw, SC'11): key (seed low, seed high, trajectory, 0), counter (step / 4, 0, 0, 0),
// one word per step. A word w gives a normal number: its top bit the sign, m = 2 (w mod 2^31) + 1 the tail probability m / 2^32 of |z|;
// |z| is a straight line in m on each of 128 parts of each binade of m: 16 bytes and one product per number.
//
// A step of the inertial rotor (mode 0), with x the angle in table cells and v the speed in cells per half step:
//   x += v;  v = c(x) v + b(x) + s(x) z;  x += v       drift and exact Ornstein-Uhlenbeck process at fixed angle, alternating (Strang)
// Of the overdamped one (mode 1): x += b(x) + z (s(x) + z c(x))
//
// Cells are centred on the whole numbers; x is rounded to the nearest by adding and subtracting 3 * 2^51, whose low bits are then the
// index. `cells` is a power of two, so that a mask makes the index periodic, and whole turns are taken out of x once in four steps; then
// passages are looked for as well.
//
// Memory: cell table, 12 f64 per cell: [b0 c0 b1 c1 b2 c2 b3 c3 s0 s1 s2 s3], coefficients of the powers of the distance from its centre.
// States: 8 arrays of `stride` f64: x, turns, v, lower, upper, forward, backward, first passage (step, negative if backward).

const WORDS: usize = memory.data(128, 16); // two groups of four
const CONSTANTS: usize = memory.data(32, 16);
const QUANTILE_PARTS_LOG: i32 = 7;
const ROUNDING: f64 = 6755399441055744.0; // 3 * 2^51

// @ts-ignore: decorator
@inline
function rotl4(x: v128, by: i32): v128 {
  return v128.or(i32x4.shl(x, by), i32x4.shr_u(x, 32 - by));
}

/** Words of four trajectories for four steps: words + 16 * step holds the four lanes. */
// @ts-ignore: decorator
@inline
function threefry4(seedLow: i32, seedHigh: i32, trajectory: i32, block: i32, words: usize): void {
  const k0 = i32x4.splat(seedLow);
  const k1 = i32x4.splat(seedHigh);
  const k2 = i32x4.add(i32x4.splat(trajectory), i32x4(0, 1, 2, 3));
  const k4 = v128.xor(v128.xor(i32x4.splat(0x1bd11bda), k0), v128.xor(k1, k2));
  let x0 = i32x4.add(i32x4.splat(block), k0);
  let x1 = k1;
  let x2 = k2;
  let x3 = i32x4.splat(0);
  // Five times four rounds; the key words move on by one each time (k3 = 0).
  x0 = i32x4.add(x0, x1); x1 = v128.xor(rotl4(x1, 10), x0); x2 = i32x4.add(x2, x3); x3 = v128.xor(rotl4(x3, 26), x2);
  x0 = i32x4.add(x0, x3); x3 = v128.xor(rotl4(x3, 11), x0); x2 = i32x4.add(x2, x1); x1 = v128.xor(rotl4(x1, 21), x2);
  x0 = i32x4.add(x0, x1); x1 = v128.xor(rotl4(x1, 13), x0); x2 = i32x4.add(x2, x3); x3 = v128.xor(rotl4(x3, 27), x2);
  x0 = i32x4.add(x0, x3); x3 = v128.xor(rotl4(x3, 23), x0); x2 = i32x4.add(x2, x1); x1 = v128.xor(rotl4(x1, 5), x2);
  x0 = i32x4.add(x0, k1); x1 = i32x4.add(x1, k2); x3 = i32x4.add(x3, i32x4.add(k4, i32x4.splat(1)));
  x0 = i32x4.add(x0, x1); x1 = v128.xor(rotl4(x1, 6), x0); x2 = i32x4.add(x2, x3); x3 = v128.xor(rotl4(x3, 20), x2);
  x0 = i32x4.add(x0, x3); x3 = v128.xor(rotl4(x3, 17), x0); x2 = i32x4.add(x2, x1); x1 = v128.xor(rotl4(x1, 11), x2);
  x0 = i32x4.add(x0, x1); x1 = v128.xor(rotl4(x1, 25), x0); x2 = i32x4.add(x2, x3); x3 = v128.xor(rotl4(x3, 10), x2);
  x0 = i32x4.add(x0, x3); x3 = v128.xor(rotl4(x3, 18), x0); x2 = i32x4.add(x2, x1); x1 = v128.xor(rotl4(x1, 20), x2);
  x0 = i32x4.add(x0, k2); x2 = i32x4.add(x2, k4); x3 = i32x4.add(x3, i32x4.add(k0, i32x4.splat(2)));
  x0 = i32x4.add(x0, x1); x1 = v128.xor(rotl4(x1, 10), x0); x2 = i32x4.add(x2, x3); x3 = v128.xor(rotl4(x3, 26), x2);
  x0 = i32x4.add(x0, x3); x3 = v128.xor(rotl4(x3, 11), x0); x2 = i32x4.add(x2, x1); x1 = v128.xor(rotl4(x1, 21), x2);
  x0 = i32x4.add(x0, x1); x1 = v128.xor(rotl4(x1, 13), x0); x2 = i32x4.add(x2, x3); x3 = v128.xor(rotl4(x3, 27), x2);
  x0 = i32x4.add(x0, x3); x3 = v128.xor(rotl4(x3, 23), x0); x2 = i32x4.add(x2, x1); x1 = v128.xor(rotl4(x1, 5), x2);
  x1 = i32x4.add(x1, k4); x2 = i32x4.add(x2, k0); x3 = i32x4.add(x3, i32x4.add(k1, i32x4.splat(3)));
  x0 = i32x4.add(x0, x1); x1 = v128.xor(rotl4(x1, 6), x0); x2 = i32x4.add(x2, x3); x3 = v128.xor(rotl4(x3, 20), x2);
  x0 = i32x4.add(x0, x3); x3 = v128.xor(rotl4(x3, 17), x0); x2 = i32x4.add(x2, x1); x1 = v128.xor(rotl4(x1, 11), x2);
  x0 = i32x4.add(x0, x1); x1 = v128.xor(rotl4(x1, 25), x0); x2 = i32x4.add(x2, x3); x3 = v128.xor(rotl4(x3, 10), x2);
  x0 = i32x4.add(x0, x3); x3 = v128.xor(rotl4(x3, 18), x0); x2 = i32x4.add(x2, x1); x1 = v128.xor(rotl4(x1, 20), x2);
  x0 = i32x4.add(x0, k4); x1 = i32x4.add(x1, k0); x2 = i32x4.add(x2, k1); x3 = i32x4.add(x3, i32x4.add(k2, i32x4.splat(4)));
  x0 = i32x4.add(x0, x1); x1 = v128.xor(rotl4(x1, 10), x0); x2 = i32x4.add(x2, x3); x3 = v128.xor(rotl4(x3, 26), x2);
  x0 = i32x4.add(x0, x3); x3 = v128.xor(rotl4(x3, 11), x0); x2 = i32x4.add(x2, x1); x1 = v128.xor(rotl4(x1, 21), x2);
  x0 = i32x4.add(x0, x1); x1 = v128.xor(rotl4(x1, 13), x0); x2 = i32x4.add(x2, x3); x3 = v128.xor(rotl4(x3, 27), x2);
  x0 = i32x4.add(x0, x3); x3 = v128.xor(rotl4(x3, 23), x0); x2 = i32x4.add(x2, x1); x1 = v128.xor(rotl4(x1, 5), x2);
  x0 = i32x4.add(x0, k0); x1 = i32x4.add(x1, k1); x2 = i32x4.add(x2, k2); x3 = i32x4.add(x3, i32x4.splat(5));
  v128.store(words, x0);
  v128.store(words, x1, 16);
  v128.store(words, x2, 32);
  v128.store(words, x3, 48);
}

// @ts-ignore: decorator
@inline
function mix(key: i32, by: i32, other: i32): i32 {
  return rotl<i32>(key, by) ^ other;
}

/** The same words for one trajectory: WORDS + 4 * step. */
function threefry1(k0: i32, k1: i32, k2: i32, block: i32): void {
  const k4 = 0x1bd11bda ^ k0 ^ k1 ^ k2;
  let x0 = block + k0;
  let x1 = k1;
  let x2 = k2;
  let x3 = 0;
  for (let group = 1; group <= 5; group++) {
    if (group & 1) {
      x0 += x1; x1 = mix(x1, 10, x0); x2 += x3; x3 = mix(x3, 26, x2);
      x0 += x3; x3 = mix(x3, 11, x0); x2 += x1; x1 = mix(x1, 21, x2);
      x0 += x1; x1 = mix(x1, 13, x0); x2 += x3; x3 = mix(x3, 27, x2);
      x0 += x3; x3 = mix(x3, 23, x0); x2 += x1; x1 = mix(x1, 5, x2);
    } else {
      x0 += x1; x1 = mix(x1, 6, x0); x2 += x3; x3 = mix(x3, 20, x2);
      x0 += x3; x3 = mix(x3, 17, x0); x2 += x1; x1 = mix(x1, 11, x2);
      x0 += x1; x1 = mix(x1, 25, x0); x2 += x3; x3 = mix(x3, 10, x2);
      x0 += x3; x3 = mix(x3, 18, x0); x2 += x1; x1 = mix(x1, 20, x2);
    }
    if (group == 1) { x0 += k1; x1 += k2; x3 += k4; }
    else if (group == 2) { x0 += k2; x2 += k4; x3 += k0; }
    else if (group == 3) { x1 += k4; x2 += k0; x3 += k1; }
    else if (group == 4) { x0 += k4; x1 += k0; x2 += k1; x3 += k2; }
    else { x0 += k0; x1 += k1; x2 += k2; }
    x3 += group;
  }
  store<i32>(WORDS, x0);
  store<i32>(WORDS, x1, 4);
  store<i32>(WORDS, x2, 8);
  store<i32>(WORDS, x3, 12);
}

/** The same by a call, so that its 1,400 bytes stand once for all but the eight, where calls would cost a seventh of the speed. */
function wordsOfFour(seedLow: i32, seedHigh: i32, trajectory: i32, block: i32, words: usize): void {
  threefry4(seedLow, seedHigh, trajectory, block, words);
}

/** Four words at an address `out` for a trajectory and a block of steps: for tests. */
export function rotorWords(seedLow: i32, seedHigh: i32, trajectory: i32, block: i32, out: usize): void {
  if (ASC_FEATURE_SIMD) {
    wordsOfFour(seedLow, seedHigh, trajectory, block, WORDS);
    for (let step: usize = 0; step < 4; step++) store<i32>(out + 4 * step, load<i32>(WORDS + 16 * step));
  } else {
    threefry1(seedLow, seedHigh, trajectory, block);
    for (let step: usize = 0; step < 4; step++) store<i32>(out + 4 * step, load<i32>(WORDS + 4 * step));
  }
}

/** Normal number of a word. */
// @ts-ignore: decorator
@inline
function normal1(word: i32, quantile: usize): f64 {
  const m = <f64>(<u32>((word << 1) | 1));
  const part = <usize>(reinterpret<u64>(m) >> (52 - QUANTILE_PARTS_LOG)) - (1023 << QUANTILE_PARTS_LOG);
  const q = quantile + (part << 4);
  const size = load<f64>(q) + load<f64>(q, 8) * m;
  return word < 0 ? -size : size;
}

/** Normal numbers of two words, in lanes 0 and 1 of `words` (the others zero). `base`: where the part numbered zero would lie. */
// @ts-ignore: decorator
@inline
function normal2(words: v128, base: usize, signs: v128): v128 {
  const m = f64x2.convert_low_i32x4_u(v128.or(i32x4.shl(words, 1), i32x4.splat(1)));
  const part = i64x2.shr_u(m, 52 - QUANTILE_PARTS_LOG);
  const a = v128.load(base + (<usize>i32x4.extract_lane(part, 0) << 4));
  const b = v128.load(base + (<usize>i32x4.extract_lane(part, 2) << 4));
  const size = f64x2.add(v128.shuffle<f64>(a, b, 0, 2), f64x2.mul(v128.shuffle<f64>(a, b, 1, 3), m));
  return v128.xor(size, v128.and(v128.shuffle<i32>(words, words, 2, 0, 2, 1), signs));
}

/** Counts passages of a whole turn beyond the thresholds of one trajectory, and moves them on. */
function passed(state: usize, step: usize, position: f64, cells: f64, now: f64): void {
  let lower = load<f64>(state + 3 * step);
  let upper = load<f64>(state + 4 * step);
  // More than a thousand turns in a step is no passage but a trajectory that runs away: the caller sees it by its position.
  if (!(abs(position - upper) < 1024.0 * cells)) return;
  while (position >= upper) {
    store<f64>(state + 5 * step, load<f64>(state + 5 * step) + 1.0);
    if (load<f64>(state + 7 * step) == 0) store<f64>(state + 7 * step, now);
    upper += cells;
    lower += cells;
  }
  while (position <= lower) {
    store<f64>(state + 6 * step, load<f64>(state + 6 * step) + 1.0);
    if (load<f64>(state + 7 * step) == 0) store<f64>(state + 7 * step, -now);
    upper -= cells;
    lower -= cells;
  }
  store<f64>(state + 3 * step, lower);
  store<f64>(state + 4 * step, upper);
}

/** One trajectory over 4 * blocks steps. */
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

// @ts-ignore: decorator
@inline
function cubic(t: v128, a0: v128, a1: v128, a2: v128, a3: v128): v128 {
  return f64x2.add(f64x2.mul(f64x2.add(f64x2.mul(f64x2.add(f64x2.mul(a3, t), a2), t), a1), t), a0);
}

/** New speeds of two inertial trajectories at the angles x, or the displacements of two overdamped ones. */
// @ts-ignore: decorator
@inline
function kick(x: v128, v: v128, z: v128, table: usize, mask: i32, mode: i32, rounding: v128): v128 {
  const rounded = f64x2.add(x, rounding);
  const t = f64x2.sub(x, f64x2.sub(rounded, rounding));
  const p = table + <usize>(i32x4.extract_lane(rounded, 0) & mask) * 96;
  const q = table + <usize>(i32x4.extract_lane(rounded, 2) & mask) * 96;
  // [b c] of either trajectory with its own t twice, then gathered by kind.
  const tp = v128.shuffle<f64>(t, t, 0, 0);
  const tq = v128.shuffle<f64>(t, t, 1, 1);
  const bcp = cubic(tp, v128.load(p), v128.load(p, 16), v128.load(p, 32), v128.load(p, 48));
  const bcq = cubic(tq, v128.load(q), v128.load(q, 16), v128.load(q, 32), v128.load(q, 48));
  const b = v128.shuffle<f64>(bcp, bcq, 0, 2);
  const c = v128.shuffle<f64>(bcp, bcq, 1, 3);
  const sp = v128.load(p, 64);
  const sq = v128.load(q, 64);
  const sp2 = v128.load(p, 80);
  const sq2 = v128.load(q, 80);
  const s = cubic(
    t,
    v128.shuffle<f64>(sp, sq, 0, 2), v128.shuffle<f64>(sp, sq, 1, 3),
    v128.shuffle<f64>(sp2, sq2, 0, 2), v128.shuffle<f64>(sp2, sq2, 1, 3),
  );
  if (mode == 0) return f64x2.add(f64x2.add(f64x2.mul(c, v), b), f64x2.mul(s, z));
  return f64x2.add(b, f64x2.mul(z, f64x2.add(s, f64x2.mul(z, c))));
}

// @ts-ignore: decorator
@inline
function outside(position: v128, lower: usize, upper: usize): v128 {
  return v128.or(f64x2.ge(position, v128.load(upper)), f64x2.le(position, v128.load(lower)));
}

/** Four trajectories over 4 * blocks steps: two pairs, whose chains of dependent operations run side by side. */
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
  // Through memory, so that they are loaded once and not rebuilt at every use.
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

// @ts-ignore: decorator
@inline
function rewind(x: v128, turns: usize, inverse: v128, size: v128): v128 {
  const turned = f64x2.floor(f64x2.mul(x, inverse));
  v128.store(turns, f64x2.add(v128.load(turns), turned));
  return f64x2.sub(x, f64x2.mul(turned, size));
}

/** Where a pair is, whole turns included. */
// @ts-ignore: decorator
@inline
function place(x: v128, turns: usize, size: v128): v128 {
  return f64x2.add(f64x2.mul(v128.load(turns), size), x);
}

/** Eight trajectories: four pairs hide the latency of their chains, which two leave open. */
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

/** Advances `count` trajectories (a multiple of 4, numbered from `trajectory`) by 4 * blocks steps from step 4 * block on. */
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
