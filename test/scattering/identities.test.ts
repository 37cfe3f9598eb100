// What holds for every device, on the kernels: seeded random devices, real and complex, with 1 to 4 leads of all kinds (periodic ones with general
// cells every other seed) and scrambled orbital numbers. The failing seed stands in the message.
//
// How well a device is conditioned is read off its scattering states: an error d in H changes S by 2 pi psi^+ d psi, and 2 pi psi^+ psi is the dwell
// time. `condition` = scale of H times the dwell time, times 1/sqrt(distance of a band edge): digits lost beyond those of the input.

import { beforeAll, describe, expect, test } from "vitest";
import type { Kernels } from "../../src/engine/kernels.js";
import { loadKernels } from "../../src/engine/load.js";
import { loadEngine } from "../../src/index.js";
import { resolveModel } from "../../src/model/resolve/resolve.js";
import type { Lead, Triplet } from "../../src/model/types.js";
import type { ScatteringPoint } from "../../src/scattering/point.js";
import { KernelSolver } from "../../src/scattering/solvers/solver.js";
import { densePointSolver } from "../twins/dense.js";
import { randomSource } from "../twins/random.js";
import { type RandomModel, randomModel } from "../twins/random-device.js";
import { withGeneralLeads } from "../twins/random-leads.js";
import { seeds } from "../twins/seeds.js";
import { textOf } from "../twins/warnings.js";
import { condition, energyOf, everywhere } from "./conditioning.js";

let simd: Kernels;
let scalar: Kernels;
beforeAll(async () => {
  [simd, scalar] = [await loadKernels("simd"), await loadKernels("scalar")];
});

/** Every seed of the list as a device; a third of them by fronts in a nested order, with the other build by slices beside them. */
const device = (seed: number): RandomModel => {
  simd.fronts = seed % 3 === 0;
  const model = randomModel(seed);
  return seed % 2 === 0 ? withGeneralLeads(model, seed) : model;
};

interface Solved {
  point: ScatteringPoint;
  leads: number;
  condition: number;
}

/** One point of a model, its arrays copied; the last direction is the identity. */
function solved(kernels: Kernels, model: RandomModel, energy: number, values?: number[]): Solved {
  const { device } = resolveModel(everywhere(model));
  const solver = new KernelSolver(kernels, device, false);
  const at = Float64Array.from(device.parameters, (_, i) =>
    i === device.parameters.length - 1 ? 0 : (values?.[i] ?? 0.3 - 0.5 * i),
  );
  solver.configure(at);
  const point = solver.solve(energy, { energyDerivative: true });
  const copy: ScatteringPoint = {
    ...point,
    channelLead: point.channelLead.slice(0, point.channels),
    S: point.S.slice(),
    dSdE: point.dSdE.slice(),
    K: point.K.map((k) => k.slice()),
    P: point.P.map((p) => p.slice()),
  };
  const result = { point: copy, leads: device.leads.length, condition: condition(solver, copy, energy) };
  solver.release();
  return result;
}

/** Sum of a_ij b_ji over rows i of lead `a` and columns j of lead `b`, complex: free of the basis inside a lead if a, b are operators. */
function tracePair(
  x: Float64Array,
  y: Float64Array,
  { channels: m, channelLead }: ScatteringPoint,
  a: number,
  b: number,
): [number, number] {
  let [re, im] = [0, 0];
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) {
      if (channelLead[i] !== a || channelLead[j] !== b) continue;
      const [p, q] = [2 * (i * m + j), 2 * (j * m + i)];
      re += x[p] * y[q] - x[p + 1] * y[q + 1];
      im += x[p] * y[q + 1] + x[p + 1] * y[q];
    }
  return [re, im];
}

/** Transmissions T_ab and Re Tr[Pi_a K_nu Pi_b K_nu'] of all pairs: what every observable is made of. */
function invariants({ point, leads }: Solved, directions: number): number[] {
  const m = point.channels;
  const adjoint = new Float64Array(point.S.length);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) {
      adjoint[2 * (j * m + i)] = point.S[2 * (i * m + j)];
      adjoint[2 * (j * m + i) + 1] = -point.S[2 * (i * m + j) + 1];
    }
  const list: number[] = [];
  for (let a = 0; a < leads; a++)
    for (let b = 0; b < leads; b++) {
      list.push(tracePair(point.S, adjoint, point, a, b)[0]);
      for (let nu = 0; nu < directions; nu++)
        for (let mu = 0; mu < directions; mu++)
          list.push(tracePair(point.K[nu], point.K[mu], point, a, b)[0]);
    }
  return list;
}

const largest = (a: ArrayLike<number>) => Array.from(a).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0) / (1 + largest(b));
}

describe("on 240 random devices", () => {
  test("S is unitary, to 1e-12 where the device is well conditioned", () => {
    let well = 0;
    for (const seed of seeds(240, 80)) {
      const { point, condition } = solved(simd, device(seed), energyOf(seed));
      expect(point.unitarityDefect, `seed ${seed}, condition ${condition}`).toBeLessThan(
        3e-15 * (30 + condition),
      );
      if (condition > 200) continue;
      well++;
      expect(point.unitarityDefect, `seed ${seed}`).toBeLessThan(1e-12);
    }
    expect(well).toBeGreaterThan(0.79 * seeds(240, 80).length);
  });

  test("both builds agree", () => {
    for (const seed of seeds(200, 60)) {
      const [a, b] = [simd, scalar].map((kernels) => solved(kernels, device(seed), energyOf(seed)));
      const n = a.point.K.length;
      expect(difference(invariants(a, n), invariants(b, n)), `seed ${seed}`).toBeLessThan(
        3e-14 * (30 + a.condition),
      );
    }
  });

  test("the numbering of the orbitals does not matter", () => {
    for (const seed of seeds(200, 60)) {
      const model = device(seed);
      const order = randomSource(seed + 77).permutation(model.device.orbitals);
      const a = solved(simd, model, energyOf(seed));
      const b = solved(simd, renumbered(model, order), energyOf(seed));
      // The lists of the leads keep their order, and with it the basis inside the leads: S itself must agree.
      expect(difference(a.point.S, b.point.S), `seed ${seed}`).toBeLessThan(3e-14 * (30 + a.condition));
      for (const [nu, K] of a.point.K.entries())
        expect(difference(K, b.point.K[nu]), `seed ${seed}`).toBeLessThan(3e-14 * (30 + a.condition));
    }
  });

  test("phases of the orbitals do not matter", () => {
    for (const seed of seeds(200, 60)) {
      const model = device(seed);
      const random = randomSource(seed + 99);
      const phases = Array.from({ length: model.device.orbitals }, () => random.between(0, 2 * Math.PI));
      const a = solved(simd, model, energyOf(seed));
      const b = solved(simd, gauged(model, phases), energyOf(seed));
      const n = a.point.K.length;
      expect(b.point.channelLead).toEqual(a.point.channelLead);
      expect(difference(invariants(a, n), invariants(b, n)), `seed ${seed}`).toBeLessThan(
        3e-14 * (30 + a.condition),
      );
    }
  });

  test("reversing the field transposes S", () => {
    for (const seed of seeds(200, 60)) {
      const a = solved(simd, device(seed), energyOf(seed));
      const b = solved(simd, conjugated(device(seed)), energyOf(seed));
      const m = a.point.channels;
      const bound = 3e-14 * (30 + a.condition);
      for (let i = 0; i < a.leads; i++)
        for (let j = 0; j < a.leads; j++) {
          let [forward, backward] = [0, 0];
          for (let p = 0; p < m; p++)
            for (let q = 0; q < m; q++) {
              if (a.point.channelLead[p] !== i || a.point.channelLead[q] !== j) continue;
              const [k, l] = [2 * (p * m + q), 2 * (q * m + p)];
              forward += a.point.S[k] ** 2 + a.point.S[k + 1] ** 2;
              backward += b.point.S[l] ** 2 + b.point.S[l + 1] ** 2;
            }
          expect(Math.abs(forward - backward), `seed ${seed}, leads ${i}, ${j}`).toBeLessThan(bound);
        }
      // Where the basis of every lead is fixed, element by element.
      if (device(seed).device.leads.some(({ kind }) => kind === "periodic")) continue;
      for (let p = 0; p < m; p++)
        for (let q = 0; q < m; q++)
          for (const part of [0, 1]) {
            const found = b.point.S[2 * (q * m + p) + part];
            expect(Math.abs(a.point.S[2 * (p * m + q) + part] - found), `seed ${seed}`).toBeLessThan(bound);
          }
    }
  });

  test("dS/dX = -i S K is the limit of differences, with order 2", () => {
    let measured = 0;
    for (const seed of seeds(200, 60)) {
      const model = device(seed);
      const energy = energyOf(seed);
      const start = [0.2, -0.1, 0.4];
      const middle = solved(simd, model, energy, start);
      // The steps stay well inside the narrowest resonance.
      if (middle.condition > 60) continue;
      const m = middle.point.channels;
      if (m === 0) continue;
      const exact = minusITimes(middle.point.S, middle.point.K[0], m);
      const off = [0.006, 0.003].map((part) => {
        const step = part / middle.condition;
        const [up, down] = [step, -step].map(
          (shift) => solved(simd, model, energy, [start[0] + shift, start[1], start[2]]).point.S,
        );
        return exact.map((x, k) => x - (up[k] - down[k]) / (2 * step));
      });
      const errors = off.map(largest);
      // The two steps extrapolated: only the fourth order of the step is left.
      const extrapolated = off[1].map((x, k) => (4 * x - off[0][k]) / 3);
      expect(largest(extrapolated) / (1 + largest(exact)), `seed ${seed}`).toBeLessThan(1e-8);
      if (errors[1] < 1e-9) continue;
      const order = Math.log2(errors[0] / errors[1]);
      expect(Math.abs(order - 2), `seed ${seed}: order ${order}`).toBeLessThan(0.05);
      measured++;
    }
    expect(measured).toBeGreaterThan(0.6 * seeds(200, 60).length);
  });

  test("dS/dE gives the slopes of all transmissions and of the total phase, with order 2 against differences", () => {
    let measured = 0;
    for (const seed of seeds(200, 60)) {
      const model = device(seed);
      const energy = energyOf(seed);
      const middle = solved(simd, model, energy);
      if (middle.condition > 60 || middle.point.channels === 0) continue;
      // Both are free of the bases inside the leads, which may turn with the energy.
      const exact = slopesOf(middle);
      const off = [0.006, 0.003].map((part) => {
        // Leads have structure of their own in the energy: a longest step beside that of the dwell time.
        const step = part / Math.max(middle.condition, 12);
        const [up, down] = [step, -step].map((shift) => valuesOf(solved(simd, model, energy + shift)));
        return exact.map((x, k) => {
          const change = up[k] - down[k];
          // The last value is a phase.
          const turns = k === exact.length - 1 ? Math.round(change / (2 * Math.PI)) : 0;
          return x - (change - 2 * Math.PI * turns) / (2 * step);
        });
      });
      const errors = off.map(largest);
      const extrapolated = off[1].map((x, k) => (4 * x - off[0][k]) / 3);
      expect(largest(extrapolated) / (1 + largest(exact)), `seed ${seed}`).toBeLessThan(1e-7);
      if (errors[1] < 1e-8 * (1 + largest(exact))) continue;
      const order = Math.log2(errors[0] / errors[1]);
      expect(Math.abs(order - 2), `seed ${seed}: order ${order}`).toBeLessThan(0.05);
      measured++;
    }
    expect(measured).toBeGreaterThan(0.4 * seeds(200, 60).length);
  });

  test("K is Hermitian, and the dwell time is the delay of S at constant leads", () => {
    for (const seed of seeds(200, 60)) {
      const model = randomModel(seed, { kinds: ["scalar", "orbitals", "matrix", "probe"] });
      const { point, condition } = solved(simd, model, energyOf(seed));
      const m = point.channels;
      // With constant Sigma, dS/dE = i S 2 pi psi^+ psi: shifting E is shifting H the other way.
      const dwell = point.K[point.K.length - 1].map((x) => -x);
      const expected = minusITimes(point.S, dwell, m);
      expect(difference(point.dSdE, expected), `seed ${seed}`).toBeLessThan(3e-14 * (30 + condition));
      for (const K of point.K)
        for (let a = 0; a < m; a++)
          for (let b = 0; b < m; b++) {
            expect(K[2 * (a * m + b)], `seed ${seed}`).toBe(K[2 * (b * m + a)]);
            expect(Math.abs(K[2 * (a * m + b) + 1] + K[2 * (b * m + a) + 1]), `seed ${seed}`).toBe(0);
          }
    }
  });
});

test("the pump's charges sum to zero over a turn", async () => {
  const engine = await loadEngine();
  let pumped = 0;
  for (const seed of seeds(200, 60)) {
    const model = device(seed);
    if (model.device.leads.length < 2) continue;
    const opened = engine.device(model);
    const energy = energyOf(seed);
    const { charge, certificate } = opened.pump({ energy, tolerance: 1e-7 });
    opened.close();
    const size = Object.values(charge).reduce((sum, q) => sum + Math.abs(q), 0);
    const total = Object.values(charge).reduce((sum, q) => sum + q, 0);
    expect(Math.abs(total), `seed ${seed}`).toBeLessThan(1e-6 * (1 + size));
    expect(Math.abs(certificate.chargeBalance - total), `seed ${seed}`).toBeLessThan(1e-12 * (1 + size));
    if (size > 1e-6) pumped++;
  }
  expect(pumped).toBeGreaterThan(0.5 * seeds(200, 60).length);
});

describe("pieces that no path connects to a lead", () => {
  test("change neither S nor the charge, whatever drives them", async () => {
    const engine = await loadEngine();
    for (const seed of seeds(40)) {
      const model = device(seed);
      const n = model.device.orbitals;
      // Two more orbitals, coupled to each other, with an eigenvalue exactly at the energy.
      const energy = energyOf(seed);
      const island: Triplet[] = [
        [n, n, energy + 0.3],
        [n, n + 1, 0.4],
        [n + 1, n + 1, energy + 0.16 / 0.3],
      ];
      const hamiltonian = [...(model.device.hamiltonian as Triplet[]), ...island];
      const whole = { ...model, device: { ...model.device, orbitals: n + 2, hamiltonian } };
      const [a, b] = [engine.device(model), engine.device(whole)];
      expect(textOf(b.warnings)).toMatch(/connected to no lead/);
      const at = { x: 0.2, y: -0.3 };
      const [first, second] = [a.scatter({ energy, at }), b.scatter({ energy, at })];
      expect(second.S.data, `seed ${seed}`).toEqual(first.S.data);
      expect(second.dSdE!.data, `seed ${seed}`).toEqual(first.dSdE!.data);
      const [p, q] = [a.pump({ energy, points: 16 }), b.pump({ energy, points: 16 })];
      expect(q.charge, `seed ${seed}`).toEqual(p.charge);
      a.close();
      b.close();
    }
  });
});

describe("exact zero pivots at E = 0", () => {
  test("bipartite devices with zero on-site energies: the twin's S, or refused where it is singular", () => {
    let [compared, refused] = [0, 0];
    for (const seed of seeds(200, 60)) {
      const model = resolveModel(bipartite(seed));
      const twin = densePointSolver(model);
      let expected: ScatteringPoint | undefined;
      try {
        expected = twin.solve(0, { energyDerivative: false });
        // A dark state shows in the twin as rounding noise blown up: the inverse is of the order of 1e15.
        const { G } = twin.point(0);
        if (largest(G.data) > 1e12) expected = undefined;
      } catch {
        expected = undefined;
      }
      const solver = new KernelSolver(simd, model.device, false);
      if (!expected) {
        expect(() => solver.solve(0, { energyDerivative: false }), `seed ${seed}`).toThrow(/singular/);
        refused++;
      } else {
        const found = solver.solve(0, { energyDerivative: false });
        const m = expected.channels;
        expect(found.unitarityDefect, `seed ${seed}`).toBeLessThan(1e-12);
        expect(
          difference(found.S.subarray(0, 2 * m * m), expected.S.subarray(0, 2 * m * m)),
          `seed ${seed}`,
        ).toBeLessThan(1e-11);
        compared++;
      }
      solver.release();
    }
    expect(compared).toBeGreaterThan(0.3 * seeds(200, 60).length);
    expect(refused).toBeGreaterThan(0.05 * seeds(200, 60).length);
  });
});

/** All T_ab and the phase of det S. */
function valuesOf({ point, leads }: Solved): number[] {
  const m = point.channels;
  const list = new Array<number>(leads * leads).fill(0);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) {
      const k = 2 * (i * m + j);
      list[point.channelLead[i] * leads + point.channelLead[j]] += point.S[k] ** 2 + point.S[k + 1] ** 2;
    }
  return [...list, phaseOfDeterminant(point.S, m)];
}

/** Their slopes in the energy from S and S'. */
function slopesOf({ point, leads }: Solved): number[] {
  const m = point.channels;
  const list = new Array<number>(leads * leads).fill(0);
  let delay = 0;
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) {
      const k = 2 * (i * m + j);
      const [a, b, c, d] = [point.S[k], point.S[k + 1], point.dSdE[k], point.dSdE[k + 1]];
      list[point.channelLead[i] * leads + point.channelLead[j]] += 2 * (a * c + b * d);
      delay += a * d - b * c;
    }
  return [...list, delay];
}

/** Gaussian elimination with pivoting; the sum of the pivots' phases. */
function phaseOfDeterminant(S: Float64Array, m: number): number {
  const a = S.slice(0, 2 * m * m);
  let phase = 0;
  for (let k = 0; k < m; k++) {
    let pivot = k;
    const size = (i: number) => Math.hypot(a[2 * (i * m + k)], a[2 * (i * m + k) + 1]);
    for (let i = k + 1; i < m; i++) if (size(i) > size(pivot)) pivot = i;
    if (pivot !== k) {
      phase += Math.PI;
      const row = a.slice(2 * k * m, 2 * (k + 1) * m);
      a.copyWithin(2 * k * m, 2 * pivot * m, 2 * (pivot + 1) * m);
      a.set(row, 2 * pivot * m);
    }
    const [re, im] = [a[2 * (k * m + k)], a[2 * (k * m + k) + 1]];
    phase += Math.atan2(im, re);
    for (let i = k + 1; i < m; i++) {
      const q = 2 * (i * m + k);
      const norm = re * re + im * im;
      const [x, y] = [(a[q] * re + a[q + 1] * im) / norm, (a[q + 1] * re - a[q] * im) / norm];
      for (let j = k; j < m; j++) {
        const [s, t] = [2 * (i * m + j), 2 * (k * m + j)];
        a[s] -= x * a[t] - y * a[t + 1];
        a[s + 1] -= x * a[t + 1] + y * a[t];
      }
    }
  }
  return phase;
}

/** -i S K. */
function minusITimes(S: Float64Array, K: Float64Array, m: number): Float64Array {
  const data = new Float64Array(2 * m * m);
  for (let a = 0; a < m; a++)
    for (let b = 0; b < m; b++)
      for (let c = 0; c < m; c++) {
        const [s, k, t] = [2 * (a * m + c), 2 * (c * m + b), 2 * (a * m + b)];
        data[t] += S[s] * K[k + 1] + S[s + 1] * K[k];
        data[t + 1] -= S[s] * K[k] - S[s + 1] * K[k + 1];
      }
  return data;
}

/** Triplets of the upper triangle moved to new row and column numbers, conjugated where they fall below the diagonal. */
const moved = (list: Triplet[], to: (i: number) => number): Triplet[] =>
  list.map(([i, j, re, im = 0]) => {
    const [p, q] = [to(i), to(j)];
    return p <= q ? [p, q, re, im] : [q, p, re, -im];
  });

function renumbered(model: RandomModel, order: number[]): RandomModel {
  const to = (i: number) => order[i];
  const leads = model.device.leads.map(
    (lead): Lead =>
      lead.kind === "chain"
        ? { ...lead, orbital: to(lead.orbital) }
        : { ...lead, orbitals: lead.orbitals.map(to) },
  );
  return withMatrices(model, (list) => moved(list, to), leads);
}

function withMatrices(
  model: RandomModel,
  change: (list: Triplet[]) => Triplet[],
  leads: Lead[],
): RandomModel {
  const parameters = Object.fromEntries(
    Object.entries(model.device.parameters as Record<string, Triplet[]>).map(([name, list]) => [
      name,
      change(list),
    ]),
  );
  const hamiltonian = change(model.device.hamiltonian as Triplet[]);
  return { ...model, device: { ...model.device, hamiltonian, parameters, leads } };
}

/** re + i im turned by an angle. */
const turned = (re: number, im: number, angle: number): [number, number] => [
  re * Math.cos(angle) - im * Math.sin(angle),
  re * Math.sin(angle) + im * Math.cos(angle),
];

/** H_ij e^(i (phi_i - phi_j)) everywhere, the leads' contacts included. */
function gauged(model: RandomModel, phases: number[]): RandomModel {
  const turn = (list: Triplet[], phase: (i: number) => number): Triplet[] =>
    list.map(([i, j, re, im = 0]) => (i === j ? [i, j, re] : [i, j, ...turned(re, im, phase(i) - phase(j))]));
  const leads = model.device.leads.map((lead): Lead => {
    if (lead.kind === "chain") return lead;
    const phase = (i: number) => phases[lead.orbitals[i]];
    if (lead.kind === "periodic") {
      const coupling = (lead.coupling ?? lead.hopping!).map(
        ([i, j, re, im = 0]): Triplet => [i, j, ...turned(re, im, phase(i))],
      );
      return { ...lead, coupling };
    }
    if (!("width" in lead)) throw new Error("no such lead here");
    const matrix = Array.isArray(lead.width) && Array.isArray(lead.width[0]);
    return matrix ? { ...lead, width: turn(lead.width as Triplet[], phase) } : lead;
  });
  return withMatrices(model, (list) => turn(list, (i) => phases[i]), leads);
}

/** Every matrix conjugated: the magnetic field reversed. */
function conjugated(model: RandomModel): RandomModel {
  const flip = (list: Triplet[]): Triplet[] =>
    list.map(([i, j, re, im = 0]): Triplet => (im === 0 ? [i, j, re] : [i, j, re, -im]));
  const leads = model.device.leads.map((lead): Lead => {
    if (lead.kind === "chain") return lead;
    if (lead.kind === "periodic")
      return {
        ...lead,
        onsite: flip(lead.onsite),
        hopping: flip(lead.hopping!),
        coupling: flip(lead.coupling ?? lead.hopping!),
      };
    if (!("width" in lead)) throw new Error("no such lead here");
    const matrix = Array.isArray(lead.width) && Array.isArray(lead.width[0]);
    return matrix ? { ...lead, width: flip(lead.width as Triplet[]) } : lead;
  });
  return withMatrices(model, flip, leads);
}

/** Random trees and rings with hoppings of 1 and on-site energies of 0, chain leads of hopping 1: full of exactly singular pieces. */
function bipartite(seed: number) {
  const random = randomSource(seed + 31);
  const n = random.integer(2, 14);
  const hamiltonian: Triplet[] = [];
  for (let i = 1; i < n; i++) hamiltonian.push([random.integer(Math.max(0, i - 3), i - 1), i, -1]);
  const orbitals = random.permutation(n);
  const leads = Array.from({ length: random.integer(1, Math.min(3, n)) }, (_, k) => ({
    name: `lead${k}`,
    kind: "chain",
    orbital: orbitals[k],
    hopping: 1,
  }));
  return {
    format: "nanopinwheel/1",
    device: { orbitals: n, hamiltonian, parameters: { x: [[0, 0, 1]] }, leads },
  };
}
