// The cost that a run can afford: rough numbers of operations, from the sizes of the device alone,
// compared with what a reader would wait for.

import type { Device, MotorResult } from "../../index.js";

/** Number of elements of H and of the two derivatives, a rough measure of the cost of a point. */
export function elementsOf({ model }: Device): number {
  const { hamiltonian, parameters } = model.device;
  return parameters.reduce((sum, { derivative }) => sum + derivative.rows.length, hamiltonian.rows.length);
}

/** Numbers of voltage probes and of their channels. Each channel is a column of S. */
function probesOf({ model }: Device): { count: number; channels: number } {
  const probes = model.device.leads.filter(({ kind }) => kind === "probe");
  return { count: probes.length, channels: probes.reduce((sum, { orbitals }) => sum + orbitals.length, 0) };
}

/**
 * Cost of a point in elements. With probes the products of S dominate; about twenty of their
 * operations take as long as an element.
 */
export function pointCost(device: Device): number {
  return elementsOf(device) + probesOf(device).channels ** 3 / 17;
}

/** Number of angles of a curve. */
const angles = 64;
/** Energies at each angle. */
const energies = 80;
/** Further energies for every step of the fillings at T = 0. */
const energiesPerStep = 60;
/** Operations of S that take some minutes. */
const affordableProbes = 2e10;

/**
 * Whether the curves of the turn at the file's reservoirs take minutes at most. With very many
 * voltage probes they take hours.
 */
export function turnAffordable(device: Device): boolean {
  const { count, channels } = probesOf(device);
  const reservoirs = Object.values(device.model.reservoirs ?? {});
  const steps = reservoirs.some(({ temperature }) => temperature === 0) ? count : 0;
  return angles * (energies + energiesPerStep * steps) * channels ** 3 <= affordableProbes;
}

/**
 * Energies times matrix elements of one curve, above which curves at many biases would take many
 * minutes and are left out.
 */
const affordableCurve = 5e7;

/** Whether curves at many biases (speed against bias, quadrants) are affordable. */
export const sweepable = (device: Device, { evaluations }: Pick<MotorResult, "evaluations">): boolean =>
  evaluations * elementsOf(device) <= affordableCurve;
