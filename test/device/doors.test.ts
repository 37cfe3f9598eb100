// Every question of a device at one configuration, on every way that S is computed: a fresh device, and one that has been asked every other question
// at other configurations, energies and cycles before, give the same numbers.

import { expect, test } from "vitest";
import { InputError } from "../../src/base/errors.js";
import { Device } from "../../src/device/device.js";
import { loadKernels } from "../../src/engine/load.js";
import type { Cycle, Lead, Model, Triplet } from "../../src/model/types.js";
import { seeds } from "../twins/seeds.js";

const reservoirs = {
  left: { chemicalPotential: 0.25, temperature: 0.2 },
  right: { chemicalPotential: 0.15, temperature: 0.18 },
};
const cycle: Cycle = { x: { mean: 0.7, cos: [0.25] }, y: { mean: 0.3, sin: [0.25] } };
const otherCycle: Cycle = { x: { mean: -0.4, cos: [0.3] }, y: { mean: -0.9, sin: [0.2] } };

const chainLead = (name: string, orbital: number): Lead => ({ name, kind: "chain", orbital, hopping: 1 });
const wide = (name: string, orbital: number, width = 0.8): Lead => ({
  name,
  kind: "wideband",
  orbitals: [orbital],
  width,
});
const parameters = (first: number, last: number): Record<string, Triplet[]> => ({
  x: [[first, first, 1]],
  y: [[last, last, 1]],
});
const model = (device: Model["device"], more: Model["reservoirs"] = reservoirs): Model => ({
  format: "nanopinwheel/1",
  device,
  cycle,
  reservoirs: more,
  rotor: { inertia: 5, friction: 0.05 },
});
const line = (sites: number): Triplet[] => Array.from({ length: sites - 1 }, (_, i) => [i, i + 1, -0.8]);

/** A strip, `width` orbitals across, with a magnetic flux per cell. */
const strip = (width: number, length: number, flux: number): Triplet[] =>
  Array.from({ length: width * length }, (_, k): Triplet[] => {
    const [i, j] = [Math.floor(k / width), k % width];
    return [
      [k, k, 0.1 * Math.sin(7 * k)],
      ...(j + 1 < width ? [[k, k + 1, -Math.cos(flux * i), Math.sin(flux * i)] as Triplet] : []),
      ...(i + 1 < length ? [[k, k + width, -1] as Triplet] : []),
    ];
  }).flat();

const periodic = (name: string, orbitals: number[]): Lead => ({
  name,
  kind: "periodic",
  orbitals,
  onsite: orbitals.slice(1).map((_, i): Triplet => [i, i + 1, -0.9, 0.2]),
  hopping: orbitals.map((_, i): Triplet => [i, i, -1.1]).concat([[0, 1, 0.3, 0.1]]),
});

/** A scatterer of two channels known by its S alone: a phase in each lead and a transmission that X moves, reciprocal. */
const givenS = (energy: number, { x, y }: Record<string, number>) => {
  const [t, a, b] = [
    0.6 + 0.3 * Math.sin(x + 0.7 * y + 0.4 * energy),
    0.5 * energy + y,
    0.3 * energy - 0.4 * x,
  ];
  const r = Math.sqrt(1 - t * t);
  const phase = (p: number, re: number, im: number) => [
    re * Math.cos(p) - im * Math.sin(p),
    re * Math.sin(p) + im * Math.cos(p),
  ];
  const data = Float64Array.from([
    ...phase(2 * a, r, 0),
    ...phase(a + b, 0, t),
    ...phase(a + b, 0, t),
    ...phase(2 * b, r, 0),
  ]);
  return { S: { shape: [2, 2] as [number, number], data } };
};

interface Place {
  at: { x: number; y: number };
  energy: number;
  cycle: Cycle;
}
const here: Place = { at: { x: 0.7, y: 0.3 }, energy: 0.21, cycle };
const there: Place = { at: { x: -0.4, y: -1.1 }, energy: -0.13, cycle: otherCycle };

/** Orbital 2, at the energy asked for, hangs on the leads by `coupling`. */
const narrow = (coupling: number): Model =>
  model({
    orbitals: 3,
    hamiltonian: [
      [0, 1, -0.5],
      [1, 2, coupling],
      [2, 2, here.energy - here.at.y],
    ],
    parameters: { x: [[0, 0, 1]], y: [[2, 2, 1]] },
    leads: [wide("left", 0), wide("right", 1, 0.6)],
  });

/** Ways that S is computed. `fronts`: forced; `refused`: questions that such a device cannot answer; `only`: those that go this way. */
const devices: {
  name: string;
  model: Model;
  fronts?: boolean;
  refused?: readonly string[];
  only?: readonly string[];
}[] = [
  {
    name: "chain with chain leads",
    model: model({
      orbitals: 4,
      hamiltonian: line(4),
      parameters: parameters(0, 3),
      leads: [chainLead("left", 0), chainLead("right", 3)],
    }),
  },
  {
    name: "chain of driven complex hoppings",
    model: model({
      orbitals: 4,
      hamiltonian: [...line(4), [1, 2, 0.1, 0.4]].slice(0, 2).concat([[2, 3, -0.7, 0.3]]) as Triplet[],
      parameters: { x: [[1, 2, 0.5, 0.2]], y: [[3, 3, 1]] },
      leads: [wide("left", 0), chainLead("right", 3)],
    }),
  },
  {
    name: "dot, complex, three leads",
    model: model(
      {
        orbitals: 4,
        hamiltonian: [...line(4), [0, 2, 0.2, 0.5], [0, 3, -0.3, 0.1]],
        parameters: {
          x: [
            [0, 0, 1],
            [1, 2, 0.3, 0.2],
          ],
          y: [
            [2, 2, 1],
            [3, 3, -0.5],
          ],
        },
        leads: [wide("left", 0), wide("right", 3), wide("third", 2, 0.3)],
      },
      { ...reservoirs, third: { chemicalPotential: 0.2, temperature: 0.05 } },
    ),
    refused: ["rectified"],
  },
  {
    name: "probe",
    model: model({
      orbitals: 4,
      hamiltonian: [...line(4), [0, 2, 0.3]],
      parameters: parameters(1, 2),
      leads: [wide("left", 0), wide("right", 3), { name: "probe", kind: "probe", orbitals: [2], width: 0.2 }],
    }),
  },
  {
    name: "slices, complex",
    model: model({
      orbitals: 12,
      hamiltonian: strip(3, 4, 0.3),
      parameters: parameters(4, 7),
      leads: [chainLead("left", 1), chainLead("right", 10)],
    }),
  },
  {
    name: "slices, periodic leads in a field",
    model: model({
      orbitals: 12,
      hamiltonian: strip(3, 4, 0.2),
      parameters: parameters(4, 7),
      leads: [periodic("left", [0, 1, 2]), periodic("right", [9, 10, 11])],
    }),
  },
  {
    name: "fronts",
    fronts: true,
    model: model({
      orbitals: 20,
      hamiltonian: strip(4, 5, 0),
      parameters: parameters(6, 13),
      leads: [chainLead("left", 1), chainLead("right", 18)],
    }),
  },
  {
    name: "functions",
    model: model({
      orbitals: 3,
      hamiltonian: ({ x, y }) =>
        [
          [0, 0, x],
          [2, 2, Math.sin(y)],
          [0, 1, -0.8, 0.2 * x],
          [1, 2, -0.7],
          // An element that is there for some X alone.
          ...(x > 0 ? [[0, 2, 0.1 * x] as Triplet] : []),
        ] as Triplet[],
      parameters: ["x", "y"],
      leads: [wide("left", 0), wide("right", 2)],
    }),
  },
  {
    name: "given S",
    model: model({
      scattering: { evaluate: givenS, reciprocal: true },
      parameters: ["x", "y"],
      leads: ["left", "right"].map((name) => ({ name, kind: "given" as const, channels: 1 })),
    }),
    refused: ["motor", "turnCurve", "simulate"],
  },
  {
    name: "a narrow level: refined nodes of an integral",
    model: narrow(1e-4),
    only: ["scatter", "scatteringMatrix", "forces", "curvature"],
  },
  {
    name: "a level at the energy: refined points",
    model: narrow(1e-7),
    only: ["scatter", "scatteringMatrix", "curvature"],
  },
];

/** The public questions; results as they come. */
const questions: Record<string, (device: Device, place: Place) => object> = {
  scatter: (device, { at, energy }) => device.scatter({ at, energy }),
  scatteringMatrix: (device, { at, energy }) => device.scatteringMatrix({ at, energy }),
  pump: (device, place) => device.pump({ energy: place.energy, cycle: place.cycle, points: 16 }),
  curvature: (device, { at, energy }) =>
    device.curvature({ parameters: ["x", "y"], first: [at.x, at.x + 0.1], second: [at.y], energy }),
  rectified: (device, place) =>
    device.rectified({ energy: place.energy, cycle: place.cycle, capacitances: { x: 0.2 }, points: 16 }),
  forces: (device, { at }) => device.forces({ at, tolerance: 1e-4 }),
  linearResponse: (device, place) =>
    device.linearResponse({ energy: place.energy, cycle: place.cycle, points: 16 }),
  turnCurve: (device, place) => device.turnCurve({ cycle: place.cycle, tolerance: 1e-2 }),
  motor: (device, place) => device.motor({ cycle: place.cycle, tolerance: 1e-2 }),
  simulate: (device, place) =>
    device.simulate({ cycle: place.cycle, time: 2, trajectories: 2, tolerance: 1e-2, step: 0.1 }),
};

/** All numbers of an answer, by their path; a refusal is its field. */
function numbersOf(ask: () => object): Map<string, number | string> {
  const found = new Map<string, number | string>();
  const walk = (value: unknown, path: string): void => {
    if (typeof value === "number") found.set(path, value);
    else if (ArrayBuffer.isView(value))
      (value as Float64Array).forEach((x, i) => {
        found.set(`${path}[${i}]`, x);
      });
    else if (typeof value === "object" && value !== null)
      for (const [key, entry] of Object.entries(value)) if (!unsteady.has(key)) walk(entry, `${path}.${key}`);
  };
  try {
    walk(ask(), "");
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    found.set("refused", error.field);
  }
  return found;
}
/** What tells of rounding, or of the work done. */
const unsteady = new Set([
  "unitarityDefect",
  "unitarity",
  "error",
  "errors",
  "chargeBalance",
  "certificate",
  "certificates",
  "evaluations",
  "warnings",
  "points",
  "samples",
]);

/** Questions that integrate over energy all along a turn: every day of these devices only. */
const turns = ["turnCurve", "motor", "simulate"];
const whole = ["chain with chain leads", "given S"];
const all = seeds(2, 1).length > 1;

test.each(devices)("$name", async ({ name, model: written, fronts, refused = [], only }) => {
  const kernels = await loadKernels();
  kernels.fronts = fronts;
  const names = Object.keys(questions).filter(
    (question) =>
      (!only || only.includes(question)) && (all || whole.includes(name) || !turns.includes(question)),
  );
  const used = Device.open(kernels, written);
  for (const question of names) numbersOf(() => questions[question](used, there));
  for (const question of names) {
    const fresh = Device.open(kernels, written);
    const expected = numbersOf(() => questions[question](fresh, here));
    const found = numbersOf(() => questions[question](used, here));
    const where = `${question} of ${name}`;
    expect(expected.has("refused"), `${where}: ${expected.get("refused")}`).toBe(refused.includes(question));
    expect([...found.keys()], where).toEqual([...expected.keys()]);
    expect(expected.size, where).toBeGreaterThan(0);
    for (const [path, value] of expected) {
      const other = found.get(path);
      if (typeof value === "number" && typeof other === "number")
        expect(
          Math.abs(value - other) / (1 + Math.abs(value)),
          `${where}${path}: ${value}, ${other}`,
        ).toBeLessThan(1e-9);
      else expect(other, where).toBe(value);
    }
    // The answer is not one for any X.
    if (!refused.includes(question)) {
      const elsewhere = numbersOf(() => questions[question](fresh, there));
      const moved = [...expected].some(([path, value]) => {
        const other = elsewhere.get(path);
        return (
          typeof value === "number" && Math.abs(value) > 1e-9 && !(Math.abs(Number(other) / value - 1) < 1e-3)
        );
      });
      expect(moved, `${where} at another place`).toBe(true);
    }
    // One question after the other at other places: the device in use is never at the place that is asked for.
    numbersOf(() => questions[names[(names.indexOf(question) + 1) % names.length]](used, there));
    fresh.close();
  }
  // The two doors to S.
  const [{ S }, alone] = [
    used.scatter({ at: here.at, energy: here.energy }),
    used.scatteringMatrix({ at: here.at, energy: here.energy }),
  ];
  S.data.forEach((value, k) => {
    expect(Math.abs(value - alone.S.data[k])).toBeLessThan(1e-9);
  });
  used.close();
});
