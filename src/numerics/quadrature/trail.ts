// What an integral over a window leaves behind for the next one, as plain data, so that integrals of
// many similar integrands may follow each other in any order and on any thread.

import type { PanelMemory } from "./panel-history.js";

/** The trail of one integral. It is not changed by those that follow it. */
export interface Trail {
  /** The factor on the fraction at which the window was wide enough. */
  depth: number;
  /** Energies that the last integral without known panels took. */
  without: number;
  /** Number of integrals that ignore known panels after these have proved more expensive. */
  wait: number;
  waiting: number;
  /** Panels, and the window that they belong to. */
  panels?: { low: number; high: number; pieces: number; memory: PanelMemory };
}

/** The trail of the first integral. */
export const noTrail: Trail = { depth: 1, without: 0, wait: 0, waiting: 0 };
