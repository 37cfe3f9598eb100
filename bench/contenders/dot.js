// Plain JavaScript contender for a dense dot: LU with partial pivoting and thin solves per point on
// flat typed arrays, K by contraction with dH/dtheta, and the charge -(1/2pi) sum (S K S^+)_aa.
// Wide-band contacts of width 2 touch the first orbitals.

const TWO_PI = 2 * Math.PI;

/**
 * Solves A X = B in place of B (n x m) and destroys A (n x n). Real and imaginary parts are
 * separate.
 */
function solve(n, m, ar, ai, br, bi) {
  for (let k = 0; k < n; k++) {
    let best = -1;
    let row = k;
    for (let i = k; i < n; i++) {
      const size = Math.abs(ar[i * n + k]) + Math.abs(ai[i * n + k]);
      if (size > best) {
        best = size;
        row = i;
      }
    }
    if (row !== k) {
      for (let j = k; j < n; j++) {
        const [p, q] = [k * n + j, row * n + j];
        const x = ar[p];
        ar[p] = ar[q];
        ar[q] = x;
        const y = ai[p];
        ai[p] = ai[q];
        ai[q] = y;
      }
      for (let j = 0; j < m; j++) {
        const [p, q] = [k * m + j, row * m + j];
        const x = br[p];
        br[p] = br[q];
        br[q] = x;
        const y = bi[p];
        bi[p] = bi[q];
        bi[q] = y;
      }
    }
    const kk = k * n + k;
    const size = ar[kk] * ar[kk] + ai[kk] * ai[kk];
    const pr = ar[kk] / size;
    const pi = -ai[kk] / size;
    for (let i = k + 1; i < n; i++) {
      const x = ar[i * n + k];
      const y = ai[i * n + k];
      const fr = x * pr - y * pi;
      const fi = x * pi + y * pr;
      for (let j = k + 1; j < n; j++) {
        const [xr, xi] = [ar[k * n + j], ai[k * n + j]];
        ar[i * n + j] -= fr * xr - fi * xi;
        ai[i * n + j] -= fr * xi + fi * xr;
      }
      for (let j = 0; j < m; j++) {
        const [xr, xi] = [br[k * m + j], bi[k * m + j]];
        br[i * m + j] -= fr * xr - fi * xi;
        bi[i * m + j] -= fr * xi + fi * xr;
      }
    }
    // The reciprocal of the pivot stays on the diagonal.
    ar[kk] = pr;
    ai[kk] = pi;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) {
      const [fr, fi] = [ar[i * n + k], ai[i * n + k]];
      for (let j = 0; j < m; j++) {
        const [xr, xi] = [br[k * m + j], bi[k * m + j]];
        br[i * m + j] -= fr * xr - fi * xi;
        bi[i * m + j] -= fr * xi + fi * xr;
      }
    }
    const [pr, pi] = [ar[i * n + i], ai[i * n + i]];
    for (let j = i * m; j < i * m + m; j++) {
      const x = br[j];
      br[j] = x * pr - bi[j] * pi;
      bi[j] = x * pi + bi[j] * pr;
    }
  }
}

/**
 * `dot` is { H0, gates: [x, y], channels per lead, energy }. Returns the function charge(radius,
 * points) for a circle of the two gates.
 */
export function dotPump({ H0, gates, channels, energy }) {
  const n = H0.length;
  const m = 2 * channels;
  const base = Float64Array.from(H0.flat(), (value) => -value);
  for (let i = 0; i < n; i++) base[i * n + i] += energy;
  const [x, y] = gates.map((rows) => Float64Array.from(rows.flat()));
  const w = Math.sqrt(1 / Math.PI);
  const [ar, ai, drive] = [0, 0, 0].map(() => new Float64Array(n * n));
  const [br, bi, fr, fi] = [0, 0, 0, 0].map(() => new Float64Array(n * m));
  const [sr, si, kr, ki] = [0, 0, 0, 0].map(() => new Float64Array(m * m));

  return (radius, points) => {
    const charge = [0, 0];
    for (let p = 0; p < points; p++) {
      const theta = (TWO_PI * p) / points;
      const [c, s] = [radius * Math.cos(theta), radius * Math.sin(theta)];
      for (let k = 0; k < n * n; k++) {
        ar[k] = base[k] - c * x[k] - s * y[k];
        drive[k] = c * y[k] - s * x[k];
      }
      ai.fill(0);
      br.fill(0);
      bi.fill(0);
      for (let j = 0; j < m; j++) {
        ai[j * n + j] = 1;
        br[j * m + j] = w;
      }
      solve(n, m, ar, ai, br, bi);
      fr.fill(0);
      fi.fill(0);
      for (let i = 0; i < n; i++)
        for (let k = 0; k < n; k++) {
          const d = drive[i * n + k];
          for (let j = 0; j < m; j++) {
            fr[i * m + j] += d * br[k * m + j];
            fi[i * m + j] += d * bi[k * m + j];
          }
        }
      kr.fill(0);
      ki.fill(0);
      for (let i = 0; i < n; i++)
        for (let a = 0; a < m; a++) {
          const [re, im] = [TWO_PI * br[i * m + a], TWO_PI * bi[i * m + a]];
          for (let b = 0; b < m; b++) {
            kr[a * m + b] += re * fr[i * m + b] + im * fi[i * m + b];
            ki[a * m + b] += re * fi[i * m + b] - im * fr[i * m + b];
          }
        }
      for (let a = 0; a < m; a++)
        for (let b = 0; b < m; b++) {
          sr[a * m + b] = (a === b ? 1 : 0) + TWO_PI * w * bi[a * m + b];
          si[a * m + b] = -TWO_PI * w * br[a * m + b];
        }
      for (let a = 0; a < m; a++) {
        let total = 0;
        for (let b = 0; b < m; b++) {
          // The product (S K)_ab is multiplied by conj(S_ab) afterwards.
          let [re, im] = [0, 0];
          for (let k = 0; k < m; k++) {
            re += sr[a * m + k] * kr[k * m + b] - si[a * m + k] * ki[k * m + b];
            im += sr[a * m + k] * ki[k * m + b] + si[a * m + k] * kr[k * m + b];
          }
          total += re * sr[a * m + b] + im * si[a * m + b];
        }
        charge[a < channels ? 0 : 1] -= total / points;
      }
    }
    return charge;
  };
}
