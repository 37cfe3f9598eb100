// The differences of a refined point that are formed before it is rounded: ReducedMatrices of
// point.ts, from K, P and S^+ S' in double-double precision.

import { DoubleDoubleMatrix } from "../../numerics/linear-algebra/double-double.js";
import type { ReducedMatrices } from "../point.js";

/** See ReducedMatrices; `turn` is S^+ S'. */
export function reducedMatrices(
  turn: DoubleDoubleMatrix,
  K: DoubleDoubleMatrix[],
  P: DoubleDoubleMatrix[],
): Pick<ReducedMatrices, "firstOrderRemainder" | "velocityCorrection" | "delayRemainder"> {
  const m = turn.rows;
  const ownP = P.map(copyOf);
  const ownTurn = K.map(() => copyOf(turn));
  // Projections onto K, twice: a multiple of K rounded to a double leaves 1e-16 of what it takes
  // away.
  for (let pass = 0; pass < 2; pass++) {
    const imaginary = commonImaginaryPart(K, ownP);
    for (let nu = 0; nu < K.length; nu++) {
      const [along] = projection(K[nu], ownP[nu]);
      const [, turned] = projection(K[nu], ownTurn[nu]);
      for (let k = 0; k < m * m; k++) {
        ownP[nu].addScaled(k, -along, -imaginary, K[nu], k);
        ownTurn[nu].addScaled(k, 0, -turned, K[nu], k);
      }
    }
  }
  const velocityCorrection = K.map((force, nu) => {
    const sum = new DoubleDoubleMatrix(m, m);
    for (let a = 0; a < m; a++)
      for (let b = 0; b < m; b++) {
        const k = a * m + b;
        for (let c = 0; c < m; c++) sum.addProduct(k, 1, turn, a * m + c, false, force, c * m + b);
        sum.addScaled(k, -1, 0, P[nu], k);
        sum.addConjugate(k, P[nu], b * m + a);
      }
    return sum;
  });
  const doubles = (matrix: DoubleDoubleMatrix) => matrix.rounded(new Float64Array(2 * m * m));
  return {
    firstOrderRemainder: ownP.map(doubles),
    velocityCorrection: velocityCorrection.map(doubles),
    delayRemainder: ownTurn.map(doubles),
  };
}

function copyOf(matrix: DoubleDoubleMatrix): DoubleDoubleMatrix {
  const copy = new DoubleDoubleMatrix(matrix.rows, matrix.columns);
  copy.data.set(matrix.data);
  return copy;
}

/** Mean imaginary part of the projections of P onto K, over the directions that act at all. */
function commonImaginaryPart(K: DoubleDoubleMatrix[], P: DoubleDoubleMatrix[]): number {
  let [sum, count] = [0, 0];
  for (let nu = 0; nu < K.length; nu++) {
    const [re, im] = projection(K[nu], P[nu]);
    if (re === 0 && im === 0) continue;
    sum += im;
    count++;
  }
  return count > 0 ? sum / count : 0;
}

/** tr(K^+ A) / tr(K^+ K), to double precision: any number serves. */
function projection(K: DoubleDoubleMatrix, A: DoubleDoubleMatrix): [number, number] {
  let [re, im, norm] = [0, 0, 0];
  for (let k = 0; k < K.data.length; k += 4) {
    const [x, y, u, v] = [K.data[k], K.data[k + 2], A.data[k], A.data[k + 2]];
    re += x * u + y * v;
    im += x * v - y * u;
    norm += x * x + y * y;
  }
  return norm > 0 ? [re / norm, im / norm] : [0, 0];
}
