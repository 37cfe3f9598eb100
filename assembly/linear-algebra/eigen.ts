// Eigenvalues and eigenvectors of a complex Hermitian matrix by cyclic Jacobi rotations (Golub, Van
// Loan, section 8.5). The method is slower than tridiagonalisation (about 10 sweeps of 24 n^3
// flops), but accurate to the last digits even for tiny eigenvalues. Matrices are row-major and
// interleaved.

/**
 * Diagonalises A, which is overwritten and finally has the eigenvalues on its diagonal. The columns
 * of `vectors` are the eigenvectors, unless it is 0. Returns 0, or 1 without convergence.
 */
export function zheev(n: i32, a: usize, vectors: usize): i32 {
  const step = <usize>n << 4;
  if (vectors) {
    memory.fill(vectors, 0, <usize>n * step);
    for (let i = 0; i < n; i++) store<f64>(vectors + <usize>i * step + (<usize>i << 4), 1.0);
  }
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0.0;
    let all = 0.0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        const z = a + <usize>i * step + (<usize>j << 4);
        const size = load<f64>(z) * load<f64>(z) + load<f64>(z, 8) * load<f64>(z, 8);
        all += size;
        if (i != j) off += size;
      }
    if (off <= 1e-34 * all) return 0;
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) rotate(n, a, vectors, step, p, q);
  }
  return 1;
}

function rotate(n: i32, a: usize, vectors: usize, step: usize, p: i32, q: i32): void {
  const pq = a + <usize>p * step + (<usize>q << 4);
  const re = load<f64>(pq);
  const im = load<f64>(pq, 8);
  const size = Math.sqrt(re * re + im * im);
  if (size < 1e-300) return;
  const app = load<f64>(a + <usize>p * step + (<usize>p << 4));
  const aqq = load<f64>(a + <usize>q * step + (<usize>q << 4));
  const ratio = (aqq - app) / (2.0 * size);
  const t = (ratio >= 0.0 ? 1.0 : -1.0) / (Math.abs(ratio) + Math.sqrt(1.0 + ratio * ratio));
  const c = 1.0 / Math.sqrt(1.0 + t * t);
  // Column q is first multiplied by the phase of A_pq, which makes the 2 x 2 problem real.
  const sr = (c * t * re) / size;
  const si = (c * t * im) / size;
  for (let k = 0; k < n; k++) {
    const row = a + <usize>k * step;
    rotatePair(row + (<usize>p << 4), row + (<usize>q << 4), c, sr, -si);
    if (vectors) {
      const vector = vectors + <usize>k * step;
      rotatePair(vector + (<usize>p << 4), vector + (<usize>q << 4), c, sr, -si);
    }
  }
  const rowP = a + <usize>p * step;
  const rowQ = a + <usize>q * step;
  for (let k = 0; k < n; k++) rotatePair(rowP + (<usize>k << 4), rowQ + (<usize>k << 4), c, sr, si);
  store<f64>(pq, 0);
  store<f64>(pq, 0, 8);
  store<f64>(rowQ + (<usize>p << 4), 0);
  store<f64>(rowQ + (<usize>p << 4), 0, 8);
}

/** (x, y) <- (c x - s y, s* x + c y) with s = sr + i si. */
// @ts-ignore: decorator
@inline
function rotatePair(x: usize, y: usize, c: f64, sr: f64, si: f64): void {
  const xr = load<f64>(x);
  const xi = load<f64>(x, 8);
  const yr = load<f64>(y);
  const yi = load<f64>(y, 8);
  store<f64>(x, c * xr - (sr * yr - si * yi));
  store<f64>(x, c * xi - (sr * yi + si * yr), 8);
  store<f64>(y, sr * xr + si * xi + c * yr);
  store<f64>(y, sr * xi - si * xr + c * yi, 8);
}
