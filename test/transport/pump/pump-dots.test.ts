// Pumped charge and linear response of small dense devices on fixed grids: the batched kernel against the same solver without it.

import { describe, expect, test } from "vitest";
import { loadKernels } from "../../../src/engine/load.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { Cycle, Model } from "../../../src/model/types.js";
import { linearResponse } from "../../../src/motor/performance/linear-response.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import { stateCount } from "../../../src/transport/energy/state-count.js";
import { pumpedCharge } from "../../../src/transport/pump/pump.js";
import { buildsHere } from "../../twins/builds.js";
import { randomModel } from "../../twins/random-device.js";
import { seeds } from "../../twins/seeds.js";
import { unbatched } from "../kernels/kernels.js";

const dots: Model[] = (["orthogonal", "unitary"] as const).flatMap((symmetry) =>
  [
    { size: 20, channels: 2, dephasing: 0 },
    { size: 7, channels: 1, dephasing: 0.3 },
    { size: 32, channels: 3, dephasing: 0 },
  ].map(
    (options): Model => ({
      format: "nanopinwheel/1",
      device: { preset: "chaotic-dot", symmetry, seed: 3, ...options },
    }),
  ),
);

describe.each(buildsHere)("%s", (build) => {
  test("levels and states of a batch are those of its points, with small, zero and no pivots on the way", async () => {
    const kernels = await loadKernels(build);
    // Without on-site energies the first pivot is zero; in the ring every second one.
    const wide = (name: string, orbital: number) => ({
      name,
      kind: "wideband" as const,
      orbitals: [orbital],
      width: 0.3,
    });
    const ring = (sites: number, im: number): Model => ({
      format: "nanopinwheel/1",
      device: {
        orbitals: sites,
        hamiltonian: Array.from({ length: sites }, (_, i): [number, number, number, number] =>
          i + 1 < sites ? [i, i + 1, -1, im] : [0, sites - 1, -1, -im],
        ),
        parameters: { x: [[0, 0, 1]], y: [[1, 1, 1]] },
        leads: [wide("a", 0), wide("b", sites - 1)],
      },
      cycle: { x: { cos: [1e-7] }, y: { sin: [1e-7] } },
    });
    for (const [index, model] of [...dots, ring(5, 0), ring(6, 0), ring(6, 0.4), ring(17, 0.2)].entries()) {
      const { device } = resolveModel(model);
      const solver = new KernelSolver(kernels, device, true);
      const batch = solver.batch!;
      const count = 64;
      for (const energy of [0, 0.1, -0.3, 1e-9]) {
        const at = (k: number) =>
          device.parameters.map((_, nu) => (index < dots.length ? 0.5 : 1e-7) * Math.sin(k * (nu + 1)));
        const { values, tangents } = batch.rows;
        for (let k = 0; k < count; k++)
          at(k).forEach((x, nu) => {
            values[nu][k] = x;
            tangents[nu][k] = 1;
          });
        batch.evaluateAt(energy, count, true);
        for (let k = 0; k < count; k++) {
          solver.configure(Float64Array.from(at(k)), new Float64Array(device.parameters.length).fill(1));
          const where = `device ${index}, energy ${energy}, point ${k}`;
          expect(batch.levelsBelow(k), where).toBe(solver.eigenvaluesBelow(energy));
          expect(Math.abs(batch.statesBelow(k) - stateCount(solver, energy)), where).toBeLessThan(1e-9);
        }
      }
      solver.release();
    }
  });

  test("a device whose levels all lie on the energy is counted, on either side", async () => {
    const kernels = await loadKernels(build);
    for (const orbitals of [2, 4]) {
      const lead = (name: string, orbital: number) => ({
        name,
        kind: "wideband" as const,
        orbitals: [orbital],
        width: 0.3,
      });
      // Taken away by x = -1.
      const couplings = Array.from({ length: orbitals - 1 }, (_, i): [number, number, number] => [
        i,
        i + 1,
        1,
      ]);
      const { device } = resolveModel({
        format: "nanopinwheel/1",
        device: {
          orbitals,
          hamiltonian: couplings,
          parameters: { x: couplings },
          leads: [lead("a", 0), lead("b", 1)],
        },
      });
      const solver = new KernelSolver(kernels, device, true);
      const { batch } = solver;
      if (!batch) throw new Error("no batch");
      for (const x of [-1, 0]) {
        batch.rows.values[0].fill(x, 0, 2);
        batch.rows.tangents[0].fill(1, 0, 2);
        batch.evaluateAt(0, 2, true);
        for (const k of [0, 1]) {
          const levels = batch.levelsBelow(k);
          expect(Number.isInteger(levels) && levels >= 0 && levels <= orbitals, `${orbitals}, ${x}`).toBe(
            true,
          );
        }
      }
      solver.release();
    }
  });

  const compare = async (model: Model, energy: number, where: string) => {
    const kernels = await loadKernels(build);
    const resolved = resolveModel(model);
    const solver = new KernelSolver(kernels, resolved.device, true);
    const names = resolved.device.parameters.map(({ name }) => name);
    const cycle = resolved.cycle as Cycle;
    expect(solver.batch, where).toBeDefined();
    const single = unbatched(solver);
    for (const points of [2, 34, 300]) {
      const [batched, expected] = [solver, single].map((s) =>
        pumpedCharge(s, cycle, names, { energy, points }),
      );
      for (const lead of solver.leads)
        expect(Math.abs(batched.charge[lead] - expected.charge[lead]), where).toBeLessThan(1e-11);
      expect(batched.points, where).toBe(expected.points);
      // Adiabaticity is the longest delay at the angles evaluated. With relaxed arithmetic a level exactly at the energy is counted
      // on the other side than by single points, and other angles are evaluated around it.
      expect(Math.abs(batched.adiabaticity / expected.adiabaticity - 1), where).toBeLessThan(
        where === "ring" && build === "relaxed" ? 1e-5 : 1e-9,
      );
      expect(batched.certificate.unitarity, where).toBeLessThan(1e-12);
    }
    if (solver.probes.filter((probe) => !probe).length > 1) {
      const [batched, expected] = [solver, single].map((s) =>
        linearResponse(s, cycle, names, { energy, points: 32 }),
      );
      expect(Math.abs(batched.frictionPerTurn / expected.frictionPerTurn - 1), where).toBeLessThan(1e-10);
      expect(Math.abs(batched.meanConductance - expected.meanConductance), where).toBeLessThan(1e-12);
      expect(batched.certificate.bound.limit / expected.certificate.bound.limit - 1, where).toBeCloseTo(
        0,
        10,
      );
    }
    // Adaptive: batches count levels as well.
    const [batched, expected] = [solver, single].map((s) =>
      pumpedCharge(s, cycle, names, { energy, tolerance: 1e-9 }),
    );
    for (const lead of solver.leads)
      expect(Math.abs(batched.charge[lead] - expected.charge[lead]), where).toBeLessThan(
        batched.error + expected.error,
      );
    expect(batched.error, where).toBeLessThan(2e-9);
    expect(Math.abs(batched.adiabaticity / expected.adiabaticity - 1), where).toBeLessThan(1e-6);
    solver.release();
  };

  test("chaotic dots, real and complex, with and without a probe on every orbital", async () => {
    for (const [k, model] of dots.entries()) await compare(model, 0.1, `dot ${k}`);
  });

  // At theta = 0 E lies on a double level of the closed ring: A_r = E - H is exactly singular, E - H - Sigma is not.
  const ring: Model = {
    format: "nanopinwheel/1",
    device: {
      orbitals: 6,
      hamiltonian: [
        ...[0, 1, 2].map((i) => [i, i + 1, 1]),
        ...[[0, 3, 1] as number[], [3, 4, 0.5], [4, 5, 0.3], [4, 4, 0.9], [5, 5, -1.1]],
      ] as [number, number, number][],
      parameters: { x: [[0, 0, 0.7]], y: [[2, 2, 0.4]] },
      leads: [
        { name: "left", kind: "wideband", orbitals: [0], width: 0.6 },
        { name: "right", kind: "wideband", orbitals: [1], width: 0.8 },
      ],
    },
    cycle: { x: { mean: -1, cos: [1] }, y: { sin: [1] } },
  };

  test("a point on a level of the closed device", async () => {
    await compare(ring, 0, "ring");
  });

  test("states beside a level of the closed device are counted right, or said not to be known", async () => {
    const kernels = await loadKernels(build);
    const solver = new KernelSolver(kernels, resolveModel(ring).device, true);
    const { values, tangents } = solver.batch!.rows;
    tangents[1].fill(1, 0, 2);
    values[0].fill(0, 0, 2);
    let known = 0;
    for (let y = 1e-16; y < 1e-5; y *= 10) {
      values[1].set([y, -y]);
      solver.batch!.evaluateAt(0, 2, true);
      for (const k of [0, 1]) {
        const states = solver.batch!.statesBelow(k);
        if (Number.isNaN(states)) continue;
        solver.configure(Float64Array.of(0, values[1][k]), Float64Array.of(0, 1));
        expect(Math.abs(states - stateCount(solver, 0)), String(values[1][k])).toBeLessThan(1e-3);
        known++;
      }
    }
    expect(known).toBeGreaterThan(10);
    solver.release();
  });

  test("the numbers of a point do not depend on its neighbour in the vector", async () => {
    const kernels = await loadKernels(build);
    const { batch } = new KernelSolver(kernels, resolveModel(ring).device, true);
    if (!batch) throw new Error("no batch");
    const together = (points: number[]) => {
      points.forEach((theta, k) => {
        const { values, tangents } = batch.rows;
        [values[0][k], values[1][k]] = [Math.cos(theta) - 1, Math.sin(theta)];
        [tangents[0][k], tangents[1][k]] = [-Math.sin(theta), Math.cos(theta)];
      });
      batch.evaluateAt(0, points.length, false);
      const { charge, kSquare, transmission, delaySquare, defectSquare } = batch.rows;
      return points.map((_, k) =>
        [...charge, kSquare, transmission, delaySquare, defectSquare].map((row) => row[k]),
      );
    };
    // 0 is singular for real arithmetic, 1e-4 loses digits, the rest does neither.
    for (const theta of [0, 1e-4, 2, 4]) {
      const [[alone]] = [together([theta, theta])];
      for (const other of [0, 1e-4, 1, 3]) {
        expect(together([theta, other])[0]).toEqual(alone);
        expect(together([other, theta])[1]).toEqual(alone);
      }
    }
  });

  test("random devices with wide-band leads", { timeout: 60_000 }, async () => {
    for (const seed of seeds(25, 12)) {
      const model = randomModel(seed, { orbitals: 3 + (seed % 7), kinds: ["scalar", "orbitals", "probe"] });
      await compare(model, 0.2, `seed ${seed}`);
    }
  });
});

test("other devices have no such batch", async () => {
  const kernels = await loadKernels();
  const batchOf = (device: Model["device"]) =>
    new KernelSolver(kernels, resolveModel({ format: "nanopinwheel/1", device }).device, true).batch;
  expect(batchOf({ preset: "chaotic-dot", size: 40 })).toBeUndefined();
  expect(batchOf(randomModel(3, { orbitals: 5, leads: 3, kinds: ["chain"] }).device)).toBeUndefined();
  expect(batchOf(randomModel(3, { orbitals: 5, leads: 3, kinds: ["matrix"] }).device)).toBeUndefined();
});
