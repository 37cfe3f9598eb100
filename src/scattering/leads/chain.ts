// Surface Green's function of a semi-infinite chain, g = 1/(z - onsite - t^2 g), in closed form
// with x = (z - onsite) / 2t:
//   t g = 1 / (x + s),  s^2 = x^2 - 1,  |x + s| >= 1,  and  g' = -g / (2 t s),
// written without cancellation on either side of the band edges x = +-1, where only the rounding of
// x itself is felt.

/** g and dg/dz as [re, im, re, im]. */
export type ChainGreen = [re: number, im: number, dRe: number, dIm: number];

/**
 * Exactly on a band edge the answer is that of the nearest number outside the band: g' is finite
 * there (1e8 / t^2).
 */
const outside = 1 + 2 ** -52;

/** At real energy, retarded. */
export function chainSurfaceGreen(energy: number, onsite: number, hopping: number): ChainGreen {
  let x = (energy - onsite) / (2 * Math.abs(hopping));
  if (Math.abs(x) === 1) x *= outside;
  return retarded(x, 1 - x, 1 + x, hopping);
}

/**
 * The same at energy + energyLow, a double-double: smooth in the distance from the band edges, as
 * doubles, also where that is below the digits of the energy.
 */
export function chainSurfaceGreenNear(
  energy: number,
  energyLow: number,
  onsite: number,
  hopping: number,
): ChainGreen {
  const width = 2 * Math.abs(hopping);
  const above = (onsite + width - energy - energyLow) / width;
  const below = (energy - (onsite - width) + energyLow) / width;
  if (above === 0 || below === 0) return chainSurfaceGreen(energy, onsite, hopping);
  return retarded((energy - onsite) / width, above, below, hopping);
}

/** From x and its distances 1 - x and 1 + x from the band edges, neither of them zero. */
function retarded(x: number, above: number, below: number, hopping: number): ChainGreen {
  const t = Math.abs(hopping);
  const root = Math.sqrt(Math.abs(above * below));
  if (above > 0 && below > 0) {
    // s = i root: t g = x - i root, g' = -g / (2 i t root).
    const [re, im] = [x / t, -root / t];
    const slope = 1 / (2 * t * root);
    return [re, im, -im * slope, re * slope];
  }
  const s = Math.sign(x) * root;
  const g = 1 / ((x + s) * t);
  return [g, 0, -g / (2 * t * s), 0];
}

/** At z = re + i im in the upper half plane, im >= 0. */
export function chainSurfaceGreenAt(re: number, im: number, onsite: number, hopping: number): ChainGreen {
  if (im === 0) return chainSurfaceGreen(re, onsite, hopping);
  const t = Math.abs(hopping);
  const [x, y] = [(re - onsite) / (2 * t), im / (2 * t)];
  // x^2 - 1 as a product: no cancellation near a band edge.
  let [sRe, sIm] = complexRoot((x - 1) * (x + 1) - y * y, 2 * x * y);
  if (x * sRe + y * sIm < 0) [sRe, sIm] = [-sRe, -sIm];
  const size = t * ((x + sRe) ** 2 + (y + sIm) ** 2);
  const [gRe, gIm] = [(x + sRe) / size, -(y + sIm) / size];
  const root = 2 * t * (sRe * sRe + sIm * sIm);
  return [gRe, gIm, -(gRe * sRe + gIm * sIm) / root, -(gIm * sRe - gRe * sIm) / root];
}

/** Principal square root. */
function complexRoot(re: number, im: number): [number, number] {
  const large = Math.sqrt((Math.hypot(re, im) + Math.abs(re)) / 2);
  if (large === 0) return [0, 0];
  const small = im / (2 * large);
  return re >= 0 ? [large, small] : [Math.abs(small), im >= 0 ? large : -large];
}
