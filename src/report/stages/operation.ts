// The uses of the machine: powers and efficiency against the load at the file's bias, and the four
// quadrants of bias and load. The load curve is that of the file's rotor if it runs. The quadrants
// are those of uniform rotation (infinite inertia), because a steady state at finite inertia takes
// some 20 ms, and the map has thousands.

import type { Device, MotorResult } from "../../index.js";
import type { TurnCurve } from "../../motor/curve/turn-curve.js";
import { type LoadCurve, loadCurve } from "../../motor/performance/load-curve.js";
import { type QuadrantMap, quadrantMap } from "../../motor/performance/quadrants.js";
import type { TransportCurve } from "../../motor/performance/thermodynamics.js";
import { stallLoad } from "../../motor/rotor/bias-branches.js";
import { rangeOf } from "../../motor/rotor/steady-states.js";
import { PeriodicCurve } from "../../numerics/periodic/periodic.js";
import type { RunResults } from "../results.js";
import { biasOf, curveAtBias, ownCurve } from "./bias-curves.js";
import { biasFamily } from "./bias-family.js";

/** Number of loads of the load curve. */
const loads = 101;
/** Largest load in units of the stall load. At the stall load itself the rotor would rest. */
const shortOfStall = 1 - 1e-6;
/**
 * Number of loads for a rotor with inertia. They are closer to each other towards stall, where the
 * speed falls like a square root.
 */
const ownLoads = 33;
/**
 * Number of biases and of loads of the quadrants. It is even, so that no cell lies on an axis,
 * where the signs of the powers would be rounding.
 */
const side = 60;

const uniform = (motor: MotorResult) => ({ ...motor.rotor, inertia: "infinite" as const });

/**
 * Whether the machine drives. A pump that a symmetry forbids has only rounding noise and no use to
 * show.
 */
function drives(motor: MotorResult): boolean {
  const torque = Math.max(...motor.curve.torque.map(Math.abs));
  return Math.abs(motor.stallLoad) > 1e-9 * torque && motor.frictionPerTurn + motor.rotor.friction > 0;
}

/** The turn averages of the curves, which determine uniform rotation. */
function averaged(curve: TurnCurve): TransportCurve {
  const mean = (values: PeriodicCurve) => PeriodicCurve.constant(values.mean);
  return {
    torque: mean(curve.torque),
    friction: mean(curve.friction),
    leads: curve.leads,
    probes: curve.probes,
    chemicalPotential: curve.chemicalPotential,
    temperature: curve.temperature,
    current: curve.current.map(mean),
    currentPerVelocity: curve.currentPerVelocity.map(mean),
  };
}

/**
 * Powers and efficiency from no load to stall, with the inertia to which they belong; empty if the
 * machine does not drive.
 */
export function loadCurveOf(
  device: Device,
  motor: MotorResult,
): Pick<RunResults, "loadCurve" | "loadCurveInertia"> {
  if (!drives(motor)) return {};
  const curve = ownCurve(device, motor);
  const own = ownLoadCurve(curve, motor);
  if (own !== undefined) return { loadCurve: own, loadCurveInertia: motor.rotor.inertia };
  const steps = Float64Array.from(
    { length: loads },
    (_, i) => (shortOfStall * motor.stallLoad * i) / (loads - 1),
  );
  return { loadCurve: loadCurve(averaged(curve), uniform(motor), steps), loadCurveInertia: "infinite" };
}

/**
 * The load curve of the file's rotor on its running branch; undefined for infinite inertia, and if
 * the rotor does not run without load.
 */
function ownLoadCurve(
  curve: TurnCurve,
  { rotor, stallLoad: uniformStall }: MotorResult,
): LoadCurve | undefined {
  if (rotor.inertia === "infinite" || rangeOf(curve.friction).least + rotor.friction <= 0) return undefined;
  const stall = stallLoad({ curve, rotor: { ...rotor, load: 0 } });
  if (stall * uniformStall <= 0) return undefined;
  const steps = Float64Array.from(
    { length: ownLoads },
    (_, i) => shortOfStall * stall * (1 - (1 - i / (ownLoads - 1)) ** 2),
  );
  return loadCurve(curve, rotor, steps);
}

/** Equal steps from -largest to largest. */
const symmetric = (largest: number): Float64Array =>
  Float64Array.from({ length: side }, (_, i) => largest * ((2 * i) / (side - 1) - 1));

/**
 * The map over twice the file's bias of either sign and one and a half times the stall load there.
 */
export function quadrantsOf(
  device: Device,
  motor: MotorResult,
  progress: (done: number, total: number) => void,
): QuadrantMap | undefined {
  const bias = biasOf(motor);
  if (bias === undefined || bias === 0 || !drives(motor)) return undefined;
  const widest = 2 * Math.abs(bias);
  const averagedAt = (at: number) => averaged(curveAtBias(device, motor, at));
  const sample = averaged(ownCurve(device, motor));
  const lists = (curve: TransportCurve): PeriodicCurve[] => [
    curve.torque,
    curve.friction,
    ...curve.current,
    ...curve.currentPerVelocity,
  ];
  const family = biasFamily((at) => lists(averagedAt(at)), {
    from: -widest,
    to: widest,
    most: 9,
    progress,
  });
  const [first, second] = Object.keys(motor.reservoirs);
  const mean = (motor.reservoirs[first].chemicalPotential + motor.reservoirs[second].chemicalPotential) / 2;
  const curveAt = (at: number): TransportCurve => {
    const [torque, friction, ...currents] = family.at(at);
    const n = sample.leads.length;
    return {
      ...sample,
      torque,
      friction,
      current: currents.slice(0, n),
      currentPerVelocity: currents.slice(n),
      chemicalPotential: sample.leads.map((name, a) => {
        if (name === first) return mean + at / 2;
        return name === second ? mean - at / 2 : sample.chemicalPotential[a];
      }),
    };
  };
  const map = quadrantMap(
    curveAt,
    uniform(motor),
    symmetric(widest),
    symmetric(3 * Math.abs(motor.stallLoad)),
  );
  // Without a steady state (friction that does not brake) a point has no mode.
  return map.points.flat().every(({ mode }) => mode !== undefined) ? map : undefined;
}
