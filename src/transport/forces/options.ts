// How forces are asked for.

/** Everything that probes can do. */
export const dephasings = ["voltage", "energy-resolved"] as const satisfies readonly Dephasing[];
/**
 * What probes do: draw no net current ("voltage"), or no current at any energy ("energy-resolved").
 */
export type Dephasing = "voltage" | "energy-resolved";

/** How forces are computed. */
export interface ForceOptions {
  /**
   * Relative error asked of every quantity on its scale (CONVENTIONS.md), between 0 and 1; default
   * 1e-8.
   */
  tolerance?: number;
  /**
   * What probes do: "voltage" (default): no net current, each settles at a chemical potential;
   * "energy-resolved": no current at any energy, each has its own filling f_p(E). Where the only
   * channel of such a probe is cut off from all reservoirs at some energy the friction diverges,
   * and NumericalError says so.
   */
  dephasing?: Dephasing;
}
