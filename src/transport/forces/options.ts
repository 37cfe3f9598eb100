// The options of a force calculation.

/** All kinds of dephasing by probes. */
export const dephasings = ["voltage", "energy-resolved"] as const satisfies readonly Dephasing[];
/**
 * The condition that probes fulfil: no net current ("voltage"), or no current at any energy
 * ("energy-resolved").
 */
export type Dephasing = "voltage" | "energy-resolved";

/** How forces are computed. */
export interface ForceOptions {
  /**
   * Relative error allowed for every quantity on its scale (CONVENTIONS.md), between 0 and 1;
   * default 1e-8.
   */
  tolerance?: number;
  /**
   * The condition that probes fulfil. With "voltage" (default) each probe has the chemical
   * potential at which it draws no net current. With "energy-resolved" each probe has a filling
   * f_p(E) and draws no current at any energy. Friction diverges, with NumericalError, if the only
   * channel of an energy-resolved probe is cut off from all reservoirs at some energy.
   */
  dephasing?: Dephasing;
}
