// Devices known by their S alone: the continuum Thouless motor against its table and its exact solution at finite speed, the identities of A and P,
// differences in place of derivatives, tables, a Hamiltonian's S handed back in, and what is left out or refused.

import { beforeAll, describe, expect, test } from "vitest";
import type { Kernels } from "../../src/engine/kernels.js";
import { loadKernels } from "../../src/engine/load.js";
import { type Device, type Engine, loadEngine } from "../../src/index.js";
import { diracScattering } from "../../src/model/presets/dirac.js";
import { resolveModel } from "../../src/model/resolve/resolve.js";
import type { ComplexMatrix, GivenDevice, Model, ScatteringFunction } from "../../src/model/types.js";
import { KernelSolver } from "../../src/scattering/solvers/solver.js";
import { add, adjoint, distance, multiply, scalar, scaled } from "../twins/linear-algebra.js";
import { randomModel } from "../twins/random-device.js";
import { chosen } from "../twins/seeds.js";
import { textOf } from "../twins/warnings.js";

let engine: Engine;
beforeAll(async () => {
  engine = await loadEngine();
});

const dirac = (options: object, rest: Partial<Model> = {}): Device =>
  engine.device({ format: "nanopinwheel/1", device: { preset: "dirac", ...options }, ...rest });

const energies = [-2.3, -1, -0.7, 0, 0.3, 0.999, 1.0001, 1.7, 4];

describe("the closed form of the continuum Thouless motor", () => {
  test.each([
    [1, 0.5],
    [1, 2],
    [0.4, 7],
    [2, 0.01],
    [1, 40],
  ])("gap %f, length %f: S is unitary, its derivatives are those of differences", (gap, length) => {
    for (const energy of energies)
      for (const theta of [0, 0.7, 3.9]) {
        const at = (e: number, x: number) => diracScattering(gap, length, e, x);
        const { S, dSdE, dS, mixed } = at(energy, theta);
        expect(distance(multiply(adjoint(S), S), scalar(2))).toBeLessThan(1e-14);
        // Differences of order 4.
        const differ = (f: (h: number) => ComplexMatrix, h: number) =>
          scaled(add(add(scaled(f(h), 8), f(-h), -8), add(f(-2 * h), f(2 * h), -1)), 1 / (12 * h));
        const h = 1e-3 / Math.max(1, length) ** 1.5;
        const scale = 1 + distance(dSdE!);
        expect(
          distance(
            differ((d) => at(energy + d, theta).S, h),
            dSdE!,
          ) / scale,
        ).toBeLessThan(1e-9);
        expect(
          distance(
            differ((d) => at(energy, theta + d).S, 1e-3),
            dS!.theta,
          ),
        ).toBeLessThan(1e-11);
        expect(
          distance(
            differ((d) => at(energy + d, theta).dS!.theta, h),
            mixed!.theta,
          ) / scale,
        ).toBeLessThan(1e-9);
      }
  });

  test("A fulfils what unitarity at first order in the velocity asks of it", () => {
    for (const [gap, length] of [
      [1, 0.5],
      [1, 2],
      [0.4, 7],
    ])
      for (const energy of energies) {
        const { S, dSdE, dS, A } = diracScattering(gap, length, energy, 0.6);
        const half = multiply(adjoint(S), A!.theta);
        const twist = multiply(adjoint(dS!.theta), dSdE!);
        const expected = scaled(add(twist, adjoint(twist), -1), 0, 0.5);
        expect(distance(add(half, adjoint(half)), expected)).toBeLessThan(1e-12 * (1 + length ** 2));
      }
  });

  test("without a gap it is a ballistic wire of its length", () => {
    const { S, dSdE, A } = diracScattering(1e-12, 3, 0.8, 0.2);
    expect(Math.abs(S.data[4] - Math.cos(2.4))).toBeLessThan(1e-11);
    expect(Math.abs(S.data[5] - Math.sin(2.4))).toBeLessThan(1e-11);
    expect(distance(add(dSdE!, S, 0, -3))).toBeLessThan(1e-11);
    expect(distance(A!.theta)).toBeLessThan(1e-11);
  });
});

describe("the table of the continuum Thouless motor at E = 0", () => {
  test.each([
    [0.5, 0.786448, 0.213552, 0.27154, 0.059985, 0.05977],
    [1, 0.419974, 0.580026, 1.3811, 0.213552, 0.204238],
    [2, 0.0706508, 0.929349, 13.154, 0.580026, 0.434011],
    [4, 0.00134095, 0.998659, 744.74, 0.929349, 0.498661],
  ])("length %f", (length, transmission, charge, merit, efficiency, atMaximumPower) => {
    const device = dirac({ length });
    const near = (found: number | undefined, expected: number) =>
      expect(Math.abs(found! / expected - 1)).toBeLessThan(1e-5);
    near(device.scatter().transmission.left.right, transmission);
    const found = device.linearResponse();
    near(Math.abs(found.charge), charge);
    near(found.frictionPerTurn, charge);
    near(found.figureOfMerit, merit);
    near(found.maximumEfficiency, efficiency);
    near(found.efficiencyAtMaximumPower, atMaximumPower);
    // The closed forms behind the printed digits: R = tanh^2 (gap length), eta_max = tanh^2 (gap length / 2), Z = R/T = sinh^2.
    expect(Math.abs(Math.abs(found.charge) - Math.tanh(length) ** 2)).toBeLessThan(1e-12);
    expect(Math.abs(found.frictionPerTurn - Math.tanh(length) ** 2)).toBeLessThan(1e-12);
    expect(Math.abs(found.maximumEfficiency! / Math.tanh(length / 2) ** 2 - 1)).toBeLessThan(1e-11);
    expect(Math.abs(found.figureOfMerit! / Math.sinh(length) ** 2 - 1)).toBeLessThan(1e-11);
    expect(found.certificate.unitarity).toBeLessThan(1e-14);
    expect(device.pump({ energy: 0 }).certificate.chargeBalance).toBeLessThan(1e-14);
  });
});

/** Reflection at zero angle. */
const reflection = (gap: number, length: number, energy: number) => {
  const { S } = diracScattering(gap, length, energy, 0);
  return S.data[0] ** 2 + S.data[1] ** 2;
};

/** Simpson's rule, fine enough for smooth integrands here. */
function integral(f: (x: number) => number, low: number, high: number, steps = 4000): number {
  const h = (high - low) / steps;
  let sum = f(low) + f(high);
  for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * f(low + i * h);
  return (sum * h) / 3;
}

describe("at any bias and temperatures, against the exact solution of the turning motor", () => {
  // Turning at omega, with f(E) of either lead: torque = (1/2 pi) int dE R(E) [f_L(E + omega/2) - f_R(E - omega/2)].
  const cases = [
    { mu: [0.4, -0.3], T: [0.1, 0.1], gap: 1, length: 1 },
    { mu: [1.4, 0.2], T: [0.05, 0.2], gap: 1, length: 2 },
    { mu: [0.1, 0.1], T: [0.3, 0.1], gap: 0.5, length: 3 },
  ];
  test.each(cases)("mu $mu, T $T, gap $gap, length $length", ({ mu, T, gap, length }) => {
    const reservoirs = {
      left: { chemicalPotential: mu[0], temperature: T[0] },
      right: { chemicalPotential: mu[1], temperature: T[1] },
    };
    const found = dirac({ gap, length }).forces({ at: { theta: 1.1 }, reservoirs });
    const fermi = (e: number, a: number) => 1 / (1 + Math.exp((e - mu[a]) / T[a]));
    const R = (e: number) => reflection(gap, length, e);
    const torque = (omega: number) =>
      integral((e) => R(e) * (fermi(e + omega / 2, 0) - fermi(e - omega / 2, 1)), -14, 14) / (2 * Math.PI);
    // Differences of order 4 in the speed.
    const slope = (f: (omega: number) => number, h = 1e-3) =>
      (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
    expect(Math.abs(found.force[0] - torque(0))).toBeLessThan(1e-9);
    expect(Math.abs(found.friction!.data[0] + slope(torque))).toBeLessThan(1e-8);
    // Current from the left: int dE [T(E - omega/2) f_L(E) - T(E + omega/2) f_R(E)] / 2 pi.
    const current = (omega: number) =>
      integral((e) => (1 - R(e - omega / 2)) * fermi(e, 0) - (1 - R(e + omega / 2)) * fermi(e, 1), -14, 14) /
      (2 * Math.PI);
    expect(Math.abs(found.current.left - current(0))).toBeLessThan(1e-9);
    // Its slope in omega by parts, T = 1 far below: (1 + int dE T (f_L' + f_R') / 2) / 2 pi.
    const steepness = (e: number, a: number) => (-fermi(e, a) * (1 - fermi(e, a))) / T[a];
    const pumped =
      (1 + integral((e) => (1 - R(e)) * (steepness(e, 0) + steepness(e, 1)), -14, 14) / 2) / (2 * Math.PI);
    expect(Math.abs(found.currentPerVelocity.left[0] - pumped)).toBeLessThan(1e-8);
    expect(found.warnings).toEqual([]);
  });

  test("with R of an energy it runs at omega = V (1 - x) with J = V (T + R (1 - x)) / 2 pi", () => {
    // At T = 0 and a small bias R is constant: torque R V / 2 pi - R omega / 2 pi.
    const [V, length] = [1e-5, 1];
    const R = Math.tanh(length) ** 2;
    const reservoirs = {
      left: { chemicalPotential: V / 2, temperature: 0 },
      right: { chemicalPotential: -V / 2, temperature: 0 },
    };
    const { force, friction, current, currentPerVelocity } = dirac({ length }).forces({ reservoirs });
    for (const x of [0, 0.25, 0.7]) {
      const load = (x * R * V) / (2 * Math.PI);
      const omega = (force[0] - load) / friction!.data[0];
      const J = current.left + omega * currentPerVelocity.left[0];
      expect(Math.abs(omega / (V * (1 - x)) - 1)).toBeLessThan(1e-8);
      expect(Math.abs(J / ((V / (2 * Math.PI)) * (1 - R + R * (1 - x))) - 1)).toBeLessThan(1e-8);
      const eta = (load * omega) / (V * J);
      expect(Math.abs(eta - (x * R * (1 - x)) / (1 - R + R * (1 - x)))).toBeLessThan(1e-8);
    }
  });
});

describe("the motor it makes", () => {
  test("at a small bias: omega = V (1 - x), eta = x R (1 - x) / (T + R (1 - x)), stall at x = 1", () => {
    const [V, length] = [1e-5, 1.3];
    const R = Math.tanh(length) ** 2;
    const device = dirac({ length });
    for (const x of [0, 0.3, 0.8]) {
      const load = (x * R * V) / (2 * Math.PI);
      const { steadyState, stallLoad, workPerTurn, certificate, warnings } = device.motor({ bias: V, load });
      expect(Math.abs(stallLoad / ((R * V) / (2 * Math.PI)) - 1)).toBeLessThan(1e-8);
      expect(Math.abs(workPerTurn / (R * V) - 1)).toBeLessThan(1e-8);
      expect(steadyState!.regime).toBe("running");
      expect(Math.abs(steadyState!.omega / (V * (1 - x)) - 1)).toBeLessThan(1e-8);
      const eta = (x * R * (1 - x)) / (1 - R + R * (1 - x));
      if (x > 0) expect(Math.abs(steadyState!.efficiency! / eta - 1)).toBeLessThan(1e-8);
      expect(certificate.firstLaw).toBeLessThan(1e-8);
      expect(certificate.chargeBalance).toBeLessThan(1e-8);
      expect(warnings).toEqual([]);
    }
    expect(device.motor({ bias: V, load: (1.1 * R * V) / (2 * Math.PI) }).steadyState!.omega).toBeLessThan(0);
  });

  test("at any bias and temperatures: speed, current and efficiency from integrals over R(E)", () => {
    const [mu, T, gap, length] = [[0.7, -0.4], [0.1, 0.1], 1, 1.2];
    const reservoirs = {
      left: { chemicalPotential: mu[0], temperature: T[0] },
      right: { chemicalPotential: mu[1], temperature: T[1] },
    };
    const fermi = (e: number, a: number) => 1 / (1 + Math.exp((e - mu[a]) / T[a]));
    const steepness = (e: number, a: number) => (fermi(e, a) * (1 - fermi(e, a))) / T[a];
    const R = (e: number) => reflection(gap, length, e);
    const torque = integral((e) => R(e) * (fermi(e, 0) - fermi(e, 1)), -8, 8) / (2 * Math.PI);
    const frozen = integral((e) => (1 - R(e)) * (fermi(e, 0) - fermi(e, 1)), -8, 8) / (2 * Math.PI);
    const friction = integral((e) => R(e) * (steepness(e, 0) + steepness(e, 1)), -8, 8) / (4 * Math.PI);
    const load = 0.4 * torque;
    const { steadyState, warnings } = dirac({ gap, length }).motor({ reservoirs, load });
    const omega = (torque - load) / friction;
    expect(Math.abs(steadyState!.omega / omega - 1)).toBeLessThan(1e-8);
    // The pump current per speed of this device is its friction.
    const powerIn = (mu[0] - mu[1]) * (frozen + omega * friction);
    expect(Math.abs(steadyState!.powerIn / powerIn - 1)).toBeLessThan(1e-8);
    expect(Math.abs(steadyState!.powerOut / (load * omega) - 1)).toBeLessThan(1e-8);
    expect(Math.abs(steadyState!.efficiency! / ((load * omega) / powerIn) - 1)).toBeLessThan(1e-8);
    expect(warnings).toEqual([]);
  });

  test("is refused at a bias if S comes without A", () => {
    const device = engine.device(
      given({
        evaluate: (e, { theta }) => ({ ...diracScattering(1, 1, e, theta), A: undefined }),
        sliding: true,
      }),
    );
    expect(() => device.motor()).toThrow(/^device\.scattering: the motor at a bias needs A/);
    const equal = { chemicalPotential: 0.1, temperature: 0.1 };
    expect(device.motor({ reservoirs: { left: equal, right: equal } }).frictionPerTurn).toBeGreaterThan(0);
  });
});

/** The preset's device with another way to give S. */
const given = (scattering: GivenDevice["scattering"], parameters = ["theta"]): Model => ({
  format: "nanopinwheel/1",
  device: {
    scattering,
    parameters,
    leads: [
      { name: "left", kind: "given", channels: 1 },
      { name: "right", kind: "given", channels: 1 },
    ],
  },
  cycle: { theta: { turns: 1 } },
  reservoirs: {
    left: { chemicalPotential: 0.3, temperature: 0.1 },
    right: { chemicalPotential: -0.2, temperature: 0.1 },
  },
});

describe("a function without derivatives", () => {
  test("gives what the closed derivatives give", () => {
    const plain: ScatteringFunction = (energy, { theta }) => {
      const { S, A } = diracScattering(1, 1.5, energy, theta);
      return { S, A };
    };
    const [full, differenced] = [
      engine.device({ ...given({}), device: { preset: "dirac", length: 1.5 } }),
      engine.device(given({ evaluate: plain, sliding: true, reciprocal: true })),
    ];
    const [a, b] = [full, differenced].map((device) => device.forces({ at: { theta: 0.4 } }));
    expect(Math.abs(a.force[0] - b.force[0])).toBeLessThan(1e-9);
    expect(Math.abs(a.friction!.data[0] - b.friction!.data[0])).toBeLessThan(1e-9);
    expect(Math.abs(a.noise!.data[0] - b.noise!.data[0])).toBeLessThan(1e-9);
    expect(Math.abs(a.currentPerVelocity.left[0] - b.currentPerVelocity.left[0])).toBeLessThan(1e-9);
    const [p, q] = [full, differenced].map((device) => device.pump({ energy: 0.3 }));
    expect(Math.abs(p.charge.left - q.charge.left)).toBeLessThan(1e-10);
  });

  test("that changes too fast for differences is refused", () => {
    const narrow: ScatteringFunction = (energy, { theta }) => {
      const phase = 2 * Math.atan2(1e-9, energy - 0.1 * Math.cos(theta));
      return {
        S: { shape: [2, 2], data: Float64Array.of(Math.cos(phase), Math.sin(phase), 0, 0, 0, 0, 1, 0) },
      };
    };
    expect(() => engine.device(given({ evaluate: narrow })).scatter({ energy: 0.1 })).toThrow(
      /changes too fast to be differenced.*energyScale/,
    );
  });
});

describe("a table", () => {
  const table = (energies: number[], angles: number) => {
    const rows = ({ data }: ComplexMatrix): [number, number][][] => [
      [
        [data[0], data[1]],
        [data[2], data[3]],
      ],
      [
        [data[4], data[5]],
        [data[6], data[7]],
      ],
    ];
    const grid = energies.map((e) =>
      Array.from({ length: angles }, (_, j) => diracScattering(1, 1, e, (2 * Math.PI * j) / angles)),
    );
    return {
      energies,
      S: grid.map((line) => line.map(({ S }) => rows(S))),
      A: grid.map((line) => line.map(({ A }) => rows(A!.theta))),
    };
  };
  const energies = Array.from({ length: 121 }, (_, i) => -6 + i * 0.1);

  test("as plain JSON pumps and drives like the function", () => {
    const file = JSON.parse(
      JSON.stringify(given({ table: table(energies, 8), sliding: true, reciprocal: true })),
    );
    const [tabled, exact] = [
      engine.device(file),
      engine.device({ ...given({}), device: { preset: "dirac", length: 1 } }),
    ];
    const [a, b] = [tabled, exact].map((device) => device.forces({ at: { theta: 0.4 } }));
    expect(Math.abs(a.force[0] - b.force[0])).toBeLessThan(1e-7);
    expect(Math.abs(a.friction!.data[0] - b.friction!.data[0])).toBeLessThan(1e-6);
    expect(a.certificate.unitarity).toBeLessThan(1e-6);
    const charge = (device: Device) => device.pump({ energy: 0.05 }).charge.left;
    expect(Math.abs(charge(tabled) - charge(exact))).toBeLessThan(1e-7);
    expect(
      Math.abs(tabled.linearResponse().figureOfMerit! / exact.linearResponse().figureOfMerit! - 1),
    ).toBeLessThan(1e-6);
  });

  test("ends where it ends, and its sizes are checked", () => {
    const device = engine.device(given({ table: table([-1, -0.5, 0, 0.5, 1], 6) }));
    expect(() => device.scatter({ energy: 1.2 })).toThrow(/the table of S ends at the energies -1 and 1/);
    const wrong = (change: (t: ReturnType<typeof table>) => void) => () => {
      const broken = table([-1, -0.5, 0, 0.5, 1], 6);
      change(broken);
      engine.device(given({ table: broken }));
    };
    expect(wrong((t) => t.S[2].pop())).toThrow(
      /^device\.scattering\.table\.S\[2\]: wrong size; expected a list of 6/,
    );
    expect(wrong((t) => t.energies.reverse())).toThrow(
      /table\.energies: no grid; expected four or more numbers, asc/,
    );
    expect(wrong((t) => (t.S[1][2][0][1] = [Number.NaN, 0]))).toThrow(
      /S\[1\]\[2\]\[0\]\[1\]\[0\]: wrong value/,
    );
    expect(wrong((t) => (t.A as unknown[]).pop())).toThrow(/table\.A: wrong size/);
  });
});

describe("the S of a Hamiltonian, handed back in", () => {
  const reservoirsOf = (model: Model) => model.reservoirs!;

  /** S, its derivatives and A = (S' K + S (P^+ - P)) / 2 of a device, by the kernels; without A if not asked for. */
  function scatteringOf(kernels: Kernels, model: Model, withA: boolean) {
    const { device } = resolveModel(model);
    const solver = new KernelSolver(kernels, device, false);
    const names = device.parameters.map(({ name }) => name);
    const evaluate: ScatteringFunction = (energy, at) => {
      solver.configure(Float64Array.from(names, (name) => at[name]));
      const { channels: m, S: s, dSdE: d, K: ks, P: ps } = solver.solve(energy, { energyDerivative: true });
      const matrix = (data: Float64Array): ComplexMatrix => ({ shape: [m, m], data: data.slice() });
      const [S, dSdE] = [matrix(s), matrix(d)];
      const byName = (f: (K: ComplexMatrix, P: ComplexMatrix) => ComplexMatrix) =>
        Object.fromEntries(names.map((name, nu) => [name, f(matrix(ks[nu]), matrix(ps[nu]))]));
      const A = byName((K, P) => scaled(add(multiply(dSdE, K), multiply(S, add(adjoint(P), P, -1))), 0.5));
      return { S, dSdE, dS: byName((K) => scaled(multiply(S, K), 0, -1)), ...(withA && { A }) };
    };
    const channels = solver.solve(0, { energyDerivative: false });
    const count = device.leads.map(
      (_, lead) => channels.channelLead.subarray(0, channels.channels).filter((a) => a === lead).length,
    );
    const given: Model = {
      format: "nanopinwheel/1",
      device: {
        scattering: { evaluate, energyScale: 0.05 },
        parameters: names,
        leads: device.leads.map(({ name }, i) => ({ name, kind: "given", channels: count[i] })),
      },
      cycle: model.cycle,
      reservoirs: model.reservoirs,
    };
    return { given, release: () => solver.release() };
  }

  test.each(chosen([3, 1, 4], 1))(
    "random device %i: the same pump and forces where A is given, and words where it is not",
    async (seed) => {
      const kernels = await loadKernels();
      const model = randomModel(seed, { kinds: ["scalar", "orbitals"], parameters: 2, leads: 2 });
      const source = engine.device(model);
      const full = scatteringOf(kernels, model, true);
      const bare = scatteringOf(kernels, model, false);
      const [copy, without] = [engine.device(full.given), engine.device(bare.given)];
      const at = { x: 0.2, y: -0.1 };
      const near = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number) => {
        const size = 1 + Math.max(...Array.from(a, Math.abs));
        Array.from(a).forEach((x, k) => {
          expect(Math.abs(x - b[k]) / size).toBeLessThan(tolerance);
        });
      };
      const [s, t] = [source, without].map((device) => device.scatter({ energy: 0.1, at }));
      for (const name of source.parameterNames) near(s.dS[name].data, t.dS[name].data, 1e-12);
      const [p, q] = [source, without].map((device) => device.pump({ energy: 0.1 }).charge);
      near(Object.values(p), Object.values(q), 1e-8);

      // At a bias: friction and pump currents from A; the conservative and the antisymmetric part are not in S.
      const [a, b, c] = [source, copy, without].map((device) => device.forces({ at }));
      const symmetric = (data: Float64Array) => [data[0], data[1] + data[2], data[3]];
      near(a.noise!.data, b.noise!.data, 1e-7);
      near(symmetric(a.friction!.data), symmetric(b.friction!.data), 1e-7);
      expect(b.friction!.data[1]).toBe(b.friction!.data[2]);
      for (const lead of source.leadNames) {
        near([a.current[lead]], [c.current[lead]], 1e-8);
        near(a.currentPerVelocity[lead], b.currentPerVelocity[lead], 1e-7);
      }
      expect(textOf(b.warnings)).toMatch(/filled sea.*antisymmetric part/);
      expect(textOf(b.warnings)).not.toMatch(/need A/);
      expect(c.friction).toBeUndefined();
      expect(c.currentPerVelocity).toBeUndefined();
      expect(textOf(c.warnings)).toMatch(/need A/);

      // At equal fillings friction and pump currents need no A.
      const [first] = Object.values(reservoirsOf(model));
      const reservoirs = Object.fromEntries(source.leadNames.map((name) => [name, first]));
      const [d, e] = [source, without].map((device) => device.forces({ at, reservoirs }));
      near(symmetric(d.friction!.data), symmetric(e.friction!.data), 1e-7);
      for (const lead of source.leadNames) near(d.currentPerVelocity[lead], e.currentPerVelocity[lead], 1e-7);
      for (const device of [source, copy, without]) device.close();
      full.release();
      bare.release();
    },
  );
});

describe("what is refused", () => {
  const good: ScatteringFunction = (e, { theta }) => diracScattering(1, 1, e, theta);
  test.each([
    ["both", { evaluate: good, table: { energies: [0], S: [] } }, /device\.scattering: S is given once/],
    ["neither", {}, /device\.scattering: S is given once.*found neither/],
    ["no function", { evaluate: 3 }, /device\.scattering\.evaluate/],
    ["no scale", { evaluate: good, energyScale: 0 }, /device\.scattering\.energyScale/],
  ])("%s", (_, scattering, message) => {
    expect(() => engine.device(given(scattering as GivenDevice["scattering"]))).toThrow(message);
  });

  test("a function that returns something else, or fails", () => {
    const bad = (evaluate: unknown) => () =>
      engine.device(given({ evaluate: evaluate as ScatteringFunction })).scatter({ energy: 0 });
    expect(bad(() => ({}))).toThrow(/evaluate\(\.\.\.\)\.S: wrong result/);
    expect(bad(() => ({ S: { shape: [2, 2], data: new Float64Array(8).fill(Number.NaN) } }))).toThrow(
      /wrong value/,
    );
    expect(
      bad(() => {
        throw new Error("no data");
      }),
    ).toThrow(/device\.scattering\.evaluate: the function failed.*no data/);
    const { S } = diracScattering(1, 1, 0, 0);
    expect(bad(() => ({ S, dS: {} }))).toThrow(/evaluate\(\.\.\.\)\.dS\.theta: wrong result/);
  });

  test("parts of a Hamiltonian beside the preset", () => {
    expect(() => dirac({ orbitals: 3 })).toThrow(/device\.orbitals: the preset has no Hamiltonian/);
  });
});
