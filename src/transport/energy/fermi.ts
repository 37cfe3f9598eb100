// Fillings of the reservoirs: Fermi function, its emptiness, slope and differences, without
// overflow or cancellation. T = 0 is a step, read as 1, 1/2, 0 below, at and above mu; its slope (a
// delta function) is reported as 0 here and belongs to the caller, who evaluates the integrand at
// mu.

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

/** df/dE = -f (1 - f) / T; 0 at T = 0 (see the head of the file). */
export function fermiSlope(energy: number, chemicalPotential: number, temperature: number): number {
  if (temperature === 0) return 0;
  const e = Math.exp(-Math.abs(energy - chemicalPotential) / temperature);
  return -e / ((1 + e) * (1 + e) * temperature);
}

/**
 * f_a(E) - f_b(E), exact to rounding also for nearly equal reservoirs: f_a - f_b = f_a (1 - f_b) (1
 * - exp(x_a - x_b)) with x = (E - mu)/T, E = energy + low.
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
    // Near 1 both are compared by their emptiness.
    if (a < 0 && b < 0) return emptiness(b, 0, tempB) - emptiness(a, 0, tempA);
    return fermi(a, 0, tempA) - fermi(b, 0, tempB);
  }
  // x_a - x_b, arranged so that nothing cancels when both reservoirs are almost alike.
  const gap = (a * (tempB - tempA) + tempA * (muB - muA)) / (tempA * tempB);
  if (gap > 0) return fermi(b, 0, tempB) * emptiness(a, 0, tempA) * Math.expm1(-gap);
  return -fermi(a, 0, tempA) * emptiness(b, 0, tempB) * Math.expm1(gap);
}

/**
 * Number of temperatures from mu beyond which f (1 - f) is below `fraction` (at most 1e-18 is ever
 * asked for).
 */
export function thermalReach(fraction: number): number {
  return Math.min(42, -Math.log(Math.max(fraction, 1e-18)));
}
