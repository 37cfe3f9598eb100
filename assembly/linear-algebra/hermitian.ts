// Eigenvalues and eigenvectors of a complex Hermitian matrix by Householder tridiagonalisation and
// QL steps with implicit shifts (Golub, Van Loan, sections 8.3 and 8.4). From n = 8 to 80 the
// method is four to ten times faster than the Jacobi rotations of eigen.ts, but only accurate to
// the rounding of the largest eigenvalue. Matrices are row-major and interleaved.

// @ts-ignore: decorator
@inline
function at(a: usize, n: i32, i: i32, j: i32): usize {
  return a + (<usize>(i * n + j) << 4);
}

/** y += (fr + i fi) x over `count` complex elements. */
// @ts-ignore: decorator
@inline
function axpy(count: i32, fr: f64, fi: f64, x: usize, y: usize): void {
  for (let j = 0; j < count; j++) {
    const xr = load<f64>(x);
    const xi = load<f64>(x, 8);
    store<f64>(y, load<f64>(y) + fr * xr - fi * xi);
    store<f64>(y, load<f64>(y, 8) + fr * xi + fi * xr, 8);
    x += 16;
    y += 16;
  }
}

/** (x, y) <- (c x - s y, s x + c y) over `count` complex elements. */
function rotateRows(count: i32, x: usize, y: usize, c: f64, s: f64): void {
  if (ASC_FEATURE_SIMD) {
    const cc = f64x2.splat(c);
    const ss = f64x2.splat(s);
    for (let j = 0; j < count; j++) {
      const p = v128.load(x);
      const q = v128.load(y);
      v128.store(x, f64x2.sub(f64x2.mul(cc, p), f64x2.mul(ss, q)));
      v128.store(y, f64x2.add(f64x2.mul(ss, p), f64x2.mul(cc, q)));
      x += 16;
      y += 16;
    }
    return;
  }
  for (let j = 0; j < count * 2; j++) {
    const p = load<f64>(x);
    const q = load<f64>(y);
    store<f64>(x, c * p - s * q);
    store<f64>(y, s * p + c * q);
    x += 8;
    y += 8;
  }
}

/**
 * Diagonalises A, which is overwritten and finally has the eigenvalues on its diagonal. The columns
 * of `vectors` are the eigenvectors, unless it is 0. work: n^2 + 4 n complex numbers. Returns 0, or
 * 1 without convergence.
 */
export function zheevq(n: i32, a: usize, vectors: usize, work: usize): i32 {
  const size = <usize>n << 4;
  const rows = work; // the adjoint of Q, whose rows become the conjugate eigenvectors
  const v = rows + <usize>n * size;
  const w = v + size;
  const d = w + size;
  const e = d + (<usize>n << 3);
  if (vectors) {
    memory.fill(rows, 0, <usize>n * size);
    for (let i = 0; i < n; i++) store<f64>(at(rows, n, i, i), 1.0);
  }
  // Reflections 1 - beta v v^+ reduce column k to (d_k, e_k, 0, ...).
  for (let k = 0; k < n - 1; k++) {
    const count = n - k - 1;
    let norm = 0.0;
    for (let i = 0; i < count; i++) {
      const x = at(a, n, k + 1 + i, k);
      memory.copy(v + (<usize>i << 4), x, 16);
      norm += load<f64>(x) * load<f64>(x) + load<f64>(x, 8) * load<f64>(x, 8);
    }
    norm = Math.sqrt(norm);
    if (norm < 1e-300) {
      store<f64>(w + (<usize>k << 4), 0.0);
      store<f64>(w + (<usize>k << 4), 0.0, 8);
      continue;
    }
    const headRe = load<f64>(v);
    const headIm = load<f64>(v, 8);
    const head = Math.sqrt(headRe * headRe + headIm * headIm);
    const phaseRe = head > 0 ? headRe / head : 1.0;
    const phaseIm = head > 0 ? headIm / head : 0.0;
    store<f64>(v, headRe + phaseRe * norm);
    store<f64>(v, headIm + phaseIm * norm, 8);
    const beta = 1.0 / (norm * (norm + head));
    // e_k = -phase norm is stored on the subdiagonal.
    store<f64>(at(a, n, k + 1, k), -phaseRe * norm);
    store<f64>(at(a, n, k + 1, k), -phaseIm * norm, 8);
    // w = beta A v - (beta^2 v^+ A v / 2) v, then A -= v w^+ + w v^+ on the trailing block.
    let inner = 0.0;
    for (let i = 0; i < count; i++) {
      let re = 0.0;
      let im = 0.0;
      let x = at(a, n, k + 1 + i, k + 1);
      let y = v;
      for (let j = 0; j < count; j++) {
        re += load<f64>(x) * load<f64>(y) - load<f64>(x, 8) * load<f64>(y, 8);
        im += load<f64>(x) * load<f64>(y, 8) + load<f64>(x, 8) * load<f64>(y);
        x += 16;
        y += 16;
      }
      const vi = v + (<usize>i << 4);
      const wi = w + (<usize>i << 4);
      inner += load<f64>(vi) * re + load<f64>(vi, 8) * im;
      store<f64>(wi, beta * re);
      store<f64>(wi, beta * im, 8);
    }
    axpy(count, -0.5 * beta * beta * inner, 0.0, v, w);
    for (let i = 0; i < count; i++) {
      const vi = v + (<usize>i << 4);
      const wi = w + (<usize>i << 4);
      const vr = load<f64>(vi);
      const vm = load<f64>(vi, 8);
      const wr = load<f64>(wi);
      const wm = load<f64>(wi, 8);
      let x = at(a, n, k + 1 + i, k + 1);
      let p = v;
      let q = w;
      for (let j = 0; j < count; j++) {
        const pr = load<f64>(p);
        const pm = load<f64>(p, 8);
        const qr = load<f64>(q);
        const qm = load<f64>(q, 8);
        store<f64>(x, load<f64>(x) - (vr * qr + vm * qm) - (wr * pr + wm * pm));
        store<f64>(x, load<f64>(x, 8) - (vm * qr - vr * qm) - (wm * pr - wr * pm), 8);
        x += 16;
        p += 16;
        q += 16;
      }
    }
    if (!vectors) continue;
    // Q^+ <- (1 - beta v v^+) Q^+ on the rows from k + 1 on. The row sums are first formed in w.
    memory.fill(w, 0, size);
    for (let i = 0; i < count; i++) {
      const vi = v + (<usize>i << 4);
      axpy(n, load<f64>(vi), -load<f64>(vi, 8), at(rows, n, k + 1 + i, 0), w);
    }
    for (let i = 0; i < count; i++) {
      const vi = v + (<usize>i << 4);
      axpy(n, -beta * load<f64>(vi), -beta * load<f64>(vi, 8), w, at(rows, n, k + 1 + i, 0));
    }
  }
  // Row k of Q^+ times conj(phase_k) makes the subdiagonal real and positive.
  let turnRe = 1.0;
  let turnIm = 0.0;
  for (let k = 0; k < n; k++) {
    store<f64>(d + (<usize>k << 3), load<f64>(at(a, n, k, k)));
    if (k > 0) {
      const x = at(a, n, k, k - 1);
      const xr = load<f64>(x);
      const xi = load<f64>(x, 8);
      const length = Math.sqrt(xr * xr + xi * xi);
      store<f64>(e + (<usize>(k - 1) << 3), length);
      if (!vectors) continue;
      if (length > 0) {
        const re = (turnRe * xr - turnIm * xi) / length;
        turnIm = (turnRe * xi + turnIm * xr) / length;
        turnRe = re;
      }
      let row = at(rows, n, k, 0);
      for (let j = 0; j < n; j++) {
        const re = load<f64>(row);
        const im = load<f64>(row, 8);
        store<f64>(row, turnRe * re + turnIm * im);
        store<f64>(row, turnRe * im - turnIm * re, 8);
        row += 16;
      }
    }
  }
  store<f64>(e + (<usize>(n - 1) << 3), 0.0);

  // QL steps with implicit shifts. The rotations act on adjacent rows.
  for (let l = 0; l < n; l++) {
    for (let round = 0; ; round++) {
      let m = l;
      for (; m < n - 1; m++) {
        const near = Math.abs(load<f64>(d + (<usize>m << 3))) + Math.abs(load<f64>(d + (<usize>(m + 1) << 3)));
        if (Math.abs(load<f64>(e + (<usize>m << 3))) <= 1.1e-16 * near + 1e-300) break;
      }
      if (m == l) break;
      if (round == 60) return 1;
      const dl = load<f64>(d + (<usize>l << 3));
      const el = load<f64>(e + (<usize>l << 3));
      let g = (load<f64>(d + (<usize>(l + 1) << 3)) - dl) / (2.0 * el);
      let r = Math.sqrt(g * g + 1.0);
      g = load<f64>(d + (<usize>m << 3)) - dl + el / (g >= 0 ? g + r : g - r);
      let s = 1.0;
      let c = 1.0;
      let p = 0.0;
      let early = false;
      for (let i = m - 1; i >= l; i--) {
        const ei = load<f64>(e + (<usize>i << 3));
        const f = s * ei;
        const b = c * ei;
        r = Math.sqrt(f * f + g * g);
        store<f64>(e + (<usize>(i + 1) << 3), r);
        const next = d + (<usize>(i + 1) << 3);
        if (r == 0.0) {
          store<f64>(next, load<f64>(next) - p);
          store<f64>(e + (<usize>m << 3), 0.0);
          early = true;
          break;
        }
        s = f / r;
        c = g / r;
        g = load<f64>(next) - p;
        r = (load<f64>(d + (<usize>i << 3)) - g) * s + 2.0 * c * b;
        p = s * r;
        store<f64>(next, g + p);
        g = c * r - b;
        if (vectors) rotateRows(n, at(rows, n, i, 0), at(rows, n, i + 1, 0), c, s);
      }
      if (early) continue;
      store<f64>(d + (<usize>l << 3), load<f64>(d + (<usize>l << 3)) - p);
      store<f64>(e + (<usize>l << 3), g);
      store<f64>(e + (<usize>m << 3), 0.0);
    }
  }
  for (let i = 0; i < n; i++) {
    store<f64>(at(a, n, i, i), load<f64>(d + (<usize>i << 3)));
    store<f64>(at(a, n, i, i), 0.0, 8);
    if (!vectors) continue;
    for (let j = 0; j < n; j++) {
      const source = at(rows, n, i, j);
      const target = at(vectors, n, j, i);
      store<f64>(target, load<f64>(source));
      store<f64>(target, -load<f64>(source, 8), 8);
    }
  }
  return 0;
}
