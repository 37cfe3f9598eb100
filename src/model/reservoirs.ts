// Mean and bias of several reservoirs, each defined only here.

/** Chemical potential and temperature of a reservoir. */
interface Filling {
  chemicalPotential: number;
  temperature: number;
}

/**
 * The mean of some numbers, as the first number plus the mean difference to it, which is exact if
 * all are equal. Without numbers: 0.
 */
function mean(values: readonly number[]): number {
  if (values.length === 0) return 0;
  return values[0] + values.reduce((sum, value) => sum + (value - values[0]), 0) / values.length;
}

/**
 * Mean chemical potential and mean temperature of all leads that have a reservoir. Probes have none
 * (undefined) and do not count; without any reservoir both are 0. Pumping and linear response are
 * computed about this filling, and the conservative force of a motor is that of the sea with this
 * filling.
 */
export function meanReservoir(reservoirs: readonly (Partial<Filling> | undefined)[]): Filling {
  const given = reservoirs.filter((reservoir) => reservoir !== undefined);
  return {
    chemicalPotential: mean(given.map(({ chemicalPotential = 0 }) => chemicalPotential)),
    temperature: mean(given.map(({ temperature = 0 }) => temperature)),
  };
}

/**
 * Chemical potential of the first lead that has a reservoir minus that of the second; 0 if there
 * are fewer than two.
 */
export function biasOf(reservoirs: readonly (Filling | undefined)[]): number {
  const [first, second] = reservoirs.filter((reservoir) => reservoir !== undefined);
  return first && second ? first.chemicalPotential - second.chemicalPotential : 0;
}
