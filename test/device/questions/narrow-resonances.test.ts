// Narrow resonances through the library: balances of a turn, digits that are there or refused, never shown without a word.

import { describe, expect, test } from "vitest";
import {
  type Device,
  type ForcesResult,
  loadEngine,
  type Model,
  NumericalError,
} from "../../../src/index.js";
import { chosen } from "../../twins/seeds.js";
import { textOf } from "../../twins/warnings.js";

const engine = await loadEngine();

/** One level of two equal widths in a window of 1. */
const level = (width: number, temperature = 0.01): Model => ({
  format: "nanopinwheel/1",
  device: {
    orbitals: 1,
    hamiltonian: [[0, 0, 0]],
    parameters: { x: [[0, 0, 1]] },
    leads: ["left", "right"].map((name) => ({ name, kind: "wideband", orbitals: [0], width })),
  },
  reservoirs: {
    left: { chemicalPotential: 0.5, temperature },
    right: { chemicalPotential: -0.5, temperature },
  },
});

/** Two tunnelling levels, narrow in all of the window, and a cycle that pumps. */
const pair = (width: number): Model => ({
  format: "nanopinwheel/1",
  device: {
    orbitals: 2,
    hamiltonian: [
      [0, 0, 0.1],
      [1, 1, -0.05],
      [0, 1, 0.1],
    ],
    parameters: { x: [[0, 0, 0.1]], y: [[1, 1, 0.1]] },
    leads: [
      { name: "left", kind: "wideband", orbitals: [0], width },
      { name: "right", kind: "wideband", orbitals: [1], width: 2 * width },
    ],
  },
  cycle: { x: { cos: [1] }, y: { sin: [1] } },
  reservoirs: {
    left: { chemicalPotential: 0.2, temperature: 0.1 },
    right: { chemicalPotential: -0.2, temperature: 0.1 },
  },
});

function failure(call: () => unknown): NumericalError {
  try {
    call();
  } catch (error) {
    if (error instanceof NumericalError) return error;
    throw error;
  }
  throw new Error("not refused");
}

/** What is said of quantities that are not known: in warnings that name those left out, or in the error where that is all. */
function unknownOf(device: Device, tolerance: number): string {
  try {
    const result: Partial<ForcesResult> = device.forces({ tolerance });
    const unknown = (result.warnings ?? []).filter(({ code }) => code === "unknown");
    for (const { text } of unknown) expect(result).not.toHaveProperty(text.split(" ")[0]);
    return textOf(unknown);
  } catch (error) {
    if (error instanceof NumericalError) return error.message;
    throw error;
  }
}

describe("a turn of two levels at bias", () => {
  test.each(chosen([1e-4, 1e-6], 1))(
    "charge and energy balance to the tolerance at a width of %f",
    (width) => {
      const device = engine.device(pair(width));
      const motor = device.motor({ tolerance: 1e-7 });
      const { certificate, charge, workPerTurn } = motor;
      expect(Math.abs(charge.left)).toBeGreaterThan(0.01);
      expect(Math.abs(workPerTurn)).toBeGreaterThan(0.001);
      expect(certificate.chargeBalance).toBeLessThan(1e-7);
      expect(certificate.firstLaw).toBeLessThan(1e-7);
      expect(motor.error).toBeLessThanOrEqual(1e-7);
      expect(motor.warnings).toEqual([]);
      device.close();
    },
  );

  test("what is refused names the angle", () => {
    const device = engine.device({ ...pair(0.05), reservoirs: level(1).reservoirs });
    const error = failure(() => device.motor({ tolerance: 1e-15 }));
    expect(error.message).toMatch(/theta = .*the tolerance is 1e-15.*--tolerance \d+e-1\d/);
    expect(Object.keys(error.at ?? {})).toEqual(["x", "y"]);
    device.close();
  });
});

describe("one configuration", () => {
  test.each([1e-3, 1e-5, 1e-6, 1e-7])(
    "width %d: friction in its last digits, although it is far below 1/w",
    (width) => {
      const device = engine.device(level(width));
      const { friction, errors, error, warnings, certificate } = device.forces();
      // (1/4pi) sum_a (-f'_a) Gamma_a Gamma A^2 over the Fermi edges, whose width of 0.01 the level does not notice.
      const step = 1 / 4096;
      let sum = 0;
      for (let x = -40; x <= 40; x += step) {
        const slope = 1 / (4 * Math.cosh(x / 2) ** 2);
        const energy = 0.5 + 0.01 * x;
        if (Math.abs(energy) > 0.02) sum += (step * slope) / (energy ** 2 + width ** 2) ** 2;
      }
      const known = (2 * width * 2 * width * sum) / (4 * Math.PI);
      // The level itself is at 50 temperatures: exp(-50).
      const peak = (4 * width ** 2 * Math.exp(-50) * Math.PI) / (2 * width ** 3 * 0.01 * 4 * Math.PI);
      expect(Math.abs(friction!.data[0] / (known + peak) - 1)).toBeLessThan(width > 1e-4 ? 1e-4 : 1e-6);
      expect(errors.friction).toBeLessThan(1e-5 * friction!.data[0]);
      if (errors.friction > 1e-8 * friction!.data[0])
        expect(textOf(warnings)).toMatch(/friction: .* of itself/);
      else expect(warnings).toEqual([]);
      expect(error).toBeLessThan(1e-8);
      expect(certificate.energyBalance).toBeLessThan(1e-8);
      device.close();
    },
  );

  test("more digits than there are: left out or refused, with what was reached and what to ask for", () => {
    for (const model of [level(1e-6), level(0.3), pair(1e-4)]) {
      const device = engine.device(model);
      const said = unknownOf(device, 1e-15);
      expect(said).toMatch(/is known to \d\.\de-1\d of its scale; the tolerance is 1e-15; at energy/);
      const asked = Math.max(
        ...Array.from(said.matchAll(/--tolerance ([^)]+)\)/g), ([, tolerance]) => Number(tolerance)),
      );
      // What is proposed is granted.
      const { error, warnings } = device.forces({ tolerance: asked });
      expect(error).toBeLessThanOrEqual(asked);
      expect(warnings.filter(({ code }) => code === "unknown")).toEqual([]);
      device.close();
    }
  });

  test("what doubles and double-doubles leave of a tiny friction is said", () => {
    const device = engine.device({
      ...level(1e-7, 0),
      device: {
        orbitals: 1,
        hamiltonian: [[0, 0, 0.123]],
        parameters: { x: [[0, 0, 1]] },
        leads: ["left", "right"].map((name) => ({ name, kind: "wideband", orbitals: [0], width: 1e-7 })),
      },
    });
    const { friction, errors, error, warnings } = device.forces();
    const known = [0.5, -0.5].reduce(
      (sum, mu) => sum + (1e-7 * 2e-7) / ((mu - 0.123) ** 2 + 1e-14) ** 2 / (4 * Math.PI),
      0,
    );
    expect(Math.abs(friction!.data[0] - known)).toBeLessThan(errors.friction);
    expect(error).toBeLessThan(1e-8);
    expect(errors.friction).toBeGreaterThan(1e-8 * known);
    expect(warnings).toEqual([
      {
        code: "small",
        text: expect.stringMatching(/^friction: .* far below its natural scale.* of itself/),
      },
    ]);
    device.close();
  });

  test("a device too large for higher precision leaves out what would be noise", () => {
    // A narrow level on a full matrix: 170 orbitals, 169 diagonals.
    const orbitals = 170;
    const every = Array.from({ length: orbitals }, (_, i) => i);
    const device = engine.device({
      format: "nanopinwheel/1",
      device: {
        orbitals,
        hamiltonian: [
          [0, 0, 0.1],
          ...every
            .slice(1)
            .flatMap((i) => every.slice(i).map((j): [number, number, number] => [i, j, i === j ? 2 : 1e-3])),
        ],
        parameters: { x: [[0, 0, 1]] },
        leads: [
          { name: "left", kind: "wideband", orbitals: [0, 1], width: [1e-9, 1] },
          { name: "right", kind: "wideband", orbitals: [0, 2], width: [1e-9, 1] },
        ],
      },
      reservoirs: level(1).reservoirs,
    });
    expect(unknownOf(device, 1e-8)).toMatch(/known to/);
    device.close();
  });
});
