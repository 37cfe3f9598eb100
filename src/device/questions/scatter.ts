// `device.scatter`: the frozen S-matrix with its derivatives and the transmissions, by the names of
// leads and parameters.

import { NumericalError } from "../../base/errors.js";
import { listed } from "../../base/wording.js";
import { delayTimes } from "../../engine/dense.js";
import { checkedLater, finiteOption, optionsOf } from "../../model/options.js";
import type { ComplexMatrix, ParameterValues } from "../../model/types.js";
import type { Warning } from "../../model/warning.js";
import { norm } from "../../numerics/linear-algebra/small-products.js";
import { unitarityDefect } from "../../numerics/linear-algebra/unitary.js";
import type { LeadConnection } from "../../scattering/contract.js";
import type { DeviceSolver } from "../../scattering/open.js";
import { type ScatteringAlone, UNITARY } from "../../scattering/point.js";
import { GIVEN_CAUSE } from "../../transport/forces/result.js";
import type { DeviceContext } from "../context.js";
import { byName } from "../named.js";
import { addConnections } from "./delay.js";

/** The options of `scatter` and `scatteringMatrix`. */
export interface ScatterQuestion {
  /** Energy of the electrons; default: mean chemical potential of the reservoirs. */
  energy?: number;
  /** Values of the parameters; those that are not given are 0. */
  at?: ParameterValues;
}

/**
 * Distance from a band edge, in units of the device's energies, at which leads are evaluated in its
 * place if Sigma is finite at the edge.
 */
const BESIDE_EDGE = 2e-14;
/** The same distance if Sigma is not finite at the edge (of a gap). */
const BESIDE_POLE = 1e-11;

const scatterOptions = optionsOf<ScatterQuestion>("question", {
  energy: finiteOption,
  at: checkedLater,
});

/** S without its derivatives. */
export interface ScatteringMatrix {
  /** Energy of the electrons. */
  energy: number;
  /** Values of all parameters. */
  at: ParameterValues;
  /** Name of the lead of each open channel, in the order of the rows and columns of S. */
  channels: string[];
  /**
   * Frozen scattering matrix S = 1 - 2 pi i W^+ G W, channels x channels, with index (out, in), for
   * channels of unit current.
   */
  S: ComplexMatrix;
  /**
   * transmission[a][b] is the sum of the probabilities from the channels of lead b into those of
   * lead a, for a different from b.
   */
  transmission: Record<string, Record<string, number>>;
  /** max |S^+ S - 1|, at most 1e-12. */
  unitarityDefect: number;
  /** What a given S may be off by; left out where S comes from a Hamiltonian. */
  errors?: ScatterErrors;
  /** Warnings about the energy, about derivatives that are absent, and about a given S. */
  warnings: Warning[];
}

/**
 * Bounds of the errors of matrices, each the root of the sum of squares: what a table leaves open
 * between its entries, and what digits and differences leave.
 */
export interface ScatterErrors {
  /** Of S. */
  S: number;
  /** Of dS/dE; left out with it. */
  dSdE?: number;
  /** Of dS/dX by parameter; left out with them. */
  dS?: Record<string, number>;
}

/** S with its derivatives. */
export interface ScatterResult extends ScatteringMatrix {
  /**
   * dS/dX = -i S K by parameter, per unit of X. A derivative that does not exist at this energy is
   * absent, with a warning.
   */
  dS: Record<string, ComplexMatrix>;
  /**
   * Derivative of this S by energy in the smooth basis of the channels (CONVENTIONS.md, Frozen
   * scattering). Absent with a warning if it does not exist.
   */
  dSdE?: ComplexMatrix;
  /**
   * Delay times in hbar per energy. They do not depend on phases or bases of the channels. Absent
   * with dSdE.
   */
  delay?: Delay;
}

/**
 * The Hermitian part of the delay matrix -i S^+ S' with the covariant S' (CONVENTIONS.md, Frozen
 * scattering).
 */
export interface Delay {
  /** Delay times, ascending, one per channel. */
  eigenvalues: Float64Array;
  /**
   * Sum of the delay times, -i d/dE ln det S, which is 2 pi times the density of states that couple
   * to leads.
   */
  trace: number;
}

/** S and its derivatives at one energy and configuration, by one factorisation. */
export function answerScatter(context: DeviceContext, question: ScatterQuestion): ScatterResult {
  const { at, energy: asked } = scatterOptions(question);
  const values = context.values(at);
  const solver = context.solver();
  const energy = context.energy(asked);
  const { parameterNames: parameters } = context;
  solver.configure(values);
  const point = solver.solveWithDerivatives(energy);
  const m = point.channels;
  // All parameters, of which there may be thousands, share one array, and each has a view of it.
  const dS: Record<string, ComplexMatrix> = {};
  const length = 2 * m * m;
  const shape: [number, number] = [m, m];
  const unknown = point.unknown.length > 0 ? new Set(point.unknown) : undefined;
  for (let nu = 0; nu < parameters.length; nu++)
    if (!unknown?.has(nu))
      dS[parameters[nu]] = { shape, data: new Float64Array(point.dS.buffer, 8 * length * nu, length) };
  // The kernels' memory holds S' only until the leads are evaluated again, as for their band edges.
  const dSdE = point.dSdE?.slice(0, length);
  const alone = matrixOf(solver, energy, parameters, values, point);
  if (unknown || !point.dSdE) {
    const missing = point.unknown.map((nu) => `dS/d${parameters[nu]}`);
    alone.warnings.push(leftOut(energy, point.dSdE ? missing : [...missing, "dS/dE"]));
  }
  if (!dSdE) return Object.assign(alone, { dS });
  const turns = solver.connections(energy);
  const edge = m > 0 ? edgeAt(solver, energy, turns) : undefined;
  if (edge !== undefined) {
    alone.warnings.push(leftOutAtEdge(energy, edge));
    return Object.assign(alone, { dS });
  }
  if (alone.errors && point.errors) {
    const { K } = point.errors;
    const ofS = alone.errors.S;
    const byParameter = Array.from(K, (error, nu) => error + ofS * norm(dS[parameters[nu]]?.data ?? []));
    Object.assign(alone.errors, { dSdE: point.errors.dSdE, dS: byName(parameters, byParameter) });
  }
  const unphased = turns.some((turn) => turn.unphased);
  const delay = unphased ? undefined : delayTimes(context.kernels, m, alone.S.data, dSdE);
  addConnections(alone.S.data, turns, m, dSdE);
  const derivatives = { dS, dSdE: { shape, data: dSdE } };
  if (delay) return Object.assign(alone, derivatives, { delay });
  alone.warnings.push({
    code: "derivatives",
    text: `delay is left out at energy ${energy}: a state bound to the end of a complex lead lies next to it, where the delay is not known`,
  });
  return Object.assign(alone, derivatives);
}

/**
 * The band edge at the energy, if there is one up to rounding. Leads are then evaluated at the
 * distance given above (CONVENTIONS.md, Frozen scattering).
 */
function edgeAt(solver: DeviceSolver, energy: number, leads: readonly LeadConnection[]): number | undefined {
  const nearest = leads.some(({ closed }) => closed) ? BESIDE_POLE : BESIDE_EDGE;
  const distance = nearest * solver.energyScale();
  return solver.bandEdges(energy - distance, energy + distance)[0];
}

function leftOutAtEdge(energy: number, edge: number): Warning {
  return {
    code: "derivatives",
    text: `dS/dE and delay are left out: up to rounding the energy ${energy} lies on the band edge ${edge}, where a channel opens or closes and S varies like the root of the distance`,
  };
}

function leftOut(energy: number, missing: readonly string[]): Warning {
  return {
    code: "derivatives",
    text: `this answer lacks ${listed(missing)}: a level that couples to no lead lies at the energy ${energy}; S exists there, but whatever moves or broadens the level changes S abruptly`,
  };
}

/**
 * S at one energy and configuration without derivatives, in two thirds of the time for a wide
 * device.
 */
export function answerScatteringMatrix(context: DeviceContext, question: ScatterQuestion): ScatteringMatrix {
  const { at, energy: asked } = scatterOptions(question);
  const values = context.values(at);
  const solver = context.solver();
  const energy = context.energy(asked);
  solver.configure(values);
  return matrixOf(solver, energy, context.parameterNames, values, solver.solveAlone(energy));
}

function matrixOf(
  solver: DeviceSolver,
  energy: number,
  parameters: readonly string[],
  values: Float64Array,
  point: ScatteringAlone,
): ScatteringMatrix {
  const m = point.channels;
  const names = solver.leads;
  const transmission = Object.fromEntries(names.map((a) => [a, {} as Record<string, number>]));
  for (const a of names) for (const b of names) if (a !== b) transmission[a][b] = 0;
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) {
      const [a, b] = [names[point.channelLead[i]], names[point.channelLead[j]]];
      const k = 2 * (i * m + j);
      if (a !== b) transmission[a][b] += point.S[k] ** 2 + point.S[k + 1] ** 2;
    }
  return {
    energy,
    at: byName(parameters, values),
    channels: Array.from(point.channelLead.subarray(0, m), (lead) => names[lead]),
    S: { shape: [m, m], data: point.S.slice(0, 2 * m * m) },
    transmission,
    unitarityDefect: defectOf(point),
    ...(point.errors && { errors: { S: point.errors.S } }),
    warnings: [
      ...thresholdWarnings(solver, energy),
      ...madeUnitaryWarnings(point.unitarityDefect),
      ...givenWarnings(point, energy),
    ],
  };
}

/**
 * max |S^+ S - 1| of the S that is returned. The kernels state the defect of their S. For an S that
 * was rounded from more digits, or made unitary, that number tells how far its origin was from
 * unitary, and the defect is computed anew.
 */
function defectOf({ S, channels, unitarityDefect: stated }: ScatteringAlone): number {
  return stated > 2 ** -53 && stated <= UNITARY ? stated : unitarityDefect(S, channels);
}

/** Largest defect of a given S that counts as rounding. */
const ROUNDING = 1e-8;

/** A warning that a given S is only as accurate as its unitarity. */
function madeUnitaryWarnings(defect: number): Warning[] {
  if (defect <= ROUNDING) return [];
  const text = `S is known only to about ${defect.toPrecision(2)}, which is the defect of unitarity of the given S; the nearest unitary matrix was taken`;
  return [{ code: "unitarity", text }];
}

/** Errors of S up to this, in units of what it lacks of unitarity, are said with that. */
const PLAIN = 100;
/** Error of S from which on it says nothing. */
const NOTHING = 1;

/** What a table leaves open; throws NumericalError where that is all. */
function givenWarnings({ errors, unitarityDefect: defect }: ScatteringAlone, energy: number): Warning[] {
  if (!errors || errors.S <= Math.max(ROUNDING, PLAIN * defect)) return [];
  const text = `S is known to about ${errors.S.toPrecision(2)} only`;
  if (errors.S >= NOTHING) throw new NumericalError(text, { energy, causes: [GIVEN_CAUSE] });
  return [{ code: "given-s", text: `${text}: so much the table of S leaves open between its entries` }];
}

/** Warnings about an energy at a channel threshold. */
function thresholdWarnings(solver: DeviceSolver, energy: number): Warning[] {
  const near = 1e-9 * Math.max(1, Math.abs(energy));
  return solver.bandEdges(energy - near, energy + near).map((edge) => ({
    code: "threshold",
    text: `energy ${energy} lies on the channel threshold ${edge}: digits of S beyond the eighth depend on rounding, and so do dS/dE and the delay, which diverge at the threshold`,
  }));
}
