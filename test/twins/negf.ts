// The full-matrix formulas of nonequilibrium Green's functions, without any of the short cuts of the engine: lesser
// functions of order zero and one in the velocities (docs/physics.md, section 4), integrands at one energy.
// The current of order one is measured at the border of lead and device (Wigner expansion of Sigma_a G to first order).

import type { ComplexMatrix } from "../../src/model/types.js";
import type { DenseDevice, DensePoint } from "./dense.js";
import { add, adjoint, multiply, scaled, trace, traceOfProduct, zeros } from "./linear-algebra.js";

export interface NegfIntegrand {
  /** Per direction. */
  force: Float64Array;
  /** Directions x directions. */
  friction: Float64Array;
  noise: Float64Array;
  /** Per lead: order zero. */
  current: Float64Array;
  /** Leads x directions: order one, per velocity. */
  currentPerVelocity: Float64Array;
}

/** Sum over leads of weight_a times the positive spectral part G Gamma_a G^+ (as 2 pi sum over channels psi psi^+). */
function occupied(point: DensePoint, weights: ArrayLike<number>): ComplexMatrix {
  return weighted(point.psi, point.psi, point, weights);
}

/** 2 pi sum_a weight_a left_a right_a^+ over channels a. */
function weighted(
  left: ComplexMatrix,
  right: ComplexMatrix,
  point: DensePoint,
  weights: ArrayLike<number>,
): ComplexMatrix {
  const [n, m] = left.shape;
  const columns = zeros(n, m);
  for (let i = 0; i < n * m; i++) {
    const weight = weights[point.channelLead[i % m]];
    columns.data[2 * i] = 2 * Math.PI * weight * left.data[2 * i];
    columns.data[2 * i + 1] = 2 * Math.PI * weight * left.data[2 * i + 1];
  }
  return multiply(columns, adjoint(right));
}

/** All integrands (over dE, prefactors included) for fillings f_a and their energy derivatives. */
export function negfIntegrand(
  device: DenseDevice,
  energy: number,
  f: ArrayLike<number>,
  df: ArrayLike<number>,
): NegfIntegrand {
  const point = device.point(energy);
  const lambda = device.lambda();
  const count = lambda.length;
  const leads = device.leads.length;
  const { G, psi, dPsi } = point;
  const dG = point.dG();
  const [Ga, dGa] = [adjoint(G), adjoint(dG)];
  const empty = Float64Array.from(f as ArrayLike<number>, (x) => 1 - x);
  const lesser = scaled(occupied(point, f), 0, 1);
  const greater = scaled(occupied(point, empty), 0, -1);
  const slopes = add(weighted(dPsi, psi, point, f), weighted(psi, dPsi, point, f));
  const dLesser = scaled(add(occupied(point, df), slopes), 0, 1);

  const result: NegfIntegrand = {
    force: new Float64Array(count),
    friction: new Float64Array(count * count),
    noise: new Float64Array(count * count),
    current: new Float64Array(leads),
    currentPerVelocity: new Float64Array(leads * count),
  };
  for (let nu = 0; nu < count; nu++) {
    // F = -int dE/(2 pi i) Tr[Lambda G<].
    result.force[nu] = -traceOfProduct(lambda[nu], lesser)[1] / (2 * Math.PI);
    for (let mu = 0; mu < count; mu++) {
      const a = traceOfProduct(multiply(lambda[nu], lesser), multiply(lambda[mu], greater))[0];
      const b = traceOfProduct(multiply(lambda[nu], greater), multiply(lambda[mu], lesser))[0];
      result.noise[nu * count + mu] = (a + b) / (4 * Math.PI);
    }
  }
  for (let mu = 0; mu < count; mu++) {
    // G<_1 = (i/2) [ dG< L G^a - G L dG< + dG L G< - G< L dG^a ], and the same for the retarded function.
    const L = lambda[mu];
    const forward = add(multiply(dLesser, L, Ga), multiply(dG, L, lesser));
    const backward = add(multiply(G, L, dLesser), multiply(lesser, L, dGa));
    const lesser1 = scaled(add(forward, backward, -1), 0, 0.5);
    const advanced1 = adjoint(scaled(add(multiply(dG, L, G), multiply(G, L, dG), -1), 0, 0.5));
    for (let nu = 0; nu < count; nu++) {
      result.friction[nu * count + mu] = traceOfProduct(lambda[nu], lesser1)[1] / (2 * Math.PI);
    }
    // d/dX of G< and G^a, for the gradient terms of the product Sigma_a G.
    const lesserX = add(multiply(G, L, lesser), multiply(lesser, L, Ga));
    const advancedX = multiply(Ga, L, Ga);
    for (let a = 0; a < leads; a++) {
      const lesserSelf = lesserSelfEnergy(point, a, f[a], df[a]);
      let total = add(multiply(point.sigma[a], lesser1), multiply(lesserSelf.value, advanced1));
      total = add(total, multiply(point.dSigma[a], lesserX), 0, 0.5);
      total = add(total, multiply(lesserSelf.derivative, advancedX), 0, 0.5);
      result.currentPerVelocity[a * count + mu] = -trace(total)[0] / Math.PI;
    }
  }
  for (let a = 0; a < leads; a++) {
    const lesserSelf = lesserSelfEnergy(point, a, f[a], df[a]);
    const total = add(multiply(point.sigma[a], lesser), multiply(lesserSelf.value, Ga));
    result.current[a] = -trace(total)[0] / Math.PI;
  }
  return result;
}

/** Sigma_a< = i Gamma_a f_a and its energy derivative. */
function lesserSelfEnergy(point: DensePoint, lead: number, f: number, df: number) {
  const gamma = scaled(add(point.sigma[lead], adjoint(point.sigma[lead]), -1), 0, 1);
  const dGamma = scaled(add(point.dSigma[lead], adjoint(point.dSigma[lead]), -1), 0, 1);
  return { value: scaled(gamma, 0, f), derivative: scaled(add(scaled(dGamma, f), gamma, df), 0, 1) };
}
