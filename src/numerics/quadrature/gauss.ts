// The Gauss-Legendre rule of a panel [-1, 1] with the last two coefficients of the integrand's
// Legendre series. If the nearest singularity of an analytic integrand lies on the ellipse with
// parameter rho, these coefficients decrease like rho^-k and the error of the rule like rho^-2n,
// their square. This gives twice the digits per node of Gauss-Kronrod, whose error estimate cannot
// assume that the integrand is analytic.

/** A Gauss-Legendre rule with an even number of nodes. */
export interface GaussRule {
  /** The positive nodes, the outermost first. */
  nodes: Float64Array;
  /** One weight per positive node. */
  weights: Float64Array;
  /**
   * The weights times (2k + 1) P_k(node). Their sum with f gives twice the coefficient of P_k, for
   * k = n - 1 (odd) and k = n - 2 (even).
   */
  odd: Float64Array;
  even: Float64Array;
  /** The weights, `odd` and `even` for all nodes in ascending order, one list after the other. */
  all: Float64Array;
  /** Number of evaluations per panel. */
  count: number;
  /** The error decreases like this power of the panel's length. */
  power: number;
}

/** P_n and P_(n-1) at x. */
function legendre(n: number, x: number): [number, number] {
  let [before, now] = [1, x];
  for (let k = 2; k <= n; k++) [before, now] = [now, ((2 * k - 1) * x * now - (k - 1) * before) / k];
  return [now, before];
}

/** Computes the rule for even n. The nodes are found by Newton's iteration to rounding. */
export function gaussRule(n: number): GaussRule {
  const half = n / 2;
  const list = () => new Float64Array(half);
  const rule: GaussRule = {
    nodes: list(),
    weights: list(),
    odd: list(),
    even: list(),
    all: new Float64Array(3 * n),
    count: n,
    power: 2 * n + 1,
  };
  for (let i = 0; i < half; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 1;
    for (let step = 0; step < 6; step++) {
      const [value, before] = legendre(n, x);
      slope = (n * (before - x * value)) / ((1 - x) * (1 + x));
      x -= value / slope;
    }
    const [odd, even] = legendre(n - 1, x);
    rule.nodes[i] = x;
    rule.weights[i] = 2 / ((1 - x) * (1 + x) * slope * slope);
    rule.odd[i] = rule.weights[i] * (2 * n - 1) * odd;
    rule.even[i] = rule.weights[i] * (2 * n - 3) * even;
    for (const [part, list, sign] of [
      [0, rule.weights, 1],
      [n, rule.odd, -1],
      [2 * n, rule.even, 1],
    ] as const) {
      rule.all[part + i] = sign * list[i];
      rule.all[part + n - 1 - i] = list[i];
    }
  }
  return rule;
}

/**
 * The smallest number of nodes for eight digits on panels of adapted length (14 to 20 nodes differ
 * little).
 */
export const gauss16 = gaussRule(16);
/** The rule for long smooth intervals. */
export const gauss24 = gaussRule(24);
