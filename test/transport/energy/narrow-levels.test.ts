// The search for narrow levels among broad ones. A strip under gates that depend on the position along it only is a sum of chains, one per transverse
// mode: levels of a mode outside its band are bound in the continuum of the others, and a search is needed, yet it must stay cheap and find nothing.

import { expect, test } from "vitest";
import { loadKernels } from "../../../src/engine/load.js";
import { loadEngine, type Model } from "../../../src/index.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { ExplicitDevice } from "../../../src/model/types.js";
import { openSolver } from "../../../src/scattering/open.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import { broadLevelsOnly } from "../../../src/transport/energy/narrow-levels.js";
import { findResonances, resonanceList } from "../../../src/transport/energy/resonances.js";
import { stateCount, timeDelay } from "../../../src/transport/energy/state-count.js";

const reservoirs = {
  left: { chemicalPotential: 1.05, temperature: 0.01 },
  right: { chemicalPotential: 0.85, temperature: 0.01 },
};
const gates = {
  x: (i: number) => Math.exp(-((i - 4) ** 2) / 6),
  y: (i: number) => Math.exp(-((i - 11) ** 2) / 6),
};
const at = { x: 0.25, y: 0.1 };
const length = 16;
const rows = 6;

function strip(): ExplicitDevice {
  const site = (i: number, j: number) => i * rows + j;
  const all = Array.from({ length: length * rows }, (_, k) => [Math.floor(k / rows), k % rows]);
  const lead = (name: string, column: number) => ({
    name,
    kind: "periodic" as const,
    orbitals: Array.from({ length: rows }, (_, j) => site(column, j)),
    onsite: [[0, 0, 0], ...Array.from({ length: rows - 1 }, (_, j) => [j, j + 1, -1])] as [
      number,
      number,
      number,
    ][],
    hopping: Array.from({ length: rows }, (_, j) => [j, j, -1]) as [number, number, number][],
  });
  return {
    orbitals: length * rows,
    hamiltonian: all.flatMap(([i, j]): [number, number, number][] => [
      ...(i + 1 < length ? [[site(i, j), site(i + 1, j), -1] as [number, number, number]] : []),
      ...(j + 1 < rows ? [[site(i, j), site(i, j + 1), -1] as [number, number, number]] : []),
    ]),
    parameters: {
      x: all.map(([i, j]) => [site(i, j), site(i, j), gates.x(i)]),
      y: all.map(([i, j]) => [site(i, j), site(i, j), gates.y(i)]),
    },
    leads: [lead("left", 0), lead("right", length - 1)],
  };
}

/** The chain of one transverse mode, whose band is shifted by `shift`. */
const mode = (shift: number): Model => ({
  format: "nanopinwheel/1",
  device: {
    orbitals: length,
    hamiltonian: [
      ...Array.from({ length }, (_, i): [number, number, number] => [i, i, shift]),
      ...Array.from({ length: length - 1 }, (_, i): [number, number, number] => [i, i + 1, -1]),
    ],
    parameters: {
      x: Array.from({ length }, (_, i) => [i, i, gates.x(i)]),
      y: Array.from({ length }, (_, i) => [i, i, gates.y(i)]),
    },
    leads: [
      { name: "left", kind: "chain", orbital: 0, onsite: shift, hopping: 1 },
      { name: "right", kind: "chain", orbital: length - 1, onsite: shift, hopping: 1 },
    ],
  },
  reservoirs,
});

test("a strip is the sum of its transverse modes, bound states in the continuum included", async () => {
  const engine = await loadEngine();
  const whole = engine.device({ format: "nanopinwheel/1", device: strip(), reservoirs });
  const found = whole.forces({ at });
  const sums = { force: [0, 0], friction: [0, 0, 0, 0], noise: [0, 0, 0, 0], current: [0] };
  const errors = { force: 0, friction: 0, noise: 0, current: 0 };
  for (let n = 1; n <= rows; n++) {
    const chain = engine.device(mode(-2 * Math.cos((Math.PI * n) / (rows + 1))));
    const part = chain.forces({ at });
    const values = { force: part.force, friction: part.friction!.data, noise: part.noise!.data, current: [part.current.left] }; // biome-ignore format: one line
    for (const key of ["force", "friction", "noise", "current"] as const) {
      sums[key].forEach((_, k) => {
        sums[key][k] += values[key][k];
      });
      errors[key] += part.errors[key]!;
    }
    chain.close();
  }
  const values = { force: found.force, friction: found.friction!.data, noise: found.noise!.data, current: [found.current.left] }; // biome-ignore format: one line
  for (const key of ["force", "friction", "noise", "current"] as const)
    sums[key].forEach((sum, k) => {
      expect(Math.abs(values[key][k] - sum), `${key} ${k}`).toBeLessThanOrEqual(
        found.errors[key]! + errors[key],
      );
    });
  whole.close();
});

test("the search leaves the order of elimination as it is, counts at few energies, and takes no broad level for a narrow one", async () => {
  const { device } = resolveModel({ format: "nanopinwheel/1", device: strip() });
  const solver = openSolver(await loadKernels(), device, false) as KernelSolver;
  solver.configure(Float64Array.of(at.x, at.y));
  let counts = 0;
  for (const name of ["eigenvaluesBelow", "certainEigenvaluesBelow"] as const) {
    const own = solver[name].bind(solver);
    solver[name] = (energy: number) => {
      counts++;
      return own(energy) as number;
    };
  }
  const list = resonanceList();
  findResonances(solver, 0.55, 1.35, 0.1, list);
  expect(Array.from(list.widths.subarray(0, list.count)).filter((width) => width < 1e-3)).toEqual([]);
  // The levels that it passes over are bound in closed modes: the states they hold have no delay.
  expect(list.dark.length).toBeGreaterThan(0);
  for (const energy of list.dark) {
    const jump = stateCount(solver, energy + 1e-7) - stateCount(solver, energy - 1e-7);
    expect(Math.abs(jump - 1), `at ${energy}`).toBeLessThan(1e-4);
    expect(timeDelay(solver.solve(energy + 1e-7, { energyDerivative: true }))).toBeLessThan(1e3);
  }
  expect(solver.merged).toBe(false);
  expect(counts).toBeLessThan(400);
  expect(counts).toBeGreaterThan(20);
  solver.release();
});

test("an interval that hides a level is never taken for one of broad levels", async () => {
  const kernels = await loadKernels();
  let broad = 0;
  for (let width = 0; width < 9; width++)
    for (let place = 0; place < 13; place++) {
      const [gamma, level] = [10 ** -(2 + width), 0.013 + 0.974 * (place / 12)];
      // A narrow level beside a broad one.
      const { device } = resolveModel({
        format: "nanopinwheel/1",
        device: {
          orbitals: 2,
          hamiltonian: [
            [0, 0, level],
            [1, 1, 0.4],
          ],
          parameters: {},
          leads: [
            { name: "a", kind: "wideband", orbitals: [0, 1], width: [gamma / 2, 3] },
            { name: "b", kind: "wideband", orbitals: [0, 1], width: [gamma / 2, 2] },
          ],
        },
      });
      const solver = new KernelSolver(kernels, device, false);
      solver.configure(new Float64Array());
      const where = `width ${gamma}, level ${level}`;
      expect(broadLevelsOnly(solver, 1)(0, 1), where).toBe(false);
      if (broadLevelsOnly(solver, 1)(1.1, 2)) broad++;
      const list = resonanceList();
      findResonances(solver, -4, 6, 0.5, list);
      // The broad level may be on the list, too, where the narrow one's line reaches it.
      const own = Array.from({ length: list.count }, (_, k) => k).find(
        (k) => Math.abs(list.energies[k] - level) < 1e-14 + 0.02 * gamma,
      );
      expect(own, where).toBeDefined();
      expect(Math.abs(list.widths[own!] / gamma - 1), where).toBeLessThan(0.1);
      solver.release();
    }
  expect(broad).toBe(9 * 13);
});
