// Counter-based random words: Threefry-4x32-20 (Salmon, Moraes, Dror, Shaw, SC'11) with the key
// (seed low, seed high, trajectory, 0) and the counter (block, 0, 0, 0). It gives one word for each
// of the four steps of a block, for four trajectories in the lanes of a vector or for a single one.

/**
 * Memory for the words of two groups of four trajectories: WORDS + 64 * group + 16 * step holds
 * four lanes. The words of a single trajectory are at WORDS + 4 * step.
 */
export const WORDS: usize = memory.data(128, 16);

// @ts-ignore: decorator
@inline
function rotl4(x: v128, by: i32): v128 {
  return v128.or(i32x4.shl(x, by), i32x4.shr_u(x, 32 - by));
}

/** The words of four trajectories for four steps: words + 16 * step holds the four lanes. */
// @ts-ignore: decorator
@inline
export function threefry4(seedLow: i32, seedHigh: i32, trajectory: i32, block: i32, words: usize): void {
  const k0 = i32x4.splat(seedLow);
  const k1 = i32x4.splat(seedHigh);
  const k2 = i32x4.add(i32x4.splat(trajectory), i32x4(0, 1, 2, 3));
  const k4 = v128.xor(v128.xor(i32x4.splat(0x1bd11bda), k0), v128.xor(k1, k2));
  let x0 = i32x4.add(i32x4.splat(block), k0);
  let x1 = k1;
  let x2 = k2;
  let x3 = i32x4.splat(0);
  // Five times four rounds. The key words rotate by one place each time (k3 = 0).
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

/** The same words for a single trajectory, at WORDS + 4 * step. */
export function threefry1(k0: i32, k1: i32, k2: i32, block: i32): void {
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

/**
 * threefry4 as a called function. Its 1,400 bytes are then stored only once for all callers except
 * the kernel for eight trajectories, in which calls would cost a seventh of the speed.
 */
export function wordsOfFour(seedLow: i32, seedHigh: i32, trajectory: i32, block: i32, words: usize): void {
  threefry4(seedLow, seedHigh, trajectory, block, words);
}

/** Writes four words of a trajectory and a block of steps to `out`, for tests. */
export function rotorWords(seedLow: i32, seedHigh: i32, trajectory: i32, block: i32, out: usize): void {
  if (ASC_FEATURE_SIMD) {
    wordsOfFour(seedLow, seedHigh, trajectory, block, WORDS);
    for (let step: usize = 0; step < 4; step++) store<i32>(out + 4 * step, load<i32>(WORDS + 16 * step));
  } else {
    threefry1(seedLow, seedHigh, trajectory, block);
    for (let step: usize = 0; step < 4; step++) store<i32>(out + 4 * step, load<i32>(WORDS + 4 * step));
  }
}
