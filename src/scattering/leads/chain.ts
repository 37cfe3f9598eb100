// The surface Green's function of a semi-infinite chain, g = 1/(z - onsite - t^2 g), in closed
// form. With x = (z - onsite) / 2t
//     t g = 1 / (x + s),  s^2 = x^2 - 1,  |x + s| >= 1,  and  g' = -g / (2 t s).
// The code avoids cancellation on both sides of the band edges x = +-1, where only the rounding of
// x itself remains.

/** g and dg/dz as [re, im, re, im], in units of 1/energy and 1/energy^2. */
export type ChainGreen = [re: number, im: number, dRe: number, dIm: number];

/**
 * Exactly on a band edge the result is that of the nearest double outside the band, where g' is
 * finite (about 1e8 / t^2).
 */
const outside = 1 + 2 ** -52;

/** The retarded function at a real energy. */
export function chainSurfaceGreen(energy: number, onsite: number, hopping: number): ChainGreen {
  let x = (energy - onsite) / (2 * Math.abs(hopping));
  if (Math.abs(x) === 1) x *= outside;
  return retarded(x, 1 - x, 1 + x, hopping);
}

/**
 * The same at energy + energyLow, a double-double. The distance from a band edge keeps all its
 * digits even if it is smaller than the last digit of the energy.
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

/**
 * The retarded function from x and its distances 1 - x and 1 + x from the band edges. Neither
 * distance may be zero.
 */
function retarded(x: number, above: number, below: number, hopping: number): ChainGreen {
  const t = Math.abs(hopping);
  const root = Math.sqrt(Math.abs(above * below));
  if (above > 0 && below > 0) {
    // Inside the band s = i root, hence t g = x - i root and g' = -g / (2 i t root).
    const [re, im] = [x / t, -root / t];
    const slope = 1 / (2 * t * root);
    return [re, im, -im * slope, re * slope];
  }
  const s = Math.sign(x) * root;
  const g = 1 / ((x + s) * t);
  return [g, 0, -g / (2 * t * s), 0];
}

/** The function at z = re + i im with im >= 0. */
export function chainSurfaceGreenAt(re: number, im: number, onsite: number, hopping: number): ChainGreen {
  if (im === 0) return chainSurfaceGreen(re, onsite, hopping);
  const t = Math.abs(hopping);
  const [x, y] = [(re - onsite) / (2 * t), im / (2 * t)];
  // The form (x - 1)(x + 1) avoids the cancellation of x^2 - 1 near a band edge.
  let [sRe, sIm] = complexRoot((x - 1) * (x + 1) - y * y, 2 * x * y);
  if (x * sRe + y * sIm < 0) [sRe, sIm] = [-sRe, -sIm];
  const size = t * ((x + sRe) ** 2 + (y + sIm) ** 2);
  const [gRe, gIm] = [(x + sRe) / size, -(y + sIm) / size];
  const root = 2 * t * (sRe * sRe + sIm * sIm);
  return [gRe, gIm, -(gRe * sRe + gIm * sIm) / root, -(gIm * sRe - gRe * sIm) / root];
}

/** The principal square root of re + i im. */
function complexRoot(re: number, im: number): [number, number] {
  const large = Math.sqrt((Math.hypot(re, im) + Math.abs(re)) / 2);
  if (large === 0) return [0, 0];
  const small = im / (2 * large);
  return re >= 0 ? [large, small] : [Math.abs(small), im >= 0 ? large : -large];
}
