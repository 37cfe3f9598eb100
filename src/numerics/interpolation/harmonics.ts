// What equispaced angles leave out of a periodic function: the harmonics beyond the grid's, which
// it folds back on its own, from how those within fall off.

/**
 * Errors in units of the harmonics left out, if these go on as the last ones fall: they are missing
 * at their place and stand at another.
 */
const MARGIN = 4;

export interface HarmonicsLeftOut {
  /** Bounds of the error of the interpolant and of its derivative; infinite where nothing is known. */
  value: number;
  slope: number;
}

/**
 * From the sizes of the harmonics 0, 1, ... of a grid, its last one included; those below `noise`
 * tell nothing. The last two quarters give a power of the number by which they fall, a law that
 * falls no faster than an exponential does. Harmonics with gaps between them hide from that; what
 * every second angle leaves out, squared, stands for them, as it does for an exponential.
 */
export function harmonicsLeftOut(sizes: ArrayLike<number>, noise: number): HarmonicsLeftOut {
  const last = sizes.length - 1;
  const largest = (from: number, to: number): number => {
    let most = 0;
    for (let k = from; k <= to; k++) most = Math.max(most, sizes[k]);
    return most;
  };
  const quarter = Math.floor((3 * last) / 4) + 1;
  const half = Math.min(Math.floor(last / 2) + 1, quarter - 1);
  const [end, before] = [largest(quarter, last), largest(half, quarter - 1)];
  let seldom = 0;
  for (let k = half; k <= last; k++) seldom += sizes[k] > noise ? sizes[k] : 0;
  const whole = largest(0, last);
  const folded = whole > 0 ? seldom ** 2 / whole : 0;
  if (end <= noise) return { value: MARGIN * folded, slope: MARGIN * last * folded };
  // From the middle of the turn's grid to three quarters of it.
  const power = Math.log(before / end) / Math.log(3 / 2);
  const next = end * (3 / 4) ** power * last;
  return {
    value: power > 1.5 ? MARGIN * (next / (power - 1) + folded) : Number.POSITIVE_INFINITY,
    slope: power > 2.5 ? MARGIN * last * (next / (power - 2) + folded) : Number.POSITIVE_INFINITY,
  };
}
