// Many configurations of one small dense device at one energy, two in the lanes of a vector: LU with partial pivoting (each lane its own
// pivots), thin solves, and what the integrals over a turn need. Leads are wide bands with one channel per orbital: Sigma and W constant,
// W' = 0, so that S' = 2 pi i S psi^+ psi. Structure of arrays: each complex number is two vectors, [re, im].
// Cost per point: 8/3 n^3 flops of elimination, 8 n^2 m of solves, 4 or 8 n^2 m of K; laid out by src/engine/dots.ts.
import { add, div, larger, loadSplat, mul, neg, splat, sub } from "./lanes";
import { field } from "./plan";

const N: i32 = 0; // orbitals
const M: i32 = 1; // channels
const GATES: i32 = 2;
const REAL: i32 = 3; // 1: all gates are real
const ROW_BYTES: i32 = 4;
const BASE: i32 = 5; // E - H0 - Sigma, n x n complex
const GATE: i32 = 6; // gates x n x n complex
const VALUES: i32 = 7;
const TANGENTS: i32 = 8;
const RESULTS: i32 = 9; // rows: charge per lead, then Tr K^2, transmission, |S'|^2, defect^2
const ORBITAL: i32 = 10; // per channel
const W: i32 = 11;
const LEAD: i32 = 12;
const LEADS: i32 = 13;
const A: i32 = 14;
const LAMBDA: i32 = 15;
const X: i32 = 16; // psi, n x m
const Y: i32 = 17; // Lambda psi
const S: i32 = 18; // m x m
const K: i32 = 19;
const T: i32 = 20;

const TWO_PI: f64 = 6.283185307179586;

/** A and Lambda = dH/dtheta. */
function build<V>(plan: usize, point: usize): void {
  const count = field(plan, N) * field(plan, N);
  const gates = field(plan, GATES);
  const real = field(plan, REAL) != 0;
  const rows = <usize>field(plan, ROW_BYTES);
  const values = <usize>field(plan, VALUES) + point;
  const tangents = <usize>field(plan, TANGENTS) + point;
  let base = <usize>field(plan, BASE);
  let gate = <usize>field(plan, GATE);
  let a = <usize>field(plan, A);
  let l = <usize>field(plan, LAMBDA);
  const next = <usize>count << 4;
  for (let k = 0; k < count; k++) {
    let ar = loadSplat<V>(base);
    let ai = loadSplat<V>(base + 8);
    let lr = splat<V>(0);
    let li = splat<V>(0);
    let g = gate;
    for (let nu: usize = 0; nu < <usize>gates; nu++) {
      const x = load<V>(values + nu * rows);
      const y = load<V>(tangents + nu * rows);
      const re = loadSplat<V>(g);
      ar = sub<V>(ar, mul<V>(x, re));
      lr = add<V>(lr, mul<V>(y, re));
      if (!real) {
        const im = loadSplat<V>(g + 8);
        ai = sub<V>(ai, mul<V>(x, im));
        li = add<V>(li, mul<V>(y, im));
      }
      g += next;
    }
    store<V>(a, ar);
    store<V>(a, ai, sizeof<V>());
    store<V>(l, lr);
    store<V>(l, li, sizeof<V>());
    base += 16;
    gate += 16;
    a += 2 * sizeof<V>();
    l += 2 * sizeof<V>();
  }
}

/** Exchanges `count` complex numbers of one lane. */
// @ts-ignore: decorator
@inline
function exchange<V>(count: i32, p: usize, q: usize): void {
  for (let k = 0; k < 2 * count; k++) {
    const x = load<f64>(p);
    store<f64>(p, load<f64>(q));
    store<f64>(q, x);
    p += sizeof<V>();
    q += sizeof<V>();
  }
}

/** row y -= f row x over `count` complex numbers. */
// @ts-ignore: decorator
@inline
function eliminate<V>(count: i32, fr: V, fi: V, x: usize, y: usize): void {
  for (let k = 0; k < count; k++) {
    const xr = load<V>(x);
    const xi = load<V>(x, sizeof<V>());
    store<V>(y, sub<V>(load<V>(y), sub<V>(mul<V>(fr, xr), mul<V>(fi, xi))));
    store<V>(y, sub<V>(load<V>(y, sizeof<V>()), add<V>(mul<V>(fr, xi), mul<V>(fi, xr))), sizeof<V>());
    x += 2 * sizeof<V>();
    y += 2 * sizeof<V>();
  }
}

/** psi = A^-1 W by elimination with partial pivoting, lane by lane; a pivot of zero gives what is not a number. */
function solve<V>(plan: usize): void {
  const n = field(plan, N);
  const m = field(plan, M);
  const z: usize = 2 * sizeof<V>();
  const a = <usize>field(plan, A);
  const x = <usize>field(plan, X);
  const aRow = <usize>n * z;
  const xRow = <usize>m * z;
  memory.fill(x, 0, <usize>n * xRow);
  for (let c = 0; c < m; c++)
    store<V>(x + <usize>load<i32>(<usize>field(plan, ORBITAL) + (<usize>c << 2)) * xRow + <usize>c * z,
      loadSplat<V>(<usize>field(plan, W) + (<usize>c << 3)));
  const one = splat<V>(1);
  for (let k = 0; k < n; k++) {
    const pivot = a + <usize>k * (aRow + z);
    for (let lane: usize = 0; lane < sizeof<V>(); lane += 8) {
      let best = -1.0;
      let row = k;
      let at = pivot + lane;
      for (let i = k; i < n; i++) {
        const size = Math.abs(load<f64>(at)) + Math.abs(load<f64>(at, sizeof<V>()));
        if (size > best) {
          best = size;
          row = i;
        }
        at += aRow;
      }
      if (row == k) continue;
      exchange<V>(n - k, pivot + lane, pivot + <usize>(row - k) * aRow + lane);
      exchange<V>(m, x + <usize>k * xRow + lane, x + <usize>row * xRow + lane);
    }
    const re = load<V>(pivot);
    const im = load<V>(pivot, sizeof<V>());
    const scale = div<V>(one, add<V>(mul<V>(re, re), mul<V>(im, im)));
    const pr = mul<V>(re, scale);
    const pi = neg<V>(mul<V>(im, scale));
    for (let i = k + 1; i < n; i++) {
      const element = pivot + <usize>(i - k) * aRow;
      const er = load<V>(element);
      const ei = load<V>(element, sizeof<V>());
      const fr = sub<V>(mul<V>(er, pr), mul<V>(ei, pi));
      const fi = add<V>(mul<V>(er, pi), mul<V>(ei, pr));
      eliminate<V>(n - k - 1, fr, fi, pivot + z, element + z);
      eliminate<V>(m, fr, fi, x + <usize>k * xRow, x + <usize>i * xRow);
    }
    // The reciprocal of the pivot stays on the diagonal.
    store<V>(pivot, pr);
    store<V>(pivot, pi, sizeof<V>());
  }
  for (let i = n - 1; i >= 0; i--) {
    const row = x + <usize>i * xRow;
    const factors = a + <usize>i * aRow;
    for (let k = i + 1; k < n; k++) {
      const f = factors + <usize>k * z;
      eliminate<V>(m, load<V>(f), load<V>(f, sizeof<V>()), x + <usize>k * xRow, row);
    }
    const pr = load<V>(factors + <usize>i * z);
    const pi = load<V>(factors + <usize>i * z, sizeof<V>());
    for (let c: usize = 0; c < <usize>m * z; c += z) {
      const re = load<V>(row + c);
      const im = load<V>(row + c, sizeof<V>());
      store<V>(row + c, sub<V>(mul<V>(re, pr), mul<V>(im, pi)));
      store<V>(row + c, add<V>(mul<V>(re, pi), mul<V>(im, pr)), sizeof<V>());
    }
  }
}

/** Y = Lambda psi. */
function drive<V>(plan: usize): void {
  const n = field(plan, N);
  const m = field(plan, M);
  const real = field(plan, REAL) != 0;
  const z: usize = 2 * sizeof<V>();
  const x = <usize>field(plan, X);
  const xRow = <usize>m * z;
  let y = <usize>field(plan, Y);
  for (let i = 0; i < n; i++) {
    for (let c: usize = 0; c < <usize>m; c++) {
      let lambda = <usize>field(plan, LAMBDA) + <usize>(i * n) * z;
      let column = x + c * z;
      let re = splat<V>(0);
      let im = splat<V>(0);
      for (let k = 0; k < n; k++) {
        const lr = load<V>(lambda);
        const xr = load<V>(column);
        const xi = load<V>(column, sizeof<V>());
        re = add<V>(re, mul<V>(lr, xr));
        im = add<V>(im, mul<V>(lr, xi));
        if (!real) {
          const li = load<V>(lambda, sizeof<V>());
          re = sub<V>(re, mul<V>(li, xi));
          im = add<V>(im, mul<V>(li, xr));
        }
        lambda += z;
        column += xRow;
      }
      store<V>(y, re);
      store<V>(y, im, sizeof<V>());
      y += z;
    }
  }
}

/** out (m x m) = factor P^+ Q, P and Q of n rows. */
function overlap<V>(plan: usize, rows: i32, p: usize, q: usize, factor: f64, out: usize): void {
  const m = field(plan, M);
  const z: usize = 2 * sizeof<V>();
  const row = <usize>m * z;
  const scale = splat<V>(factor);
  for (let a: usize = 0; a < <usize>m; a++)
    for (let b: usize = 0; b < <usize>m; b++) {
      let x = p + a * z;
      let y = q + b * z;
      let re = splat<V>(0);
      let im = splat<V>(0);
      for (let i = 0; i < rows; i++) {
        const xr = load<V>(x);
        const xi = load<V>(x, sizeof<V>());
        const yr = load<V>(y);
        const yi = load<V>(y, sizeof<V>());
        re = add<V>(re, add<V>(mul<V>(xr, yr), mul<V>(xi, yi)));
        im = add<V>(im, sub<V>(mul<V>(xr, yi), mul<V>(xi, yr)));
        x += row;
        y += row;
      }
      store<V>(out, mul<V>(scale, re));
      store<V>(out, mul<V>(scale, im), sizeof<V>());
      out += z;
    }
}

/** out = P Q, all m x m. */
function product<V>(m: i32, p: usize, q: usize, out: usize): void {
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
        re = add<V>(re, sub<V>(mul<V>(xr, yr), mul<V>(xi, yi)));
        im = add<V>(im, add<V>(mul<V>(xr, yi), mul<V>(xi, yr)));
        x += z;
        y += row;
      }
      store<V>(out, re);
      store<V>(out, im, sizeof<V>());
      out += z;
    }
}

/** Sum of |element|^2. */
function squares<V>(count: i32, p: usize): V {
  let sum = splat<V>(0);
  for (let k = 0; k < 2 * count; k++) {
    const x = load<V>(p);
    sum = add<V>(sum, mul<V>(x, x));
    p += sizeof<V>();
  }
  return sum;
}

function evaluate<V>(plan: usize, count: i32): void {
  const n = field(plan, N);
  const m = field(plan, M);
  const leads = field(plan, LEADS);
  const z: usize = 2 * sizeof<V>();
  const rows = <usize>field(plan, ROW_BYTES);
  const psi = <usize>field(plan, X);
  const s = <usize>field(plan, S);
  const k = <usize>field(plan, K);
  const t = <usize>field(plan, T);
  const lead = <usize>field(plan, LEAD);
  const zero = splat<V>(0);
  const one = splat<V>(1);
  for (let first = 0; first < count; first += <i32>(sizeof<V>() >> 3)) {
    const point = <usize>first << 3;
    const results = <usize>field(plan, RESULTS) + point;
    build<V>(plan, point);
    solve<V>(plan);
    drive<V>(plan);
    overlap<V>(plan, n, psi, <usize>field(plan, Y), TWO_PI, k);
    // S = 1 - 2 pi i W^+ psi
    for (let a: usize = 0; a < <usize>m; a++) {
      const row = psi + <usize>load<i32>(<usize>field(plan, ORBITAL) + (a << 2)) * <usize>m * z;
      const w = splat<V>(TWO_PI * load<f64>(<usize>field(plan, W) + (a << 3)));
      for (let b: usize = 0; b < <usize>m; b++) {
        const element = s + (a * <usize>m + b) * z;
        const re = mul<V>(w, load<V>(row + b * z, sizeof<V>()));
        store<V>(element, a == b ? add<V>(one, re) : re);
        store<V>(element, neg<V>(mul<V>(w, load<V>(row + b * z))), sizeof<V>());
      }
    }
    // Charges: -(1/2pi) (S K S^+)_aa by lead.
    for (let l: usize = 0; l < <usize>leads; l++) store<V>(results + l * rows, zero);
    product<V>(m, s, k, t);
    const scale = splat<V>(-1.0 / TWO_PI);
    let transmission = zero;
    for (let a: usize = 0; a < <usize>m; a++) {
      let sum = zero;
      for (let b: usize = 0; b < <usize>m; b++) {
        const at = (a * <usize>m + b) * z;
        const re = load<V>(s + at);
        const im = load<V>(s + at, sizeof<V>());
        sum = add<V>(sum, add<V>(mul<V>(load<V>(t + at), re), mul<V>(load<V>(t + at, sizeof<V>()), im)));
        if (load<i32>(lead + (a << 2)) == 0 && load<i32>(lead + (b << 2)) == 1)
          transmission = add<V>(transmission, add<V>(mul<V>(re, re), mul<V>(im, im)));
      }
      const target = results + <usize>load<i32>(lead + (a << 2)) * rows;
      store<V>(target, add<V>(load<V>(target), mul<V>(scale, sum)));
    }
    const rest = results + <usize>leads * rows;
    store<V>(rest, squares<V>(m * m, k));
    store<V>(rest + rows, transmission);
    // |S'| = 2 pi |S psi^+ psi|; and S^+ S - 1.
    overlap<V>(plan, n, psi, psi, TWO_PI, k);
    product<V>(m, s, k, t);
    store<V>(rest + 2 * rows, squares<V>(m * m, t));
    overlap<V>(plan, m, s, s, 1.0, t);
    let defect = zero;
    for (let a: usize = 0; a < <usize>(m * m); a++) {
      let re = load<V>(t + a * z);
      const im = load<V>(t + a * z, sizeof<V>());
      if (a % <usize>(m + 1) == 0) re = sub<V>(re, one);
      defect = larger<V>(defect, add<V>(mul<V>(re, re), mul<V>(im, im)));
    }
    store<V>(rest + 3 * rows, defect);
  }
}

/** Evaluates `count` points, a multiple of the lanes. */
export function zdots(plan: usize, count: i32): void {
  if (ASC_FEATURE_SIMD) evaluate<v128>(plan, count);
  else evaluate<f64>(plan, count);
}
