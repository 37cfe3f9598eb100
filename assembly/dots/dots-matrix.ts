// Small matrices of points in the lanes: elimination with partial pivoting, where each lane has its
// own pivots, and products. A complex element is two vectors, [re, im]; a real one is one vector.
//
// Longer than most files: it contains elimination and products for both real and complex matrices.
import { SET, SUBTRACT } from "../linear-algebra/gemm";
import { add, div, mul, multiplyAdd, multiplySubtract, neg, splat } from "../linear-algebra/lanes";

/** Exchanges `count` numbers of one lane. */
// @ts-ignore: decorator
@inline
function exchange<V>(count: i32, p: usize, q: usize): void {
  for (let k = 0; k < count; k++) {
    const x = load<f64>(p);
    store<f64>(p, load<f64>(q));
    store<f64>(q, x);
    p += sizeof<V>();
    q += sizeof<V>();
  }
}

/**
 * Moves the largest element of a column to the top, lane by lane. `pivot` is the address of the top
 * element, and `rows` is the number of rows from there on. `parts` is the number of vectors per
 * number (2 for complex numbers). The rows are exchanged from `before` numbers left of the column
 * to `after` numbers right of it, and so are the rows of x, with m numbers each.
 */
export function choosePivot<V>(parts: i32, rows: i32, pivot: usize, aRow: usize, before: i32, after: i32, x: usize, xRow: usize, m: i32): void {
  for (let lane: usize = 0; lane < sizeof<V>(); lane += 8) {
    let best = -1.0;
    let row = 0;
    let at = pivot + lane;
    for (let i = 0; i < rows; i++) {
      let size = Math.abs(load<f64>(at));
      if (parts == 2) size += Math.abs(load<f64>(at, sizeof<V>()));
      if (size > best) {
        best = size;
        row = i;
      }
      at += aRow;
    }
    if (row == 0) continue;
    const start = pivot - <usize>(before * parts) * sizeof<V>() + lane;
    exchange<V>((before + after) * parts, start, start + <usize>row * aRow);
    exchange<V>(m * parts, x + lane, x + <usize>row * xRow + lane);
  }
}

/** y -= f x over `count` complex numbers. */
// @ts-ignore: decorator
@inline
function subtractRow<V>(count: i32, fr: V, fi: V, x: usize, y: usize): void {
  for (let k = 0; k < count; k++) {
    const xr = load<V>(x);
    const xi = load<V>(x, sizeof<V>());
    store<V>(y, multiplyAdd<V>(fi, xi, multiplySubtract<V>(fr, xr, load<V>(y))));
    store<V>(y, multiplySubtract<V>(fi, xr, multiplySubtract<V>(fr, xi, load<V>(y, sizeof<V>()))), sizeof<V>());
    x += 2 * sizeof<V>();
    y += 2 * sizeof<V>();
  }
}

/**
 * y -= f x + g z over `count` complex numbers. Two pivots at once halve the memory traffic of y.
 */
// @ts-ignore: decorator
@inline
function subtractTwoRows<V>(count: i32, fr: V, fi: V, x: usize, gr: V, gi: V, z: usize, y: usize): void {
  for (let k = 0; k < count; k++) {
    const xr = load<V>(x);
    const xi = load<V>(x, sizeof<V>());
    let re = multiplyAdd<V>(fi, xi, multiplySubtract<V>(fr, xr, load<V>(y)));
    let im = multiplySubtract<V>(fi, xr, multiplySubtract<V>(fr, xi, load<V>(y, sizeof<V>())));
    const zr = load<V>(z);
    const zi = load<V>(z, sizeof<V>());
    re = multiplyAdd<V>(gi, zi, multiplySubtract<V>(gr, zr, re));
    im = multiplySubtract<V>(gi, zr, multiplySubtract<V>(gr, zi, im));
    store<V>(y, re);
    store<V>(y, im, sizeof<V>());
    x += 2 * sizeof<V>();
    z += 2 * sizeof<V>();
    y += 2 * sizeof<V>();
  }
}

/** Replaces the complex number at an address by its reciprocal. */
// @ts-ignore: decorator
@inline
function invert<V>(at: usize): void {
  const re = load<V>(at);
  const im = load<V>(at, sizeof<V>());
  const scale = div<V>(splat<V>(1), multiplyAdd<V>(im, im, mul<V>(re, re)));
  store<V>(at, mul<V>(re, scale));
  store<V>(at, neg<V>(mul<V>(im, scale)), sizeof<V>());
}

/** Multiplies the number at `at` by the number at `by`. */
// @ts-ignore: decorator
@inline
function multiplyInPlace<V>(at: usize, by: usize): void {
  const re = load<V>(at);
  const im = load<V>(at, sizeof<V>());
  const x = load<V>(by);
  const y = load<V>(by, sizeof<V>());
  store<V>(at, multiplySubtract<V>(im, y, mul<V>(re, x)));
  store<V>(at, multiplyAdd<V>(re, y, mul<V>(im, x)), sizeof<V>());
}

/** x (n x m) <- A^-1 x, complex. A is overwritten. A zero pivot gives NaN. */
export function solveComplex<V>(n: i32, m: i32, a: usize, x: usize): void {
  const z: usize = 2 * sizeof<V>();
  const aRow = <usize>n * z;
  const xRow = <usize>m * z;
  for (let k = 0; k < n; k += 2) {
    // Two columns are factorised, and then both are subtracted from all columns to the right of
    // them.
    const first = a + <usize>k * (aRow + z);
    const x1 = x + <usize>k * xRow;
    choosePivot<V>(2, n - k, first, aRow, 0, n - k, x1, xRow, m);
    invert<V>(first);
    if (k + 1 == n) break;
    for (let i = 1; i < n - k; i++) {
      const element = first + <usize>i * aRow;
      multiplyInPlace<V>(element, first);
      subtractRow<V>(1, load<V>(element), load<V>(element, sizeof<V>()), first + z, element + z);
    }
    const second = first + aRow + z;
    const x2 = x1 + xRow;
    choosePivot<V>(2, n - k - 1, second, aRow, 1, n - k - 1, x2, xRow, m);
    invert<V>(second);
    const f = second - z;
    subtractRow<V>(n - k - 2, load<V>(f), load<V>(f, sizeof<V>()), first + 2 * z, second + z);
    subtractRow<V>(m, load<V>(f), load<V>(f, sizeof<V>()), x1, x2);
    for (let i = 2; i < n - k; i++) {
      const element = first + <usize>i * aRow;
      multiplyInPlace<V>(element + z, second);
      const fr = load<V>(element);
      const fi = load<V>(element, sizeof<V>());
      const gr = load<V>(element, 2 * sizeof<V>());
      const gi = load<V>(element, 3 * sizeof<V>());
      subtractTwoRows<V>(n - k - 2, fr, fi, first + 2 * z, gr, gi, second + z, element + 2 * z);
      subtractTwoRows<V>(m, fr, fi, x1, gr, gi, x2, x1 + <usize>i * xRow);
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    const row = x + <usize>i * xRow;
    const factors = a + <usize>i * aRow;
    for (let k = i + 1; k < n; k++) {
      const f = factors + <usize>k * z;
      subtractRow<V>(m, load<V>(f), load<V>(f, sizeof<V>()), x + <usize>k * xRow, row);
    }
    for (let c: usize = 0; c < <usize>m; c++) multiplyInPlace<V>(row + c * z, factors + <usize>i * z);
  }
}

/**
 * y_c = [y_c] +- sum_k f_k x_kc for m real columns, four at a time. The four sums are in registers
 * and independent of each other.
 */
// @ts-ignore: decorator
@inline
export function sums<V>(mode: i32, count: i32, m: i32, f: usize, fStep: usize, x: usize, xRow: usize, y: usize): void {
  const v: usize = sizeof<V>();
  let c = 0;
  for (; c + 3 < m; c += 4) {
    let s0 = mode == SET ? splat<V>(0) : load<V>(y);
    let s1 = mode == SET ? splat<V>(0) : load<V>(y + v);
    let s2 = mode == SET ? splat<V>(0) : load<V>(y + 2 * v);
    let s3 = mode == SET ? splat<V>(0) : load<V>(y + 3 * v);
    let p = f;
    let q = x;
    for (let k = 0; k < count; k++) {
      const factor = load<V>(p);
      s0 = accumulate<V>(mode, factor, load<V>(q), s0);
      s1 = accumulate<V>(mode, factor, load<V>(q + v), s1);
      s2 = accumulate<V>(mode, factor, load<V>(q + 2 * v), s2);
      s3 = accumulate<V>(mode, factor, load<V>(q + 3 * v), s3);
      p += fStep;
      q += xRow;
    }
    store<V>(y, s0);
    store<V>(y + v, s1);
    store<V>(y + 2 * v, s2);
    store<V>(y + 3 * v, s3);
    x += 4 * v;
    y += 4 * v;
  }
  for (; c < m; c += 2) {
    // If the number is odd, the last column is summed twice, which costs nothing.
    const beside: usize = c + 1 < m ? v : 0;
    let s0 = mode == SET ? splat<V>(0) : load<V>(y);
    let s1 = mode == SET ? splat<V>(0) : load<V>(y + beside);
    let p = f;
    let q = x;
    for (let k = 0; k < count; k++) {
      const factor = load<V>(p);
      s0 = accumulate<V>(mode, factor, load<V>(q), s0);
      s1 = accumulate<V>(mode, factor, load<V>(q + beside), s1);
      p += fStep;
      q += xRow;
    }
    store<V>(y, s0);
    store<V>(y + beside, s1);
    x += 2 * v;
    y += 2 * v;
  }
}

// @ts-ignore: decorator
@inline
function accumulate<V>(mode: i32, f: V, x: V, sum: V): V {
  return mode == SUBTRACT ? multiplySubtract<V>(f, x, sum) : multiplyAdd<V>(f, x, sum);
}

/** out (n x m) = A X, real, from the upper half of A. */
export function upperTimes<V>(n: i32, m: i32, a: usize, x: usize, out: usize): void {
  const v: usize = sizeof<V>();
  const row = <usize>m * v;
  for (let i = 0; i < n; i++) {
    sums<V>(SET, n - i, m, a, v, x, row, out);
    a += <usize>(n + 1) * v;
    x += row;
    out += row;
  }
}

/** a (m x m) <- a + a^T, real. */
export function addTranspose<V>(m: i32, a: usize): void {
  for (let i = 0; i < m; i++)
    for (let j = 0; j <= i; j++) {
      const p = a + <usize>(i * m + j) * sizeof<V>();
      const q = a + <usize>(j * m + i) * sizeof<V>();
      const sum = add<V>(load<V>(p), load<V>(q));
      store<V>(p, sum);
      store<V>(q, sum);
    }
}

/** y -= f x over `count` real numbers. */
// @ts-ignore: decorator
@inline
export function subtractRealRow<V>(count: i32, f: V, x: usize, y: usize): void {
  for (let k = 0; k < count; k++) {
    store<V>(y, multiplySubtract<V>(f, load<V>(x), load<V>(y)));
    x += sizeof<V>();
    y += sizeof<V>();
  }
}

/** y -= f x + g z over `count` real numbers. */
// @ts-ignore: decorator
@inline
export function subtractTwoRealRows<V>(count: i32, f: V, x: usize, g: V, z: usize, y: usize): void {
  for (let k = 0; k < count; k++) {
    store<V>(y, multiplySubtract<V>(g, load<V>(z), multiplySubtract<V>(f, load<V>(x), load<V>(y))));
    x += sizeof<V>();
    y += sizeof<V>();
    z += sizeof<V>();
  }
}

/** x (n x m) <- A^-1 x, real; otherwise like solveComplex. */
export function solveReal<V>(n: i32, m: i32, a: usize, x: usize): void {
  const z: usize = sizeof<V>();
  const aRow = <usize>n * z;
  const xRow = <usize>m * z;
  const one = splat<V>(1);
  for (let k = 0; k < n; k += 2) {
    const first = a + <usize>k * (aRow + z);
    const x1 = x + <usize>k * xRow;
    choosePivot<V>(1, n - k, first, aRow, 0, n - k, x1, xRow, m);
    const p = div<V>(one, load<V>(first));
    store<V>(first, p);
    if (k + 1 == n) break;
    const beside = load<V>(first + z);
    for (let i = 1; i < n - k; i++) {
      const element = first + <usize>i * aRow;
      const f = mul<V>(p, load<V>(element));
      store<V>(element, f);
      store<V>(element + z, multiplySubtract<V>(f, beside, load<V>(element + z)));
    }
    const second = first + aRow + z;
    const x2 = x1 + xRow;
    choosePivot<V>(1, n - k - 1, second, aRow, 1, n - k - 1, x2, xRow, m);
    const q = div<V>(one, load<V>(second));
    store<V>(second, q);
    const f = load<V>(second - z);
    subtractRealRow<V>(n - k - 2, f, first + 2 * z, second + z);
    subtractRealRow<V>(m, f, x1, x2);
    for (let i = 2; i < n - k; i++) {
      const element = first + <usize>i * aRow;
      const g = mul<V>(q, load<V>(element + z));
      const e = load<V>(element);
      subtractTwoRealRows<V>(n - k - 2, e, first + 2 * z, g, second + z, element + 2 * z);
      subtractTwoRealRows<V>(m, e, x1, g, x2, x1 + <usize>i * xRow);
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    const row = x + <usize>i * xRow;
    const factors = a + <usize>i * aRow;
    sums<V>(SUBTRACT, n - 1 - i, m, factors + <usize>(i + 1) * z, z, row + xRow, xRow, row);
    const p = load<V>(factors + <usize>i * z);
    for (let c: usize = 0; c < <usize>m; c++) store<V>(row + c * z, mul<V>(p, load<V>(row + c * z)));
  }
}

/**
 * out (m x m) = factor P^+ Q, complex, for P and Q with n rows whose product is Hermitian. Only one
 * half is summed.
 */
export function overlap<V>(n: i32, m: i32, p: usize, q: usize, factor: f64, out: usize): void {
  const z: usize = 2 * sizeof<V>();
  const row = <usize>m * z;
  const scale = splat<V>(factor);
  for (let a: usize = 0; a < <usize>m; a++) {
    let right = out + a * (row + z);
    let below = right;
    for (let b = a; b < <usize>m; b++) {
      let x = p + a * z;
      let y = q + b * z;
      let re = splat<V>(0);
      let im = splat<V>(0);
      for (let i = 0; i < n; i++) {
        const xr = load<V>(x);
        const xi = load<V>(x, sizeof<V>());
        const yr = load<V>(y);
        const yi = load<V>(y, sizeof<V>());
        re = multiplyAdd<V>(xi, yi, multiplyAdd<V>(xr, yr, re));
        im = multiplySubtract<V>(xi, yr, multiplyAdd<V>(xr, yi, im));
        x += row;
        y += row;
      }
      re = mul<V>(scale, re);
      im = mul<V>(scale, im);
      store<V>(below, re);
      store<V>(below, neg<V>(im), sizeof<V>());
      store<V>(right, re);
      store<V>(right, im, sizeof<V>());
      right += z;
      below += row;
    }
  }
}

/** out (m x m) = P^T Q, real, for P and Q with n rows. */
export function realOverlap<V>(n: i32, m: i32, p: usize, q: usize, out: usize): void {
  const row = <usize>m * sizeof<V>();
  for (let a: usize = 0; a < <usize>m; a++) sums<V>(SET, n, m, p + a * sizeof<V>(), row, q, row, out + a * row);
}

/** out = P Q, all of them m x m and complex. */
export function product<V>(m: i32, p: usize, q: usize, out: usize): void {
  const z: usize = 2 * sizeof<V>();
  const row = <usize>m * z;
  for (let a: usize = 0; a < <usize>m; a++)
    for (let b: usize = 0; b < <usize>m; b++) {
      let x = p + a * row;
      let y = q + b * z;
      let re = splat<V>(0);
      let im = splat<V>(0);
      for (let k = 0; k < m; k++) {
        const xr = load<V>(x);
        const xi = load<V>(x, sizeof<V>());
        const yr = load<V>(y);
        const yi = load<V>(y, sizeof<V>());
        re = multiplySubtract<V>(xi, yi, multiplyAdd<V>(xr, yr, re));
        im = multiplyAdd<V>(xi, yr, multiplyAdd<V>(xr, yi, im));
        x += z;
        y += row;
      }
      store<V>(out, re);
      store<V>(out, im, sizeof<V>());
      out += z;
    }
}

/** out (m x m) = P Q with a real P. */
export function realProduct<V>(m: i32, p: usize, q: usize, out: usize): void {
  const z: usize = 2 * sizeof<V>();
  const row = <usize>m * z;
  for (let a: usize = 0; a < <usize>m; a++)
    for (let b: usize = 0; b < <usize>m; b++) {
      let x = p + a * <usize>m * sizeof<V>();
      let y = q + b * z;
      let re = splat<V>(0);
      let im = splat<V>(0);
      for (let k = 0; k < m; k++) {
        const f = load<V>(x);
        re = multiplyAdd<V>(f, load<V>(y), re);
        im = multiplyAdd<V>(f, load<V>(y, sizeof<V>()), im);
        x += sizeof<V>();
        y += row;
      }
      store<V>(out, re);
      store<V>(out, im, sizeof<V>());
      out += z;
    }
}

/** Sum of the squares of `count` real numbers. */
export function squares<V>(count: i32, p: usize): V {
  let sum = splat<V>(0);
  for (let k = 0; k < count; k++) {
    const x = load<V>(p);
    sum = add<V>(sum, mul<V>(x, x));
    p += sizeof<V>();
  }
  return sum;
}
