// Motors whose every quantity is known in closed form: the continuum Thouless motor (Dirac electrons, gap on a length) in linear
// response at T = 0, and a motor that a difference of temperatures drives.

import type { TransportCurve } from "../../src/motor/performance/thermodynamics.js";
import { PeriodicCurve } from "../../src/numerics/periodic/periodic.js";

const turn = 2 * Math.PI;
const flat = PeriodicCurve.constant;

/** Transmission of the gap of length L = length * xi at E = 0. */
export const diracTransmission = (length: number): number => 1 / Math.cosh(length) ** 2;

/**
 * Dirac motor at bias V (mu = +-V/2) with reflection R: work V R per turn, friction R/2pi, frozen current V T/2pi, charge per turn R,
 * energy entering per turn from either lead R V/2 at their mean potential 0.
 */
export function diracMotor(bias: number, transmission: number): TransportCurve {
  const reflection = 1 - transmission;
  const [left, right] = [bias / 2, -bias / 2];
  return {
    leads: ["left", "right"],
    chemicalPotential: [left, right],
    temperature: [0, 0],
    torque: flat((bias * reflection) / turn),
    friction: flat(reflection / turn),
    current: [flat((bias * transmission) / turn), flat((-bias * transmission) / turn)],
    currentPerVelocity: [flat(reflection / turn), flat(-reflection / turn)],
    // Frozen: carried at energies between the potentials, on average at 0. Order 1: R/2pi at mu_left, less R/2pi at mu_right.
    energyCurrent: [flat(0), flat(0)],
    energyCurrentPerVelocity: [flat((reflection * left) / turn), flat((-reflection * right) / turn)],
  };
}

/** A motor moved by heat alone: per turn the hot lead gives the heat `hot`, the cold one takes `hot - work`; leak: frozen heat flow. */
export function thermalMotor(options: {
  hot: number;
  work: number;
  leak: number;
  friction: number;
  temperatures: [number, number];
}): TransportCurve {
  const { hot, work, leak, friction, temperatures } = options;
  return {
    leads: ["hot", "cold"],
    chemicalPotential: [0, 0],
    temperature: temperatures,
    torque: flat(work / turn),
    friction: flat(friction),
    current: [flat(0), flat(0)],
    currentPerVelocity: [flat(0), flat(0)],
    energyCurrent: [flat(leak), flat(-leak)],
    energyCurrentPerVelocity: [flat(hot / turn), flat((work - hot) / turn)],
  };
}
