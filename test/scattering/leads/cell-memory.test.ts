// Cells that are too large for the memory of the kernels are refused by name, before anything is computed where a bound tells.
import { beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../../../src/base/errors.js";
import type { Kernels } from "../../../src/engine/kernels.js";
import { loadKernels } from "../../../src/engine/load.js";
import { MemoryFull } from "../../../src/engine/memory.js";
import type { ComplexMatrix, ResolvedPeriodicLead } from "../../../src/model/types.js";
import { largestRank, leastRank } from "../../../src/scattering/leads/cell-memory.js";
import { prepareLead } from "../../../src/scattering/leads/prepare.js";
import { nanopinwheel } from "../../cli/command.js";
import { randomSource } from "../../twins/random.js";
import { seeds } from "../../twins/seeds.js";

const matrix = (rows: number, columns: number): ComplexMatrix => ({
  shape: [rows, columns],
  data: new Float64Array(2 * rows * columns),
});
const copy = ({ shape, data }: ComplexMatrix): ComplexMatrix => ({ shape, data: data.slice() });

/** A cell of n orbitals in a row, whose hopping to the next cell has the given rank. */
function rowOfOrbitals(n: number, rank: number): ResolvedPeriodicLead {
  const [onsite, hopping] = [matrix(n, n), matrix(n, n)];
  for (let i = 0; i < n; i++) {
    onsite.data[2 * i * (n + 1)] = 0.3 * Math.sin(i);
    if (i + 1 < n) for (const p of [i * n + i + 1, (i + 1) * n + i]) onsite.data[2 * p] = 1;
    if (i < rank)
      [hopping.data[2 * i * (n + 1)], hopping.data[2 * i * (n + 1) + 1]] = [0.5, 0.2 * Math.cos(i)];
  }
  const orbitals = Int32Array.from({ length: n }, (_, i) => i);
  return { name: "a", kind: "periodic", orbitals, onsite, hopping, coupling: copy(hopping) };
}

function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

test("a sparse cell of thousands of orbitals is refused before anything is allocated", async () => {
  const own = await loadKernels();
  const error = thrown(() => prepareLead(own, rowOfOrbitals(2500, 2500), "device.leads[1]"));
  expect(error).toBeInstanceOf(InputError);
  const { field, expected, found } = error as InputError;
  expect(field).toBe("device.leads[1].hopping");
  expect(expected).toMatch(/^a hopping of rank \d{3} or less \(memory of 3.75 GiB\)$/);
  expect(found).toBe("rank 2500 in a cell of 2500 orbitals");
  expect(own.memory.held).toBe(0);
});

test("the command ends with status 2 and names the lead", async () => {
  const n = 1500;
  const each = Array.from({ length: n }, (_, i) => i);
  const lead = {
    name: "a",
    kind: "periodic",
    orbitals: each,
    onsite: each.slice(1).map((i) => [i - 1, i, 1 + 0.1 * (i % 7)]),
    hopping: each.map((i) => [i, i, 0.5, 0.1 * (i % 5)]),
  };
  const device = {
    orbitals: n,
    hamiltonian: each.slice(1).map((i) => [i - 1, i, 1]),
    leads: [{ name: "b", kind: "wideband", orbitals: [0], width: [[0, 0, 1]] }, lead],
  };
  const model = JSON.stringify({ format: "nanopinwheel/1", device });
  const { status, stderr } = await nanopinwheel(["scatter", "-", "--energy", "0.1"], model);
  expect(status).toBe(2);
  expect(stderr).toMatch(/device\.leads\[1\]\.hopping.*rank \d+ or less.*found rank 1500/s);
});

describe("in a small memory", () => {
  const limit = 2 ** 25;
  let kernels: Kernels;
  beforeAll(async () => {
    kernels = await loadKernels(undefined, limit);
  });
  const prepared = (n: number, rank: number) => prepareLead(kernels, rowOfOrbitals(n, rank), "lead");

  test("three quarters of the rank that is named answer, within the bands as well", () => {
    for (const n of [40, 200]) {
      const most = Math.min(n, Math.floor(0.75 * largestRank(n, limit)));
      for (const energy of [0.1, 50])
        expect(prepared(n, most).at(energy).selfEnergy.every(Number.isFinite)).toBe(true);
    }
  });

  test("between the two bounds the memory is found full, for a reason that names the lead", () => {
    const most = largestRank(1, limit);
    const size = Math.floor(1.4 * most);
    const lead = prepared(size, size);
    expect(lead.at(50).channels).toBe(0);
    const error = thrown(() => lead.at(0.1));
    expect(error).toBeInstanceOf(MemoryFull);
    expect((error as MemoryFull).reason).toMatchObject({ name: "InputError", field: "lead.hopping" });
  });

  test("a cell without a bound in advance is refused by its rank", () => {
    const lead = rowOfOrbitals(160, 158);
    lead.coupling.data.fill(0);
    lead.coupling.data[0] = 1;
    expect(thrown(() => prepareLead(kernels, lead, "lead"))).toMatchObject({
      field: "lead.hopping",
      found: "rank 158 in a cell of 160 orbitals",
    });
  });
});

test("the bound on the rank never exceeds it, and is exact for small blocks", () => {
  for (const seed of seeds(12)) {
    const random = randomSource(40_000 + seed);
    const n = 24;
    const { data } = matrix(n, n);
    // Blocks u v^+ of rank 1 or 2 on rows and columns that are mixed.
    let rank = 0;
    for (let at = 0; at + 4 <= n; at += 4) {
      const own = random.integer(0, 2);
      rank += own;
      for (let k = 0; k < own; k++) {
        const [u, v] = [0, 1].map(() =>
          Array.from({ length: 4 }, () => random.between(0.2, 1) * (random.uniform() < 0.5 ? -1 : 1)),
        );
        for (let i = 0; i < 4; i++)
          for (let j = 0; j < 4; j++)
            data[2 * (((5 * (at + i)) % n) * n + ((7 * (at + j)) % n))] += u[i] * v[j];
      }
    }
    expect(leastRank(data, n, n)).toBe(rank);
  }
  const { data } = matrix(100, 100);
  data.fill(1);
  expect(leastRank(data, 100, 100)).toBe(1);
});
