// Forces at one configuration, by a calculator of their own.

import type { Reservoir } from "../../src/model/types.js";
import type { PointSolver } from "../../src/scattering/contract.js";
import { ForceCalculator } from "../../src/transport/forces/forces.js";
import type { ForceOptions } from "../../src/transport/forces/options.js";
import type { Forces } from "../../src/transport/forces/result.js";

export function computeForces(
  solver: PointSolver,
  reservoirs: readonly (Reservoir | undefined)[],
  options: ForceOptions = {},
): Forces {
  return new ForceCalculator(solver).compute(reservoirs, options);
}
