// S of a device close to a pole of a lead's self-energy (a state bound to the lead's surface, the
// edge of a gap, a flat band that touches the device). There Sigma loses its digits although S is
// smooth. Such a lead is described in wave variables (wave-cells.ts). First the device is solved
// with the constant self-energy -i A A^+ in place of the lead; its channels are the waves at the
// lead's ports, W = A / sqrt(pi). Then the result is closed by the lead's own unitary scattering
// matrix [[R, Q], [P, rho]] of waves and open channels, which is bounded at every energy:
//     f = R e + Q c,   e = D S_w f,   c_out = P e + rho c   ->   f = F c,  F = (1 - R D S_w)^-1 Q,
//     S = rho + P D S_w F,   K = F^+ K_w F,   P_nu = F^+ P_w F + F^+ K_w F'.
// D is i on wave channels and 1 on the channels of other leads, for which R = rho = 0 and
// P = Q = 1.

import type { LeadWaves } from "../../engine/device/lead-store.js";
import type { Kernels } from "../../engine/kernels.js";
import { type Block, Workspace } from "../../engine/workspace.js";

/**
 * A lead among the channels of the solved device. `waves` is undefined for a lead that keeps its
 * own channels.
 */
export interface ClosedLead {
  channels: number;
  waves: LeadWaves | undefined;
}

/** The solution of the kernels, in which waves are the channels of some leads. */
export interface OpenedPoint {
  S: Float64Array;
  dSdE?: Float64Array;
  K?: Float64Array[];
  P?: Float64Array[];
}

/** The same point with the leads' own channels. */
export interface ClosedPoint {
  channels: number;
  S: Float64Array;
  dSdE: Float64Array;
  K: Float64Array[];
  P: Float64Array[];
}

/**
 * Closes the point. Returns undefined if waves and device resonate exactly: that is a bound state
 * of the whole system, which no channel sees.
 */
export function closePoint(
  kernels: Kernels,
  leads: readonly ClosedLead[],
  { S, dSdE, K = [], P: openedP = [] }: OpenedPoint,
): ClosedPoint | undefined {
  const w = Workspace.of(kernels);
  const inner = leads.reduce((sum, { channels }) => sum + channels, 0);
  const outer = leads.reduce((sum, { channels, waves }) => sum + (waves?.open ?? channels), 0);
  const assembled = (
    rows: number,
    columns: number,
    part: (waves: LeadWaves) => [Float64Array, number, number],
    own: number,
  ): Block => {
    const out = w.zeros(rows, columns);
    let [row, column] = [0, 0];
    for (const { channels, waves } of leads) {
      const [values, height, width] = waves
        ? part(waves)
        : [new Float64Array(2 * channels * channels), channels, channels];
      const block = w.from(values, height, width);
      if (!waves) w.addToDiagonal(block, own);
      w.put(block, out, row, column);
      row += height;
      column += width;
    }
    return out;
  };
  const square = (part: (waves: LeadWaves) => Float64Array) =>
    assembled(inner, inner, (waves) => [part(waves), waves.ports, waves.ports], 0);
  const outward = (part: (waves: LeadWaves) => Float64Array, own: number) =>
    assembled(outer, inner, (waves) => [part(waves), waves.open, waves.ports], own);
  const inward = (part: (waves: LeadWaves) => Float64Array, own: number) =>
    assembled(inner, outer, (waves) => [part(waves), waves.ports, waves.open], own);
  const direct = (part: (waves: LeadWaves) => Float64Array) =>
    assembled(outer, outer, (waves) => [part(waves), waves.open, waves.open], 0);
  if (outer === 0) {
    const none = new Float64Array(0);
    return { channels: 0, S: none, dSdE: none, K: K.map(() => none), P: openedP.map(() => none) };
  }
  const R = square(({ R }) => R);
  const P = outward(({ P }) => P, 1);
  const Q = inward(({ Q }) => Q, 1);

  /** D s. */
  const timesD = (s: Float64Array): Block => {
    const block = w.from(s.subarray(0, 2 * inner * inner), inner, inner);
    const values = w.values(block);
    let row = 0;
    for (const { channels, waves } of leads)
      for (let i = 0; i < channels; i++, row++) {
        if (!waves) continue;
        for (let p = 2 * row * inner; p < 2 * (row + 1) * inner; p += 2)
          [values[p], values[p + 1]] = [-values[p + 1], values[p]];
      }
    return block;
  };
  const s = timesD(S);
  const factors = w.factor(w.addToDiagonal(w.scale(w.times(R, s), -1), 1));
  if (!factors) return undefined;
  const F = w.solve(factors, w.copy(Q));
  const scattered = w.times(s, F);
  const closed: ClosedPoint = {
    channels: outer,
    S: w
      .values(
        w.addTimes(
          direct(({ rho }) => rho),
          P,
          scattered,
        ),
      )
      .slice(),
    dSdE: new Float64Array(0),
    K: [],
    P: [],
  };
  if (!closed.S.every(Number.isFinite)) return undefined;
  const between = (x: Block, m: Block, y: Block) => w.adjointTimes(x, w.times(m, y));
  const block = (values: Float64Array) => w.from(values.subarray(0, 2 * inner * inner), inner, inner);
  closed.K = K.map((k) => w.values(between(F, block(k), F)).slice());
  if (!dSdE) return closed;
  const slope = timesD(dSdE);
  // F' = (1 - R D S)^-1 (Q' + (R' D S + R D S') F).
  const driven = inward(({ dQ }) => dQ, 0);
  w.addTimes(
    driven,
    square(({ dR }) => dR),
    scattered,
  );
  const moved = w.times(slope, F);
  w.addTimes(driven, R, moved);
  const dF = w.solve(factors, driven);
  w.addTimes(moved, s, dF);
  const dS = direct(({ drho }) => drho);
  w.addTimes(
    dS,
    outward(({ dP }) => dP, 0),
    scattered,
  );
  closed.dSdE = w.values(w.addTimes(dS, P, moved)).slice();
  closed.P = openedP.map((p, nu) => {
    const first = between(F, block(p), F);
    return w.values(w.add(first, between(F, block(K[nu]), dF))).slice();
  });
  return closed;
}
