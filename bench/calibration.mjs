// How fast and how free the processor is: a loop of a fixed number of operations, timed before and
// after the bench. On a busy machine it takes longer than the CPU time that it uses, and where the
// clock or a shared core has slowed down, more CPU time than at the other end of the bench.

/** Passing time may exceed CPU time, and one end the other, by this part on an idle machine. */
const SLACK = 0.08;
const REPEATS = 15;

/** A chain of products and sums of doubles that no compiler can shorten. */
function loop() {
  let x = 0.5;
  for (let k = 0; k < 2e7; k++) x = 3.9 * x * (1 - x);
  return x;
}

/** The least CPU time of the loop in milliseconds, and the time that passed divided by the CPU time. */
export function calibrate() {
  let least = Number.POSITIVE_INFINITY;
  let cpu = 0;
  let passed = 0;
  for (let k = 0; k <= REPEATS; k++) {
    const start = performance.now();
    const used = process.cpuUsage();
    if (!Number.isFinite(loop())) throw new Error("the calibration is not finite");
    const { user, system } = process.cpuUsage(used);
    const milliseconds = (user + system) / 1e3;
    // The first pass compiles the loop.
    if (k === 0) continue;
    least = Math.min(least, milliseconds);
    cpu += milliseconds;
    passed += performance.now() - start;
  }
  return { milliseconds: Number(least.toPrecision(4)), waiting: Number((passed / cpu).toPrecision(4)) };
}

/** Why the machine counts as busy, or undefined. */
export function verdict({ before, after }) {
  const waiting = Math.max(before.waiting, after.waiting) - 1;
  if (waiting > SLACK) return `a loop waited ${Math.round(100 * waiting)} % of its time for a processor`;
  const drift = Math.abs(after.milliseconds / before.milliseconds - 1);
  if (drift > SLACK)
    return `a loop took ${before.milliseconds} ms of CPU before and ${after.milliseconds} ms after`;
}
