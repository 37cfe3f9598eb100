// The pumping curvature around the path of a cycle, for its figure. It is computed at T = 0 at one
// energy, on as many points as the size of the device allows in a few seconds.

import type { Device } from "../../index.js";
import type { CurvatureMap } from "../results.js";
import { pointCost } from "./cost.js";
import { cyclePlane, gridAround } from "./plane.js";

/** Number of points times their cost that a figure may take. */
const work = 3e7;
/** Least number of points along one side. */
const fewest = 16;
/** Largest number of points along one side. */
const most = 60;

/** The map; undefined if the cycle does not lie in a plane, or if the device is too large. */
export function curvatureMap(device: Device, energy = device.model.energy): CurvatureMap | undefined {
  const { cycle } = device.model;
  const plane = cycle === undefined ? undefined : cyclePlane(cycle, device.parameterNames);
  if (plane?.others === undefined || energy === undefined) return undefined;
  const affordable = Math.floor(Math.sqrt(work / pointCost(device)));
  if (affordable < fewest) return undefined;
  // With an even number no point lies on the middle of the cycle, where symmetric devices are
  // singular.
  const side = 2 * Math.floor(Math.min(most, affordable) / 2);
  const [first, second] = [gridAround(plane.path.first, side), gridAround(plane.path.second, side)];
  const { parameters, others } = plane;
  const { curvature } = device.curvature({ parameters, first, second, at: others, energy });
  return { parameters, energy, first, second, curvature };
}
