// The Fermi function f, 1 - f, df/dE and differences of fillings, without overflow or cancellation.
// At T = 0 the filling is a step: 1 below, 1/2 at and 0 above mu. Its derivative is then a delta
// function, for which these functions return 0; the caller adds the integrand at mu.

/** f(E) = 1 / (exp((E - mu)/T) + 1); T >= 0. */
export function fermi(energy: number, chemicalPotential: number, temperature: number): number {
  const x = energy - chemicalPotential;
  if (temperature === 0) return x < 0 ? 1 : x > 0 ? 0 : 0.5;
  if (x >= 0) {
    const e = Math.exp(-x / temperature);
    return e / (1 + e);
  }
  return 1 / (1 + Math.exp(x / temperature));
}

/** 1 - f(E), without cancellation deep in the sea. */
export function emptiness(energy: number, chemicalPotential: number, temperature: number): number {
  return fermi(-energy, -chemicalPotential, temperature);
}

/** df/dE = -f (1 - f) / T; 0 at T = 0, see the head of this file. */
export function fermiDerivative(energy: number, chemicalPotential: number, temperature: number): number {
  if (temperature === 0) return 0;
  const e = Math.exp(-Math.abs(energy - chemicalPotential) / temperature);
  return -e / ((1 + e) * (1 + e) * temperature);
}

/**
 * f_a(E) - f_b(E), exact to rounding also for nearly equal reservoirs, at E = energy + low:
 *
 *   f_a - f_b = f_a (1 - f_b) (1 - exp(x_a - x_b)),   x = (E - mu)/T
 */
export function fermiDifference(
  energy: number,
  muA: number,
  tempA: number,
  muB: number,
  tempB: number,
  low = 0,
): number {
  if (tempA === tempB && muA === muB) return 0;
  const [a, b] = [energy - muA + low, energy - muB + low];
  if (tempA === 0 || tempB === 0) {
    // Fillings near 1 are compared by 1 - f.
    if (a < 0 && b < 0) return emptiness(b, 0, tempB) - emptiness(a, 0, tempA);
    return fermi(a, 0, tempA) - fermi(b, 0, tempB);
  }
  // x_a - x_b, written so that nothing cancels when the reservoirs are almost equal.
  const gap = (a * (tempB - tempA) + tempA * (muB - muA)) / (tempA * tempB);
  if (gap > 0) return fermi(b, 0, tempB) * emptiness(a, 0, tempA) * Math.expm1(-gap);
  return -fermi(a, 0, tempA) * emptiness(b, 0, tempB) * Math.expm1(gap);
}

/**
 * The distance from mu, in units of T, beyond which f (1 - f) is below `fraction`, but at most 42,
 * where f (1 - f) is below 1e-18.
 */
export function thermalReach(fraction: number): number {
  return Math.min(42, -Math.log(Math.max(fraction, 1e-18)));
}
