// Ensembles of a rotor with noise. Four trajectories at a time: the random words in the four lanes of one vector, angles and speeds in two
// pairs. Only + - *, comparison and floor are used, in one fixed order, so that both builds and the slow twin in TypeScript give the same
// bits whatever the grouping; functions (exponentials, normal quantiles) come as tables of cubics.
//
// Random words: Threefry-4x32-20 (Salmon, Moraes, Dror, Shaw, SC'11): key (seed low, seed high, trajectory, 0), counter (step / 4, 0, 0, 0),
// one word per step. A word w gives a normal number: its top bit the sign, m = 2 (w mod 2^31) + 1 the tail probability m / 2^32 of |z|;
// |z| is a cubic on each sixteenth of each binade of m.
//
// A step of the inertial rotor (mode 0), with x the angle in table cells and v the speed in cells per half step:
//   x += v;  v = c(x) v + b(x) + s(x) z;  x += v       drift and exact Ornstein-Uhlenbeck process at fixed angle, alternating (Strang)
// Of the overdamped one (mode 1): x += b(x) + z (s(x) + z c(x))
//
// Memory: cell table, 12 f64 per cell: [b0 c0 b1 c1 b2 c2 b3 c3 s0 s1 s2 s3]; `cells` is a power of two, so that a mask makes the index
// periodic and whole turns need to be taken out of x only once in four steps.
// States: 8 arrays of `stride` f64: x, turns, v, lower, upper, forward, backward, first passage (step, negative if backward).

const WORDS: usize = memory.data(64, 16);
const QUANTILE_CELLS_LOG: i32 = 4;

// @ts-ignore: decorator
@inline
function rotl4(x: v128, by: i32): v128 {
  return v128.or(i32x4.shl(x, by), i32x4.shr_u(x, 32 - by));
}

/** Words of four trajectories for four steps: WORDS + 16 * step holds the four lanes. */
// @ts-ignore: decorator
@inline
function threefry4(seedLow: i32, seedHigh: i32, trajectory: i32, block: i32): void {
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
  v128.store(WORDS, x0);
  v128.store(WORDS, x1, 16);
  v128.store(WORDS, x2, 32);
  v128.store(WORDS, x3, 48);
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

/** Four words at an address `out` for a trajectory and a block of steps: for tests. */
export function rotorWords(seedLow: i32, seedHigh: i32, trajectory: i32, block: i32, out: usize): void {
  if (ASC_FEATURE_SIMD) {
    threefry4(seedLow, seedHigh, trajectory, block);
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
  const bits = reinterpret<u64>(<f64>(<u32>((word << 1) | 1)));
  const q = quantile + (<usize>((bits >> (52 - QUANTILE_CELLS_LOG)) - (1023 << QUANTILE_CELLS_LOG)) << 5);
  const t = reinterpret<f64>(((bits << QUANTILE_CELLS_LOG) & 0xfffffffffffff) | 0x3ff0000000000000) - 1.0;
  const size = ((load<f64>(q, 24) * t + load<f64>(q, 16)) * t + load<f64>(q, 8)) * t + load<f64>(q);
  return word < 0 ? -size : size;
}

/** Normal numbers of two words, in lanes 0 and 1 of `words`. */
// @ts-ignore: decorator
@inline
function normal2(words: v128, quantile: usize): v128 {
  const odd = v128.or(i32x4.shl(words, 1), i32x4.splat(1));
  const bits = f64x2.convert_low_i32x4_u(odd);
  const cell = i64x2.shr_u(bits, 52 - QUANTILE_CELLS_LOG);
  const base = quantile - (<usize>(1023 << QUANTILE_CELLS_LOG) << 5);
  const qa = base + (<usize>i64x2.extract_lane(cell, 0) << 5);
  const qb = base + (<usize>i64x2.extract_lane(cell, 1) << 5);
  const fraction = v128.and(i64x2.shl(bits, QUANTILE_CELLS_LOG), i64x2.splat(0xfffffffffffff));
  const t = f64x2.sub(v128.or(fraction, i64x2.splat(0x3ff0000000000000)), f64x2.splat(1));
  const a01 = v128.load(qa);
  const b01 = v128.load(qb);
  const a23 = v128.load(qa, 16);
  const b23 = v128.load(qb, 16);
  let size = v128.shuffle<f64>(a23, b23, 1, 3);
  size = f64x2.add(f64x2.mul(size, t), v128.shuffle<f64>(a23, b23, 0, 2));
  size = f64x2.add(f64x2.mul(size, t), v128.shuffle<f64>(a01, b01, 1, 3));
  size = f64x2.add(f64x2.mul(size, t), v128.shuffle<f64>(a01, b01, 0, 2));
  const sign = i64x2.shl(i64x2.extend_low_i32x4_u(i32x4.shr_u(words, 31)), 63);
  return v128.xor(size, sign);
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
      const whole = Math.floor(x);
      const t = x - whole;
      const cell = table + <usize>(<i32>whole & mask) * 96;
      const b = ((load<f64>(cell, 48) * t + load<f64>(cell, 32)) * t + load<f64>(cell, 16)) * t + load<f64>(cell);
      const c = ((load<f64>(cell, 56) * t + load<f64>(cell, 40)) * t + load<f64>(cell, 24)) * t + load<f64>(cell, 8);
      const s = ((load<f64>(cell, 88) * t + load<f64>(cell, 80)) * t + load<f64>(cell, 72)) * t + load<f64>(cell, 64);
      if (mode == 0) {
        v = c * v + b + s * z;
        x += v;
      } else {
        x += b + z * (s + z * c);
      }
      const position = turns * cells + x;
      if (position >= load<f64>(state + 4 * stride) || position <= load<f64>(state + 3 * stride)) {
        passed(state, stride, position, cells, <f64>((<i64>(block + k) << 2) + <i64>(i + 1)));
      }
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
function kick(x: v128, v: v128, z: v128, table: usize, mask: i32, mode: i32): v128 {
  const whole = f64x2.floor(x);
  const t = f64x2.sub(x, whole);
  const index = i32x4.trunc_sat_f64x2_s_zero(whole);
  const p = table + <usize>(i32x4.extract_lane(index, 0) & mask) * 96;
  const q = table + <usize>(i32x4.extract_lane(index, 1) & mask) * 96;
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
  let x = v128.load(state);
  let y = v128.load(state, 16);
  let v = v128.load(speeds);
  let w = v128.load(speeds, 16);
  for (let k = 0; k < blocks; k++) {
    threefry4(seedLow, seedHigh, trajectory, block + k);
    const turned = f64x2.floor(f64x2.mul(x, inverse));
    const other = f64x2.floor(f64x2.mul(y, inverse));
    x = f64x2.sub(x, f64x2.mul(turned, size));
    y = f64x2.sub(y, f64x2.mul(other, size));
    const turns = f64x2.add(v128.load(state + stride), turned);
    const turns2 = f64x2.add(v128.load(state + stride, 16), other);
    v128.store(state + stride, turns);
    v128.store(state + stride, turns2, 16);
    const origin = f64x2.mul(turns, size);
    const origin2 = f64x2.mul(turns2, size);
    for (let i: usize = 0; i < 4; i++) {
      const z = normal2(v128.load64_zero(WORDS + 16 * i), quantile);
      const z2 = normal2(v128.load64_zero(WORDS + 16 * i, 8), quantile);
      if (mode == 0) {
        x = f64x2.add(x, v);
        y = f64x2.add(y, w);
        v = kick(x, v, z, table, mask, 0);
        w = kick(y, w, z2, table, mask, 0);
        x = f64x2.add(x, v);
        y = f64x2.add(y, w);
      } else {
        x = f64x2.add(x, kick(x, v, z, table, mask, 1));
        y = f64x2.add(y, kick(y, w, z2, table, mask, 1));
      }
      const position = f64x2.add(origin, x);
      const position2 = f64x2.add(origin2, y);
      if (v128.any_true(v128.or(outside(position, lower, upper), outside(position2, lower + 16, upper + 16)))) {
        const now = <f64>((<i64>(block + k) << 2) + <i64>(i + 1));
        passed(state, stride, f64x2.extract_lane(position, 0), cells, now);
        passed(state + 8, stride, f64x2.extract_lane(position, 1), cells, now);
        passed(state + 16, stride, f64x2.extract_lane(position2, 0), cells, now);
        passed(state + 24, stride, f64x2.extract_lane(position2, 1), cells, now);
      }
    }
  }
  v128.store(state, x);
  v128.store(state, y, 16);
  v128.store(speeds, v);
  v128.store(speeds, w, 16);
}

/** Advances `count` trajectories (a multiple of 4, numbered from `trajectory`) by 4 * blocks steps from step 4 * block on. */
export function rotorEnsemble(
  table: usize, cells: i32, quantile: usize, states: usize, count: i32,
  seedLow: i32, seedHigh: i32, trajectory: i32, block: i32, blocks: i32, mode: i32,
): void {
  const stride = <usize>count << 3;
  for (let i = 0; i < count; i += 4) {
    const state = states + (<usize>i << 3);
    if (ASC_FEATURE_SIMD) {
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
