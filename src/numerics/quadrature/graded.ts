// Breakpoints between which no panel is far longer than the one beside it. Short panels stand at
// something sharp, whose tails (1 / distance^2 of a resonance) fall off over lengths that grow with
// the distance; a rule on a panel a thousand times longer has no node near its end, sees nothing of
// them and takes itself to be exact.

/**
 * Ratio of neighbours from which on breakpoints are put between, and by how much panels then grow.
 */
const MOST = 100;
const GROWTH = 30;

/**
 * The first `count` ascending points with those that are put between, in `out`; returns their
 * number.
 */
export function graded(points: Float64Array, count: number, out: number[]): number {
  out.length = 0;
  for (let i = 0; i + 1 < count; i++) {
    const [from, to] = [points[i], points[i + 1]];
    const length = to - from;
    const before = i > 0 ? from - points[i - 1] : length;
    const after = i + 2 < count ? points[i + 2] - to : length;
    const [left, right] = [length > MOST * before, length > MOST * after];
    // Where both neighbours are short each has its half.
    const reach = left && right ? length / 2 : length;
    out.push(from);
    if (left) for (let step = GROWTH * before; step < reach; step *= GROWTH) out.push(from + step);
    if (!right) continue;
    const last = out.length;
    for (let step = GROWTH * after; step < reach; step *= GROWTH) out.splice(last, 0, to - step);
  }
  if (count > 0) out.push(points[count - 1]);
  return out.length;
}
