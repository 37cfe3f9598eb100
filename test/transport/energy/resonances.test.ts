// Resonances far narrower than the window: found, and integrated to the asked tolerance (closed forms of one level).
// Below a width of about 1e-9 the rounding of E itself (1e-17 / width) limits what any integral can reach.

import { describe, expect, it } from "vitest";
import type { Model } from "../../../src/model/types.js";
import { findResonances, resonanceList } from "../../../src/transport/energy/resonances.js";
import { ForceCalculator } from "../../../src/transport/forces/forces.js";
import { twinOf } from "../known.js";

function level(width: number, temperature: number, lead: "wideband" | "chain" = "wideband"): Model {
  const share = { left: 0.25 * width, right: 0.75 * width };
  return {
    format: "nanopinwheel/1",
    device: {
      orbitals: 1,
      hamiltonian: [[0, 0, 0]],
      parameters: { x: [[0, 0, 1]] },
      leads: (["left", "right"] as const).map((name) =>
        lead === "wideband"
          ? { name, kind: "wideband", orbitals: [0], width: share[name] }
          : { name, kind: "chain", orbital: 0, hopping: 1, coupling: Math.sqrt(share[name] / 2) },
      ),
    },
    reservoirs: {
      left: { chemicalPotential: 0.5, temperature },
      right: { chemicalPotential: -0.5, temperature },
    },
  };
}

describe("one level of width w inside a window of 1", () => {
  it.each([1e-3, 1e-6, 1e-9])("w = %f, cold: current and force in closed form", (width) => {
    const { solver, reservoirs } = twinOf(level(width, 0));
    const at = 0.1234567;
    solver.configure(Float64Array.of(at));
    const list = resonanceList();
    findResonances(solver, -0.5, 0.5, 1, list);
    expect(list.count).toBe(1);
    expect(Math.abs(list.energies[0] - at)).toBeLessThan(1e-14);
    expect(list.widths[0] / width).toBeCloseTo(1, 3);
    const forces = new ForceCalculator(solver).compute(reservoirs, { tolerance: 1e-9 });
    const phase = (mu: number) => Math.atan2(2 * (mu - at), width);
    const current = ((2 * 0.25 * 0.75 * width) / (2 * Math.PI)) * (phase(0.5) - phase(-0.5));
    expect(Math.abs(forces.current[0] / current - 1)).toBeLessThan(1e-8);
    const filling = (mu: number) => 0.5 + phase(mu) / Math.PI;
    expect(Math.abs(forces.force[0] + 0.25 * filling(0.5) + 0.75 * filling(-0.5))).toBeLessThan(1e-8);
  });

  it("a narrow level off chain leads, warm", () => {
    const { solver, reservoirs } = twinOf(level(1e-7, 0.05, "chain"));
    solver.configure(Float64Array.of(-0.2));
    const forces = new ForceCalculator(solver).compute(reservoirs, { tolerance: 1e-9 });
    // Width / (1 + small) times the fillings at the level; golden rule, exact up to terms of the order of the width.
    const f = (mu: number) => 1 / (Math.exp((-0.2 - mu) / 0.05) + 1);
    const widths = [0.25e-7, 0.75e-7].map((w) => w * Math.sqrt(1 - 0.01));
    const current = ((widths[0] * widths[1]) / (widths[0] + widths[1])) * (f(0.5) - f(-0.5));
    expect(Math.abs(forces.current[0] / current - 1)).toBeLessThan(1e-5);
  });
});
