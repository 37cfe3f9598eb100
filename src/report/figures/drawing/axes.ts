// An axis from data: the quantity's unit, a power of ten if needed, and the values in the units of
// the axis.

import type { EnergyUnit } from "../../../index.js";
import { type Quantity, unitOf } from "../../tables/axis-units.js";
import { significant } from "../../tables/numbers.js";
import type { Axis } from "./draw.js";
import { decadeTicks, extent, powerOfTen, type TickOptions, ticksFor, turnTicks } from "./ticks.js";

/** An axis with the conversion of natural values to its units. */
export interface ScaledAxis extends Axis {
  /** Natural values in the units of the axis. */
  scaled: (values: ArrayLike<number>) => Float64Array;
  /** One natural value in the units of the axis. */
  at: (value: number) => number;
}

/** The axis of a quantity, which contains all finite values of the arrays (natural units). */
export function axisOf(
  words: string,
  quantity: Quantity,
  units: EnergyUnit,
  arrays: readonly ArrayLike<number>[],
  options: TickOptions = {},
): ScaledAxis {
  const { unit, factor } = unitOf(quantity, units);
  const [low, high] = extent(...arrays) ?? [0, 1];
  const ten = powerOfTen(factor * Math.max(Math.abs(low), Math.abs(high)));
  const scale = factor * ten.factor;
  return {
    ...ticksFor([scale * low, scale * high], options),
    label: `${words} (${ten.prefix}${unit})`,
    scaled: (values) => Float64Array.from(values, (value) => scale * value),
    at: (value) => scale * value,
  };
}

/** The axis with a logarithmic scale. Values that are not positive leave a gap in the line. */
export function logAxisOf(
  words: string,
  quantity: Quantity,
  units: EnergyUnit,
  arrays: readonly ArrayLike<number>[],
  { tight }: Pick<TickOptions, "tight"> = {},
): ScaledAxis {
  const { unit, factor } = unitOf(quantity, units);
  const positive = arrays.map((values) =>
    Array.from(values, (value) => factor * value).filter((value) => value > 0),
  );
  return {
    ...decadeTicks(extent(...positive) ?? [0.1, 1], tight),
    label: `${words} (${unit})`,
    scaled: (values) => Float64Array.from(values, (value) => (value > 0 ? factor * value : Number.NaN)),
    at: (value) => factor * value,
  };
}

/** A finite inertia in words. */
export function inertiaText(inertia: number, units: EnergyUnit): string {
  if (inertia === 0) return "no inertia";
  const { unit, factor } = unitOf("inertia", units);
  return `inertia ${significant(factor * inertia, 4)} ${unit}`;
}

/** The angle over whole turns, marked in multiples of pi. */
export const angleAxis = (turns?: [from: number, to: number]): Axis => ({
  ...turnTicks(turns),
  label: "angle θ (rad)",
});
