// The gate of every S: near-singular devices give the right S or are refused with their condition number, never an S that is not unitary.

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { loadKernels } from "../../../src/engine/load.js";
import { type Device, type Engine, loadEngine, NumericalError } from "../../../src/index.js";
import type { Lead, Model, Triplet } from "../../../src/model/types.js";
import { BandedMatrix } from "../../../src/numerics/linear-algebra/banded.js";
import { smallestSingularValue } from "../../../src/scattering/refined/near-singular.js";
import { densePointSolver } from "../../twins/dense.js";
import { adjoint, distance, hermitianEigen, multiply } from "../../twins/linear-algebra.js";
import { randomSource } from "../../twins/random.js";
import { readModel } from "../../twins/read-model.js";
import { seeds } from "../../twins/seeds.js";

let engine: Engine;
beforeAll(async () => {
  engine = await loadEngine();
});

const fault = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../known/faults/${name}.json`, import.meta.url), "utf8")) as {
    model: Model;
    expected: { transmission: Record<string, Record<string, number>> };
  };

/** S by either door, or the refusal. */
function bothDoors(device: Device, question: { energy: number; at?: Record<string, number> }) {
  try {
    const [result, alone] = [device.scatter(question), device.scatteringMatrix(question)];
    result.S.data.forEach((value, k) => {
      expect(Math.abs(value - alone.S.data[k])).toBeLessThan(1e-9);
    });
    expect(result.unitarityDefect).toBeLessThan(1e-12);
    expect(alone.unitarityDefect).toBeLessThan(1e-12);
    return result;
  } catch (error) {
    if (!(error instanceof NumericalError)) throw error;
    expect(error.condition).toBeGreaterThan(1e14);
    return undefined;
  }
}

/** A superconducting wire in its topological phase, both leads at one end: the mode at the other end hangs on them by exp(-sites). */
function topologicalWire(sites: number, mu: number, gap: number): Model {
  const hamiltonian: Triplet[] = [];
  for (let i = 0; i < sites; i++) {
    hamiltonian.push([i, i, -mu], [sites + i, sites + i, mu]);
    if (i + 1 === sites) break;
    hamiltonian.push([i, i + 1, -1], [sites + i, sites + i + 1, 1]);
    hamiltonian.push([i, sites + i + 1, gap], [i + 1, sites + i, -gap]);
  }
  const lead = (name: string, orbital: number, hopping: number): Lead => ({
    name,
    kind: "chain",
    orbital,
    hopping,
    coupling: 0.2 * hopping,
  });
  return {
    format: "nanopinwheel/1",
    device: {
      orbitals: 2 * sites,
      hamiltonian,
      parameters: { x: [[0, 0, 1]] },
      leads: [lead("e", 0, -1), lead("h", sites, 1)],
    },
  };
}

describe("a topological wire", () => {
  test("that gave an S with a defect of 0.09 gives a unitary one", () => {
    expect(bothDoors(engine.device(fault("topological-wire").model), { energy: 0 })).toBeDefined();
  });

  test("of any length at E = 0 transmits no electron as a hole, or is refused", () => {
    let answered = 0;
    for (let sites = 4; sites <= 54; sites += 2)
      for (const [mu, gap] of [
        [0.3, 0.5],
        [0.1, 0.3],
      ]) {
        const device = engine.device(topologicalWire(sites, mu, gap));
        // A finite wire is trivial: no Andreev reflection on resonance.
        const result = bothDoors(device, { energy: 0 });
        if (result) {
          answered++;
          expect(result.transmission.e.h, `${sites} sites`).toBeLessThan(1e-12);
        }
        for (const energy of [1e-9, 1e-5]) expect(bothDoors(device, { energy })).toBeDefined();
        device.close();
      }
    expect(answered).toBeGreaterThan(30);
  });
});

/** A piece of a lattice: `zero` energy states of its parts, since the sublattices of most parts differ in size. */
function flake(kind: "honeycomb" | "square" | "lieb", rows: number, columns: number, flux: number): Model {
  const place = new Map<string, number>();
  const name = (i: number, j: number) => `${i},${j}`;
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      if (kind !== "lieb" || i % 2 === 0 || j % 2 === 0) place.set(name(i, j), place.size);
  const hamiltonian: Triplet[] = [];
  const bond = (a: number | undefined, b: number | undefined, phase: number) => {
    if (a !== undefined && b !== undefined)
      hamiltonian.push([
        Math.min(a, b),
        Math.max(a, b),
        -Math.cos(phase),
        a < b ? -Math.sin(phase) : Math.sin(phase),
      ]);
  };
  for (const [key, own] of place) {
    const [i, j] = key.split(",").map(Number);
    bond(own, place.get(name(i, j + 1)), 0);
    // A honeycomb is a brick wall.
    if (kind !== "honeycomb" || (i + j) % 2 === 1) bond(own, place.get(name(i + 1, j)), flux * j);
  }
  const chain = (lead: string, orbital: number): Lead => ({
    name: lead,
    kind: "chain",
    orbital,
    hopping: -1,
  });
  return {
    format: "nanopinwheel/1",
    device: {
      orbitals: place.size,
      hamiltonian,
      parameters: { x: [[3, 3, 1]] },
      leads: [chain("left", 0), chain("right", place.size - 1)],
    },
  };
}

describe("a flake of a lattice whose parts have levels next to E = 0", () => {
  test("of graphene, condition 8.5e6, is not refused", () => {
    const { model, expected } = fault("graphene-flake");
    const found = bothDoors(engine.device(model), { energy: 1e-6 })!.transmission.right.left;
    expect(Math.abs(found / expected.transmission.right.left - 1)).toBeLessThan(1e-6);
  });

  test.each([
    ["honeycomb", 5, 8, 0],
    ["honeycomb", 6, 9, 0],
    ["honeycomb", 7, 10, 0.3],
    ["square", 5, 6, 0],
    ["square", 5, 7, 0.2],
    ["lieb", 5, 7, 0],
    ["lieb", 6, 7, 0.1],
  ] as const)("%s of %i x %i, flux %f: S of the dense twin", (kind, rows, columns, flux) => {
    const written = flake(kind, rows, columns, flux);
    const device = engine.device(written);
    const twin = densePointSolver(readModel(written));
    twin.configure(Float64Array.of(0));
    for (const energy of [1e-3, -1e-4, 1e-5, 3e-7, -1e-8, 1e-10, 1e-12]) {
      const { S, dSdE, unitarityDefect } = device.scatter({ energy });
      const { S: expected, channels, dSdE: slope } = twin.solve(energy, { energyDerivative: true });
      const shape: [number, number] = [channels, channels];
      // The twin keeps as many digits as the delay leaves.
      const delay = distance({ shape, data: slope });
      expect(unitarityDefect).toBeLessThan(1e-12);
      expect(distance(S, { shape, data: expected.slice() }), `energy ${energy}, delay ${delay}`).toBeLessThan(
        1e-13 + 1e-14 * delay,
      );
      expect(Math.abs(distance(dSdE!) / delay - 1)).toBeLessThan(1e-3);
    }
    device.close();
  });
});

describe("levels that no lead sees, exactly at the energy", () => {
  /** A random device; orbital `site` also carries levels at E, `arms` of them, which only their symmetric sum leaves. */
  function branched(seed: number, arms: [number, number][], level: number): Model {
    const source = randomSource(seed);
    const n = 6;
    const hamiltonian: Triplet[] = [];
    for (let i = 0; i < n; i++) {
      hamiltonian.push([i, i, source.between(-0.5, 0.5)]);
      if (i + 1 < n) hamiltonian.push([i, i + 1, -1, seed % 2 === 0 ? 0 : source.between(-0.5, 0.5)]);
    }
    arms.forEach(([re, im], k) => {
      hamiltonian.push([2, n + k, re, im], [n + k, n + k, level]);
    });
    return {
      format: "nanopinwheel/1",
      device: {
        orbitals: n + arms.length,
        hamiltonian,
        parameters: {
          x: [
            [1, 1, 1],
            [3, 4, 0.4],
          ],
          y: [[n, n, 1]],
          z: [[2, n, 1]],
        },
        leads: [
          { name: "left", kind: "chain", orbital: 0, hopping: 1, coupling: 0.8 },
          { name: "right", kind: "wideband", orbitals: [4, 5], width: [0.6, 0.3] },
        ],
      },
    };
  }

  test("S, dS/dE and the derivatives that leave them alone are those of the device without them", () => {
    for (const seed of seeds(40, 20)) {
      const source = randomSource(seed);
      const level = source.between(-0.8, 0.8);
      const complex = seed % 2 === 1;
      const arms = Array.from({ length: 2 + (seed % 2) }, (): [number, number] => [
        source.between(0.3, 0.9),
        complex ? source.between(-0.6, 0.6) : 0,
      ]);
      const strength = Math.hypot(...arms.flat());
      const [whole, reduced] = [
        engine.device(branched(seed, arms, level)),
        engine.device(branched(seed, [[strength, 0]], level)),
      ];
      const [found, expected] = [whole, reduced].map((device) => device.scatter({ energy: level }));
      const where = `seed ${seed}`;
      expect(distance(found.S, expected.S), where).toBeLessThan(1e-13);
      expect(distance(whole.scatteringMatrix({ energy: level }).S, expected.S), where).toBeLessThan(1e-13);
      expect(distance(found.dSdE!, expected.dSdE!) / (1 + distance(expected.dSdE!)), where).toBeLessThan(
        1e-12,
      );
      expect(distance(found.dS.x, expected.dS.x) / (1 + distance(expected.dS.x)), where).toBeLessThan(1e-12);
      // One arm's level breaks the symmetry: S jumps there.
      expect(Object.keys(found.dS), where).not.toContain("y");
      expect(
        found.warnings.map(({ code }) => code),
        where,
      ).toContain("derivatives");
      expect(expected.warnings, where).toEqual([]);
      whole.close();
      reduced.close();
    }
  });

  test("benzene at its default: S, transmission and dS/dE; dS/dy left out with a warning", () => {
    const device = engine.device({ format: "nanopinwheel/1", device: { preset: "benzene" } });
    const { energy, S, transmission, dSdE, warnings } = device.scatter();
    expect(warnings.map(({ code }) => code)).toEqual(["derivatives"]);
    const beside = [1e-5, -1e-5].map((shift) => device.scatter({ energy: energy + shift }));
    S.data.forEach((value, k) => {
      const [above, below] = beside.map((point) => point.S.data[k]);
      expect(Math.abs(value - (above + below) / 2)).toBeLessThan(1e-9);
      expect(Math.abs(dSdE!.data[k] - (above - below) / 2e-5)).toBeLessThan(1e-8);
    });
    expect(Math.abs(transmission.left.right - 1)).toBeLessThan(1e-12);
    expect(device.scatteringMatrix().S.data).toEqual(S.data);
  });
});

test("the smallest singular value, and solves with the adjoint, of random matrices in bands", async () => {
  await loadKernels();
  for (const seed of seeds(30)) {
    const source = randomSource(seed);
    const [n, band] = [4 + (seed % 7), 1 + (seed % 3)];
    const matrix = new BandedMatrix(n, band);
    const full = { shape: [n, n] as [number, number], data: new Float64Array(2 * n * n) };
    matrix.clear();
    for (let i = 0; i < n; i++)
      for (let j = Math.max(0, i - band); j <= Math.min(n - 1, i + band); j++) {
        const [re, im] = [source.between(-1, 1), source.between(-1, 1)];
        matrix.add(i, j, re, im);
        full.data.set([re, im], 2 * (i * n + j));
      }
    matrix.factorise();
    const x = Float64Array.from({ length: 2 * n }, () => source.between(-1, 1));
    const image = multiply(adjoint(full), { shape: [n, 1], data: x.slice() });
    matrix.solveAdjoint(image.data, 1);
    expect(distance(image, { shape: [n, 1], data: x }), `seed ${seed}`).toBeLessThan(1e-10);
    const least = Math.sqrt(Math.min(...hermitianEigen(multiply(adjoint(full), full)).values));
    const found = smallestSingularValue({
      size: n,
      solve: (v) => matrix.solve(v, 1),
      solveAdjoint: (v) => matrix.solveAdjoint(v, 1),
      sizeOfProduct: () => 0,
      seen: () => 0,
    });
    // From above, and near: eight rounds of inverse iteration.
    expect(found / least, `seed ${seed}`).toBeGreaterThan(1 - 1e-6);
    expect(found / least, `seed ${seed}`).toBeLessThan(1.2);
  }
});
