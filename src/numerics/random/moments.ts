// Sample moments.

/**
 * Mean, variance (with the divisor n - 1) and excess kurtosis. Moments that are not defined are
 * zero.
 */
export function moments(values: ArrayLike<number>): { mean: number; variance: number; kurtosis: number } {
  const n = values.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += values[i] / n;
  let [second, fourth] = [0, 0];
  for (let i = 0; i < n; i++) {
    const square = (values[i] - mean) ** 2;
    second += square;
    fourth += square * square;
  }
  return {
    mean,
    variance: n > 1 ? second / (n - 1) : 0,
    kurtosis: second > 0 ? (n * fourth) / (second * second) - 3 : 0,
  };
}
