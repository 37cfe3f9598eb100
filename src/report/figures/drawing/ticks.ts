// Readable axes: round tick values, and a common power of ten in the label in place of long numbers
// at the ticks.

/** The range of an axis and its ticks. */
export interface Ticks {
  domain: [low: number, high: number];
  ticks: number[];
  format: (value: number) => string;
  /** Whether the scale is logarithmic. */
  log?: true;
}

/** Smallest and largest finite value of all arrays; undefined if there is none. */
export function extent(...arrays: ArrayLike<number>[]): [low: number, high: number] | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const array of arrays) {
    for (let i = 0; i < array.length; i++) {
      if (!Number.isFinite(array[i])) continue;
      low = Math.min(low, array[i]);
      high = Math.max(high, array[i]);
    }
  }
  return low <= high ? [low, high] : undefined;
}

/** The nearest number above `size` that is 1, 2 or 5 times a power of ten. */
export function roundStep(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size));
  const lead = size / power;
  return power * (lead <= 1.0001 ? 1 : lead <= 2.0001 ? 2 : lead <= 5.0001 ? 5 : 10);
}

const superscript = (exponent: number): string =>
  String(exponent).replaceAll(/[-\d]/g, (digit) => (digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]));

/** The number of a tick with a typographic minus sign. */
export const tickText = (value: number, decimals: number): string => {
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
};

/**
 * Smaller values count as zero. Axes are scaled to between 0.01 and 10,000 before they are divided.
 */
const smallest = 1e-200;

/**
 * Power of ten (with an exponent that is a multiple of three) that brings `size` to between 1 and
 * 1000, and its name before a unit.
 */
export function powerOfTen(size: number): { factor: number; prefix: string } {
  if (size < smallest || (size >= 0.01 && size < 10_000)) return { factor: 1, prefix: "" };
  const exponent = 3 * Math.floor(Math.log10(size) / 3 + 1e-12);
  return { factor: 10 ** -exponent, prefix: `10${superscript(exponent)} ` };
}

/** How ticks are chosen. */
export interface TickOptions {
  /** Approximate number of ticks. */
  count?: number;
  /** Whether the axis must contain zero. */
  withZero?: boolean;
  /** Whether the axis ends with the data, without room beyond them. */
  tight?: boolean;
}

/** Round ticks over a range that contains all values. A constant gets room on both sides. */
export function ticksFor(
  [low, high]: [number, number],
  { count = 5, withZero = false, tight = false }: TickOptions = {},
): Ticks {
  let [from, to] = withZero ? [Math.min(low, 0), Math.max(high, 0)] : [low, high];
  // A range that is only rounding noise is shown as a constant.
  if (to - from <= Math.max(1e-9 * Math.max(Math.abs(from), Math.abs(to)), smallest)) {
    const room = 0.5 * Math.abs(from) || 1;
    [from, to] = [from - room, to + room];
  } else if (!tight) {
    const room = 0.06 * (to - from);
    [from, to] = [from === 0 ? 0 : from - room, to === 0 ? 0 : to + room];
  }
  const step = roundStep((to - from) / count);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return { domain: [from, to], ticks, format: (value) => tickText(value, decimals) };
}

/**
 * Whole powers of ten over a range of positive values, at most about seven of them. The axis ends
 * at powers of ten; a tight one ends with the data if these span two powers.
 */
export function decadeTicks([low, high]: [number, number], tight = false): Ticks {
  const [inner, outer] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const ends = tight && outer > inner;
  const from = ends ? inner : Math.floor(Math.log10(low) + 1e-9);
  const to = ends ? outer : Math.max(from + 1, Math.ceil(Math.log10(high) - 1e-9));
  const step = Math.ceil((to - from) / 7);
  const ticks = Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);
  return {
    domain: ends ? [low, high] : [10 ** from, 10 ** to],
    ticks: ticks.map((exponent) => 10 ** exponent),
    format: (value) => {
      const exponent = Math.round(Math.log10(value));
      return exponent >= -2 && exponent <= 3
        ? tickText(value, Math.max(0, -exponent))
        : `10${superscript(exponent)}`;
    },
    log: true,
  };
}

/** Quarter turns over whole turns, written as multiples of pi. */
export function turnTicks(turns: [from: number, to: number] = [0, 1]): Ticks {
  const [first, last] = turns;
  const perTurn = last - first > 1 ? 2 : 4;
  const count = Math.round((last - first) * perTurn);
  const ticks = Array.from({ length: count + 1 }, (_, i) => 2 * Math.PI * (first + i / perTurn));
  return { domain: [ticks[0], ticks[count]], ticks, format: piText };
}

/** A multiple of pi / 2 as text. */
function piText(angle: number): string {
  const halves = Math.round(angle / (Math.PI / 2));
  if (halves === 0) return "0";
  const [size, sign] = [Math.abs(halves), halves < 0 ? "−" : ""];
  if (size % 2 === 1) return size === 1 ? `${sign}π/2` : `${sign}${size}π/2`;
  return size === 2 ? `${sign}π` : `${sign}${size / 2}π`;
}
