// Voltage probes in pumping and linear response. A probe takes no net current, so that its chemical
// potential follows the motion:
//
//   mu_P = -G_PP^-1 n_P dtheta/dt
//
// Here G_ab = dJ_a/dmu_b = (N_a delta_ab - T_ab) / 2pi, n_a = dJ_a/d(dtheta/dt), and P stands for
// all probes. The reservoirs then see the charge n_a - G_aP G_PP^-1 n_P, the conductance
// G_01 - G_0P G_PP^-1 G_P1 and the friction gamma + F_P G_PP^-1 n_P, with
// F_p = dF/dmu_p = -(1/2pi) Tr[Pi_p K]. All quantities are those at equal fillings: at mu for
// T = 0, otherwise averaged with -df/dE. voltage.ts does the same at a finite bias. Beyond the
// scattering point there is no cost.

import { TURN } from "../../base/constants.js";
import type { ScatteringSolver } from "../../scattering/contract.js";
import type { ScatteringPoint } from "../../scattering/point.js";
import { addCharges } from "../pump/emissivity.js";

/** The voltage probes of one device at equal fillings. */
export class PumpProbes {
  /** Sizes of the groups of raw components that share a scale: n and F, friction, channels, G. */
  readonly groups: readonly number[];
  private readonly leads: number;
  /** Lead index of each probe. */
  private readonly probes: number[];
  /** Probe index of each lead; -1 for a reservoir. */
  private readonly place: number[];
  /** The two leads between which the conductance is taken. */
  private readonly terminals: readonly [number, number];
  // Indices at which the raw components start; those of n start at 0.
  private readonly response: number;
  private readonly friction: number;
  private readonly conductances: number;
  /** Rows of G_PP | n_P | G_P1. The elimination works in place. */
  private readonly rows: Float64Array[];

  constructor(solver: ScatteringSolver) {
    this.leads = solver.leads.length;
    this.probes = solver.probes.flatMap((probe, a) => (probe ? [a] : []));
    this.place = solver.probes.map((_, a) => this.probes.indexOf(a));
    const reservoirs = solver.probes.flatMap((probe, a) => (probe ? [] : [a]));
    this.terminals = [reservoirs[0] ?? 0, reservoirs[1] ?? 0];
    const count = this.probes.length;
    this.response = this.leads;
    this.friction = this.leads + count;
    this.conductances = this.friction + 2;
    this.groups = [this.friction, 1, 1, this.leads * this.leads];
    this.rows = this.probes.map(() => new Float64Array(count + 2));
  }

  get components(): number {
    return this.conductances + this.leads * this.leads;
  }

  /** Adds weight x all raw components of one point. K is that of direction 0. */
  readonly add = (point: ScatteringPoint, weight: number, out: Float64Array): void => {
    const { channels: m, channelLead, S } = point;
    const K = point.K[0];
    addCharges(point, weight, out);
    let square = 0;
    for (let i = 0; i < 2 * m * m; i++) square += K[i] * K[i];
    out[this.friction] += (weight * square) / (2 * TURN);
    // Through probes any share of the channels may connect to either side, so that the bound is a
    // quarter of all channels.
    out[this.friction + 1] += (weight * m) / 4;
    for (let c = 0; c < m; c++) {
      const a = channelLead[c];
      const probe = this.place[a];
      if (probe >= 0) out[this.response + probe] -= (weight * K[2 * (c * m + c)]) / TURN;
      const row = this.conductances + a * this.leads;
      out[row + a] += weight / TURN;
      for (let d = 0; d < m; d++) {
        const [re, im] = [S[2 * (c * m + d)], S[2 * (c * m + d) + 1]];
        out[row + channelLead[d]] -= (weight * (re * re + im * im)) / TURN;
      }
    }
  };

  /**
   * Eliminates the probes' chemical potentials. `out` receives the charges per lead and, if it is
   * long enough, friction, conductance and channels (the layout of emissivity.ts). Returns the
   * largest chemical potential per angular speed.
   */
  eliminate(raw: Float64Array, out: Float64Array): number {
    const { leads, probes, rows } = this;
    const count = probes.length;
    const G = (a: number, b: number): number => raw[this.conductances + a * leads + b];
    for (const [p, row] of rows.entries()) {
      for (const [q, lead] of probes.entries()) row[q] = G(probes[p], lead);
      row[count] = raw[probes[p]];
      row[count + 1] = G(probes[p], this.terminals[1]);
    }
    solveInPlace(rows, count);
    for (let a = 0; a < leads; a++) {
      out[a] = raw[a];
      for (let p = 0; p < count; p++) out[a] -= G(a, probes[p]) * rows[p][count];
    }
    const potential = rows.reduce((most, row) => Math.max(most, Math.abs(row[count])), 0);
    if (out.length === leads) return potential;
    out[leads] = raw[this.friction];
    out[leads + 1] = -G(this.terminals[0], this.terminals[1]);
    for (let p = 0; p < count; p++) {
      out[leads] += raw[this.response + p] * rows[p][count];
      out[leads + 1] += G(this.terminals[0], probes[p]) * rows[p][count + 1];
    }
    out[leads + 2] = raw[this.friction + 1];
    return potential;
  }
}

/**
 * Solves n equations for the further columns. The matrix is diagonally dominant, because currents
 * balance, and needs no pivoting. If rounding is all that is left of a diagonal element (nothing
 * reaches the probe, or only other such probes), the unknown is 0.
 */
function solveInPlace(rows: Float64Array[], n: number): void {
  const diagonal = rows.map((row, k) => row[k]);
  for (let k = 0; k < n; k++) {
    const top = rows[k][k];
    if (!(top > 1e-13 * diagonal[k])) {
      rows[k].fill(0);
      continue;
    }
    for (let j = k; j < rows[k].length; j++) rows[k][j] /= top;
    for (let i = 0; i < n; i++) {
      const factor = rows[i][k];
      if (i === k || factor === 0) continue;
      for (let j = k; j < rows[i].length; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
}
