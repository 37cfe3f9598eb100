// The one definition of what several reservoirs have in common: their mean and their bias.

/** Chemical potential and temperature, as of a reservoir. */
interface Filling {
  chemicalPotential: number;
  temperature: number;
}

/**
 * The mean of some numbers as the first plus the mean difference: exact where all are equal. Of
 * none: 0.
 */
function mean(values: readonly number[]): number {
  if (values.length === 0) return 0;
  return values[0] + values.reduce((sum, value) => sum + (value - values[0]), 0) / values.length;
}

/**
 * Mean chemical potential and mean temperature of all leads that have a reservoir (those without,
 * probes, are undefined and do not count); (0, 0) without any. Pumping and linear response are
 * about this filling, and the conservative force of a motor is that of the sea filled by it.
 */
export function meanReservoir(reservoirs: readonly (Partial<Filling> | undefined)[]): Filling {
  const given = reservoirs.filter((reservoir) => reservoir !== undefined);
  return {
    chemicalPotential: mean(given.map(({ chemicalPotential = 0 }) => chemicalPotential)),
    temperature: mean(given.map(({ temperature = 0 }) => temperature)),
  };
}

/**
 * Chemical potential of the first lead that has a reservoir minus that of the second; 0 where there
 * are fewer than two.
 */
export function biasOf(reservoirs: readonly (Filling | undefined)[]): number {
  const [first, second] = reservoirs.filter((reservoir) => reservoir !== undefined);
  return first && second ? first.chemicalPotential - second.chemicalPotential : 0;
}
