// The pieces of an energy window, and the variable x of the integral: piece p is p <= x <= p + 1.
// Next to a band edge E = edge +- s^2, and between two edges E is a sine; this removes the square
// roots of opening channels. Where a filling has a step, a piece ends. Energies are then counted
// from the nearer end, so that both ends are exact and fillings next to them are too, however
// narrow a resonance at the step is.

import { productError, sumError } from "../../numerics/linear-algebra/double-double.js";

/** Part of a piece next to a band edge within which the sine gives the distance from it. */
const BESIDE_EDGE = 1e-4;

/** Which ends are band edges: 0 none, 1 the lower, 2 the upper, 3 both. */
type Ends = 0 | 1 | 2 | 3;

/** A list of pieces, reused from window to window. */
export class WindowPieces {
  count = 0;
  low = new Float64Array(8);
  high = new Float64Array(8);
  /** What the ends lack of the band edges there. */
  lowRest = new Float64Array(8);
  highRest = new Float64Array(8);
  /** Whether some end is a step of a filling. */
  stepped = false;
  private ends = new Uint8Array(8);

  /** Adds a piece from `low` to `high`, and whether each end is a band edge. */
  /** An end at a band edge has a rest, what it lacks of the edge. Other ends have none. */
  add(low: number, lowRest: number | undefined, high: number, highRest: number | undefined): void {
    const piece = this.count;
    if (piece === this.low.length) this.grow();
    this.low[piece] = low;
    this.high[piece] = high;
    this.lowRest[piece] = lowRest ?? 0;
    this.highRest[piece] = highRest ?? 0;
    this.ends[piece] = (lowRest === undefined ? 0 : 1) + (highRest === undefined ? 0 : 2);
    this.count++;
  }

  startsAtEdge(piece: number): boolean {
    return (this.ends[piece] & 1) !== 0;
  }

  endsAtEdge(piece: number): boolean {
    return (this.ends[piece] & 2) !== 0;
  }

  /** Whether there is only one piece, with energies linear in x. */
  get plain(): boolean {
    return this.count === 1 && this.ends[0] === 0;
  }

  private grow(): void {
    const length = 2 * this.low.length;
    const longer = (list: Float64Array) => {
      const copy = new Float64Array(length);
      copy.set(list);
      return copy;
    };
    [this.low, this.high] = [longer(this.low), longer(this.high)];
    [this.lowRest, this.highRest] = [longer(this.lowRest), longer(this.highRest)];
    const ends = new Uint8Array(length);
    ends.set(this.ends);
    this.ends = ends;
  }

  /** The position of an energy inside a piece, from 0 to 1. */
  fractionOf(piece: number, energy: number): number {
    const length = this.high[piece] - this.low[piece];
    const u = (energy - this.low[piece]) / length;
    const ends = this.ends[piece] as Ends;
    if (ends === 1) return Math.sqrt(u);
    if (ends === 2) return 1 - Math.sqrt(1 - u);
    if (ends === 3) return (2 / Math.PI) * Math.asin(Math.sqrt(u));
    return u;
  }

  /** The energy at x. */
  energyAt(x: number): number {
    const piece = Math.min(Math.floor(x), this.count - 1);
    const v = x - piece;
    const [low, high] = [this.low[piece], this.high[piece]];
    const length = high - low;
    const ends = this.ends[piece] as Ends;
    if (ends === 3)
      return v < 0.5
        ? low + length * Math.sin((Math.PI * v) / 2) ** 2
        : high - length * Math.cos((Math.PI * v) / 2) ** 2;
    const w = 1 - v;
    if (this.fromAbove(ends, v)) return high - length * w * (ends === 0 ? 1 : ends === 2 ? w : 1 + v);
    return low + length * v * (ends === 0 ? 1 : ends === 1 ? v : 1 + w);
  }

  /**
   * E(x + xLow) - energy to double-double accuracy, where energy is energyAt(x). Between two band
   * edges, where E(x) is a sine, it is known close to the edges only and undefined elsewhere.
   */
  energyLowAt(x: number, xLow: number, energy: number): number | undefined {
    const piece = Math.min(Math.floor(x), this.count - 1);
    const ends = this.ends[piece] as Ends;
    const [low, high] = [this.low[piece], this.high[piece]];
    const [lowRest, highRest] = [this.lowRest[piece], this.highRest[piece]];
    const length = high - low;
    const lengthLow = differenceError(high, low, length);
    const v = x - piece;
    if (ends === 3) {
      const upper = v >= 0.5;
      const part = (upper ? Math.cos((Math.PI * v) / 2) : Math.sin((Math.PI * v) / 2)) ** 2;
      if (part > BESIDE_EDGE) return undefined;
      const offset = offsetError(upper ? high : low, upper ? -length : length, part, energy);
      return offset + (upper ? highRest : lowRest);
    }
    // 1 - v and its rounding error. An energy counted from the upper end takes the same formulas
    // with 1 - v in place of v.
    const w = 1 - v;
    const wLow = differenceError(1, v, w) - xLow;
    const above = this.fromAbove(ends, v);
    const [near, nearLow, far, farLow] = above ? [w, wLow, v, xLow] : [v, xLow, w, wLow];
    // The distance from the nearer end as a part of the length: near for a linear piece, near^2
    // next to a band edge, near (1 + far) at the end opposite to one.
    let [part, partLow] = [near, nearLow];
    const atEdge = above ? ends === 2 : ends === 1;
    if (ends !== 0) {
      const factor = atEdge ? near : 1 + far;
      const factorLow = atEdge ? nearLow : sumError(1, far, factor) + farLow;
      part = near * factor;
      partLow = productError(near, factor, part) + near * factorLow + nearLow * factor;
    }
    const sign = above ? -1 : 1;
    const rest = sign * (lengthLow * part + length * partLow);
    const edgeRest = above ? highRest + (lowRest - highRest) * part : lowRest + (highRest - lowRest) * part;
    return offsetError(above ? high : low, sign * length, part, energy) + rest + edgeRest;
  }

  /**
   * Whether an energy is counted from the upper end. If a filling has a step, this is the upper
   * half of each piece. Otherwise it is the whole of a piece whose only band edge is the upper end.
   */
  private fromAbove(ends: Ends, v: number): boolean {
    if (!this.stepped) return ends === 2;
    return v > 0.5;
  }

  /** dE/dx. */
  derivativeAt(x: number): number {
    const piece = Math.min(Math.floor(x), this.count - 1);
    const v = x - piece;
    const length = this.high[piece] - this.low[piece];
    const ends = this.ends[piece] as Ends;
    if (ends === 1) return 2 * length * v;
    if (ends === 2) return 2 * length * (1 - v);
    if (ends === 3) return 0.5 * Math.PI * length * Math.sin(Math.PI * v);
    return length;
  }
}

/** a - b - difference, exactly, where difference = a - b rounded. */
const differenceError = (a: number, b: number, difference: number): number => sumError(a, -b, difference);

/** edge + length v - energy; only the result is rounded. */
function offsetError(edge: number, length: number, v: number, energy: number): number {
  const product = length * v;
  const sum = edge + product;
  const back = sum - edge;
  return edge - (sum - back) + (product - back) + productError(length, v, product) + (sum - energy);
}
