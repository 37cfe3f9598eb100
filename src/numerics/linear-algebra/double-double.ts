// Complex matrices of double-double numbers (Dekker 1971, Knuth's two-sum): each real number is the
// unevaluated sum of two doubles and has 106 bits. The error-free sums and products need no fused
// multiply-add. They serve the few energies at which doubles are too short (refined/point.ts) and
// cost about 20 to 30 times as much as doubles. A matrix is row-major with four doubles per
// element: real part (high, low), imaginary part (high, low). All nonzero values must lie between
// 1e-140 and 1e140.

/** A matrix of rows x columns. Element (i, j) starts at 4 (i columns + j). */
export class DoubleDoubleMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Four doubles per element. */
  readonly data: Float64Array;

  constructor(rows: number, columns: number) {
    this.rows = rows;
    this.columns = columns;
    this.data = new Float64Array(4 * rows * columns);
  }

  /** Element k += (x + i y) times element q of another matrix, where x and y are doubles. */
  addScaled(k: number, x: number, y: number, other: DoubleDoubleMatrix, q: number): void {
    const { data } = this;
    const b = other.data;
    const [to, from] = [4 * k, 4 * q];
    if (x !== 0) {
      addTimes(data, to, x, 0, b[from], b[from + 1]);
      addTimes(data, to + 2, x, 0, b[from + 2], b[from + 3]);
    }
    if (y !== 0) {
      addTimes(data, to, -y, 0, b[from + 2], b[from + 3]);
      addTimes(data, to + 2, y, 0, b[from], b[from + 1]);
    }
  }

  /** Element k += sign a_p b_q, or sign conj(a_p) b_q. `sign` is 1 or -1. */
  addProduct(
    k: number,
    sign: number,
    a: DoubleDoubleMatrix,
    p: number,
    conjugate: boolean,
    b: DoubleDoubleMatrix,
    q: number,
  ): void {
    const { data } = this;
    const [x, y] = [a.data, b.data];
    const [to, i, j] = [4 * k, 4 * p, 4 * q];
    const [re, reLow] = [sign * x[i], sign * x[i + 1]];
    const imaginarySign = conjugate ? -sign : sign;
    const [im, imLow] = [imaginarySign * x[i + 2], imaginarySign * x[i + 3]];
    addTimes(data, to, re, reLow, y[j], y[j + 1]);
    addTimes(data, to, -im, -imLow, y[j + 2], y[j + 3]);
    addTimes(data, to + 2, re, reLow, y[j + 2], y[j + 3]);
    addTimes(data, to + 2, im, imLow, y[j], y[j + 1]);
  }

  /** Element k += the conjugate of element q of another matrix. */
  addConjugate(k: number, other: DoubleDoubleMatrix, q: number): void {
    const b = other.data;
    addTimes(this.data, 4 * k, 1, 0, b[4 * q], b[4 * q + 1]);
    addTimes(this.data, 4 * k + 2, -1, 0, b[4 * q + 2], b[4 * q + 3]);
  }

  /**
   * Element k += (real part of element q of the matrix `real`) times element p of the other matrix.
   */
  addRealProduct(k: number, real: DoubleDoubleMatrix, q: number, other: DoubleDoubleMatrix, p: number): void {
    const [x, xLow] = [real.data[4 * q], real.data[4 * q + 1]];
    const b = other.data;
    addTimes(this.data, 4 * k, x, xLow, b[4 * p], b[4 * p + 1]);
    addTimes(this.data, 4 * k + 2, x, xLow, b[4 * p + 2], b[4 * p + 3]);
  }

  /** Adds the double x + i y to element k. */
  addDouble(k: number, x: number, y: number): void {
    addTimes(this.data, 4 * k, 1, 0, x, 0);
    addTimes(this.data, 4 * k + 2, 1, 0, y, 0);
  }

  /** Writes the elements, rounded to doubles and interleaved, to `out`. */
  rounded(out: Float64Array): Float64Array {
    const { data } = this;
    for (let k = 0; 4 * k < data.length; k++) {
      out[2 * k] = data[4 * k];
      out[2 * k + 1] = data[4 * k + 2];
    }
    return out;
  }

  /** Sets all elements to zero and returns the matrix. */
  clear(): this {
    this.data.fill(0);
    return this;
  }
}

/** Dekker's constant 2^27 + 1, which splits a double into two halves. */
const SPLIT = 134217729;

/** The double-double at out[k], out[k + 1] += (a + aLow)(b + bLow). */
function addTimes(out: Float64Array, k: number, a: number, aLow: number, b: number, bLow: number): void {
  // a b and its rounding error are computed from halves of 26 bits. The mixed terms follow.
  const product = a * b;
  const wideA = SPLIT * a;
  const headA = wideA - (wideA - a);
  const tailA = a - headA;
  const wideB = SPLIT * b;
  const headB = wideB - (wideB - b);
  const tailB = b - headB;
  const missing = headA * headB - product + headA * tailB + tailA * headB + tailA * tailB;
  const low = missing + (a * bLow + aLow * b);
  // The high parts and the low parts are added with their errors, and the result is normalised.
  const high = out[k];
  const sum = high + product;
  const back = sum - high;
  const error = high - (sum - back) + (product - back);
  const lowOut = out[k + 1];
  const lowSum = lowOut + low;
  const lowBack = lowSum - lowOut;
  const lowError = lowOut - (lowSum - lowBack) + (low - lowBack);
  const carried = error + lowSum;
  const first = sum + carried;
  const second = carried - (first - sum) + lowError;
  out[k] = first + second;
  out[k + 1] = second - (out[k] - first);
}

/** The exact rounding error a + b - sum of sum = fl(a + b) (Knuth). */
export function sumError(a: number, b: number, sum: number): number {
  const back = sum - a;
  return a - (sum - back) + (b - back);
}

/** The exact rounding error a b - product of product = fl(a b) (Dekker). */
export function productError(a: number, b: number, product: number): number {
  const wideA = SPLIT * a;
  const headA = wideA - (wideA - a);
  const tailA = a - headA;
  const wideB = SPLIT * b;
  const headB = wideB - (wideB - b);
  const tailB = b - headB;
  return headA * headB - product + headA * tailB + tailA * headB + tailA * tailB;
}
