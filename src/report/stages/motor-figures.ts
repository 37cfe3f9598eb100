// The figures of a motor's turn from `device.motor`: torque, friction and noise, currents, and the
// energy landscape of the angle.

import type { MotorResult, Rotor } from "../../index.js";
import type { LoadCurve } from "../../motor/performance/load-curve.js";
import type { QuadrantMap } from "../../motor/performance/quadrants.js";
import { lockedAngles } from "../../motor/rotor/steady-states.js";
import { PeriodicCurve } from "../../numerics/periodic/periodic.js";
import type { EfficiencyData } from "../figures/efficiency.js";
import type { FigureData } from "../figures/index.js";
import type { BiasSweep } from "./bias-sweep.js";
import { anglesFor, currentsData, frictionData, landscape, torqueData } from "./turn-data.js";

/** Whether the reservoirs differ in chemical potential or temperature. */
function driven({ reservoirs }: MotorResult): boolean {
  const [first, ...others] = Object.values(reservoirs);
  return others.some(
    ({ chemicalPotential, temperature }) =>
      chemicalPotential !== first.chemicalPotential || temperature !== first.temperature,
  );
}

/** The temperature of all reservoirs, if it is the same. */
function commonTemperature({ reservoirs }: MotorResult): number | undefined {
  const [first, ...others] = Object.values(reservoirs);
  return others.every(({ temperature }) => temperature === first.temperature) ? first.temperature : undefined;
}

/**
 * A curve that is zero everywhere (because of a mirror symmetry) is shown as zero without its
 * rounding noise.
 */
const withoutNoise = (values: Float64Array, scale: number): PeriodicCurve =>
  new PeriodicCurve(values.map((value) => (Math.abs(value) <= scale ? 0 : value)));

/** The landscapes without and with bias and load. The angles of rest belong to the second one. */
function landscapeFigure(motor: MotorResult): FigureData {
  const { rotor } = motor;
  const torque = new PeriodicCurve(motor.curve.torque);
  const conservative = new PeriodicCurve(motor.curve.conservativeTorque);
  const friction = new PeriodicCurve(motor.curve.friction);
  const theta = anglesFor(torque, conservative);
  const locked = lockedAngles({ curve: { torque, friction }, rotor: { ...rotor, inertia: 0 } });
  const angles = (wanted: boolean): number[] =>
    locked.filter(({ stable }) => stable === wanted).map(({ angle }) => angle);
  const tilted = driven(motor) || rotor.load !== 0;
  const names = [...(driven(motor) ? ["bias"] : []), ...(rotor.load === 0 ? [] : ["load"])].join(" and ");
  return {
    kind: "landscape",
    theta,
    landscapes: [
      ...(tilted ? [landscape("without bias and load", conservative, 0, theta)] : []),
      landscape(tilted ? `with ${names}` : "at equal reservoirs", torque, rotor.load, theta, {
        stable: angles(true),
        unstable: angles(false),
      }),
    ],
  };
}

/** Figures of torque, friction, currents and landscape. */
export function motorFigures(motor: MotorResult, lead: string): FigureData[] {
  const { curve, rotor } = motor;
  const moving = driven(motor);
  const scale = Math.max(...curve.torque.map(Math.abs), ...curve.conservativeTorque.map(Math.abs));
  const conservative = withoutNoise(curve.conservativeTorque, 1e-12 * scale);
  const pumped = curve.currentPerVelocity[lead];
  const frozen = curve.current[lead];
  const flows = moving && frozen.some((value) => Math.abs(value) > 1e-15);
  return [
    {
      kind: "torque",
      ...torqueData(new PeriodicCurve(curve.torque), moving ? conservative : undefined, rotor.load),
    },
    {
      kind: "friction",
      ...frictionData(new PeriodicCurve(curve.friction), new PeriodicCurve(curve.noise), {
        external: rotor.friction,
        temperature: commonTemperature(motor),
      }),
    },
    {
      kind: "currents",
      ...currentsData(lead, new PeriodicCurve(pumped), flows ? new PeriodicCurve(frozen) : undefined),
    },
    landscapeFigure(motor),
  ];
}

/** Figure of the speed against bias. */
export function sweepFigure({ bias, up, down, uniform, startBias, stopBias, error }: BiasSweep): FigureData {
  return { kind: "speed", bias, up, down, uniform, startBias, stopBias, error };
}

/**
 * Figure of power and efficiency against the load. For a motor that turns backwards the load is
 * negative and drawn so.
 */
export function loadFigure(curve: LoadCurve, inertia: EfficiencyData["inertia"]): FigureData {
  // Missing values make a gap in the line.
  const list = (key: keyof LoadCurve[number]) =>
    Float64Array.from(curve, (state) => state[key] ?? Number.NaN);
  return {
    kind: "efficiency",
    load: list("load"),
    powerIn: list("powerIn"),
    powerOut: list("powerOut"),
    efficiency: list("efficiency"),
    inertia,
  };
}

/**
 * Figure of a map that has a mode at every point. `fileInertia` is the inertia of the file's rotor.
 */
export function quadrantFigure(
  { bias, load, points }: QuadrantMap,
  fileInertia: Rotor["inertia"],
): FigureData {
  const cells = points.flat();
  return {
    kind: "quadrants",
    bias,
    load,
    mode: cells.flatMap(({ mode }) => (mode === undefined ? [] : [mode])),
    efficiency: cells.map(({ efficiency }) => efficiency ?? 0),
    fileInertia,
  };
}
