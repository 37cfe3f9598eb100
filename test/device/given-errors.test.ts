// Errors of a given S: what a table leaves open between its entries, its digits and differences, in every quantity, against
// one level in closed form.

import { beforeAll, expect, test } from "vitest";
import { type Device, type Engine, loadEngine, NumericalError } from "../../src/index.js";
import type { GivenDevice, Model } from "../../src/model/types.js";
import { givenRotor } from "../twins/given.js";

let engine: Engine;
beforeAll(async () => {
  engine = await loadEngine();
});

/** Half widths and level of the turn; the level of S = 1 - i w w^T / (E - level + i sum w^2 / 2). */
const turn = (theta: number) => ({
  w: [Math.sqrt(0.5 + 0.2 * Math.cos(theta)), Math.sqrt(0.4 + 0.1 * Math.sin(theta))],
  level: 0.3 * Math.sin(theta),
});
type Complex = [re: number, im: number];
function matrix(energy: number, theta: number): Complex[][] {
  const { w, level } = turn(theta);
  const [x, y] = [energy - level, 0.5 * (w[0] ** 2 + w[1] ** 2)];
  const size = x * x + y * y;
  // -i / (x + i y) = (-y - i x) / size.
  return [0, 1].map((a) =>
    [0, 1].map((b): Complex => [(a === b ? 1 : 0) - (w[a] * w[b] * y) / size, (-w[a] * w[b] * x) / size]),
  );
}

/** dS/dtheta by differences of order 8. */
function slope(energy: number, theta: number): Complex[][] {
  const [h, weights] = [0.01, [4 / 5, -1 / 5, 4 / 105, -1 / 280]];
  const out = [0, 1].map(() => [0, 1].map((): Complex => [0, 0]));
  weights.forEach((weight, k) => {
    for (const side of [1, -1]) {
      const at = matrix(energy, theta + side * (k + 1) * h);
      for (const a of [0, 1])
        for (const b of [0, 1]) for (const p of [0, 1]) out[a][b][p] += (side * weight * at[a][b][p]) / h;
    }
  });
  return out;
}

/** Charge that enters per angle, (1/2pi) Im (dS S^+)_aa, and friction, (1/4pi) Tr dS^+ dS, at T = 0. */
function exact(energy: number, theta: number) {
  const [S, dS] = [matrix(energy, theta), slope(energy, theta)];
  let [flow, friction] = [0, 0];
  for (const a of [0, 1])
    for (const b of [0, 1]) {
      friction += (dS[a][b][0] ** 2 + dS[a][b][1] ** 2) / (4 * Math.PI);
      if (a === 0) flow += (dS[a][b][1] * S[a][b][0] - dS[a][b][0] * S[a][b][1]) / (2 * Math.PI);
    }
  return { flow, friction };
}
const integral = (energy: number, of: "flow" | "friction"): number => {
  let sum = 0;
  for (let j = 0; j < 256; j++) sum += exact(energy, (2 * Math.PI * j) / 256)[of];
  return (2 * Math.PI * sum) / 256;
};

const model = (scattering: GivenDevice["scattering"]): Model => ({
  ...givenRotor(scattering),
  reservoirs: {
    left: { chemicalPotential: 0, temperature: 0 },
    right: { chemicalPotential: 0, temperature: 0 },
  },
});

function table(spacing: number, angles: number, digits = 17): Device {
  const rounded = (x: number) => (digits > 16 ? x : Number(x.toFixed(digits)));
  const energies = Array.from({ length: Math.ceil(4 / spacing) }, (_, i) => -2.03 + spacing * i);
  const S = energies.map((energy) =>
    Array.from({ length: angles }, (_, j) =>
      matrix(energy, (2 * Math.PI * j) / angles).map((row) =>
        row.map(([re, im]): Complex => [rounded(re), rounded(im)]),
      ),
    ),
  );
  return engine.device(model({ table: { energies, S }, reciprocal: true }));
}

/** The answer at the least of some tolerances at which there is one. */
function atLeast<T>(ask: (tolerance: number) => T): T {
  for (const tolerance of [1e-8, 1e-6, 1e-4, 1e-2])
    try {
      return ask(tolerance);
    } catch (error) {
      if (!(error instanceof NumericalError)) throw error;
      expect(error.message).toMatch(/known to/);
      expect(error.message).toMatch(/more energies and angles/);
    }
  return ask(0.5);
}

test("of a table: charges, friction and S are within the errors that are stated", () => {
  for (const [spacing, angles, digits] of [
    [0.1, 64, 17],
    [0.04, 32, 17],
    [0.05, 48, 6],
  ]) {
    const device = table(spacing, angles, digits);
    for (const energy of [0.02, -0.31]) {
      const what = `spacing ${spacing}, ${angles} angles, ${digits} digits, energy ${energy}`;
      const charge = integral(energy, "flow");
      const pump = atLeast((tolerance) => device.pump({ energy, tolerance }));
      expect(Math.abs(pump.charge.left - charge), what).toBeLessThan(pump.error);
      expect(pump.error, what).toBeLessThan(0.2);
      const drive = atLeast((tolerance) => device.linearResponse({ energy, tolerance }));
      const friction = integral(energy, "friction");
      expect(Math.abs(drive.frictionPerTurn / friction - 1), what).toBeLessThan(drive.error.relative);

      const at = { theta: 1.234 };
      const { S, errors, dS } = device.scatter({ energy, at });
      const off = (found: ArrayLike<number>, known: Complex[][]) =>
        Math.hypot(...known.flat(2).map((x, k) => x - found[k]));
      expect(off(S.data, matrix(energy, 1.234)), what).toBeLessThan(errors!.S);
      expect(off(dS.theta.data, slope(energy, 1.234)), what).toBeLessThan(errors!.dS!.theta + 1e-12);
      const same = { chemicalPotential: energy, temperature: 0 };
      const forces = atLeast((tolerance) => {
        const found = device.forces({ at, tolerance, reservoirs: { left: same, right: same } });
        if (!found.friction) throw new NumericalError("known to less, give more energies and angles");
        return found;
      });
      const { friction: here } = exact(energy, 1.234);
      expect(Math.abs(forces.friction!.data[0] - here), what).toBeLessThan(forces.errors.friction);
    }
  }
});

test("a table too coarse for the tolerance is refused with what is known of it, in few energies", () => {
  const device = table(0.08, 64);
  let refused: unknown;
  try {
    device.pump({ energy: 0.1, budget: 1000 });
  } catch (error) {
    refused = error;
  }
  expect(refused).toBeInstanceOf(NumericalError);
  const { known, message } = refused as NumericalError & {
    known: { charge: Record<string, number>; error: number };
  };
  expect(Math.abs(known.charge.left - integral(0.1, "flow"))).toBeLessThan(known.error);
  expect(known.error).toBeLessThan(0.1);
  const advised = Number(message.match(/--tolerance ([^)]*)\)/)![1]);
  expect(device.pump({ energy: 0.1, tolerance: advised }).error).toBeLessThan(advised);
});

test("a motor of such a table is refused after its first angles", () => {
  let refused: unknown;
  try {
    table(0.08, 64).motor({ budget: 200 });
  } catch (error) {
    refused = error;
  }
  expect(refused).toMatchObject({ message: expect.stringMatching(/known to .*more energies and angles/) });
  const { known } = refused as { known: { theta: number[] } };
  expect(known.theta).toHaveLength(16);
});

test("of a function to seven digits charges are known, with their error", () => {
  const device = engine.device(
    model({
      evaluate: (energy, { theta }) => ({
        S: {
          shape: [2, 2],
          data: Float64Array.from(matrix(energy, theta).flat(2), (x) => Math.round(1e7 * x) / 1e7),
        },
      }),
    }),
  );
  const { charge, error } = device.pump({ energy: 0.1, tolerance: 1e-3 });
  expect(Math.abs(charge.left - integral(0.1, "flow"))).toBeLessThan(error);
});

test("too few angles: no charge is off by more than its error, and most are refused", () => {
  let answered = 0;
  for (const angles of [6, 8, 9, 10, 12])
    for (const energy of [0.02, -0.31])
      try {
        const { charge, error } = table(0.05, angles).pump({ energy, tolerance: 0.3 });
        expect(Math.abs(charge.left - integral(energy, "flow"))).toBeLessThan(error);
        answered++;
      } catch (error) {
        if (!(error instanceof NumericalError)) throw error;
        expect(error.message).toMatch(/known to|not unitary/);
      }
  expect(answered).toBeLessThan(6);
});

test("a resonance that the energies step over is not taken for none", () => {
  const energies = Array.from({ length: 40 }, (_, i) => -2 + 0.1 * i);
  const narrow = (energy: number): Complex => {
    const [x, y] = [energy - 0.05, 0.004];
    const size = x * x + y * y;
    return [(x * x - y * y) / size, (-2 * x * y) / size];
  };
  const none: Complex = [0, 0];
  const S = energies.map((energy) =>
    Array.from({ length: 8 }, () => [
      [narrow(energy), none],
      [none, narrow(energy)],
    ]),
  );
  const device = engine.device(model({ table: { energies, S } }));
  expect(() => device.scatter({ energy: 0.045 })).toThrow(/S is known to about|not unitary/);
  // A few cells away it is smooth.
  expect(device.scatter({ energy: -1.033 }).errors!.S).toBeLessThan(1e-8);
});

test("of a function without derivatives: what differences leave is stated", () => {
  const data = (energy: number, theta: number) => ({
    shape: [2, 2] as [number, number],
    data: Float64Array.from(matrix(energy, theta).flat(2)),
  });
  for (const energyScale of [1, 0.1]) {
    const device = engine.device(
      model({ evaluate: (energy, { theta }) => ({ S: data(energy, theta) }), reciprocal: true, energyScale }),
    );
    for (const theta of [0.4, 2.2, 5.1]) {
      const energy = 0.1 * theta;
      const at = { theta };
      const same = { chemicalPotential: energy, temperature: 0 };
      const { friction, errors } = device.forces({ at, reservoirs: { left: same, right: same } });
      // dS/dtheta in closed form: S - 1 is a product, its slope a sum of three.
      const { w, level } = turn(theta);
      const dw = [(-0.1 * Math.sin(theta)) / w[0], (0.05 * Math.cos(theta)) / w[1]];
      const [x, y] = [energy - level, 0.5 * (w[0] ** 2 + w[1] ** 2)];
      const [dx, dy] = [-0.3 * Math.cos(theta), w[0] * dw[0] + w[1] * dw[1]];
      const size = x * x + y * y;
      const inverse = [x / size, -y / size];
      // d(1/z) = -dz / z^2.
      const square = [inverse[0] ** 2 - inverse[1] ** 2, 2 * inverse[0] * inverse[1]];
      const moved = [-(dx * square[0] - dy * square[1]), -(dx * square[1] + dy * square[0])];
      let known = 0;
      for (const a of [0, 1])
        for (const b of [0, 1]) {
          const [weight, change] = [w[a] * w[b], dw[a] * w[b] + w[a] * dw[b]];
          known +=
            (change * inverse[0] + weight * moved[0]) ** 2 + (change * inverse[1] + weight * moved[1]) ** 2;
        }
      known /= 4 * Math.PI;
      expect(Math.abs(friction!.data[0] - known)).toBeLessThanOrEqual(errors.friction);
      expect(errors.friction).toBeLessThan(1e-9);
      expect(device.scatter({ energy, at }).errors!.dS!.theta).toBeLessThan(1e-10);
    }
  }
});

test.each([
  ["all", 1, true, "meanConductance"],
  ["nothing", 0, true, "frictionPerTurn"],
  ["the same at every angle", 0.6, false, "frictionPerTurn"],
] as const)("an S that reflects %s: what is zero within its error is given", (_, r, turns, zero) => {
  const t = Math.sqrt(1 - r * r);
  const row = (theta: number): Complex[][] => {
    const [x, y] = turns ? [r * Math.cos(theta), r * Math.sin(theta)] : [r, 0];
    return [
      [
        [x, y],
        [0, t],
      ],
      [
        [0, t],
        [x, -y],
      ],
    ];
  };
  const energies = [-2, -1, 0, 1, 2, 3];
  const S = energies.map(() => Array.from({ length: 8 }, (_, j) => row((2 * Math.PI * j) / 8)));
  for (const scattering of [
    { table: { energies, S } },
    {
      evaluate: (_: number, { theta }: Record<string, number>) => ({
        S: { shape: [2, 2] as [number, number], data: Float64Array.from(row(theta).flat(2)) },
      }),
    },
  ]) {
    const device = engine.device(model(scattering));
    const found = device.linearResponse({ energy: 0 });
    const exact = turns ? r * r : 0;
    expect(Math.abs(found.charge - exact)).toBeLessThanOrEqual(found.error.charge);
    expect(found.frictionPerTurn).toBeCloseTo(exact, 11);
    expect(found.meanConductance).toBeCloseTo((t * t) / (2 * Math.PI), 11);
    expect(found.error.relative).toBeLessThan(1e-8);
    expect(found.warnings).toMatchObject([{ code: "small", text: expect.stringContaining(zero) }]);
    device.close();
  }
});
