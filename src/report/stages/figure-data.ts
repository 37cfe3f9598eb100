// The figures of a run: which of its results are drawn, and from which numbers. Only computed
// results are drawn.

import type { Device } from "../../index.js";
import type { FigureData } from "../figures/index.js";
import type { RunResults } from "../results.js";
import { significant } from "../tables/numbers.js";
import { loadFigure, motorFigures, quadrantFigure, sweepFigure } from "./motor-figures.js";
import { trajectoriesFigure } from "./noisy-motion.js";
import { cyclePlane } from "./plane.js";
import { spectrumFigure } from "./spectrum.js";

/** The cycle in its plane, over the curvature if that was computed. */
function cycleFigure({ model, leadNames, parameterNames }: Device, results: RunResults): FigureData[] {
  const plane = model.cycle === undefined ? undefined : cyclePlane(model.cycle, parameterNames);
  if (plane === undefined) return [];
  const { curvature } = results;
  return [
    {
      kind: "cycle",
      parameters: plane.parameters,
      path: plane.path,
      lead: leadNames[0],
      ...(curvature === undefined
        ? {}
        : {
            map: {
              first: curvature.first,
              second: curvature.second,
              curvature: curvature.curvature[leadNames[0]],
              about:
                `Computed at T = 0 at the energy ${significant(curvature.energy).replace("-", "−")} on ${curvature.first.length} × ` +
                `${curvature.second.length} points; steps of colour are not equal.`,
            },
          }),
    },
  ];
}

/** All figures for which there are numbers. */
export function figuresOf(device: Device, results: RunResults): FigureData[] {
  const { motor, biasSweep, loadCurve, loadCurveInertia, quadrants, simulation, spectrum } = results;
  const inertia = motor?.rotor.inertia ?? "infinite";
  return [
    ...cycleFigure(device, results),
    ...(motor === undefined ? [] : motorFigures(motor, device.leadNames[0])),
    ...(biasSweep === undefined ? [] : [sweepFigure(biasSweep)]),
    ...(loadCurve === undefined
      ? []
      : [loadFigure(loadCurve, { of: loadCurveInertia ?? "infinite", file: inertia })]),
    ...(quadrants === undefined ? [] : [quadrantFigure(quadrants, inertia)]),
    ...(simulation === undefined ? [] : [trajectoriesFigure(simulation)]),
    ...(spectrum === undefined ? [] : spectrumFigure(spectrum)),
  ];
}
