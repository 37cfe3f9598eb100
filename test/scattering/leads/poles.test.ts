// Energies at which a lead's self-energy is infinite (a state bound to its surface, a flat band that touches the device, a gap edge): S is finite
// there, unitary and smooth, with all its derivatives.
import { beforeAll, expect, test } from "vitest";
import { type Engine, loadEngine, type Triplet } from "../../../src/index.js";
import { randomSource } from "../../twins/random.js";
import { seeds } from "../../twins/seeds.js";

let engine: Engine;
beforeAll(async () => {
  engine = await loadEngine();
});

/** A dimerised chain that begins with its weak bond (v < w) holds a state at its level. */
const dimers = (v: number, level: number, orbital: number) => ({
  name: "dimers",
  kind: "periodic",
  orbitals: [orbital],
  onsite: [
    [0, 0, level],
    [1, 1, level],
    [0, 1, -v],
  ],
  hopping: [[1, 0, -1]],
  coupling: [[0, 0, 0.8]],
});

const cold = { chemicalPotential: 0.3, temperature: 0.01 };

test("a state bound to the surface pins the orbital it touches", () => {
  for (const seed of seeds(40, 20)) {
    const random = randomSource(12_000 + seed);
    const [v, level, site, hop, width] = [
      random.between(0.2, 0.8),
      random.between(-0.5, 0.5),
      random.between(-1, 1),
      random.between(-1, 1),
      random.between(0.3, 2),
    ];
    const device = engine.device({
      format: "nanopinwheel/1",
      device: {
        orbitals: 2,
        hamiltonian: [
          [0, 0, random.between(-1, 1)],
          [0, 1, hop],
          [1, 1, site],
        ],
        parameters: { near: [[0, 0, 1]], far: [[1, 1, 1]] },
        leads: [dimers(v, level, 0), { name: "probe", kind: "wideband", orbitals: [1], width }],
      },
    });
    // With orbital 0 pinned: S = 1 - i width / (E - site + i width / 2).
    const at = { near: 0, far: 0 };
    const { S, dS, channels } = device.scatter({ energy: level, at });
    const size = (level - site) ** 2 + width ** 2 / 4;
    const [re, im] = [1 - width ** 2 / 2 / size, (-width * (level - site)) / size];
    expect(channels, `seed ${seed}`).toEqual(["probe"]);
    expect(Math.hypot(S.data[0] - re, S.data[1] - im), `seed ${seed}`).toBeLessThan(1e-12);
    const near = dS!.near;
    expect(Math.hypot(near.data[0], near.data[1]), `seed ${seed}`).toBeLessThan(1e-12);
    // dS/d(site) = -i width / (E - site + i width / 2)^2, also after another question.
    const slope = [
      -(width ** 2 * (level - site)) / size ** 2,
      (-width * ((level - site) ** 2 - width ** 2 / 4)) / size ** 2,
    ];
    const off = (far: typeof near) => Math.hypot(far.data[0] - slope[0], far.data[1] - slope[1]);
    const allowed = 1e-11 * (1 + Math.hypot(slope[0], slope[1]));
    expect(off(dS!.far), `seed ${seed}`).toBeLessThan(allowed);
    device.forces({ at: { near: 1, far: 1 }, reservoirs: { dimers: cold, probe: cold } });
    expect(off(device.scatter({ energy: level, at }).dS!.far), `seed ${seed}, asked again`).toBeLessThan(
      allowed,
    );
    device.close();
  }
});

/** Chains of diamonds: their antisymmetric states are a flat band at 0; the device touches one orbital of the pair, so that they are seen in the first cell. */
function touched(random: ReturnType<typeof randomSource>, complex: boolean) {
  const lead = (name: string, orbital: number) => ({
    name,
    kind: "periodic",
    orbitals: [orbital],
    onsite: [
      [0, 1, -1, complex ? random.between(-0.3, 0.3) : 0],
      [0, 2, -1, 0],
    ],
    hopping: [
      [1, 0, -1],
      [2, 0, -1],
    ],
    coupling: [[0, 1, random.between(-1, -0.5)]],
  });
  const hamiltonian: Triplet[] = [0, 1, 2].flatMap((i) =>
    [i, i + 1].filter((j) => j < 3).map((j): Triplet => [i, j, random.between(-1, 1)]),
  );
  return {
    format: "nanopinwheel/1",
    device: {
      orbitals: 3,
      hamiltonian,
      parameters: { x: [[1, 1, 1]] },
      leads: [lead("a", 0), lead("b", 2)],
    },
    reservoirs: {
      a: { chemicalPotential: 0.05, temperature: 0.02 },
      b: { chemicalPotential: -0.05, temperature: 0.02 },
    },
  };
}

test("a flat band that touches the device: transmission, delay and derivatives are those of the energies beside it", () => {
  for (const seed of seeds(40, 20)) {
    const random = randomSource(13_000 + seed);
    const device = engine.device(touched(random, seed % 2 === 0));
    const at = { x: random.between(-0.5, 0.5) };
    const ask = (energy: number) => {
      const { transmission, delay, dS, unitarityDefect } = device.scatter({ energy, at });
      const slope = Math.hypot(...dS!.x.data);
      expect(unitarityDefect, `seed ${seed}, energy ${energy}`).toBeLessThan(1e-12);
      return [transmission.a.b, delay!.trace, slope];
    };
    const h = 2e-3;
    const [m2, m1, on, p1, p2] = [-2, -1, 0, 1, 2].map((k) => ask(k * h));
    on.forEach((value, q) => {
      // Fourth order through the neighbours.
      const between = (4 * (m1[q] + p1[q]) - (m2[q] + p2[q])) / 6;
      const spread = Math.abs(m1[q] + p1[q] - (m2[q] + p2[q]));
      expect(Math.abs(value - between), `seed ${seed}, quantity ${q}`).toBeLessThan(1e-7 + 0.3 * spread);
    });
    const [beside] = ask(1e-9);
    expect(Math.abs(beside - on[0]), `seed ${seed}`).toBeLessThan(1e-7);
    if (seed % 10 === 1)
      expect(device.forces({ at }).force.every(Number.isFinite), `seed ${seed}`).toBe(true);
    device.close();
  }
});

/** Leads that hold a state at their surface beside two chains that are open there, in a field or not. */
function besideChains(random: ReturnType<typeof randomSource>, level: number, complex: boolean) {
  const phase = () => (complex ? random.between(-0.3, 0.3) : 0);
  const lead = (name: string, orbital: number) => ({
    name,
    kind: "periodic",
    orbitals: [orbital, orbital + 1],
    onsite: [
      [0, 0, level],
      [1, 1, level],
      [0, 1, -random.between(0.2, 0.8)],
      [2, 3, random.between(0.1, 0.4), phase()],
    ],
    hopping: [
      [1, 0, -1],
      [2, 2, -0.9],
      [3, 3, -0.7],
      [2, 3, 0.2, phase()],
    ],
    coupling: [
      [0, 0, 0.8],
      [0, 2, random.between(-1, -0.5)],
      [1, 3, random.between(-1, -0.5)],
      [1, 2, random.between(-0.5, 0.5)],
    ],
  });
  const hamiltonian: Triplet[] = [0, 1, 2, 3].flatMap((i) =>
    [0, 1, 2, 3].slice(i).map((j): Triplet => [i, j, random.between(-1, 1)]),
  );
  const device = { orbitals: 4, hamiltonian, parameters: {}, leads: [lead("a", 0), lead("b", 2)] };
  return { format: "nanopinwheel/1", device };
}

test("next to a pole dS/dE is the derivative of the S returned", () => {
  for (const seed of seeds(40, 20)) {
    const random = randomSource(14_000 + seed);
    const level = random.between(-0.3, 0.3);
    const device = engine.device(besideChains(random, level, seed % 2 === 0));
    // All within the neighbourhood in which the leads are closed by their waves.
    const [centre, h] = [level + random.between(-5e-6, 5e-6), 3e-6];
    const [m2, m1, on, p1, p2] = [-2, -1, 0, 1, 2].map((k) => device.scatter({ energy: centre + k * h }));
    expect(on.channels).toEqual(["a", "a", "b", "b"]);
    const slope = on.dSdE!.data;
    let [worst, size] = [0, 1];
    slope.forEach((value, k) => {
      const first = p1.S.data[k] - m1.S.data[k];
      const second = p2.S.data[k] - m2.S.data[k];
      worst = Math.max(worst, Math.abs(value - (8 * first - second) / (12 * h)));
      size = Math.max(size, Math.abs(value));
    });
    // Differences of S, known to 1e-13 or so, over this step.
    expect(worst / size, `seed ${seed}`).toBeLessThan(1e-9);
    device.close();
  }
});

test("the edge of a superconducting gap: S of the edge, and no channel below", () => {
  const lead = (name: string, orbitals: number[], gap: number) => ({
    name,
    kind: "periodic",
    orbitals,
    onsite: [
      [0, 0, 0.4],
      [0, 1, gap],
      [1, 1, -0.4],
    ],
    hopping: [
      [0, 0, -1],
      [1, 1, 1],
    ],
  });
  for (const gap of [0.02, 0.05, 0.1, 0.17, 0.3]) {
    const device = engine.device({
      format: "nanopinwheel/1",
      device: {
        orbitals: 2,
        hamiltonian: [
          [0, 0, 0.2],
          [1, 1, -0.2],
          [0, 1, gap],
        ],
        parameters: { x: [[0, 0, 1]] },
        leads: [lead("a", [0, 1], gap), lead("b", [0, 1], gap)],
      },
    });
    const [edge, near, inside, below] = [gap, gap * (1 + 1e-10), gap * (1 + 1e-6), gap * (1 - 1e-6)].map(
      (energy) => device.scatter({ energy, at: { x: 0.1 } }),
    );
    for (const { channels, transmission, unitarityDefect } of [edge, near, inside]) {
      expect(channels.length, `gap ${gap}`).toBe(4);
      expect(Math.abs(transmission.a.b - inside.transmission.a.b), `gap ${gap}`).toBeLessThan(2e-3);
      expect(unitarityDefect, `gap ${gap}`).toBeLessThan(1e-9);
    }
    // S approaches its limit like the square root of the distance.
    expect(Math.abs(edge.transmission.a.b - near.transmission.a.b), `gap ${gap}`).toBeLessThan(1e-4);
    expect(below.channels.length, `gap ${gap}`).toBe(0);
    // On the edge dS/dE diverges.
    expect([edge.dSdE, edge.delay], `gap ${gap}`).toEqual([undefined, undefined]);
    expect(inside.delay!.trace, `gap ${gap}`).toBeGreaterThan(0);
    device.close();
  }
});

test("a state bound to one orbital of a complex cell: the delay is that of the real cell, or is left out with a warning", () => {
  const elements = (matrix: number[][][], upper: boolean): Triplet[] =>
    matrix.flatMap((row, i) =>
      row.flatMap(([re, im], j): Triplet[] =>
        upper && j < i ? [] : [[i, j, re, i === j && upper ? 0 : im]],
      ),
    );
  const times = (a: number[][][], b: number[][][]): number[][][] =>
    a.map((row) =>
      b[0].map((_, j) =>
        row.reduce(
          ([re, im], [x, y], k) => [
            re + x * b[k][j][0] - y * b[k][j][1],
            im + x * b[k][j][1] + y * b[k][j][0],
          ],
          [0, 0],
        ),
      ),
    );
  const adjoint = (a: number[][][]) => a[0].map((_, j) => a.map((row) => [row[j][0], -row[j][1]]));
  const real = (a: number[][]) => a.map((row) => row.map((x) => [x, 0]));
  // A chain, and beside it a dimerised one whose end holds a state at E = 0.
  const onsite = real([
    [0.1, 0, 0],
    [0, 0, 0.4],
    [0, 0.4, 0],
  ]);
  const hopping = real([
    [-1, 0, 0],
    [0, 0, 0],
    [0, -0.9, 0],
  ]);
  const coupling = real([
    [-0.8, 0.1, 0],
    [0.2, -0.5, 0],
  ]);
  const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
  const mix = [
    [
      [c, 0],
      [0, s],
      [0, 0],
    ],
    [
      [0, s],
      [c, 0],
      [0, 0],
    ],
    [
      [0, 0],
      [0, 0],
      [1, 0],
    ],
  ];
  const deviceOf = (turn?: number[][][]) => {
    const inside = (a: number[][][]) => (turn ? times(times(adjoint(turn), a), turn) : a);
    return engine.device({
      format: "nanopinwheel/1",
      device: {
        orbitals: 2,
        hamiltonian: [[0, 1, 0.6]],
        leads: [
          {
            name: "a",
            kind: "periodic",
            orbitals: [0, 1],
            onsite: elements(inside(onsite), true),
            hopping: elements(inside(hopping), false),
            coupling: elements(turn ? times(coupling, turn) : coupling, false),
          },
          { name: "b", kind: "chain", orbital: 1, hopping: 1 },
        ],
      },
    });
  };
  const [plain, mixed] = [deviceOf(), deviceOf(mix)];
  for (const energy of [-0.2, 0, 0.2]) {
    const [a, b] = [plain, mixed].map((device) => device.scatter({ energy }));
    expect(b.transmission.a.b).toBeCloseTo(a.transmission.a.b, 11);
    if (b.delay) expect(b.delay.trace).toBeCloseTo(a.delay!.trace, 9);
    else expect(b.warnings.map(({ text }) => text).join()).toContain("delay is left out");
    // The energies beside the bound state have their delay.
    if (energy !== 0) expect(b.delay).toBeDefined();
  }
  plain.close();
  mixed.close();
});
