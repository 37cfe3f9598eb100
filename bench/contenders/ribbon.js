// Plain JavaScript contender for the ribbon: block elimination slice by slice with partial
// pivoting, thin solves for the open lead modes, K_nu by contraction and dS = -i S K, on flat typed
// arrays with separate real and imaginary parts. The lead modes are closed forms.

/** Real and imaginary part of a complex matrix, as separate arrays. */
const planes = (size) => ({ re: new Float64Array(size), im: new Float64Array(size) });

/** Inverts A (n x n) in place by Gauss-Jordan elimination with row pivoting. */
function invert(n, { re, im }, order) {
  for (let i = 0; i < n; i++) order[i] = i;
  for (let k = 0; k < n; k++) {
    let best = -1;
    let row = k;
    for (let i = k; i < n; i++) {
      const size = Math.abs(re[i * n + k]) + Math.abs(im[i * n + k]);
      if (size > best) {
        best = size;
        row = i;
      }
    }
    if (row !== k) {
      for (let j = 0; j < n; j++) {
        const x = re[k * n + j];
        re[k * n + j] = re[row * n + j];
        re[row * n + j] = x;
        const y = im[k * n + j];
        im[k * n + j] = im[row * n + j];
        im[row * n + j] = y;
      }
      const o = order[k];
      order[k] = order[row];
      order[row] = o;
    }
    const kk = k * n + k;
    const size = re[kk] * re[kk] + im[kk] * im[kk];
    const pr = re[kk] / size;
    const pi = -im[kk] / size;
    re[kk] = 1;
    im[kk] = 0;
    for (let j = k * n; j < k * n + n; j++) {
      const x = re[j];
      re[j] = x * pr - im[j] * pi;
      im[j] = x * pi + im[j] * pr;
    }
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const fr = re[i * n + k];
      const fi = im[i * n + k];
      if (fr === 0 && fi === 0) continue;
      re[i * n + k] = 0;
      im[i * n + k] = 0;
      const target = i * n;
      const source = k * n;
      for (let j = 0; j < n; j++) {
        const x = re[source + j];
        const y = im[source + j];
        re[target + j] -= fr * x - fi * y;
        im[target + j] -= fr * y + fi * x;
      }
    }
  }
  // The row exchanges are undone: they permute the columns of the inverse.
  const { rowRe, rowIm } = order;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      rowRe[order[j]] = re[i * n + j];
      rowIm[order[j]] = im[i * n + j];
    }
    re.set(rowRe, i * n);
    im.set(rowIm, i * n);
  }
}

/** C (rows x columns, from the index `cAt` on) = sign A B. */
function product(rows, columns, depth, a, aAt, b, bAt, c, cAt, sign) {
  for (let i = 0; i < rows; i++) {
    const target = cAt + i * columns;
    c.re.fill(0, target, target + columns);
    c.im.fill(0, target, target + columns);
    for (let k = 0; k < depth; k++) {
      const ar = sign * a.re[aAt + i * depth + k];
      const ai = sign * a.im[aAt + i * depth + k];
      const source = bAt + k * columns;
      for (let j = 0; j < columns; j++) {
        const br = b.re[source + j];
        const bi = b.im[source + j];
        c.re[target + j] += ar * br - ai * bi;
        c.im[target + j] += ar * bi + ai * br;
      }
    }
  }
}

/**
 * `ribbon` is { width, length, onsite (length x width), gates (lists of orbitals) }, with hopping
 * -1 and clean leads of on-site energy 4. Returns the function scatter(energy) with the result { S,
 * dS } in separate parts; the channels of the left lead come first, with modes ascending.
 */
export function ribbonScatter({ width: w, length, onsite, gates }) {
  const mode = (j, y) => Math.sqrt(2 / (w + 1)) * Math.sin((Math.PI * (j + 1) * (y + 1)) / (w + 1));
  const inverses = Array.from({ length }, () => planes(w * w));
  const order = Object.assign(new Int32Array(w), { rowRe: new Float64Array(w), rowIm: new Float64Array(w) });
  const sigma = planes(w * w);

  return (energy) => {
    const open = [];
    sigma.re.fill(0);
    sigma.im.fill(0);
    for (let j = 0; j < w; j++) {
      const x = (energy - 4 + 2 * Math.cos((Math.PI * (j + 1)) / (w + 1))) / 2;
      const root = Math.sqrt(Math.abs(1 - x * x));
      const re = Math.abs(x) < 1 ? x : 1 / (x + Math.sign(x) * root);
      const im = Math.abs(x) < 1 ? -root : 0;
      if (im < 0) open.push([j, Math.sqrt(-im / Math.PI)]);
      for (let a = 0; a < w; a++)
        for (let b = 0; b < w; b++) {
          const both = mode(j, a) * mode(j, b);
          sigma.re[a * w + b] += both * re;
          sigma.im[a * w + b] += both * im;
        }
    }
    const m = open.length;
    const c = 2 * m;
    const psi = planes(length * w * c);
    const part = planes(w * c);
    // Elimination from the left. The Schur update needs no product, because the hopping between
    // slices is -1.
    for (let s = 0; s < length; s++) {
      const d = inverses[s];
      if (s === 0) d.re.fill(0);
      if (s === 0) d.im.fill(0);
      for (let k = 0; k < w * w && s > 0; k++) {
        d.re[k] = -inverses[s - 1].re[k];
        d.im[k] = -inverses[s - 1].im[k];
      }
      for (let y = 0; y < w; y++) {
        d.re[y * w + y] += energy - onsite[s * w + y];
        if (y + 1 < w) d.re[y * w + y + 1] += 1;
        if (y > 0) d.re[y * w + y - 1] += 1;
      }
      if (s === 0 || s === length - 1)
        for (let k = 0; k < w * w; k++) {
          d.re[k] -= sigma.re[k];
          d.im[k] -= sigma.im[k];
        }
      invert(w, d, order);
      const at = s * w * c;
      if (s > 0) product(w, c, w, inverses[s - 1], 0, psi, at - w * c, psi, at, -1);
      for (let y = 0; y < w; y++)
        open.forEach(([j, amplitude], k) => {
          if (s === 0) psi.re[at + y * c + k] += mode(j, y) * amplitude;
          if (s === length - 1) psi.re[at + y * c + m + k] += mode(j, y) * amplitude;
        });
    }
    // Back substitution.
    for (let s = length - 1; s >= 0; s--) {
      const at = s * w * c;
      for (let k = 0; k < w * c; k++) {
        part.re[k] = psi.re[at + k] - (s + 1 < length ? psi.re[at + w * c + k] : 0);
        part.im[k] = psi.im[at + k] - (s + 1 < length ? psi.im[at + w * c + k] : 0);
      }
      product(w, c, w, inverses[s], 0, part, 0, psi, at, 1);
    }
    // S = 1 - 2 pi i W^+ psi.
    const S = planes(c * c);
    for (let k = 0; k < c; k++) {
      const [j, amplitude] = open[k % m];
      const at = k < m ? 0 : (length - 1) * w * c;
      for (let y = 0; y < w; y++) {
        const factor = 2 * Math.PI * amplitude * mode(j, y);
        for (let l = 0; l < c; l++) {
          S.re[k * c + l] += factor * psi.im[at + y * c + l];
          S.im[k * c + l] -= factor * psi.re[at + y * c + l];
        }
      }
      S.re[k * c + k] += 1;
    }
    const dS = gates.map((orbitals) => {
      const K = planes(c * c);
      for (const orbital of orbitals)
        for (let k = 0; k < c; k++) {
          const re = 2 * Math.PI * psi.re[orbital * c + k];
          const im = 2 * Math.PI * psi.im[orbital * c + k];
          for (let l = 0; l <= k; l++) {
            K.re[k * c + l] += re * psi.re[orbital * c + l] + im * psi.im[orbital * c + l];
            K.im[k * c + l] += re * psi.im[orbital * c + l] - im * psi.re[orbital * c + l];
          }
        }
      for (let k = 0; k < c; k++)
        for (let l = 0; l < k; l++) {
          K.re[l * c + k] = K.re[k * c + l];
          K.im[l * c + k] = -K.im[k * c + l];
        }
      const derivative = planes(c * c);
      product(c, c, c, S, 0, K, 0, derivative, 0, 1);
      // The derivative is -i times this product.
      return { re: derivative.im, im: derivative.re.map((value) => -value) };
    });
    return { channels: c, S, dS };
  };
}
