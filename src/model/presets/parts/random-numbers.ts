// Seeded uniform and Gaussian numbers for random presets, by sfc32 (C. Doty-Humphrey's PractRand)
// and the polar Box-Muller transform. The sequence of a seed is part of the file format and must
// never change.

/** Uniform numbers in [0, 1) with 32 random bits. */
export function uniformNumbers(seed: number): () => number {
  let [a, b, c, counter] = [0x9e3779b9, 0x243f6a88, seed >>> 0, 1];
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
  // These steps mix the seed into the whole state.
  for (let k = 0; k < 15; k++) next();
  return next;
}

/** Independent normal numbers of mean 0 and variance 1. */
export function gaussianNumbers(seed: number): () => number {
  const uniform = uniformNumbers(seed);
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const u = 2 * uniform() - 1;
      const w = 2 * uniform() - 1;
      const square = u * u + w * w;
      if (square === 0 || square >= 1) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      spare = w * scale;
      return u * scale;
    }
  };
}
