// Plain JavaScript contender for ensembles of a noisy rotor: the algorithm of the kernel
// (Threefry-4x32-20 words, normal numbers and step coefficients from tables of cubics) on flat
// typed arrays. Trajectories run one after the other, with their state in local variables.

const TURN = 2 * Math.PI;
/** Adding and subtracting this number rounds to the nearest whole number. */
const ROUNDING = 3 * 2 ** 51;

/** Cubics through values and slopes at the ends of cells, as [a0 a1 a2 a3] per cell. */
function cubics(count, value, slope) {
  const out = new Float64Array(4 * count);
  for (let i = 0; i < count; i++) {
    const [p, q, s, r] = [value(i), value(i + 1), slope(i), slope(i + 1)];
    out.set([p, s, 3 * (q - p) - 2 * s - r, s + r - 2 * (q - p)], 4 * i);
  }
  return out;
}

/**
 * Tables of a washboard rotor of inertia 1 in steps of h: friction 0.5 + 0.2 cos, torque 0.3 - sin,
 * noise 1.
 */
export function washboardTables(h, cells) {
  const unit = (h / 2) * (cells / TURN);
  const friction = (x) => 0.5 + 0.2 * Math.cos(x);
  const parts = [
    (x) => ((0.3 - Math.sin(x)) / friction(x)) * -Math.expm1(-friction(x) * h) * unit,
    (x) => Math.exp(-friction(x) * h),
    (x) => Math.sqrt(-Math.expm1(-2 * friction(x) * h) / (2 * friction(x))) * unit,
  ].map((g) => {
    const at = (i) => g((TURN * (((i % cells) + cells) % cells)) / cells);
    return cubics(cells, at, (i) => (at(i + 1) - at(i - 1)) / 2);
  });
  const steps = new Float64Array(12 * cells);
  for (let i = 0; i < cells; i++)
    for (let k = 0; k < 4; k++) {
      steps[12 * i + 2 * k] = parts[0][4 * i + k];
      steps[12 * i + 2 * k + 1] = parts[1][4 * i + k];
      steps[12 * i + 8 + k] = parts[2][4 * i + k];
    }
  return steps;
}

/**
 * A logistic quantile as lines in the layout of the kernel's normal one. The cost of a number does
 * not depend on the values in the table.
 */
export function quantileTable() {
  const z = (m) => 1.7 * Math.log((2 - m / 2 ** 32) / (m / 2 ** 32)) * 0.35;
  const out = new Float64Array(2 * 32 * 128);
  for (let part = 0; part < 32 * 128; part++) {
    const binade = 2 ** Math.floor(part / 128);
    const width = binade / 128;
    const start = binade + (part % 128) * width;
    const slope = (z(start + width) - z(start)) / width;
    out[2 * part] = z(start) - slope * start;
    out[2 * part + 1] = slope;
  }
  return out;
}

/** Advances all trajectories by 4 * blocks steps; `states` as in assembly/rotor/rotor.ts. */
export function advance(table, cells, quantile, states, count, k0, k1, block, blocks) {
  const inverse = 1 / cells;
  const mask = cells - 1;
  for (let n = 0; n < count; n++) {
    let x = states[n];
    let turns = states[count + n];
    let v = states[2 * count + n];
    let lower = states[3 * count + n];
    let upper = states[4 * count + n];
    const k2 = n;
    const k4 = 0x1bd11bda ^ k0 ^ k1 ^ k2;
    for (let k = 0; k < blocks; k++) {
      let a = (block + k + k0) | 0;
      let b = k1;
      let c = k2;
      let d = 0;
      for (let group = 1; group <= 5; group++) {
        if (group & 1) {
          a = (a + b) | 0;
          b = ((b << 10) | (b >>> 22)) ^ a;
          c = (c + d) | 0;
          d = ((d << 26) | (d >>> 6)) ^ c;
          a = (a + d) | 0;
          d = ((d << 11) | (d >>> 21)) ^ a;
          c = (c + b) | 0;
          b = ((b << 21) | (b >>> 11)) ^ c;
          a = (a + b) | 0;
          b = ((b << 13) | (b >>> 19)) ^ a;
          c = (c + d) | 0;
          d = ((d << 27) | (d >>> 5)) ^ c;
          a = (a + d) | 0;
          d = ((d << 23) | (d >>> 9)) ^ a;
          c = (c + b) | 0;
          b = ((b << 5) | (b >>> 27)) ^ c;
        } else {
          a = (a + b) | 0;
          b = ((b << 6) | (b >>> 26)) ^ a;
          c = (c + d) | 0;
          d = ((d << 20) | (d >>> 12)) ^ c;
          a = (a + d) | 0;
          d = ((d << 17) | (d >>> 15)) ^ a;
          c = (c + b) | 0;
          b = ((b << 11) | (b >>> 21)) ^ c;
          a = (a + b) | 0;
          b = ((b << 25) | (b >>> 7)) ^ a;
          c = (c + d) | 0;
          d = ((d << 10) | (d >>> 22)) ^ c;
          a = (a + d) | 0;
          d = ((d << 18) | (d >>> 14)) ^ a;
          c = (c + b) | 0;
          b = ((b << 20) | (b >>> 12)) ^ c;
        }
        if (group === 1) {
          a = (a + k1) | 0;
          b = (b + k2) | 0;
          d = (d + k4 + 1) | 0;
        } else if (group === 2) {
          a = (a + k2) | 0;
          c = (c + k4) | 0;
          d = (d + k0 + 2) | 0;
        } else if (group === 3) {
          b = (b + k4) | 0;
          c = (c + k0) | 0;
          d = (d + k1 + 3) | 0;
        } else if (group === 4) {
          a = (a + k4) | 0;
          b = (b + k0) | 0;
          c = (c + k1) | 0;
          d = (d + k2 + 4) | 0;
        } else {
          a = (a + k0) | 0;
          b = (b + k1) | 0;
          c = (c + k2) | 0;
          d = (d + 5) | 0;
        }
      }
      const wrapped = Math.floor(x * inverse);
      x -= wrapped * cells;
      turns += wrapped;
      for (let i = 0; i < 4; i++) {
        const word = i === 0 ? a : i === 1 ? b : i === 2 ? c : d;
        const odd = (word << 1) | 1;
        // The number is shifted until its top bit is set; the next seven bits are the index of the
        // part.
        const zeros = Math.clz32(odd);
        const q = ((31 - zeros) * 128 + (((odd << zeros) >>> 24) & 127)) << 1;
        const size = quantile[q] + quantile[q + 1] * (odd >>> 0);
        const z = word < 0 ? -size : size;
        x += v;
        const whole = x + ROUNDING - ROUNDING;
        const t = x - whole;
        const p = 12 * (whole & mask);
        const force = ((table[p + 6] * t + table[p + 4]) * t + table[p + 2]) * t + table[p];
        const decay = ((table[p + 7] * t + table[p + 5]) * t + table[p + 3]) * t + table[p + 1];
        const spread = ((table[p + 11] * t + table[p + 10]) * t + table[p + 9]) * t + table[p + 8];
        v = decay * v + force + spread * z;
        x += v;
      }
      const position = turns * cells + x;
      while (position >= upper) {
        states[5 * count + n]++;
        upper += cells;
        lower += cells;
      }
      while (position <= lower) {
        states[6 * count + n]++;
        upper -= cells;
        lower -= cells;
      }
    }
    states[n] = x;
    states[count + n] = turns;
    states[2 * count + n] = v;
    states[3 * count + n] = lower;
    states[4 * count + n] = upper;
  }
}
