// A lead at one energy: Sigma, Sigma' = dSigma/dE, lead vectors W (W W^+ = Gamma / 2 pi) and W' on
// the lead's orbitals. One file per kind: wideband.ts (constant), transverse-modes.ts (chains, and
// periodic leads whose transverse modes do not mix: closed forms), periodic/periodic.ts (every
// other periodic lead, magnetic field included: in wave variables at real energy).
//
// On a channel threshold Sigma' diverges like 1/sqrt(distance). Exactly there all kinds answer for
// an energy at one rounding's distance (1e-14 of the band's scale for general cells), so that every
// number stays finite; `edges` tells callers where that is. Next to a pole of Sigma a general cell
// gives its waves as well, with which S is closed instead (wave-closure.ts).

import type { LeadWaves } from "../../engine/device/lead-store.js";

/**
 * Dense interleaved matrices of one lead at one energy; W has `channels` columns. Valid until the
 * lead is asked again.
 */
export interface LeadAtEnergy {
  selfEnergy: Float64Array;
  selfEnergyDerivative: Float64Array;
  vectors: Float64Array;
  vectorDerivatives: Float64Array;
  channels: number;
  /**
   * Omega, channels x channels, antihermitian, where W is given in a smooth basis of several
   * channels: dW/dE = W' + W Omega, with W' (`vectorDerivatives`) the covariant derivative, whose
   * part inside the basis, W^-1 W', has no antihermitian part. All physics needs W' alone; S' of
   * the S that is returned needs Omega as well. Left out: zero.
   */
  connection?: Float64Array;
  /**
   * Present next to a pole of Sigma, where it has lost digits that the waves keep
   * (wave-closure.ts).
   */
  waves?: LeadWaves;
}

/** A lead prepared once: its modes; `at` evaluates it. */
export interface PreparedLead {
  orbitals: Int32Array;
  /** Largest number of open channels. */
  capacity: number;
  /** True if Sigma is a symmetric matrix at every energy (no magnetic field in the lead). */
  symmetric: boolean;
  /**
   * Energies where a channel opens or closes: the extrema of the lead's bands. General cells search
   * for them when they are first asked for.
   */
  readonly edges: number[];
  /**
   * The edges from `low` to `high`; in a window as narrow as a rounding error no search is made
   * where nothing opens.
   */
  edgesWithin(low: number, high: number): number[];
  /** The largest |energy| of the bands, or a bound on it. */
  reach: number;
  /**
   * Energies between `low` and `high`, where none of its channels is open, at which Sigma may have
   * a pole, ascending: levels bound to its end.
   */
  surfaceLevels?(low: number, high: number): number[];
  /**
   * By how much an energy, in parts of which `at` knows Sigma, Sigma' and W' beside an edge,
   * exceeds one rounding: the edge is known to digits of the lead's energies, and so its distance
   * to fewer. Zero where no edge is known; left out: none is lost (closed forms).
   */
  lostAt?(energy: number): number;
  /**
   * Operations of one energy, in those of slices (device/plans.ts); left out: few beside those of
   * the device.
   */
  operations?: number;
  /** True if the values do not depend on the energy. */
  constant?: boolean;
  /** True if `at` may tell a connection. */
  turning?: boolean;
  /**
   * Throws NumericalError where a transverse mode has a flat band at this energy, or a band edge is
   * also a crossing. `energyLow`: what the energy lacks of a double-double; closed forms heed it,
   * near whose edges it counts.
   */
  at(energy: number, energyLow?: number): LeadAtEnergy;
  /** Sigma and dSigma/dz at complex energy z = re + i im, im >= 0; no channels are needed there. */
  selfEnergyAt(re: number, im: number): Pick<LeadAtEnergy, "selfEnergy" | "selfEnergyDerivative">;
}
