// What the scattering engine knows of one frozen configuration X at one energy, and what may be
// asked of it.
//
// Notation: psi = G W and psi' = dpsi/dE (thin, orbitals x channels), phi_nu = G Lambda_nu psi
// (thin, the same factorisation), ' = d/dE, Lambda_nu = dH/dX_nu. Complex matrices are row-major,
// interleaved, index (out, in).

/** What one energy is asked for; each line costs more than the one before it. */
export interface PointRequest {
  /** Also S' and P_nu (one more thin solve: psi'). */
  energyDerivative: boolean;
  /**
   * Also the antisymmetric friction `antisymmetricFriction` (one thin solve per direction: phi_nu);
   * implies energyDerivative.
   */
  antisymmetricFriction?: boolean;
}

/** One frozen-scattering evaluation; the views are valid until the next call of `solve`. */
export interface ScatteringPoint {
  /** Open channels M at this energy, lead by lead; may be zero. */
  channels: number;
  /** Lead index per channel (its first `channels` entries count). */
  channelLead: Int32Array;
  /** S = 1 - 2 pi i W^+ psi, M x M. */
  S: Float64Array;
  /** dS/dE, M x M (energyDerivative). */
  dSdE: Float64Array;
  /** Per direction nu: K_nu = 2 pi psi^+ Lambda_nu psi, M x M, Hermitian. */
  K: Float64Array[];
  /** Per direction nu: P_nu = 2 pi psi^+ Lambda_nu psi', M x M (energyDerivative). */
  P: Float64Array[];
  /**
   * Antisymmetric friction (antisymmetricFriction), per pair nu < nu' in the order (0,1), (0,2),
   * ..., (1,2), ...; real numbers, two per channel, interleaved [y_0, b_0, y_1, b_1, ...], length 2
   * M. Only column dot products are needed:
   *
   *   y_a = 2 pi Im[ (Lambda_nu psi)_a^+ (phi_nu')_a - (Lambda_nu' psi)_a^+ (phi_nu)_a ]
   *   b_a = 4 pi Im[ (phi_nu)_a^+ (Lambda_nu' psi')_a - (phi_nu')_a^+ (Lambda_nu psi')_a ]
   *
   * With c_a = b_a - Re[(K_nu P_nu' - K_nu' P_nu)_aa] (added by the caller) the complete
   * first-order lesser function gives
   *
   *   (gamma_nu,nu' - gamma_nu',nu) / 2 = (1/2pi) int dE sum_a { (df_a/dE) y_a + f_a c_a }
   */
  antisymmetricFriction: Float64Array[];
  /** max |S^+ S - 1|. */
  unitarityDefect: number;
  /**
   * Present if the point was solved in higher precision; the second number of each
   * `antisymmetricFriction` pair is then c_a itself.
   */
  reduced?: ReducedMatrices;
}

/**
 * What remains of large matrices next to a narrow resonance (width w), formed in higher precision
 * before it is rounded. In place of P, S' and P^+ - P they give the same friction and currents per
 * velocity without the terms of order 1/w^2 that cancel; M x M each, per direction.
 */
export interface ReducedMatrices {
  /**
   * P_nu - kappa_nu K_nu, kappa complex with an imaginary part common to all directions: it drops
   * out of (f_a - f_b) Re [P'_ab K_ab^* + K'_ab P_ab^*].
   */
  firstOrderRemainder: Float64Array[];
  /** S^+ S' K_nu + P_nu^+ - P_nu: S times it is S' K + S (P^+ - P), twice the A-matrix. */
  velocityCorrection: Float64Array[];
  /** S^+ S' - i alpha_nu K_nu, alpha real: it drops out of Re [S'_ab (S K_nu)_ab^*]. */
  delayRemainder: Float64Array[];
  /**
   * How far the phases of S move with the size of the leads' energy-dependent self-energies, 2 pi
   * sum_a psi_a^+ |Sigma_H| psi_a: times 1e-16 it is the relative change by their rounding. Zero
   * for wide bands, whose Sigma is the same at all energies.
   */
  leadPhase: number;
  /**
   * What is left of the rounding of S', K and P before the subtractions, in units of the rounding
   * of doubles.
   */
  precision: number;
}

/** A point with nothing in it yet, for up to `capacity` channels. */
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
export type ScatteringAlone = Pick<ScatteringPoint, "channels" | "channelLead" | "S" | "unitarityDefect">;

/** A point with dS/dX; views, valid until the next call, but for dS, which is the caller's. */
export interface DerivativePoint extends ScatteringAlone {
  /**
   * Covariant: W' of each lead is the one that turns no channel into another of the lead. Undefined
   * where it does not exist.
   */
  dSdE: Float64Array | undefined;
  /** dS/dX_nu of all directions one after the other, channels x channels each. */
  dS: Float64Array;
  /**
   * Directions whose dS does not exist at this energy, or not to any digit: a level that no lead
   * sees lies there.
   */
  unknown: readonly number[];
}

/** Largest defect of a batched point's S that is taken; another is solved by itself. */
export const UNITARY = 1e-12;

/**
 * Position of the pair nu < nu' in the `antisymmetricFriction` and `curlGreen` lists of a solver
 * with `directions` directions.
 */
export function pairIndex(nu: number, nuPrime: number, directions: number): number {
  return (nu * (2 * directions - nu - 1)) / 2 + (nuPrime - nu - 1);
}
