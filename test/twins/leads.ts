// Self-energies of the leads for the dense twin, each by its definition: Sigma and dSigma/dE on the lead's orbitals at
// real or complex energy, lead vectors W (W W^+ = Gamma / 2 pi) and W' at real energy, and the band edges.
// Periodic leads: decimation at E + 1e-8 i, then Newton's method at E itself with the Stein equation solved as a full
// Kronecker system: about 1e-14 away from band edges, losing digits like 1/sqrt(distance) towards them.

import type {
  ComplexMatrix,
  ResolvedChainLead,
  ResolvedLead,
  ResolvedPeriodicLead,
} from "../../src/model/types.js";
import {
  add,
  adjoint,
  distance,
  hermitianEigen,
  inverse,
  multiply,
  scalar,
  scaled,
  solve,
  zeros,
} from "./linear-algebra.js";

export interface SelfEnergy {
  sigma: ComplexMatrix;
  /** dSigma/dE. */
  derivative: ComplexMatrix;
}

export function selfEnergy(lead: ResolvedLead, re: number, im: number): SelfEnergy {
  if (lead.kind === "chain") return chainSelfEnergy(lead, re, im);
  if (lead.kind === "periodic") return periodicSelfEnergy(lead, re, im);
  const n = lead.orbitals.length;
  if (lead.kind === "self-energy") throw new Error("no twin of leads given by their self-energy");
  return { sigma: scaled(lead.width, 0, -0.5), derivative: zeros(n, n) };
}

/** Sigma = tc^2 g with g = 1 / (E - e0 - t^2 g), the root with |t g| < 1 (in the band: Im g < 0). */
function chainSelfEnergy(lead: ResolvedChainLead, re: number, im: number): SelfEnergy {
  const t = Math.abs(lead.hopping);
  const [x, y] = [(re - lead.onsite) / (2 * t), im / (2 * t)];
  // s = sqrt(z^2 - 1) with the branch that makes |z + s| >= 1; on the real axis inside the band s = +i sqrt(1 - x^2).
  let [sRe, sIm] = complexSqrt(x * x - y * y - 1, 2 * x * y);
  if (im === 0 && Math.abs(x) < 1) [sRe, sIm] = [0, Math.sqrt((1 - x) * (1 + x))];
  else if (Math.hypot(x + sRe, y + sIm) < Math.hypot(x - sRe, y - sIm)) [sRe, sIm] = [-sRe, -sIm];
  // t g = 1 / (z + s), and g' = -g^2 / (1 - t^2 g^2).
  const norm = (x + sRe) ** 2 + (y + sIm) ** 2;
  const [gRe, gIm] = [(x + sRe) / norm, -(y + sIm) / norm];
  const [qRe, qIm] = [gRe * gRe - gIm * gIm, 2 * gRe * gIm];
  const bottom = (1 - qRe) ** 2 + qIm ** 2;
  const [dRe, dIm] = [-(qRe * (1 - qRe) - qIm * qIm) / bottom, -qIm / bottom];
  const coupling = lead.coupling * lead.coupling;
  const sigma = {
    shape: [1, 1],
    data: Float64Array.of((coupling * gRe) / t, (coupling * gIm) / t),
  } as ComplexMatrix;
  const scale = coupling / (t * t);
  return { sigma, derivative: { shape: [1, 1], data: Float64Array.of(scale * dRe, scale * dIm) } };
}

function complexSqrt(re: number, im: number): [number, number] {
  const size = Math.hypot(re, im);
  const a = Math.sqrt((size + Math.abs(re)) / 2);
  if (a === 0) return [0, 0];
  const b = im / (2 * a);
  return re >= 0 ? [a, b] : [Math.abs(b), im >= 0 ? a : -a];
}

function periodicSelfEnergy(lead: ResolvedPeriodicLead, re: number, im: number): SelfEnergy {
  const n = lead.onsite.shape[0];
  const scale = distance(lead.onsite) + distance(lead.hopping);
  let g = decimatedSurface(lead, re, Math.max(im, 1e-8 * scale));
  const energy = add(scalar(n, re, im), lead.onsite, -1);
  const h1 = lead.hopping;
  // Newton for F(g) = inverse(E - h0 - h1 g h1^+) - g = 0: dg - (F h1) dg (h1^+ F) = F - g.
  for (let step = 0; step < 40; step++) {
    const image = inverse(add(energy, multiply(h1, g, adjoint(h1)), -1));
    const residual = add(image, g, -1);
    g = add(g, steinSolution(multiply(image, h1), multiply(adjoint(h1), image), residual));
    if (distance(residual) < 1e-15 * distance(g)) break;
  }
  // Implicit differentiation: g' - (g h1) g' (h1^+ g) = -g g.
  const derivative = steinSolution(multiply(g, h1), multiply(adjoint(h1), g), scaled(multiply(g, g), -1));
  const v = lead.coupling;
  return { sigma: multiply(v, g, adjoint(v)), derivative: multiply(v, derivative, adjoint(v)) };
}

/** Surface Green's function by decimation (Lopez Sancho, Lopez Sancho, Rubio, J. Phys. F 15, 851 (1985)). */
function decimatedSurface(lead: ResolvedPeriodicLead, re: number, im: number): ComplexMatrix {
  const n = lead.onsite.shape[0];
  const z = scalar(n, re, im);
  let [surface, bulk] = [lead.onsite, lead.onsite];
  let [alpha, beta] = [lead.hopping, adjoint(lead.hopping)];
  for (let step = 0; step < 80 && distance(alpha) * distance(beta) > 1e-40; step++) {
    const g = inverse(add(z, bulk, -1));
    const [ag, bg] = [multiply(alpha, g), multiply(beta, g)];
    surface = add(surface, multiply(ag, beta));
    bulk = add(add(bulk, multiply(ag, beta)), multiply(bg, alpha));
    [alpha, beta] = [multiply(ag, alpha), multiply(bg, beta)];
  }
  return inverse(add(z, surface, -1));
}

/** x with x - a x b = c, as one linear system of n^2 unknowns. */
function steinSolution(a: ComplexMatrix, b: ComplexMatrix, c: ComplexMatrix): ComplexMatrix {
  const n = c.shape[0];
  const system = scalar(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < n; k++) {
        for (let l = 0; l < n; l++) {
          const [p, q] = [2 * (i * n + k), 2 * (l * n + j)];
          const at = 2 * ((i * n + j) * n * n + k * n + l);
          system.data[at] -= a.data[p] * b.data[q] - a.data[p + 1] * b.data[q + 1];
          system.data[at + 1] -= a.data[p] * b.data[q + 1] + a.data[p + 1] * b.data[q];
        }
      }
    }
  }
  return { shape: [n, n], data: solve(system, { shape: [n * n, 1], data: c.data }).data };
}

/** Gamma = i (Sigma - Sigma^+); of dSigma/dE the derivative of Gamma. */
export function broadening(sigma: ComplexMatrix): ComplexMatrix {
  return scaled(add(sigma, adjoint(sigma), -1), 0, 1);
}

/** W and W' on the lead's orbitals (orbitals x channels). */
export function leadVectors(lead: ResolvedLead, self: SelfEnergy): { W: ComplexMatrix; dW: ComplexMatrix } {
  const n = lead.orbitals.length;
  const gamma = broadening(self.sigma);
  if ((lead.kind === "wideband" || lead.kind === "probe") && lead.diagonal) {
    const open = Array.from({ length: n }, (_, i) => i).filter((i) => gamma.data[2 * (i * n + i)] > 0);
    const W = zeros(n, open.length);
    for (const [a, i] of open.entries()) {
      W.data[2 * (i * open.length + a)] = Math.sqrt(gamma.data[2 * (i * n + i)] / (2 * Math.PI));
    }
    return { W, dW: zeros(n, open.length) };
  }
  // Eigenvectors of Gamma with a nonzero eigenvalue, times sqrt(eigenvalue / 2 pi).
  const { values, vectors } = hermitianEigen(gamma);
  const open = Array.from({ length: n }, (_, i) => i).filter(
    (i) => values[i] > 1e-12 * channelScale(self, values),
  );
  const m = open.length;
  const W = zeros(n, m);
  for (let i = 0; i < n; i++) {
    for (let a = 0; a < m; a++) {
      const root = Math.sqrt(values[open[a]] / (2 * Math.PI));
      W.data[2 * (i * m + a)] = root * vectors.data[2 * (i * n + open[a])];
      W.data[2 * (i * m + a) + 1] = root * vectors.data[2 * (i * n + open[a]) + 1];
    }
  }
  if (m === 0) return { W, dW: W };
  // W' = Z W N - W N W^+ Z W N / 2 with Z = Gamma' / 2 pi, N = (W^+ W)^-1.
  const Z = scaled(broadening(self.derivative), 1 / (2 * Math.PI));
  const WN = multiply(W, inverse(multiply(adjoint(W), W)));
  const ZWN = multiply(Z, WN);
  return { W, dW: add(ZWN, multiply(WN, adjoint(W), ZWN), -0.5) };
}

function channelScale(self: SelfEnergy, values: Float64Array): number {
  return Math.max(values[values.length - 1], distance(self.sigma), 1e-300);
}

/** Energies at which a channel of the lead opens or closes: the extrema of its bands E_n(k). */
export function bandEdges(lead: ResolvedLead): number[] {
  if (lead.kind === "chain") {
    const reach = 2 * Math.abs(lead.hopping);
    return [lead.onsite - reach, lead.onsite + reach];
  }
  if (lead.kind !== "periodic") return [];
  const n = lead.onsite.shape[0];
  const band = (k: number): Float64Array => {
    const forward = scaled(lead.hopping, Math.cos(k), Math.sin(k));
    return hermitianEigen(add(add(lead.onsite, forward), adjoint(forward))).values;
  };
  const steps = 360;
  const samples = Array.from({ length: steps }, (_, i) => band((2 * Math.PI * i) / steps));
  const edges: number[] = [];
  for (let i = 0; i < steps; i++) {
    for (let j = 0; j < n; j++) {
      const [left, here, right] = [
        samples[(i + steps - 1) % steps][j],
        samples[i][j],
        samples[(i + 1) % steps][j],
      ];
      const sign = here > left && here >= right ? 1 : here < left && here <= right ? -1 : 0;
      if (sign !== 0)
        edges.push(
          extremum((k) => sign * band(k)[j], (2 * Math.PI * (i - 1)) / steps, (4 * Math.PI) / steps) * sign,
        );
    }
  }
  return edges;
}

/** Largest value of f on [from, from + span] by golden section. */
function extremum(f: (k: number) => number, from: number, span: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [a, b] = [from, from + span];
  while (b - a > 1e-9) {
    const [c, d] = [b - ratio * (b - a), a + ratio * (b - a)];
    if (f(c) > f(d)) b = d;
    else a = c;
  }
  return f((a + b) / 2);
}
