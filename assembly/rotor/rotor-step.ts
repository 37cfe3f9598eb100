// A step of one rotor, and of two rotors in the lanes of a vector, and the passages of one rotor.
// Only + - *, comparison and floor are used, in one fixed order, so that both builds and the slow
// twin in TypeScript give the same bits.
//
// A word w gives a normally distributed number. Its top bit is the sign, and m = 2 (w mod 2^31) + 1
// gives the tail probability m / 2^32 of |z|. |z| is a linear function of m on each of 128 parts of
// each binade of m, so that a number takes 16 bytes of a table and one product.
//
// The coefficients at the angle x are in table cells, which are centred on the integers. x is
// rounded to the nearest integer by adding and subtracting 3 * 2^51, whose low bits are then the
// index. `cells` is a power of two, so that a bit mask makes the index periodic.

export const QUANTILE_PARTS_LOG: i32 = 7;
export const ROUNDING: f64 = 6755399441055744.0; // 3 * 2^51

/** The normally distributed number of a word. */
// @ts-ignore: decorator
@inline
export function normal1(word: i32, quantile: usize): f64 {
  const m = <f64>(<u32>((word << 1) | 1));
  const part = <usize>(reinterpret<u64>(m) >> (52 - QUANTILE_PARTS_LOG)) - (1023 << QUANTILE_PARTS_LOG);
  const q = quantile + (part << 4);
  const size = load<f64>(q) + load<f64>(q, 8) * m;
  return word < 0 ? -size : size;
}

/**
 * The normally distributed numbers of two words in the lanes 0 and 1 of `words` (the others are
 * zero). `base` is the address that part number zero would have.
 */
// @ts-ignore: decorator
@inline
export function normal2(words: v128, base: usize, signs: v128): v128 {
  const m = f64x2.convert_low_i32x4_u(v128.or(i32x4.shl(words, 1), i32x4.splat(1)));
  const part = i64x2.shr_u(m, 52 - QUANTILE_PARTS_LOG);
  const a = v128.load(base + (<usize>i32x4.extract_lane(part, 0) << 4));
  const b = v128.load(base + (<usize>i32x4.extract_lane(part, 2) << 4));
  const size = f64x2.add(v128.shuffle<f64>(a, b, 0, 2), f64x2.mul(v128.shuffle<f64>(a, b, 1, 3), m));
  return v128.xor(size, v128.and(v128.shuffle<i32>(words, words, 2, 0, 2, 1), signs));
}

/**
 * Counts the passages of a whole turn beyond the thresholds of one trajectory and moves the
 * thresholds.
 */
export function passed(state: usize, step: usize, position: f64, cells: f64, now: f64): void {
  let lower = load<f64>(state + 3 * step);
  let upper = load<f64>(state + 4 * step);
  // More than a thousand turns in one step belong to a trajectory that runs away and do not count
  // as passages. The caller recognises it by its position.
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

// @ts-ignore: decorator
@inline
function cubic(t: v128, a0: v128, a1: v128, a2: v128, a3: v128): v128 {
  return f64x2.add(f64x2.mul(f64x2.add(f64x2.mul(f64x2.add(f64x2.mul(a3, t), a2), t), a1), t), a0);
}

/**
 * The new speeds of two inertial trajectories at the angles x, or the displacements of two
 * overdamped ones.
 */
// @ts-ignore: decorator
@inline
export function kick(x: v128, v: v128, z: v128, table: usize, mask: i32, mode: i32, rounding: v128): v128 {
  const rounded = f64x2.add(x, rounding);
  const t = f64x2.sub(x, f64x2.sub(rounded, rounding));
  const p = table + <usize>(i32x4.extract_lane(rounded, 0) & mask) * 96;
  const q = table + <usize>(i32x4.extract_lane(rounded, 2) & mask) * 96;
  // [b c] of either trajectory with its own t twice, then sorted by kind.
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
export function outside(position: v128, lower: usize, upper: usize): v128 {
  return v128.or(f64x2.ge(position, v128.load(upper)), f64x2.le(position, v128.load(lower)));
}

// @ts-ignore: decorator
@inline
export function rewind(x: v128, turns: usize, inverse: v128, size: v128): v128 {
  const turned = f64x2.floor(f64x2.mul(x, inverse));
  v128.store(turns, f64x2.add(v128.load(turns), turned));
  return f64x2.sub(x, f64x2.mul(turned, size));
}

/** The positions of a pair, whole turns included. */
// @ts-ignore: decorator
@inline
export function place(x: v128, turns: usize, size: v128): v128 {
  return f64x2.add(f64x2.mul(v128.load(turns), size), x);
}
