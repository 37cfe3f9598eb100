// A lead whose cell is two cells of another lead is the same lead, but right- and left-moving modes cross in it, where its equation is singular:
// forces over windows with a crossing inside, in the middle (on a node) and at a cold chemical potential against the same device with the
// lead unfolded, which has no crossing.
import { beforeAll, expect, test } from "vitest";
import { hermitianEigen } from "../../../src/engine/dense.js";
import type { Kernels } from "../../../src/engine/kernels.js";
import { loadKernels } from "../../../src/engine/load.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { ComplexMatrix, Lead, Reservoir, Triplet } from "../../../src/model/types.js";
import { prepareLead } from "../../../src/scattering/leads/prepare.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import type { ForceErrors, Forces } from "../../../src/transport/forces/result.js";
import { add, adjoint, multiply, scaled } from "../../twins/linear-algebra.js";
import { type RandomSource, randomSource } from "../../twins/random.js";
import { seeds } from "../../twins/seeds.js";
import { computeForces } from "../compute-forces.js";

let kernels: Kernels;
beforeAll(async () => {
  kernels = await loadKernels();
});

const size = 2;

function randomMatrix(random: RandomSource, real: boolean): ComplexMatrix {
  const data = Float64Array.from({ length: 2 * size * size }, (_, k) =>
    real && k % 2 === 1 ? 0 : random.between(-0.7, 0.7),
  );
  return { shape: [size, size], data };
}

/** A cell and hopping with E(k) = E(-k): real symmetric cells, all of it turned by unequal phases of the orbitals if asked for. */
function randomCell(random: RandomSource, complex: boolean) {
  const half = randomMatrix(random, true);
  const turn: ComplexMatrix = { shape: [size, size], data: new Float64Array(2 * size * size) };
  for (let i = 0; i < size; i++) {
    const angle = complex ? random.between(0, 6) : 0;
    turn.data.set([Math.cos(angle), Math.sin(angle)], 2 * i * (size + 1));
  }
  const turned = (a: ComplexMatrix) => multiply(adjoint(turn), multiply(a, turn));
  return { onsite: turned(add(half, adjoint(half))), hopping: turned(randomMatrix(random, true)) };
}

const triplets = ({ shape: [n, m], data }: ComplexMatrix, upper: boolean, row = 0, column = 0): Triplet[] =>
  Array.from({ length: n * m }, (_, k): Triplet => {
    const [i, j] = [Math.floor(k / m), k % m];
    return [row + i, column + j, data[2 * k], upper && i === j ? 0 : data[2 * k + 1]];
  }).filter(([i, j]) => !upper || j >= i);

/** The lead with its own cell, and with two of its cells called one. */
function plainAndFolded(
  { onsite, hopping }: ReturnType<typeof randomCell>,
  coupling: Triplet[],
): [Lead, Lead] {
  const common = { name: "left", kind: "periodic" as const, orbitals: [0, 1], coupling };
  return [
    { ...common, onsite: triplets(onsite, true), hopping: triplets(hopping, false) },
    {
      ...common,
      onsite: [
        ...triplets(onsite, true),
        ...triplets(onsite, true, size, size),
        ...triplets(hopping, false, 0, size),
      ],
      hopping: triplets(hopping, false, size, 0),
    },
  ];
}

/** Energies at k = pi/2: there E(k) = E(-k) meet when k and k + pi are called one. */
function crossings({ onsite, hopping }: ReturnType<typeof randomCell>): number[] {
  const forward = scaled(hopping, 0, 1);
  return [...hermitianEigen(kernels, size, add(add(onsite, forward), adjoint(forward)).data).values];
}

function device(random: RandomSource, lead: Lead) {
  const hermitian = (amplitude: number): Triplet[] =>
    [0, 1, 2, 3].flatMap((i) =>
      [0, 1, 2, 3].slice(i).map((j): Triplet => [i, j, random.between(-amplitude, amplitude)]),
    );
  return resolveModel({
    format: "nanopinwheel/1",
    device: {
      orbitals: 4,
      hamiltonian: hermitian(0.6),
      parameters: { x: hermitian(0.5), y: hermitian(0.5) },
      leads: [lead, { name: "right", kind: "wideband", orbitals: [2, 3], width: [0.7, 0.3] }],
    },
  }).device;
}

const quantities: [keyof ForceErrors, (forces: Forces) => Float64Array][] = [
  ["force", (f) => f.force],
  ["friction", (f) => f.friction],
  ["noise", (f) => f.noise],
  ["current", (f) => f.current],
  ["energyCurrent", (f) => f.energyCurrent],
  ["currentPerVelocity", (f) => f.currentPerVelocity],
  ["energyCurrentPerVelocity", (f) => f.energyCurrentPerVelocity],
];

test("forces do not notice that modes of a lead cross in the window", () => {
  let compared = 0;
  for (const seed of seeds(24, 8)) {
    const random = randomSource(7000 + seed);
    const cell = randomCell(random, seed % 2 === 0);
    const coupling = triplets(randomMatrix(random, false), false);
    const [plain, folded] = plainAndFolded(cell, coupling);
    const [one, two] = [plain, folded].map((lead) => device(randomSource(seed), lead));
    const { edges } = prepareLead(kernels, one.leads[0], "lead");
    for (const crossing of crossings(cell)) {
      // A window that ends before the bands do at one time, and one with band edges inside at another.
      const room = Math.min(...edges.map((edge) => Math.abs(edge - crossing)));
      if (room < 0.02) continue;
      const solvers = [one, two].map((resolved) => new KernelSolver(kernels, resolved, false));
      const span = seed % 3 === 0 ? 0.8 : Math.min(0.8 * room, 0.3);
      const windows: [number, number, number][] = [
        [crossing - 0.3 * span, crossing + 0.41 * span, 0],
        [crossing - 0.5 * span, crossing + 0.5 * span, 0],
        [crossing, crossing + 0.5 * span, 0],
        [crossing - 0.2 * span, crossing + 0.1 * span, 0.02],
      ];
      for (const [low, high, temperature] of windows) {
        const reservoirs: Reservoir[] = [high, low].map((chemicalPotential) => ({
          chemicalPotential,
          temperature,
        }));
        const [expected, found] = solvers.map((solver) => {
          solver.configure(Float64Array.of(0.3, -0.4));
          return computeForces(solver, reservoirs, { tolerance: 1e-9 });
        });
        const where = `seed ${seed}, crossing at ${crossing}, window ${low} to ${high}, T = ${temperature}`;
        for (const [key, list] of quantities) {
          const [a, b] = [list(expected), list(found)];
          const scale = Math.max(...a.map(Math.abs));
          // The leads themselves are known to about 1e-13.
          const allowed = expected.errors[key] + found.errors[key] + 1e-12 * (1 + scale);
          for (const [i, value] of a.entries())
            expect(Math.abs(value - b[i]), `${key}[${i}], ${where}`).toBeLessThanOrEqual(allowed);
          expect(found.errors[key], `${key}, ${where}`).toBeLessThan(1e-6 * scale + 1e-9);
        }
        compared++;
      }
      for (const solver of solvers) solver.release();
    }
  }
  expect(compared).toBeGreaterThan(4.1 * seeds(24, 8).length);
});
