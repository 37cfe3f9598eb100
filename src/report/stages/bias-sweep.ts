// Speed against bias. The curves of the turn are computed at a few biases and interpolated between
// these, and the rotor at the file's load is followed up and down through them. The range extends
// beyond the bias at which the driving torque exceeds the barriers of the conservative one.

import type { Device, MotorResult } from "../../index.js";
import { hysteresisLoop, retrappingControl, startBias } from "../../motor/rotor/bias-branches.js";
import { linearResponseFamily, rotorForces, type SystemFamily } from "../../motor/rotor/rotor.js";
import { rangeOf, runningOrbits } from "../../motor/rotor/steady-states.js";
import { PeriodicCurve } from "../../numerics/periodic/periodic.js";
import { biasOf, curveAtBias } from "./bias-curves.js";
import { biasFamily } from "./bias-family.js";
import { spectralRange } from "./spectrum.js";

/** Angular speeds in energy/hbar against the bias. */
export interface BiasSweep {
  bias: Float64Array;
  /**
   * Mean angular speed while the bias is raised from zero with the rotor at rest. Absent for
   * infinite inertia.
   */
  up?: Float64Array;
  /** Mean angular speed while the bias is lowered again. Absent for infinite inertia. */
  down?: Float64Array;
  /** Speed of a rotor of infinite inertia. */
  uniform: Float64Array;
  /** Bias at which the rotor at rest starts. */
  startBias?: number;
  /** Bias at which the running rotor stops. */
  stopBias?: number;
  /** Error of the interpolation in the bias, relative to the largest torque or friction. */
  error: number;
  /** Number of biases at which curves were computed. */
  computed: number;
}

const points = 73;
/** Tolerance of the interpolation in the bias. */
const familyTolerance = 3e-3;
/** Relative error that would be visible. */
const tooRough = 0.02;

/**
 * Largest bias worth showing. It lies beyond the bias at which the rotor would start if the driving
 * torque were proportional to the bias, and within the width of the device's spectrum. Undefined if
 * the bias does not drive the rotor.
 */
export function sweepRange(device: Device, motor: MotorResult): number | undefined {
  const bias = biasOf(motor);
  if (bias === undefined || bias === 0) return undefined;
  // A pump that a symmetry forbids has only rounding noise, which drives nothing.
  if (Math.abs(motor.workPerTurn / (2 * Math.PI * bias)) < 1e-9) return undefined;
  const [low, high] = spectralRange(device) ?? [0, 12 * Math.abs(bias)];
  const widest = Math.max(Math.abs(bias), (high - low) / 4);
  const conservative = new PeriodicCurve(motor.curve.conservativeTorque);
  const torque = new PeriodicCurve(motor.curve.torque);
  const perBias = PeriodicCurve.combination([torque, conservative], [1 / bias, -1 / bias]);
  const still = { torque: conservative, friction: new PeriodicCurve(motor.curve.friction) };
  const start = startBias(linearResponseFamily(still, perBias, motor.rotor), widest) ?? 0;
  return Math.min(widest, Math.max(3 * Math.abs(bias), 1.15 * start));
}

/**
 * The speeds over the range of biases. Undefined if the bias does not drive the rotor, or friction
 * does not brake it.
 */
export function biasSweep(
  device: Device,
  motor: MotorResult,
  progress: (done: number, total: number) => void,
): BiasSweep | undefined {
  let largest = sweepRange(device, motor);
  const bias0 = Math.abs(biasOf(motor) ?? 0);
  if (largest === undefined) return undefined;
  const computed = (to: number) =>
    biasFamily(
      (bias) => {
        const { torque, friction } = curveAtBias(device, motor, bias);
        return [torque, friction];
      },
      { from: 0, to, tolerance: familyTolerance, most: 9, progress },
    );
  let family = computed(largest);
  // Beyond a gap or a resonance the curves change too fast for a few biases. The range then ends
  // before it.
  for (let trial = 0; trial < 2 && family.error > tooRough && largest > 1.5 * bias0; trial++) {
    largest = Math.max(0.75 * largest, 1.2 * bias0);
    family = computed(largest);
  }
  const { rotor } = motor;
  const system: SystemFamily = (bias) => {
    const [torque, friction] = family.at(bias);
    return { curve: { torque, friction }, rotor };
  };
  const bias = Float64Array.from({ length: points }, (_, i) => (largest * i) / (points - 1));
  const brakes = family.nodes.every(({ bias: at }) => rangeOf(rotorForces(system(at)).friction).least > 0);
  if (!brakes) return undefined;
  const uniform = bias.map((at) => {
    const { drive, friction } = rotorForces(system(at));
    return drive.mean / friction.mean;
  });
  const about = { bias, uniform, error: family.error, computed: family.nodes.length };
  if (rotor.inertia === "infinite") return about;
  const { up, down } = hysteresisLoop(system, bias);
  const direction = Math.sign(uniform[points - 1]) >= 0 ? 1 : -1;
  const runs = runningOrbits(system(largest)).some((orbit) => orbit.stable && orbit.direction === direction);
  const stop = runs ? retrappingControl(system, direction, { from: largest, to: 0 }) : undefined;
  return {
    ...about,
    up,
    down,
    startBias: startBias(system, largest),
    stopBias: stop,
  };
}
