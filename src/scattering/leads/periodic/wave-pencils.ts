// Hermitian pencils a v = c b v of a few close modes of a lead (wave-modes.ts). b is indefinite
// where right and left movers meet. One mode: the sign of its flux gives its direction. Two modes:
// the quadratic det(a - c b) = 0 is written about its middle, so that the sign of its discriminant
// is right to rounding. More modes: Cholesky if b is definite, else eigenvalues, where equal
// eigenvalues are separated by the flux in the norm of the cell.

import type { Workspace } from "../../../engine/workspace.js";

/**
 * A nearby band edge: two modes of opposite direction, or a decaying and a growing one, that are
 * about to become one mode.
 */
export interface NearEdge {
  /** Half the difference of their phases (or decay rates). */
  distance: number;
  /** True if the two modes propagate, false if they decay and grow. */
  open: boolean;
}

/** An n x n matrix, interleaved. */
export interface SmallMatrix {
  n: number;
  data: Float64Array;
}

/** One mode of a pencil; its direction `kind` is that of wave-modes.ts. */
export interface PencilMode {
  /** The eigenvalue c as [re, im]. */
  c: [number, number];
  vector: Float64Array;
  kind: -1 | 0 | 1;
}

/** The modes of a pencil, and the edge of a band if one is near. */
export interface PencilModes {
  modes: PencilMode[];
  edge?: NearEdge;
}

/**
 * The modes of km v = lambda flux v near lambda = sigma. `norm` is called only where right and left
 * movers coincide. Undefined if an iteration fails.
 */
export function generalised(
  w: Workspace,
  km: SmallMatrix,
  flux: SmallMatrix,
  [sr, si]: [number, number],
  norm: () => SmallMatrix,
): PencilModes | undefined {
  const { n } = km;
  const a = new Float64Array(2 * n * n);
  const b = new Float64Array(2 * n * n);
  // With K = conj(sigma) km: a = i (K - K^+) and b = 2 flux + K + K^+.
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const [p, q] = [2 * (i * n + j), 2 * (j * n + i)];
      const [re, im] = [sr * km.data[p] + si * km.data[p + 1], sr * km.data[p + 1] - si * km.data[p]];
      const [tr, ti] = [sr * km.data[q] + si * km.data[q + 1], -(sr * km.data[q + 1] - si * km.data[q])];
      a[p] = -(im - ti);
      a[p + 1] = re - tr;
      b[p] = flux.data[p] + flux.data[q] + re + tr;
      b[p + 1] = flux.data[p + 1] - flux.data[q + 1] + im + ti;
    }
  if (n === 1)
    return {
      modes: [{ c: [a[0] / b[0], 0], vector: Float64Array.of(1, 0), kind: flux.data[0] > 0 ? 1 : -1 }],
    };
  if (n === 2) return ofTwo(w, a, b, flux, norm);
  return ofMany(w, n, a, b, flux, norm);
}

const signOf = (x: number): -1 | 1 => (x > 0 ? 1 : -1);

/** v^+ m v. */
function form(m: Float64Array, n: number, v: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const p = 2 * (i * n + j);
      const [re, im] = [m[p] * v[2 * j] - m[p + 1] * v[2 * j + 1], m[p] * v[2 * j + 1] + m[p + 1] * v[2 * j]];
      sum += v[2 * i] * re + v[2 * i + 1] * im;
    }
  return sum;
}

const largest = (a: Float64Array) => a.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
const determinant = (m: Float64Array) => m[0] * m[6] - (m[2] * m[2] + m[3] * m[3]);
/** The coefficient of -c in det(a - c b). */
const mixed = (a: Float64Array, b: Float64Array) =>
  a[0] * b[6] + a[6] * b[0] - 2 * (a[2] * b[2] + a[3] * b[3]);

function ofTwo(
  w: Workspace,
  a: Float64Array,
  b: Float64Array,
  flux: SmallMatrix,
  norm: () => SmallMatrix,
): PencilModes | undefined {
  const A = determinant(b);
  const size = largest(b);
  if (Math.abs(A) < 1e-28 * size * size) return undefined;
  let middle = mixed(a, b) / (2 * A);
  const s = a.map((value, k) => value - middle * b[k]);
  // (c - middle)^2 - 2 shift (c - middle) + det s / A = 0.
  const shift = mixed(s, b) / (2 * A);
  const discriminant = -determinant(s) / A + shift * shift;
  middle += shift;
  const root = Math.sqrt(Math.abs(discriminant));
  const rest = largest(s);
  if (rest + root * size < 1e-12 * size || (discriminant > 0 && root < 1e-9 && A < 0 && rest < 1e-8 * size)) {
    const modes = byVelocity(w, flux, norm(), middle);
    return modes && { modes };
  }
  if (A > 0) {
    // The flux is definite: both modes have the same direction.
    const direction = signOf(b[0]);
    const found = definite(w, 2, a, b, direction);
    return found && { modes: withDirections(found, flux) };
  }
  const open = discriminant > 0;
  const modes = [1, -1].map((sign): PencilMode => {
    const c: [number, number] = open ? [middle + sign * root, 0] : [middle, sign * root];
    // The null vector of a - c b follows from its larger row.
    const m = a.map((_, k) => {
      const own = 2 * (k >> 1);
      return k % 2 === 0
        ? a[k] - (c[0] * b[own] - c[1] * b[own + 1])
        : a[k] - (c[0] * b[own + 1] + c[1] * b[own]);
    });
    const row = Math.hypot(m[0], m[1], m[2], m[3]) >= Math.hypot(m[4], m[5], m[6], m[7]) ? 0 : 4;
    const length = Math.hypot(m[row], m[row + 1], m[row + 2], m[row + 3]);
    const vector =
      length > 0
        ? Float64Array.of(-m[row + 2], -m[row + 3], m[row], m[row + 1]).map((x) => x / length)
        : Float64Array.of(sign > 0 ? 1 : 0, 0, sign > 0 ? 0 : 1, 0);
    return { c, vector, kind: open ? signOf(form(flux.data, 2, vector)) : 0 };
  });
  return { modes, edge: { distance: root, open } };
}

function withDirections(found: { value: number; vector: Float64Array }[], flux: SmallMatrix): PencilMode[] {
  return found.map(({ value, vector }) => ({
    c: [value, 0],
    vector,
    kind: signOf(form(flux.data, flux.n, vector)),
  }));
}

/** Separates modes of the same c by the flux in the norm of the cell, which is their velocity. */
function byVelocity(w: Workspace, flux: SmallMatrix, norm: SmallMatrix, c: number): PencilMode[] | undefined {
  const found = definite(w, flux.n, flux.data, norm.data, 1);
  return found?.map(({ value, vector }) => ({ c: [c, 0], vector, kind: signOf(value) }));
}

/** Solves a v = c b v for positive definite sign b. Undefined if it is not positive definite. */
function definite(
  w: Workspace,
  n: number,
  a: Float64Array,
  b: Float64Array,
  sign: 1 | -1,
): { value: number; vector: Float64Array }[] | undefined {
  // Cholesky: sign b = L L^+.
  const L = new Float64Array(2 * n * n);
  for (let j = 0; j < n; j++)
    for (let i = j; i < n; i++) {
      const p = 2 * (i * n + j);
      let [re, im] = [
        0.5 * sign * (b[p] + b[2 * (j * n + i)]),
        0.5 * sign * (b[p + 1] - b[2 * (j * n + i) + 1]),
      ];
      for (let k = 0; k < j; k++) {
        const [x, y] = [2 * (i * n + k), 2 * (j * n + k)];
        re -= L[x] * L[y] + L[x + 1] * L[y + 1];
        im -= L[x + 1] * L[y] - L[x] * L[y + 1];
      }
      if (i === j) {
        if (!(re > 1e-14 * Math.abs(b[p]))) return undefined;
        L[p] = Math.sqrt(re);
      } else {
        L[p] = re / L[2 * (j * n + j)];
        L[p + 1] = im / L[2 * (j * n + j)];
      }
    }
  /** x <- L^-1 x for columns (n x n). */
  const forward = (x: Float64Array) => {
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        const t = 2 * (i * n + j);
        for (let k = 0; k < i; k++) {
          const [l, y] = [2 * (i * n + k), 2 * (k * n + j)];
          x[t] -= L[l] * x[y] - L[l + 1] * x[y + 1];
          x[t + 1] -= L[l] * x[y + 1] + L[l + 1] * x[y];
        }
        x[t] /= L[2 * (i * n + i)];
        x[t + 1] /= L[2 * (i * n + i)];
      }
    return x;
  };
  const adjoint = (x: Float64Array) => {
    const out = new Float64Array(x.length);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        out[2 * (j * n + i)] = x[2 * (i * n + j)];
        out[2 * (j * n + i) + 1] = -x[2 * (i * n + j) + 1];
      }
    return out;
  };
  const transformed = forward(adjoint(forward(a.map((x) => sign * x))));
  const mirror = adjoint(transformed);
  const hermitian = transformed.map((x, k) => 0.5 * (x + mirror[k]));
  const { values, vectors } = w.hermitianEigen(w.from(hermitian, n, n));
  const y = w.values(vectors);
  return Array.from(values, (value, k) => {
    // v = L^-+ y.
    const vector = new Float64Array(2 * n);
    for (let i = n - 1; i >= 0; i--) {
      let [re, im] = [y[2 * (i * n + k)], y[2 * (i * n + k) + 1]];
      for (let j = i + 1; j < n; j++) {
        const l = 2 * (j * n + i);
        re -= L[l] * vector[2 * j] + L[l + 1] * vector[2 * j + 1];
        im -= L[l] * vector[2 * j + 1] - L[l + 1] * vector[2 * j];
      }
      vector[2 * i] = re / L[2 * (i * n + i)];
      vector[2 * i + 1] = im / L[2 * (i * n + i)];
    }
    return { value, vector };
  });
}

function ofMany(
  w: Workspace,
  n: number,
  a: Float64Array,
  b: Float64Array,
  flux: SmallMatrix,
  norm: () => SmallMatrix,
): PencilModes | undefined {
  for (const sign of [1, -1] as const) {
    const found = definite(w, n, a, b, sign);
    if (found) return { modes: withDirections(found, flux) };
  }
  const factors = w.factor(w.from(b, n, n));
  if (!factors) return undefined;
  const eigen = w.eigen(w.solve(factors, w.from(a, n, n)));
  if (!eigen) return undefined;
  const { values } = eigen;
  const vectors = w.values(eigen.vectors).slice();
  const column = (k: number) =>
    Float64Array.from({ length: 2 * n }, (_, p) => vectors[2 * ((p >> 1) * n + k) + (p & 1)]);
  const tolerance = 1e-7;
  const used = new Uint8Array(n);
  const modes: PencilMode[] = [];
  let edge: NearEdge | undefined;
  for (let i = 0; i < n; i++) {
    if (used[i]) continue;
    const group = [i];
    for (let j = i + 1; j < n; j++)
      if (
        !used[j] &&
        Math.hypot(values[2 * i] - values[2 * j], values[2 * i + 1] - values[2 * j + 1]) < tolerance
      ) {
        group.push(j);
        used[j] = 1;
      }
    if (group.length === 1) {
      const vector = column(i);
      const own = form(flux.data, n, vector);
      const decay = Math.abs(values[2 * i + 1]);
      const closed =
        decay > 1e-12 && Math.abs(own) < 1e-3 * decay * largest(flux.data) + 1e-10 * largest(flux.data);
      modes.push({
        c: [values[2 * i], closed ? values[2 * i + 1] : 0],
        vector,
        kind: closed ? 0 : signOf(own),
      });
      // The partner of a complex eigenvalue is the closest conjugate.
      for (let j = 0; j < n; j++) {
        const distance =
          0.5 * Math.hypot(values[2 * i] - values[2 * j], values[2 * i + 1] - values[2 * j + 1]);
        if (j !== i && !(edge && edge.distance < distance)) edge = { distance, open: !closed };
      }
      continue;
    }
    const inside = restricted(flux, norm(), group.map(column));
    const found = byVelocity(w, inside.flux, inside.norm, values[2 * i]);
    if (!found) return undefined;
    for (const mode of found) modes.push({ ...mode, vector: inside.vector(mode.vector) });
  }
  return { modes, edge };
}

/** Flux and norm on the space of some vectors, which are made orthonormal. */
function restricted(flux: SmallMatrix, norm: SmallMatrix, columns: Float64Array[]) {
  const n = flux.n;
  const basis: Float64Array[] = [];
  for (const column of columns) {
    for (let pass = 0; pass < 2; pass++)
      for (const b of basis) {
        let [re, im] = [0, 0];
        for (let i = 0; i < 2 * n; i += 2) {
          re += b[i] * column[i] + b[i + 1] * column[i + 1];
          im += b[i] * column[i + 1] - b[i + 1] * column[i];
        }
        for (let i = 0; i < 2 * n; i += 2) {
          column[i] -= re * b[i] - im * b[i + 1];
          column[i + 1] -= re * b[i + 1] + im * b[i];
        }
      }
    const length = Math.hypot(...column) || 1;
    basis.push(column.map((x) => x / length));
  }
  const g = basis.length;
  const project = (m: SmallMatrix): SmallMatrix => {
    const data = new Float64Array(2 * g * g);
    for (let i = 0; i < g; i++)
      for (let j = 0; j < g; j++)
        for (let p = 0; p < n; p++)
          for (let q = 0; q < n; q++) {
            const k = 2 * (p * n + q);
            const [x, y] = [basis[i], basis[j]];
            const re = m.data[k] * y[2 * q] - m.data[k + 1] * y[2 * q + 1];
            const im = m.data[k] * y[2 * q + 1] + m.data[k + 1] * y[2 * q];
            data[2 * (i * g + j)] += x[2 * p] * re + x[2 * p + 1] * im;
            data[2 * (i * g + j) + 1] += x[2 * p] * im - x[2 * p + 1] * re;
          }
    return { n: g, data };
  };
  const vector = (v: Float64Array) => {
    const out = new Float64Array(2 * n);
    basis.forEach((b, k) => {
      for (let i = 0; i < 2 * n; i += 2) {
        out[i] += b[i] * v[2 * k] - b[i + 1] * v[2 * k + 1];
        out[i + 1] += b[i] * v[2 * k + 1] + b[i + 1] * v[2 * k];
      }
    });
    return out;
  };
  return { flux: project(flux), norm: project(norm), vector };
}
