// LU factorisation of a complex banded matrix with row exchanges (LAPACK's zgbtf2 by rows). It is
// the preconditioner of refined/system.ts. Row i is stored as its columns i - b to i + 2b, for a
// matrix with b diagonals on either side; exchanges fill the last b of these columns. Factorising
// costs 2 n b^2 complex products and a right-hand side 3 n b. A full matrix is the case b = n - 1.

/**
 * A complex matrix of size x size elements with `band` diagonals on either side of the main one.
 */
export class BandedMatrix {
  readonly size: number;
  readonly band: number;
  readonly #width: number;
  readonly #rows: Float64Array;
  readonly #factors: Float64Array;
  readonly #pivots: Int32Array;

  constructor(size: number, band: number) {
    this.size = size;
    this.band = band;
    this.#width = 3 * band + 1;
    this.#rows = new Float64Array(2 * size * this.#width);
    this.#factors = new Float64Array(2 * size * Math.max(band, 1));
    this.#pivots = new Int32Array(size);
  }

  /** Sets all elements to zero. */
  clear(): void {
    this.#rows.fill(0);
  }

  #at(i: number, j: number): number {
    return 2 * (i * this.#width + j - i + this.band);
  }

  /** Element (i, j) += re + i im, where |i - j| <= band. */
  add(i: number, j: number, re: number, im: number): void {
    const at = this.#at(i, j);
    this.#rows[at] += re;
    this.#rows[at + 1] += im;
  }

  /**
   * Factorises in place. A pivot that is exactly zero is replaced by the rounding of the largest
   * element; the iterative refinement corrects the difference.
   */
  factorise(): void {
    const { size: n, band } = this;
    const a = this.#rows;
    const factors = this.#factors;
    let scale = 0;
    for (let k = 0; k < a.length; k++) scale = Math.max(scale, Math.abs(a[k]));
    for (let k = 0; k < n; k++) {
      const last = Math.min(n - 1, k + band);
      const right = Math.min(n - 1, k + 2 * band);
      let [pivot, most] = [k, -1];
      for (let i = k; i <= last; i++) {
        const at = this.#at(i, k);
        const size = Math.abs(a[at]) + Math.abs(a[at + 1]);
        if (size > most) [pivot, most] = [i, size];
      }
      this.#pivots[k] = pivot;
      if (pivot !== k) this.#exchange(k, pivot, right);
      const diagonal = this.#at(k, k);
      if (most === 0) a[diagonal] = 2 ** -52 * scale || 1;
      const [re, im] = [a[diagonal], a[diagonal + 1]];
      const norm = re * re + im * im;
      for (let i = k + 1; i <= last; i++) {
        const at = this.#at(i, k);
        const x = (a[at] * re + a[at + 1] * im) / norm;
        const y = (a[at + 1] * re - a[at] * im) / norm;
        const kept = 2 * (k * band + i - k - 1);
        factors[kept] = x;
        factors[kept + 1] = y;
        if (x === 0 && y === 0) continue;
        for (let j = 1; j <= right - k; j++) {
          const [s, t] = [at + 2 * j, diagonal + 2 * j];
          a[s] -= x * a[t] - y * a[t + 1];
          a[s + 1] -= x * a[t + 1] + y * a[t];
        }
      }
    }
  }

  /** Exchanges the rows k < p from column k on. */
  #exchange(k: number, p: number, right: number): void {
    const a = this.#rows;
    let [s, t] = [this.#at(k, k), this.#at(p, k)];
    for (let j = 2 * (right - k + 1); j > 0; j--, s++, t++) {
      const kept = a[s];
      a[s] = a[t];
      a[t] = kept;
    }
  }

  /** x (n x columns, interleaved) <- A^-1 x. */
  solve(x: Float64Array, columns: number): void {
    const { size: n, band } = this;
    const a = this.#rows;
    const factors = this.#factors;
    for (let k = 0; k < n; k++) {
      exchangeRows(x, k, this.#pivots[k], columns);
      for (let i = k + 1; i <= Math.min(n - 1, k + band); i++) {
        const at = 2 * (k * band + i - k - 1);
        subtractRow(x, i, factors[at], factors[at + 1], k, columns);
      }
    }
    for (let k = n - 1; k >= 0; k--) {
      for (let j = k + 1; j <= Math.min(n - 1, k + 2 * band); j++) {
        const at = this.#at(k, j);
        subtractRow(x, k, a[at], a[at + 1], j, columns);
      }
      const at = this.#at(k, k);
      divideRow(x, k, a[at], a[at + 1], columns);
    }
  }

  /** x (n x columns, interleaved) <- A^-+ x, with the same factors. */
  solveAdjoint(x: Float64Array, columns: number): void {
    const { size: n, band } = this;
    const a = this.#rows;
    const factors = this.#factors;
    for (let k = 0; k < n; k++) {
      for (let j = Math.max(0, k - 2 * band); j < k; j++) {
        const at = this.#at(j, k);
        subtractRow(x, k, a[at], -a[at + 1], j, columns);
      }
      const at = this.#at(k, k);
      divideRow(x, k, a[at], -a[at + 1], columns);
    }
    for (let k = n - 1; k >= 0; k--) {
      for (let i = k + 1; i <= Math.min(n - 1, k + band); i++) {
        const at = 2 * (k * band + i - k - 1);
        subtractRow(x, k, factors[at], -factors[at + 1], i, columns);
      }
      exchangeRows(x, k, this.#pivots[k], columns);
    }
  }
}

function exchangeRows(x: Float64Array, k: number, p: number, columns: number): void {
  if (p === k) return;
  for (let c = 0; c < 2 * columns; c++) {
    const [s, t] = [2 * k * columns + c, 2 * p * columns + c];
    const kept = x[s];
    x[s] = x[t];
    x[t] = kept;
  }
}

/** Divides row k of x by re + i im. */
function divideRow(x: Float64Array, k: number, re: number, im: number, columns: number): void {
  const norm = re * re + im * im;
  for (let c = 0; c < columns; c++) {
    const s = 2 * (k * columns + c);
    const [u, v] = [x[s], x[s + 1]];
    x[s] = (u * re + v * im) / norm;
    x[s + 1] = (v * re - u * im) / norm;
  }
}

/** Row i of x -= (re + i im) times row k of x. */
function subtractRow(x: Float64Array, i: number, re: number, im: number, k: number, columns: number): void {
  if (re === 0 && im === 0) return;
  for (let c = 0; c < columns; c++) {
    const [s, t] = [2 * (i * columns + c), 2 * (k * columns + c)];
    x[s] -= re * x[t] - im * x[t + 1];
    x[s + 1] -= re * x[t + 1] + im * x[t];
  }
}
