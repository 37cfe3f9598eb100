// The result of one frozen-scattering evaluation at one configuration X and one energy E, and the
// request for it.
//
// Notation: ' = d/dE, Lambda_nu = dH/dX_nu, psi = G W, psi' = dpsi/dE and phi_nu = G Lambda_nu psi.
// The matrices psi, psi' and phi_nu are orbitals x channels and come from one factorisation.
// Complex matrices are row-major and interleaved, with the index order (out, in).

import type { DerivativeRounding } from "../engine/device/plan.js";

/** The request for one energy. Each member costs more than the one before it. */
export interface PointRequest {
  /** If true, S' and P_nu are computed as well. They take one more thin solve, for psi'. */
  energyDerivative: boolean;
  /**
   * What the energy lacks of a double-double. Solvers pass it to the leads, for which it counts
   * close to an edge of their bands; H is taken at the double.
   */
  energyLow?: number;
  /**
   * If true, the antisymmetric friction is computed as well. It takes one thin solve per direction,
   * for phi_nu, and implies `energyDerivative`. The default is false.
   */
  antisymmetricFriction?: boolean;
  /**
   * Relative residual that the derivatives of the scattering states may be left with at an energy.
   * They then come from real solves where H is real, and the point says what that leaves
   * (`rounding`). By default psi' and phi_nu are solved for themselves and refined to rounding.
   */
  residual?: (energy: number) => number;
}

/**
 * One frozen-scattering evaluation. The arrays are views that are valid until the next call of the
 * solver.
 */
export interface ScatteringPoint {
  /** Number M of open channels at this energy, counted lead by lead. It may be zero. */
  channels: number;
  /** Lead index per channel. Only the first `channels` entries have a meaning. */
  channelLead: Int32Array;
  /** S = 1 - 2 pi i W^+ psi, M x M. */
  S: Float64Array;
  /** dS/dE, M x M, present if `energyDerivative` was requested. */
  dSdE: Float64Array;
  /** Per direction nu: K_nu = 2 pi psi^+ Lambda_nu psi, M x M, Hermitian. */
  K: Float64Array[];
  /**
   * Per direction nu: P_nu = 2 pi psi^+ Lambda_nu psi', M x M, present if `energyDerivative` was
   * requested.
   */
  P: Float64Array[];
  /**
   * Antisymmetric friction, present if `antisymmetricFriction` was requested. There is one array
   * per pair nu < nu' in the order (0,1), (0,2), ..., (1,2), .... Each array holds two real numbers
   * per channel, [y_0, b_0, y_1, b_1, ...], of length 2 M. Only products of equal columns are
   * needed:
   *
   *       y_a = 2 pi Im[ (Lambda_nu psi)_a^+ (phi_nu')_a - (Lambda_nu' psi)_a^+ (phi_nu)_a ]
   *       b_a = 4 pi Im[ (phi_nu)_a^+ (Lambda_nu' psi')_a - (phi_nu')_a^+ (Lambda_nu psi')_a ]
   *
   * The caller forms c_a = b_a - Re[(K_nu P_nu' - K_nu' P_nu)_aa]. The complete lesser function of
   * first order then gives
   *
   *       (gamma_nu,nu' - gamma_nu',nu) / 2 = (1/2pi) int dE sum_a { (df_a/dE) y_a + f_a c_a }
   */
  antisymmetricFriction: Float64Array[];
  /** max |S^+ S - 1|. */
  unitarityDefect: number;
  /** The rounding of P and of the antisymmetric friction, where it is more than a few roundings. */
  rounding?: DerivativeRounding;
  /** Present if S is given: what the matrices may be off by. */
  errors?: PointErrors;
  /**
   * Present if the point was solved in higher precision. The second number of each channel in
   * `antisymmetricFriction` is then c_a itself.
   */
  reduced?: ReducedMatrices;
}

/**
 * Bounds of the errors of a point's matrices, each the root of the sum of squares: what a given S
 * leaves open between the entries of a table, by its digits, or where it is differenced.
 */
export interface PointErrors {
  S: number;
  dSdE: number;
  /** Per direction. */
  K: Float64Array;
  P: Float64Array;
}

/**
 * The remainders of matrices that are large near a narrow resonance of width w. They are formed in
 * higher precision and then rounded to doubles. Used instead of P, S' and P^+ - P they give the
 * same friction and currents per velocity, but without the terms of order 1/w^2 that cancel. Each
 * matrix is M x M, one per direction.
 */
export interface ReducedMatrices {
  /**
   * P_nu - kappa_nu K_nu with complex kappa_nu, whose imaginary part is common to all directions.
   * The subtracted term drops out of (f_a - f_b) Re [P'_ab K_ab^* + K'_ab P_ab^*].
   */
  firstOrderRemainder: Float64Array[];
  /** S^+ S' K_nu + P_nu^+ - P_nu. S times this matrix is S' K + S (P^+ - P), twice the matrix A. */
  velocityCorrection: Float64Array[];
  /**
   * S^+ S' - i alpha_nu K_nu with real alpha_nu. The subtracted term drops out of Re [S'_ab (S
   * K_nu)_ab^*].
   */
  delayRemainder: Float64Array[];
  /**
   * Sensitivity of the phases of S to the size of the energy-dependent self-energies, 2 pi sum_a
   * psi_a^+ |Sigma_H| psi_a. This number times 1e-16 is the relative change that the rounding of
   * these self-energies causes. It is zero for wide bands, whose Sigma does not depend on the
   * energy.
   */
  leadPhase: number;
  /**
   * The rounding error of S', K and P that was left before the subtractions, in units of the
   * rounding of doubles.
   */
  precision: number;
}

/** An empty point for up to `capacity` channels. */
export function emptyPoint(capacity: number): ScatteringPoint {
  return {
    channels: 0,
    channelLead: new Int32Array(capacity),
    S: new Float64Array(),
    dSdE: new Float64Array(),
    K: [],
    P: [],
    antisymmetricFriction: [],
    unitarityDefect: 0,
  };
}

/** S and its channels, without derivatives. */
export type ScatteringAlone = Pick<
  ScatteringPoint,
  "channels" | "channelLead" | "S" | "unitarityDefect" | "errors"
>;

/**
 * A point with dS/dX. The arrays are views that are valid until the next call, except `dS`, which
 * belongs to the caller.
 */
export interface DerivativePoint extends ScatteringAlone {
  /**
   * The covariant derivative of S: the W' of each lead does not mix the channels of the lead.
   * Undefined where the derivative does not exist.
   */
  dSdE: Float64Array | undefined;
  /** dS/dX_nu of all directions one after the other, each channels x channels. */
  dS: Float64Array;
  /**
   * Directions whose dS does not exist or has no correct digit at this energy, because a level that
   * no lead sees lies there.
   */
  unknown: readonly number[];
}

/**
 * Largest unitarity defect of a batched point that is accepted. A point with a larger defect is
 * solved again by itself.
 */
export const UNITARY = 1e-12;

/**
 * Index of the pair nu < nu' in the lists `antisymmetricFriction` and `curlGreen` of a solver with
 * `directions` directions.
 */
export function pairIndex(nu: number, nuPrime: number, directions: number): number {
  return (nu * (2 * directions - nu - 1)) / 2 + (nuPrime - nu - 1);
}
