// Breakpoints for which no panel is much longer than its neighbour. Short panels lie at a sharp
// feature, whose tails (1 / distance^2 for a resonance) decay over lengths that grow with the
// distance. A rule on a panel a thousand times longer has no node near its end, misses the tail and
// reports a small error.

/**
 * Ratio of the lengths of neighbours above which breakpoints are inserted, and ratio of the lengths
 * of the inserted panels.
 */
const MOST = 100;
const GROWTH = 30;

/**
 * Writes the first `count` ascending points and the inserted points to `out`. Returns their number.
 * Panels on different sides of a point of `walls` are no neighbours.
 */
export function graded(
  points: Float64Array,
  count: number,
  out: number[],
  walls: ArrayLike<number> = [],
): number {
  out.length = 0;
  let wall = 0;
  const isWall = (x: number): boolean => {
    while (wall < walls.length && walls[wall] < x) wall++;
    return wall < walls.length && walls[wall] === x;
  };
  for (let i = 0; i + 1 < count; i++) {
    const [from, to] = [points[i], points[i + 1]];
    const length = to - from;
    const before = i > 0 && !isWall(from) ? from - points[i - 1] : length;
    const after = i + 2 < count && !isWall(to) ? points[i + 2] - to : length;
    const [left, right] = [length > MOST * before, length > MOST * after];
    // If both neighbours are short, each gets one half of the panel.
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
