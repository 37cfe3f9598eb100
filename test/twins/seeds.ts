// Seeds of the random devices: the same few for every identity, so that a failure names a device that can be run again.
// The everyday suite takes the first ones only; `npm run test:slow` takes all (env ALL_SEEDS).

const all = Boolean(process.env.ALL_SEEDS);

/** Among the slow tests and in CI; not every day. */
export const allTests = all || Boolean(process.env.CI);

/** 1 .. count; every day 1 .. everyday. */
export const seeds = (count: number, everyday = count): number[] =>
  Array.from({ length: all ? count : everyday }, (_, i) => i + 1);

/** A list of chosen seeds, or cases; every day its first ones. */
export const chosen = <Case = number>(list: Case[], everyday: number): Case[] =>
  all ? list : list.slice(0, everyday);
