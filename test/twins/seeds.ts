// Seeds of the random devices: the same few for every identity, so that a failure names a device that can be run again.
export const seeds = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
