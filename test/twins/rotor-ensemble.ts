// The ensemble of assembly/rotor/rotor.ts, one trajectory and one step at a time, in plain TypeScript on the same tables: the same bits.
// Threefry is written as in its paper, with the key schedule in an array.

import type { RotorTables } from "../../src/engine/rotor.js";

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

/** Threefry-4x32 with 20 rounds. */
export function threefry(key: readonly number[], counter: readonly number[]): number[] {
  const schedule = [...key, key.reduce((parity, word) => parity ^ word, 0x1bd11bda)];
  const x = counter.map((word, i) => (word + schedule[i]) | 0);
  const rotate = (word: number, by: number) => (word << by) | (word >>> (32 - by));
  const mix = (i: number, j: number, by: number) => {
    x[i] = (x[i] + x[j]) | 0;
    x[j] = rotate(x[j], by) ^ x[i];
  };
  for (let round = 0; round < 20; round++) {
    const [first, second] = rotations[round % 8];
    mix(0, round % 2 === 0 ? 1 : 3, first);
    mix(2, round % 2 === 0 ? 3 : 1, second);
    if (round % 4 === 3) {
      const s = (round + 1) / 4;
      for (let i = 0; i < 4; i++) x[i] = (x[i] + schedule[(s + i) % 5]) | 0;
      x[3] = (x[3] + s) | 0;
    }
  }
  return x;
}

/** Normal number of a word by the table of straight lines. */
export function normalOf(word: number, quantile: Float64Array): number {
  const m = ((word << 1) | 1) >>> 0;
  const binade = 31 - Math.clz32(m);
  const part = Math.floor((m / 2 ** binade - 1) * 128);
  const at = 2 * (128 * binade + part);
  const size = quantile[at] + quantile[at + 1] * m;
  return word < 0 ? -size : size;
}

export interface TwinState {
  position: number;
  turns: number;
  speed: number;
  lower: number;
  upper: number;
  forward: number;
  backward: number;
  passage: number;
}

/** Advances one trajectory by `steps` steps from step number `from`. */
export function advanceTwin(
  { cells, steps: table, quantile }: RotorTables,
  state: TwinState,
  seed: readonly [number, number],
  trajectory: number,
  from: number,
  steps: number,
  overdamped: boolean,
): void {
  for (let n = from; n < from + steps; n++) {
    const z = normalOf(threefry([seed[0], seed[1], trajectory, 0], [n >> 2, 0, 0, 0])[n & 3], quantile);
    // Whole turns are taken out at the beginning of each group of four steps.
    if (n % 4 === 0) {
      const wrapped = Math.floor(state.position / cells);
      state.position -= wrapped * cells;
      state.turns += wrapped;
    }
    if (!overdamped) state.position += state.speed;
    // Nearest whole number, ties to even, as the addition of 3 * 2^51 rounds.
    const whole = state.position + 3 * 2 ** 51 - 3 * 2 ** 51;
    const t = state.position - whole;
    const cell = ((whole % cells) + cells) % cells;
    const cubic = (start: number, stride: number) => {
      const a = (power: number) => table[12 * cell + start + stride * power];
      return ((a(3) * t + a(2)) * t + a(1)) * t + a(0);
    };
    const [b, c, s] = [cubic(0, 2), cubic(1, 2), cubic(8, 1)];
    if (overdamped) state.position += b + z * (s + z * c);
    else {
      state.speed = c * state.speed + b + s * z;
      state.position += state.speed;
    }
    if (n % 4 !== 3) continue;
    const position = state.turns * cells + state.position;
    while (position >= state.upper) {
      state.forward++;
      if (state.passage === 0) state.passage = n + 1;
      state.upper += cells;
      state.lower += cells;
    }
    while (position <= state.lower) {
      state.backward++;
      if (state.passage === 0) state.passage = -(n + 1);
      state.upper -= cells;
      state.lower -= cells;
    }
  }
}
