// A lead at one energy: Sigma, Sigma' = dSigma/dE, the lead vectors W (W W^+ = Gamma / 2 pi) and W'
// on the lead's orbitals. Each kind of lead has its file. wideband.ts has constant self-energies.
// transverse-modes.ts has closed forms for chains and for periodic leads whose transverse modes do
// not mix. periodic/periodic.ts treats all other periodic leads, with or without a magnetic field,
// in wave variables at real energy.
//
// At a channel threshold Sigma' diverges like 1/sqrt(distance). Exactly there each kind returns the
// values at an energy one rounding away (1e-14 of the bands' scale for general cells), so that
// every number stays finite. `edges` lists these energies. Close to a pole of Sigma a general cell
// also returns its waves, with which S is formed instead (wave-closure.ts).

import type { LeadWaves } from "../../engine/device/lead-store.js";

/**
 * The dense interleaved matrices of one lead at one energy. W has `channels` columns. The arrays
 * are valid until the lead is evaluated again.
 */
export interface LeadAtEnergy {
  /** Sigma, orbitals x orbitals. */
  selfEnergy: Float64Array;
  /** Sigma' = dSigma/dE, orbitals x orbitals. */
  selfEnergyDerivative: Float64Array;
  /** W, orbitals x channels, in units of the root of an energy. */
  vectors: Float64Array;
  /** W', orbitals x channels. */
  vectorDerivatives: Float64Array;
  /** Number of open channels. */
  channels: number;
  /**
   * Omega, channels x channels, antihermitian, in units of 1/energy, if the basis of W rotates with
   * the energy: dW/dE = W' + W Omega. W' (`vectorDerivatives`) is the covariant derivative, whose
   * part inside the basis, W^-1 W', has no antihermitian part. All physical quantities need W'
   * alone; dS/dE of the returned S needs Omega as well. The default is zero.
   */
  connection?: Float64Array;
  /**
   * Present close to a pole of Sigma, where Sigma has lost digits that the waves keep
   * (wave-closure.ts).
   */
  waves?: LeadWaves;
}

/** A lead that was prepared once. `at` evaluates it at an energy. */
export interface PreparedLead {
  /** The device's orbitals that the lead touches. */
  orbitals: Int32Array;
  /** Largest number of open channels. */
  capacity: number;
  /** True if Sigma is a symmetric matrix at every energy (no magnetic field in the lead). */
  symmetric: boolean;
  /**
   * Energies at which a channel opens or closes: the extrema of the lead's bands. Leads with
   * general cells search for them at the first request.
   */
  readonly edges: number[];
  /**
   * The edges from `low` to `high`. A range as narrow as a rounding error is searched only if a
   * channel opens or closes in it.
   */
  edgesWithin(low: number, high: number): number[];
  /** Largest modulus of an energy of the bands, or a bound on it. */
  reach: number;
  /**
   * The energies between `low` and `high`, a range without open channels of this lead, at which
   * Sigma may have a pole, ascending. They are levels bound to the end of the lead.
   */
  surfaceLevels?(low: number, high: number): number[];
  /**
   * Error of Sigma, Sigma' and W' close to an edge, given as an equivalent relative error of the
   * energy in roundings. The edge is only known to the digits of the lead's energies, and its
   * distance to fewer. Zero if no edge is known. Closed forms lose no digits and do not define it.
   */
  lostAt?(energy: number): number;
  /**
   * What one of `edges` lacks of the edge of the band, since it may be some roundings off. Zero for
   * an edge of another lead. If the member is missing the edges are exact.
   */
  edgeLow?(edge: number): number;
  /**
   * Operations of one energy, in units of operations of the slice solver (device/plans.ts). The
   * default is zero, for a cost that is small beside that of the device.
   */
  operations?: number;
  /** True if the values do not depend on the energy. */
  constant?: boolean;
  /** True if Sigma is known at real energies only: `selfEnergyAt` above the axis is refused. */
  onAxis?: boolean;
  /** True if Sigma or Sigma' is approximate: a lead has a second reading that tells its errors. */
  approximate?: boolean;
  /** True if `at` may return a connection. */
  rotating?: boolean;
  /**
   * Evaluates the lead at energy + energyLow. Closed forms use `energyLow`, the low part of a
   * double-double, because it matters near their edges. Throws NumericalError if a transverse mode
   * has a flat band at this energy, or if a band edge is also a crossing of modes.
   */
  at(energy: number, energyLow?: number): LeadAtEnergy;
  /** Sigma and dSigma/dz at complex energy z = re + i im, im >= 0; no channels are needed there. */
  selfEnergyAt(re: number, im: number): Pick<LeadAtEnergy, "selfEnergy" | "selfEnergyDerivative">;
}
