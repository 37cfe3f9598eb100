// The figures by kind: makes a drawn figure of plain data.

import type { EnergyUnit } from "../../index.js";
import { type CurrentsData, currentsFigure } from "./currents.js";
import { type CurvatureData, curvatureFigure } from "./curvature.js";
import type { Figure } from "./drawing/draw.js";
import { type EfficiencyData, efficiencyFigure } from "./efficiency.js";
import { type FrictionData, frictionFigure } from "./friction.js";
import { type GraphData, graphFigure } from "./graph.js";
import { type LandscapeData, landscapeFigure } from "./landscape.js";
import { type QuadrantData, quadrantFigure } from "./quadrants.js";
import { type SpeedData, speedFigure } from "./speed.js";
import { type TorqueData, torqueFigure } from "./torque.js";
import { type TrajectoryData, trajectoryFigure } from "./trajectories.js";

/** The data of a figure: numbers in natural units, in typed arrays or lists. */
export type FigureData =
  | ({ kind: "cycle" } & CurvatureData)
  | ({ kind: "torque" } & TorqueData)
  | ({ kind: "friction" } & FrictionData)
  | ({ kind: "currents" } & CurrentsData)
  | ({ kind: "graph" } & GraphData)
  | ({ kind: "landscape" } & LandscapeData)
  | ({ kind: "speed" } & SpeedData)
  | ({ kind: "efficiency" } & EfficiencyData)
  | ({ kind: "quadrants" } & QuadrantData)
  | ({ kind: "trajectories" } & TrajectoryData);

/** Draws one figure. Its axes are in natural units, or in SI if the model has a unit of energy. */
export function drawFigure(data: FigureData, units: EnergyUnit): Figure {
  switch (data.kind) {
    case "cycle":
      return curvatureFigure(data, units);
    case "torque":
      return torqueFigure(data, units);
    case "friction":
      return frictionFigure(data, units);
    case "currents":
      return currentsFigure(data, units);
    case "graph":
      return graphFigure(data, units);
    case "landscape":
      return landscapeFigure(data, units);
    case "speed":
      return speedFigure(data, units);
    case "efficiency":
      return efficiencyFigure(data, units);
    case "quadrants":
      return quadrantFigure(data, units);
    case "trajectories":
      return trajectoryFigure(data, units);
  }
}
