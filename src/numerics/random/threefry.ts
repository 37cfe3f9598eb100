// Counter-based random numbers outside the kernels, by the same generator (Threefry-4x32-20, see
// assembly/rotor/threefry.ts). They are a function of key and counter, without state.

const rotations = [
  [10, 26],
  [11, 21],
  [13, 27],
  [23, 5],
  [6, 20],
  [17, 11],
  [25, 10],
  [18, 20],
];

/** Four random words (signed, 32 bits) for a key and a counter of four words each. */
export function threefry(key: ArrayLike<number>, counter: ArrayLike<number>): Int32Array {
  const x = new Int32Array(4);
  const schedule = new Int32Array(5);
  schedule[4] = 0x1bd11bda;
  for (let i = 0; i < 4; i++) {
    schedule[i] = key[i];
    schedule[4] ^= key[i];
    x[i] = counter[i] + key[i];
  }
  for (let round = 0; round < 20; round++) {
    const odd = round & 1;
    for (let pair = 0; pair < 2; pair++) {
      const to = 2 * pair;
      const from = pair === odd ? 1 : 3;
      const by = rotations[round & 7][pair];
      x[to] += x[from];
      x[from] = ((x[from] << by) | (x[from] >>> (32 - by))) ^ x[to];
    }
    if ((round & 3) === 3) {
      const s = (round + 1) >> 2;
      for (let i = 0; i < 4; i++) x[i] += schedule[(s + i) % 5];
      x[3] += s;
    }
  }
  return x;
}

/** Fills `out` with normally distributed numbers (Box and Muller) for a seed and a count. */
export function normals(seed: readonly [number, number], count: number, out: Float64Array): void {
  const unit = (word: number) => ((word >>> 0) + 0.5) / 2 ** 32;
  for (let i = 0; i < out.length; i += 4) {
    const words = threefry([seed[0], seed[1], 0, 1], [count | 0, Math.floor(count / 2 ** 32), i, 0]);
    for (let pair = 0; pair < 4; pair += 2) {
      const radius = Math.sqrt(-2 * Math.log(unit(words[pair])));
      const angle = 2 * Math.PI * unit(words[pair + 1]);
      if (i + pair < out.length) out[i + pair] = radius * Math.cos(angle);
      if (i + pair + 1 < out.length) out[i + pair + 1] = radius * Math.sin(angle);
    }
  }
}

/** The low and the high 32 bits of the seed. */
export function seedWords(seed: number): [number, number] {
  return [(seed % 2 ** 32) | 0, Math.floor(seed / 2 ** 32) | 0];
}
