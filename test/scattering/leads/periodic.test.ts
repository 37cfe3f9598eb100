// Periodic leads with any cell and hopping: against the twin's surface Green's function, their own equation, differences in the energy, closed forms
// of folded chains (crossing modes), a ribbon in a magnetic field that continues its leads, and the refusals.
import { beforeAll, describe, expect, test } from "vitest";
import { hermitianEigen } from "../../../src/engine/dense.js";
import type { Kernels } from "../../../src/engine/kernels.js";
import { loadKernels } from "../../../src/engine/load.js";
import { loadEngine } from "../../../src/index.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { ComplexMatrix, Lead, ResolvedPeriodicLead, Triplet } from "../../../src/model/types.js";
import type { PreparedLead } from "../../../src/scattering/leads/lead.js";
import { periodicLead } from "../../../src/scattering/leads/periodic/periodic.js";
import { prepareLead } from "../../../src/scattering/leads/prepare.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import { bandEdges, broadening, selfEnergy } from "../../twins/leads.js";
import { add, adjoint, distance, inverse, multiply, scalar, scaled } from "../../twins/linear-algebra.js";
import { randomSource } from "../../twins/random.js";
import { generalLead } from "../../twins/random-leads.js";
import { seeds } from "../../twins/seeds.js";

let kernels: Kernels;
beforeAll(async () => {
  kernels = await loadKernels();
});

/** A lead on a device that is large enough for it. */
function resolved(lead: Lead): ResolvedPeriodicLead {
  const orbitals = 1 + Math.max(...(lead as { orbitals: number[] }).orbitals);
  const device = { orbitals, hamiltonian: [] as Triplet[], parameters: {}, leads: [lead] };
  return resolveModel({ format: "nanopinwheel/1", device }).device.leads[0] as ResolvedPeriodicLead;
}

/** A lead whose hopping has any rank, on 1 to 5 device orbitals. */
function randomLead(seed: number): ResolvedPeriodicLead {
  const random = randomSource(seed);
  const orbitals = Array.from({ length: random.integer(1, 5) }, (_, i) => i);
  return resolved(generalLead(random, "a", orbitals, random.uniform() < 0.4));
}

const prepared = (lead: ResolvedPeriodicLead) => prepareLead(kernels, lead, "device.leads[0]");
const matrix = (data: Float64Array, rows: number, columns: number): ComplexMatrix => ({
  shape: [rows, columns],
  data: data.slice(),
});

/** Sigma, Sigma', W and W' as matrices of their own. */
function valuesAt(lead: PreparedLead, energy: number) {
  const n = lead.orbitals.length;
  const { selfEnergy, selfEnergyDerivative, vectors, vectorDerivatives, channels } = lead.at(energy);
  return {
    sigma: matrix(selfEnergy, n, n),
    slope: matrix(selfEnergyDerivative, n, n),
    W: matrix(vectors, n, channels),
    dW: matrix(vectorDerivatives, n, channels),
    channels,
  };
}

/** Distance of the nearest band edge, in parts of the hopping. */
const clearance = (edges: number[], energy: number) =>
  Math.min(1, ...edges.map((edge) => Math.abs(edge - energy)));

/** Number of bands crossed upwards at this energy, by brute force over k: the number of propagating modes towards either side. */
function openBands(lead: ResolvedPeriodicLead, energy: number): number {
  const m = lead.onsite.shape[0];
  const steps = 500;
  let open = 0;
  let before: Float64Array | undefined;
  for (let i = 0; i <= steps; i++) {
    const k = (2 * Math.PI * (i + 0.3)) / steps;
    const forward = scaled(lead.hopping, Math.cos(k), Math.sin(k));
    const now = hermitianEigen(
      kernels,
      m,
      add(add(lead.onsite, forward), adjoint(forward)).data,
    ).values.sort();
    if (before)
      now.forEach((e, band) => {
        if (before![band] < energy && e >= energy) open++;
      });
    before = now;
  }
  return open;
}

describe("random cells and hoppings", () => {
  test("Sigma and its derivative are those of the twin, at real and complex energies", () => {
    let compared = 0;
    for (const seed of seeds(120, 30)) {
      const lead = randomLead(seed);
      const fast = prepared(lead);
      const random = randomSource(1000 + seed);
      for (let round = 0; round < 3; round++) {
        const energy = random.between(-2, 2);
        const near = clearance(fast.edges, energy);
        if (near < 1e-3) continue;
        const twin = selfEnergy(lead, energy, 0);
        // The twin can land beside a crossing of modes, which it does not treat; its residual tells.
        if (!Number.isFinite(distance(twin.derivative))) continue;
        const found = valuesAt(fast, energy);
        const scale = 1 + distance(twin.sigma) ** 2;
        const slopeScale = 1 + distance(twin.derivative) ** 2;
        expect(distance(found.sigma, twin.sigma) / scale, `seed ${seed}, energy ${energy}`).toBeLessThan(
          1e-11 / near,
        );
        expect(
          distance(found.slope, twin.derivative) / slopeScale,
          `seed ${seed}, energy ${energy}`,
        ).toBeLessThan(1e-11 / near ** 1.5);
        const [re, im] = [random.between(-2, 2), 10 ** random.between(-3, 1)];
        const above = fast.selfEnergyAt(re, im);
        const expected = selfEnergy(lead, re, im);
        const n = lead.orbitals.length;
        expect(distance(matrix(above.selfEnergy, n, n), expected.sigma), `seed ${seed}`).toBeLessThan(
          1e-11 * (1 + distance(expected.sigma) ** 2),
        );
        expect(
          distance(matrix(above.selfEnergyDerivative, n, n), expected.derivative),
          `seed ${seed}`,
        ).toBeLessThan(1e-10 * (1 + distance(expected.derivative) ** 2));
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(2.5 * seeds(120, 30).length);
  });

  test("g fulfils its equation to 1e-13, and as many channels are open as bands are crossed", () => {
    for (const seed of seeds(60)) {
      const lead = randomLead(seed);
      const m = lead.onsite.shape[0];
      // Coupled by the identity Sigma is g itself.
      const bare: ResolvedPeriodicLead = {
        ...lead,
        orbitals: Int32Array.from({ length: m }, (_, i) => i),
        coupling: scalar(m),
      };
      const fast = periodicLead(kernels, bare, false, "lead");
      const energy = randomSource(2000 + seed).between(-1.5, 1.5);
      if (clearance(fast.edges, energy) < 1e-3) continue;
      const { sigma: g, channels } = valuesAt(fast, energy);
      const inner = multiply(lead.hopping, g, adjoint(lead.hopping));
      const image = inverse(add(add(scalar(m, energy), lead.onsite, -1), inner, -1));
      expect(distance(image, g) / distance(g), `seed ${seed}`).toBeLessThan(1e-13 * (1 + distance(g)));
      expect(channels, `seed ${seed}`).toBe(openBands(lead, energy));
    }
  });

  test("W W^+ is Gamma / 2 pi and W' W^+ + W W'^+ its derivative", () => {
    for (const seed of seeds(120, 30)) {
      const lead = prepared(randomLead(seed));
      const energy = randomSource(3000 + seed).between(-1.5, 1.5);
      const near = clearance(lead.edges, energy);
      if (near < 1e-3) continue;
      const { sigma, slope, W, dW } = valuesAt(lead, energy);
      const gamma = scaled(broadening(sigma), 1 / (2 * Math.PI));
      expect(distance(multiply(W, adjoint(W)), gamma), `seed ${seed}`).toBeLessThan(
        1e-12 * (1 + distance(sigma)),
      );
      const half = multiply(dW, adjoint(W));
      const expected = scaled(broadening(slope), 1 / (2 * Math.PI));
      expect(distance(add(half, adjoint(half)), expected), `seed ${seed}`).toBeLessThan(
        (1e-11 / near) * (1 + distance(slope)),
      );
    }
  });

  test("the derivative is the limit of differences, with order 2", () => {
    let measured = 0;
    for (const seed of seeds(40)) {
      const lead = prepared(randomLead(seed));
      const energy = randomSource(4000 + seed).between(-1.2, 1.2);
      if (clearance(lead.edges, energy) < 0.05) continue;
      const exact = valuesAt(lead, energy).slope;
      const errors = [1e-3, 5e-4].map((h) => {
        const difference = add(valuesAt(lead, energy + h).sigma, valuesAt(lead, energy - h).sigma, -1);
        return distance(scaled(difference, 1 / (2 * h)), exact);
      });
      if (errors[1] < 1e-9) continue;
      const order = Math.log2(errors[0] / errors[1]);
      expect(Math.abs(order - 2), `seed ${seed}: order ${order}`).toBeLessThan(0.1);
      measured++;
    }
    expect(measured).toBeGreaterThan(12);
  });
});

describe("band edges", () => {
  test("are the extrema the twin finds on its grid, and channels change nowhere else", () => {
    for (const seed of seeds(8)) {
      const lead = randomLead(seed);
      const { edges } = periodicLead(kernels, lead, false, "lead");
      const twin = bandEdges(lead);
      for (const edge of edges) {
        const nearest = twin.reduce(
          (least, e) => Math.min(least, Math.abs(e - edge)),
          Number.POSITIVE_INFINITY,
        );
        // Golden section finds the value to the square of its resolution in k.
        expect(nearest, `seed ${seed}, edge ${edge} of the fast list`).toBeLessThan(1e-8);
      }
      const between = [-4, ...edges, 4].flatMap((e, i, all) => (i === 0 ? [] : [(all[i - 1] + e) / 2]));
      for (const energy of between.slice(0, 5)) {
        const bare = { ...lead, orbitals: Int32Array.from({ length: lead.onsite.shape[0] }, (_, i) => i) };
        const full = periodicLead(
          kernels,
          { ...bare, coupling: scalar(lead.onsite.shape[0]) },
          false,
          "lead",
        );
        expect(full.at(energy).channels, `seed ${seed}, energy ${energy}`).toBe(openBands(lead, energy));
      }
    }
  });

  test("of a folded chain are those of the chain: crossings at the zone boundary open nothing", () => {
    for (const sites of [2, 3, 5]) {
      const lead = resolved(folded(sites, 0.3, 0.9));
      const { edges } = periodicLead(kernels, lead, true, "lead");
      expect(edges.length).toBe(2);
      expect(Math.abs(edges[0] - (0.3 - 1.8))).toBeLessThan(1e-13);
      expect(Math.abs(edges[1] - (0.3 + 1.8))).toBeLessThan(1e-13);
    }
  });
});

/** A chain with `sites` of its sites called one cell: the hopping is singular and modes cross at zone boundaries. */
function folded(sites: number, level: number, t: number): Lead {
  const onsite = Array.from({ length: sites }, (_, i): Triplet[] =>
    i + 1 < sites
      ? [
          [i, i, level],
          [i, i + 1, -t],
        ]
      : [[i, i, level]],
  ).flat();
  const hopping: Triplet[] = [[sites - 1, 0, -t]];
  return { name: "a", kind: "periodic", orbitals: [0], onsite, hopping, coupling: [[0, 0, -t]] };
}

describe("folded chains", () => {
  test.each([2, 3, 4, 7])("of %i sites a cell give the closed form, also where modes cross", (sites) => {
    const [level, t] = [0.3, 0.9];
    const lead = prepared(resolved(folded(sites, level, t)));
    const chain = prepareLead(
      kernels,
      { name: "a", kind: "chain", orbitals: Int32Array.of(0), onsite: level, hopping: t, coupling: t },
      "lead",
    );
    // Modes cross where 2 cos(k) = (E - level)/t with k a multiple of pi / sites.
    const crossings = Array.from(
      { length: sites - 1 },
      (_, j) => level + 2 * t * Math.cos(((j + 1) * Math.PI) / sites),
    );
    const energies = crossings.flatMap((e) => [e, e + 1e-12, e - 1e-9, e + 1e-6, e + 1e-4]);
    for (const energy of [...energies, -1.4, 0.37, 2.05, 2.5, -3]) {
      const [found, expected] = [valuesAt(lead, energy), valuesAt(chain, energy)];
      expect(found.channels, `energy ${energy}`).toBe(expected.channels);
      expect(distance(found.sigma, expected.sigma), `energy ${energy}`).toBeLessThan(2e-12);
      expect(distance(found.slope, expected.slope), `energy ${energy}`).toBeLessThan(1e-10);
    }
  });

  test("near a band edge digits go like 1/sqrt(distance), not faster", () => {
    const lead = prepared(resolved(folded(3, 0, 1)));
    for (const below of [1e-2, 1e-4, 1e-6, 1e-8, 1e-10])
      for (const side of [1, -1]) {
        const energy = 2 - side * below;
        const chain = prepareLead(
          kernels,
          { name: "a", kind: "chain", orbitals: Int32Array.of(0), onsite: 0, hopping: 1, coupling: 1 },
          "lead",
        );
        const [found, expected] = [valuesAt(lead, energy), valuesAt(chain, energy)];
        expect(found.channels, `distance ${side * below}`).toBe(side > 0 ? 1 : 0);
        expect(distance(found.sigma, expected.sigma)).toBeLessThan(1e-14 / Math.sqrt(below));
        expect(distance(found.slope, expected.slope)).toBeLessThan(1e-14 / below ** 1.5);
      }
  });
});

/** A square-lattice ribbon with `flux` per plaquette in the gauge that keeps it periodic along x, leads included. */
function magneticRibbon(width: number, length: number, flux: number, disorder = 0) {
  const site = (x: number, y: number) => x * width + y;
  const phase = (y: number): [number, number] => [-Math.cos(flux * y), -Math.sin(flux * y)];
  const hamiltonian: Triplet[] = [];
  const random = randomSource(5);
  for (let x = 0; x < length; x++)
    for (let y = 0; y < width; y++) {
      if (disorder > 0) hamiltonian.push([site(x, y), site(x, y), disorder * random.between(-0.5, 0.5)]);
      if (y + 1 < width) hamiltonian.push([site(x, y), site(x, y + 1), -1]);
      if (x + 1 < length) hamiltonian.push([site(x, y), site(x + 1, y), ...phase(y)]);
    }
  const lead = (name: string, x: number, direction: 1 | -1): Lead => ({
    name,
    kind: "periodic",
    orbitals: Array.from({ length: width }, (_, y) => site(x, y)),
    onsite: Array.from({ length: width - 1 }, (_, y): Triplet => [y, y + 1, -1]),
    hopping: Array.from({ length: width }, (_, y): Triplet => {
      const [re, im] = phase(y);
      return [y, y, re, direction * im];
    }),
  });
  const leads = [lead("left", 0, -1), lead("right", length - 1, 1)];
  const parameters = { gate: hamiltonian.filter(([i, j]) => i === j).slice(0, width) };
  return resolveModel({
    format: "nanopinwheel/1",
    device: { orbitals: width * length, hamiltonian, parameters: disorder > 0 ? parameters : {}, leads },
  });
}

function transmissions(model: ReturnType<typeof magneticRibbon>, energy: number) {
  const solver = new KernelSolver(kernels, model.device, false);
  const point = solver.solve(energy, { energyDerivative: false });
  const m = point.channels;
  let [forward, backward, right] = [0, 0, 0];
  for (let a = 0; a < m; a++) {
    right += point.channelLead[a];
    for (let b = 0; b < m; b++) {
      const weight = point.S[2 * (a * m + b)] ** 2 + point.S[2 * (a * m + b) + 1] ** 2;
      if (point.channelLead[a] === 1 && point.channelLead[b] === 0) forward += weight;
      if (point.channelLead[a] === 0 && point.channelLead[b] === 1) backward += weight;
    }
  }
  const unitarity = point.unitarityDefect;
  solver.release();
  return { forward, backward, left: m - right, right, unitarity };
}

describe("a ribbon in a magnetic field, leads included", () => {
  test("around an energy where a step of the decimation is singular no mode runs inwards", () => {
    // Flux 0.1, five sites wide: at E = -1 the start of Newton's method is worthless, and the solutions beside the retarded one are as exact.
    const lead = prepareLead(kernels, magneticRibbon(5, 1, 0.1).device.leads[0], "lead");
    const centre = valuesAt(lead, -1);
    const [below, above] = [-1.001, -0.999].map((energy) => valuesAt(lead, energy));
    const mean = scaled(add(below.sigma, above.sigma), 0.5, 0);
    expect(distance(mean, centre.sigma)).toBeLessThan(1e-4);
    for (let power = 3; power < 13; power += 0.25)
      for (const sign of [1, -1]) {
        const step = sign * 10 ** -power;
        const { sigma, channels } = valuesAt(lead, -1 + step);
        expect(channels, `at -1 + ${step}`).toBe(3);
        const straight = add(centre.sigma, scaled(centre.slope, step, 0));
        expect(distance(sigma, straight), `at -1 + ${step}`).toBeLessThan(20 * step ** 2 + 1e-11);
        const { selfEnergy: risen } = lead.selfEnergyAt(-1, Math.abs(step));
        const turned = add(centre.sigma, scaled(centre.slope, 0, Math.abs(step)));
        expect(distance(matrix(risen, 5, 5), turned), `at -1 + ${step} i`).toBeLessThan(
          20 * step ** 2 + 1e-11,
        );
      }
  });

  test.each([
    [6, 0.3, -1.7],
    [6, 0.3, -0.41],
    [10, 0.5, -2.3],
    [12, 0.25, -3.1],
    [14, 0.2, -2.6],
    [9, 2 * Math.PI * 0.1, 0.7],
    [8, 1, 0],
  ])(
    "width %i, flux %f, energy %f: what comes in goes through, channel by channel",
    (width, flux, energy) => {
      const clean = transmissions(magneticRibbon(width, 5, flux), energy);
      expect(clean.left).toBe(clean.right);
      expect(clean.left).toBeGreaterThan(0);
      expect(Math.abs(clean.forward - clean.left)).toBeLessThan(1e-11);
      expect(Math.abs(clean.backward - clean.left)).toBeLessThan(1e-11);
      expect(clean.unitarity).toBeLessThan(1e-12);
      const disordered = transmissions(magneticRibbon(width, 7, flux, 1.5), energy);
      expect(Math.abs(disordered.forward - disordered.backward)).toBeLessThan(1e-11);
      expect(disordered.unitarity).toBeLessThan(1e-12);
    },
  );

  test("in the quantum Hall regime disorder does not scatter the edge state back", () => {
    // Between the first two Landau levels of flux 2 pi / 10; the width is some ten magnetic lengths.
    const flux = (2 * Math.PI) / 10;
    const { forward, left } = transmissions(magneticRibbon(16, 12, flux, 0.4), -3.1);
    expect(left).toBe(1);
    expect(Math.abs(forward - 1)).toBeLessThan(1e-4);
  });

  test("without a field the general path agrees with the transverse modes", () => {
    for (const width of [3, 6, 11]) {
      const lead = magneticRibbon(width, 2, 0).device.leads[1] as ResolvedPeriodicLead;
      const [general, modes] = [periodicLead(kernels, lead, true, "lead"), prepared(lead)];
      expect(general.edges.length).toBe(new Set(modes.edges.map((e) => e.toFixed(9))).size);
      for (const energy of [-3.2, -1.234, 0.1, 0.77, 2.9, 4.5]) {
        const [a, b] = [valuesAt(general, energy), valuesAt(modes, energy)];
        expect(a.channels).toBe(b.channels);
        expect(distance(a.sigma, b.sigma)).toBeLessThan(1e-12);
        expect(distance(a.slope, b.slope)).toBeLessThan(1e-10);
      }
    }
  });
});

describe("what is refused", () => {
  const ladder = (coupling: Triplet[]): Lead => ({
    // Two orbitals a cell; the antisymmetric one hops nowhere: a flat band at -0.5 beside a chain band.
    name: "a",
    kind: "periodic",
    orbitals: [0],
    onsite: [[0, 1, 0.5]],
    hopping: [
      [0, 0, -0.5],
      [0, 1, -0.5],
      [1, 0, -0.5],
      [1, 1, -0.5],
    ],
    coupling,
  });

  test("a flat band exactly at the energy, if it touches the device", () => {
    const touching = prepared(resolved(ladder([[0, 0, 1]])));
    expect(() => touching.at(-0.5)).toThrow(/flat band/);
    expect(touching.at(-0.4).channels).toBe(1);
    const dark = prepared(
      resolved(
        ladder([
          [0, 0, 1],
          [0, 1, 1],
        ]),
      ),
    );
    expect(dark.at(-0.5).channels).toBe(1);
  });

  test("a state bound to the surface exactly at the energy", () => {
    // The end of a dimerised chain that begins with its weak bond holds a state at E = 0.
    const dimers = prepared(
      resolved({
        name: "a",
        kind: "periodic",
        orbitals: [0],
        onsite: [[0, 1, -0.5]],
        hopping: [[1, 0, -1]],
        coupling: [[0, 0, 1]],
      }),
    );
    // Sigma is infinite there; the waves at the port are not, and the device's S is their answer.
    const on = dimers.at(0);
    expect(on.channels).toBe(0);
    expect(Math.abs(Math.hypot(on.waves!.R[0], on.waves!.R[1]) - 1)).toBeLessThan(1e-15);
    const near = dimers.at(1e-5);
    expect(near.channels).toBe(0);
    // Its residue is the weight 1 - (0.5 / 1)^2 of the surface state on the first site.
    expect(Math.abs(near.selfEnergy[0] * 1e-5 - 0.75)).toBeLessThan(1e-8);
  });

  test("no open channel: Sigma is Hermitian and W has no column", () => {
    for (const seed of seeds(30)) {
      const lead = prepared(randomLead(seed));
      const { sigma, channels } = valuesAt(lead, 40);
      expect(channels).toBe(0);
      expect(distance(broadening(sigma))).toBeLessThan(1e-14);
    }
  });

  test("a chain exactly at its band edge: finite, unitary, with a warning", async () => {
    const engine = await loadEngine();
    const chain = (name: string, orbital: number): Lead => ({ name, kind: "chain", orbital, hopping: 1 });
    const hamiltonian: Triplet[] = [
      [0, 1, -1],
      [1, 1, 0.3],
    ];
    const device = {
      orbitals: 2,
      hamiltonian,
      parameters: { x: [[0, 0, 1]] },
      leads: [chain("a", 0), chain("b", 1)],
    };
    const opened = engine.device({ format: "nanopinwheel/1", device });
    for (const energy of [2, -2]) {
      const { channels, S, dSdE, warnings, unitarityDefect } = opened.scatter({ energy });
      expect(channels).toEqual([]);
      expect([...S.data, ...dSdE!.data, unitarityDefect].every(Number.isFinite)).toBe(true);
      expect(warnings[0].code).toBe("threshold");
      // One rounding inside the band both channels are open.
      expect(opened.scatter({ energy: energy * (1 - 2 ** -52) }).channels).toEqual(["a", "b"]);
    }
    opened.close();
  });

  test("exactly on a threshold every number stays finite", () => {
    for (const seed of seeds(20)) {
      const lead = prepared(randomLead(seed));
      for (const edge of lead.edges.slice(0, 3)) {
        const { sigma, slope } = valuesAt(lead, edge);
        expect(Number.isFinite(distance(sigma)) && Number.isFinite(distance(slope)), `seed ${seed}`).toBe(
          true,
        );
      }
    }
  });
});
