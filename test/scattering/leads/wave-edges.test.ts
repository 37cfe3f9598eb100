// Band edges of a window from the modes of a lead alone, against all extrema of its bands.
import { beforeAll, expect, test } from "vitest";
import type { Kernels } from "../../../src/engine/kernels.js";
import { loadKernels } from "../../../src/engine/load.js";
import { Workspace } from "../../../src/engine/workspace.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { ResolvedPeriodicLead, Triplet } from "../../../src/model/types.js";
import { bandEnergies, bandExtrema } from "../../../src/scattering/leads/edges/band-edges.js";
import { edgesBetween } from "../../../src/scattering/leads/edges/wave-edges.js";
import { ownBulk } from "../../../src/scattering/leads/periodic/shared-bulk.js";
import { bandModes } from "../../../src/scattering/leads/periodic/wave-surface.js";
import { prepareLead } from "../../../src/scattering/leads/prepare.js";
import { randomSource } from "../../twins/random.js";
import { generalLead } from "../../twins/random-leads.js";
import { seeds } from "../../twins/seeds.js";

let kernels: Kernels;
beforeAll(async () => {
  kernels = await loadKernels();
});

test("random leads: all edges in a window, and nothing else", () => {
  let edges = 0;
  const all = seeds(200, 20);
  for (const seed of all) {
    const random = randomSource(40_000 + seed);
    const lead = generalLead(random, "a", [0, 1, 2, 3, 4], seed % 2 === 0);
    const device = { orbitals: 5, hamiltonian: [] as Triplet[], parameters: {}, leads: [lead] };
    const { onsite, hopping, coupling } = resolveModel({ format: "nanopinwheel/1", device }).device
      .leads[0] as ResolvedPeriodicLead;
    const m = onsite.shape[0];
    const cells = {
      prefix: [],
      size: m,
      onsite: onsite.data,
      hopping: hopping.data,
      coupling: coupling.data,
    };
    const { cell: bulk } = ownBulk(kernels, [], cells, cells);
    const [low, high] = [random.between(-4, -1), random.between(0, 4)];
    const found = edgesBetween(
      (energy) => bandModes(Workspace.of(kernels), bulk, energy),
      10,
      low,
      high,
      bandEnergies(kernels, m, onsite.data, hopping.data),
    );
    const expected = bandExtrema(kernels, m, onsite.data, hopping.data).filter((e) => e > low && e < high);
    expect(found.length, `seed ${seed}`).toBe(expected.length);
    expected.forEach((edge, k) => {
      expect(Math.abs(found[k] - edge), `seed ${seed}`).toBeLessThan(1e-9);
    });
    edges += found.length;
  }
  expect(edges).toBeGreaterThan(3 * all.length);
});

test("an armchair ribbon: the thresholds of its subbands, E = +-|1 - 2 cos(pi p / (rows + 1))| at k = 0", () => {
  for (const rows of [8, 14]) {
    const n = 2 * rows;
    const onsite = new Float64Array(2 * n * n);
    const hopping = new Float64Array(2 * n * n);
    const bond = (a: number, b: number) => {
      onsite[2 * (a * n + b)] = -1;
      onsite[2 * (b * n + a)] = -1;
    };
    for (let j = 0; j < rows; j++) {
      if (j % 2 === 0) bond(2 * j, 2 * j + 1);
      else hopping[2 * ((2 * j + 1) * n + 2 * j)] = -1;
      for (const s of [0, 1]) if (j + 1 < rows) bond(2 * j + s, 2 * j + 2 + s);
    }
    const shape: [number, number] = [n, n];
    const lead = prepareLead(
      kernels,
      {
        name: "a",
        kind: "periodic",
        orbitals: Int32Array.from({ length: n }, (_, i) => i),
        onsite: { shape, data: onsite },
        hopping: { shape, data: hopping },
        coupling: { shape, data: hopping },
      },
      "lead",
    );
    const found = lead.edgesWithin(-0.9, 0.9);
    const expected = Array.from({ length: rows }, (_, p) =>
      Math.abs(1 - 2 * Math.cos((Math.PI * (p + 1)) / (rows + 1))),
    )
      .filter((e) => e > 1e-9 && e < 0.9)
      .flatMap((e) => [-e, e])
      .sort((a, b) => a - b);
    for (const edge of expected)
      expect(Math.min(...found.map((e) => Math.abs(e - edge))), `rows ${rows}, edge ${edge}`).toBeLessThan(
        1e-9,
      );
    for (const edge of found)
      expect(Math.min(...expected.map((e) => Math.abs(e - edge))), `rows ${rows}, edge ${edge}`).toBeLessThan(
        1e-9,
      );
  }
});
