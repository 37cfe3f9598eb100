// Common parts of the chain contenders (chain.js, chain-recursion.js). The formulas for S and K
// stand in both of them, because a common function would cost short chains a tenth of their time,
// and a contender must not be slowed down.

/** The ratio of two complex numbers, as [re, im]. */
export function quotient(ar, ai, br, bi, out) {
  const size = br * br + bi * bi;
  out[0] = (ar * br + ai * bi) / size;
  out[1] = (ai * br - ar * bi) / size;
}

/** The reciprocal of the power of two next below the size of a number, from its exponent bits. */
const word = new Float64Array(1);
const bits = new Uint32Array(word.buffer);
export function inversePower(size) {
  word[0] = size;
  bits[1] = 0x7fe00000 - (bits[1] & 0x7ff00000);
  bits[0] = 0;
  return word[0];
}

/** Scalings c_i^2 with c_i c_(i+1) |t_i| = 1, which make every hopping one. */
export function scalings({ onsite, hopping }) {
  const c2 = new Float64Array(onsite.length).fill(1);
  for (let i = 0; i + 1 < onsite.length; i++) c2[i + 1] = 1 / (c2[i] * hopping[i] ** 2);
  return c2;
}

/** Sigma of a semi-infinite chain as [re, im]. */
export const selfEnergy = (lead, energy) => {
  const x = (energy - lead.onsite) / (2 * Math.abs(lead.hopping));
  const factor = lead.coupling ** 2 / Math.abs(lead.hopping);
  const root = Math.sqrt(Math.abs(1 - x * x));
  return Math.abs(x) < 1 ? [x * factor, -root * factor] : [factor / (x + Math.sign(x) * root), 0];
};
