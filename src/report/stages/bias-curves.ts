// Curves of the turn at other biases than the file's, for figures. Stages that need the same bias
// share its curve.

import { curvesOfMotors } from "../../device/questions/motor.js";
import type { Device, MotorResult } from "../../index.js";
import type { TurnCurve } from "../../motor/curve/turn-curve.js";

/** Tolerance of the curves. Figures show three digits. */
const curveTolerance = 1e-5;

/** The curves by bias, as long as the motor is in use. */
const computed = new WeakMap<MotorResult, Map<number, TurnCurve>>();

/** Bias of the file: chemical potential of the first reservoir minus that of the second. */
export function biasOf({ reservoirs }: MotorResult): number | undefined {
  const [first, second] = Object.values(reservoirs);
  return second === undefined ? undefined : first.chemicalPotential - second.chemicalPotential;
}

/** The curve at the file's reservoirs. It is the one that the motor was made from, if that is kept. */
export const ownCurve = (device: Device, motor: MotorResult): TurnCurve =>
  curvesOfMotors.get(motor) ?? device.turnCurve({ tolerance: curveTolerance });

/** The curve at a bias in place of the file's. */
export function curveAtBias(device: Device, motor: MotorResult, bias: number): TurnCurve {
  const curves = computed.get(motor) ?? new Map<number, TurnCurve>();
  computed.set(motor, curves);
  const curve = curves.get(bias) ?? device.turnCurve({ bias, tolerance: curveTolerance });
  curves.set(bias, curve);
  return curve;
}
