// Forms the ReducedMatrices of point.ts from K, P and S^+ S' in double-double precision, before the
// point is rounded to doubles.

import { DoubleDoubleMatrix } from "../../numerics/linear-algebra/double-double.js";
import type { ReducedMatrices } from "../point.js";

/** Returns the reduced matrices. `delayProduct` is S^+ S'. */
export function reducedMatrices(
  delayProduct: DoubleDoubleMatrix,
  K: DoubleDoubleMatrix[],
  P: DoubleDoubleMatrix[],
): Pick<ReducedMatrices, "firstOrderRemainder" | "velocityCorrection" | "delayRemainder"> {
  const m = delayProduct.rows;
  const ownP = P.map(copyOf);
  const ownDelay = K.map(() => copyOf(delayProduct));
  // The projection onto K is removed twice, because the coefficient is only a double. One removal
  // leaves 1e-16 of the part that it takes away.
  for (let pass = 0; pass < 2; pass++) {
    const imaginary = commonImaginaryPart(K, ownP);
    for (let nu = 0; nu < K.length; nu++) {
      const [along] = projection(K[nu], ownP[nu]);
      const [, alongDelay] = projection(K[nu], ownDelay[nu]);
      for (let k = 0; k < m * m; k++) {
        ownP[nu].addScaled(k, -along, -imaginary, K[nu], k);
        ownDelay[nu].addScaled(k, 0, -alongDelay, K[nu], k);
      }
    }
  }
  const velocityCorrection = K.map((force, nu) => {
    const sum = new DoubleDoubleMatrix(m, m);
    for (let a = 0; a < m; a++)
      for (let b = 0; b < m; b++) {
        const k = a * m + b;
        for (let c = 0; c < m; c++) sum.addProduct(k, 1, delayProduct, a * m + c, false, force, c * m + b);
        sum.addScaled(k, -1, 0, P[nu], k);
        sum.addConjugate(k, P[nu], b * m + a);
      }
    return sum;
  });
  const doubles = (matrix: DoubleDoubleMatrix) => matrix.rounded(new Float64Array(2 * m * m));
  return {
    firstOrderRemainder: ownP.map(doubles),
    velocityCorrection: velocityCorrection.map(doubles),
    delayRemainder: ownDelay.map(doubles),
  };
}

function copyOf(matrix: DoubleDoubleMatrix): DoubleDoubleMatrix {
  const copy = new DoubleDoubleMatrix(matrix.rows, matrix.columns);
  copy.data.set(matrix.data);
  return copy;
}

/**
 * Mean imaginary part of the projections of P onto K over the directions whose K does not vanish.
 */
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

/**
 * tr(K^+ A) / tr(K^+ K) in double precision, which is enough because any number may be subtracted.
 */
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
