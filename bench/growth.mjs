// Growth of the cost with the size: node growth.mjs [quick]. It times S and four derivatives of
// ribbons of one width and increasing length, and of one length and increasing width. The exponent
// is the slope of a straight line through the logarithms. Prints one JSON line.
import { loadEngine } from "../dist/index.js";
import { lengthwiseGates, ribbonModel } from "./models.mjs";

const quick = process.argv.includes("quick");
const engine = await loadEngine();

/**
 * Shortest of several times of one call in milliseconds, because other load on the machine only
 * adds to them.
 */
function milliseconds(width, length) {
  const device = engine.device(ribbonModel(width, length, lengthwiseGates(width, length, 4)));
  const run = () => device.scatter({ energy: 1.1 }).transmission.left.right;
  run();
  const least = Math.max(3, Math.ceil((quick ? 40 : 400) / Math.max(0.05, once(run))));
  let best = Number.POSITIVE_INFINITY;
  for (let k = 0; k < Math.min(least, 200); k++) best = Math.min(best, once(run));
  device.close();
  return best;
}

function once(run) {
  const start = performance.now();
  run();
  return performance.now() - start;
}

/** Slope of log(time) over log(size). */
function exponent(points) {
  const logs = points.map(({ size, time }) => [Math.log(size), Math.log(time)]);
  const mean = (part) => logs.reduce((sum, pair) => sum + pair[part], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const top = logs.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return top / logs.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}

const lengths = quick ? [100, 200, 400] : [100, 200, 400, 800, 1600, 3200];
const widths = quick ? [10, 20, 40] : [10, 20, 40, 80, 160];
const curve = (sizes, time) => {
  const points = sizes.map((size) => ({ size, time: time(size) }));
  return { points, exponent: exponent(points) };
};
console.log(
  JSON.stringify({
    length: { width: 20, ...curve(lengths, (length) => milliseconds(20, length)) },
    width: { length: 50, ...curve(widths, (width) => milliseconds(width, 50)) },
  }),
);
