// The positions of the orbitals, which no observable depends on: pictures and local quantities are
// drawn there.

import { InputError } from "../../base/errors.js";
import { described } from "../../base/wording.js";
import type { RealMatrix } from "../../numerics/linear-algebra/matrices.js";
import { refuseHuge } from "../file/sizes.js";

const FIELD = "device.positions";

/**
 * The positions as a matrix of orbitals x 2 or x 3. Throws InputError unless there is one per
 * orbital, all with the same number of finite coordinates.
 */
export function resolvePositions(list: readonly unknown[], orbitals: number): RealMatrix {
  if (list.length !== orbitals) {
    throw new InputError(FIELD, "one position per orbital", {
      expected: String(orbitals),
      found: String(list.length),
    });
  }
  const first = list[0];
  const dimensions = Array.isArray(first) && first.length === 2 ? 2 : 3;
  const data = new Float64Array(orbitals * dimensions);
  for (let i = 0; i < orbitals; i++) {
    const position = list[i];
    const right =
      Array.isArray(position) && position.length === dimensions && position.every((x) => Number.isFinite(x));
    if (!right) {
      throw new InputError(`${FIELD}[${i}]`, "not a position", {
        expected:
          i === 0 ? "[x, y] or [x, y, z]" : `${dimensions} finite coordinates, as the first position has`,
        found: described(position),
      });
    }
    refuseHuge(position, `${FIELD}[${i}]`);
    data.set(position, i * dimensions);
  }
  return { shape: [orbitals, dimensions], data };
}
