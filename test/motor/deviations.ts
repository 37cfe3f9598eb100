// Deviations of stated averages from exact ones in units of their stated errors.

import { expect } from "vitest";

interface Averages {
  meanVelocity: number;
  diffusion: number;
}

interface Stated extends Averages {
  meanVelocityError: number;
  diffusionError: number;
  warnings: readonly { code: string }[];
}

export class Deviations {
  readonly #found: { label: string; speed: number; spread: number; warned: boolean }[] = [];

  add(label: string, stated: Stated, exact: Averages): void {
    this.#found.push({
      label,
      speed: (stated.meanVelocity - exact.meanVelocity) / stated.meanVelocityError,
      spread: (stated.diffusion - exact.diffusion) / stated.diffusionError,
      warned: stated.warnings.length > 0,
    });
  }

  /** So many at least; no more than 4 errors without a warning and than `warned` with one; root mean square below `rms`. */
  hold(least: number, rms: number, { warned }: { warned: number }): void {
    expect(this.#found.length).toBeGreaterThanOrEqual(least);
    const worst = this.#found.filter(
      (one) => !(Math.max(Math.abs(one.speed), Math.abs(one.spread)) < (one.warned ? warned : 4)),
    );
    expect(worst).toEqual([]);
    for (const key of ["speed", "spread"] as const) {
      const sum = this.#found.reduce((total, one) => total + one[key] ** 2, 0);
      expect(Math.sqrt(sum / this.#found.length), `root mean square of the ${key}'s`).toBeLessThan(rms);
    }
  }
}
