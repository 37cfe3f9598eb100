// What a run can afford: rough numbers of operations, from the sizes of the device alone, against
// what a reader would wait for.

import type { Device, MotorResult } from "../../index.js";

/** Elements of H and of the two derivatives: what a point costs, roughly. */
export function elementsOf({ model }: Device): number {
  const { hamiltonian, parameters } = model.device;
  return parameters.reduce((sum, { derivative }) => sum + derivative.rows.length, hamiltonian.rows.length);
}

/** Voltage probes and their channels: each channel is a column of S. */
function probesOf({ model }: Device): { count: number; channels: number } {
  const probes = model.device.leads.filter(({ kind }) => kind === "probe");
  return { count: probes.length, channels: probes.reduce((sum, { orbitals }) => sum + orbitals.length, 0) };
}

/**
 * What a point costs, in elements: with probes the products of S dominate, some twenty of their
 * operations take the time of an element.
 */
export function pointCost(device: Device): number {
  return elementsOf(device) + probesOf(device).channels ** 3 / 17;
}

/**
 * Angles of a curve, energies at each of them, and more of these for every step of the fillings at
 * T = 0.
 */
const angles = 64;
const energies = 80;
const energiesPerStep = 60;
/** Operations of S that take some minutes. */
const affordableProbes = 2e10;

/**
 * Whether the curves of the turn at the file's reservoirs take minutes at most: with very many
 * voltage probes they take hours.
 */
export function turnAffordable(device: Device): boolean {
  const { count, channels } = probesOf(device);
  const reservoirs = Object.values(device.model.reservoirs ?? {});
  const steps = reservoirs.some(({ temperature }) => temperature === 0) ? count : 0;
  return angles * (energies + energiesPerStep * steps) * channels ** 3 <= affordableProbes;
}

/**
 * Energies times matrix elements of one curve beyond which curves at many biases are left out:
 * minutes and more.
 */
const affordableCurve = 5e7;

/** Whether curves at many biases can be had: speed against bias, quadrants. */
export const sweepable = (device: Device, { evaluations }: Pick<MotorResult, "evaluations">): boolean =>
  evaluations * elementsOf(device) <= affordableCurve;
