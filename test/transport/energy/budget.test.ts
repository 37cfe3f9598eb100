import { expect, test } from "vitest";
import type { NumericalFault } from "../../../src/base/errors.js";
import { type Device, InputError, loadEngine, NumericalError } from "../../../src/index.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { ScatteringFunction } from "../../../src/model/types.js";
import type { EnergyBudget } from "../../../src/scattering/contract.js";
import { GivenSolver } from "../../../src/scattering/solvers/given-s.js";
import { type Budget, usualBudget, within } from "../../../src/transport/tasks/budget.js";
import { nanopinwheel } from "../../cli/command.js";

const engine = await loadEngine();

const leads = (temperature: number) => ({
  left: { chemicalPotential: 0.2, temperature },
  right: { chemicalPotential: -0.1, temperature },
});

/** A dot of two levels that turns, as warm as that. */
const dot = (temperature: number): Device =>
  engine.device({
    format: "nanopinwheel/1",
    device: {
      orbitals: 2,
      hamiltonian: [[0, 1, -0.5]],
      parameters: { x: [[0, 0, 1]], y: [[1, 1, 1]] },
      leads: [
        { name: "left", kind: "wideband", orbitals: [0], width: 0.5 },
        { name: "right", kind: "wideband", orbitals: [1], width: 0.5 },
      ],
    },
    cycle: { x: { mean: 0.3, cos: [0.4] }, y: { mean: 0.3, sin: [0.4] } },
    reservoirs: leads(temperature),
    rotor: { inertia: "infinite", load: 0, friction: 0.1 },
  });

/** Every question whose cost depends on an integral. */
const questions: Record<string, (device: Device, budget?: number) => unknown> = {
  pump: (device, budget) => device.pump({ budget }),
  curvature: (device, budget) =>
    device.curvature({ parameters: ["x", "y"], first: [0.1, 0.2], second: [0.3], budget }),
  rectified: (device, budget) => device.rectified({ capacitances: { x: 1 }, budget }),
  forces: (device, budget) => device.forces({ budget }),
  turnCurve: (device, budget) => device.turnCurve({ budget }),
  motor: (device, budget) => device.motor({ budget }),
  simulate: (device, budget) => device.simulate({ time: 10, trajectories: 2, budget }),
  linearResponse: (device, budget) => device.linearResponse({ budget }),
};

test("a budget that is enough changes nothing", () => {
  for (const [name, ask] of Object.entries(questions)) {
    const [device, other] = [dot(0.05), dot(0.05)];
    expect(JSON.stringify(ask(device, 10_000_000)), name).toBe(JSON.stringify(ask(other)));
    device.close();
    other.close();
  }
});

test("a turn that needs more ends with a NumericalError that says what to do", () => {
  for (const name of ["turnCurve", "motor", "simulate", "pump", "linearResponse"]) {
    const device = dot(0.001);
    let caught: unknown;
    try {
      questions[name](device, 1);
    } catch (error) {
      caught = error;
    }
    expect(caught, name).toBeInstanceOf(NumericalError);
    expect((caught as Error).message, name).toContain("the budget of 1 energies");
    // The next question has a budget of its own.
    expect(() => questions.forces(device), name).not.toThrow();
    device.close();
  }
});

test("where the budget of a turn ends the error hands over what is known: finished angles, charges of a grid", () => {
  const device = dot(0.01);
  const knownOf = (ask: () => unknown): Record<string, unknown> => {
    try {
      ask();
    } catch (error) {
      expect(error).toBeInstanceOf(NumericalError);
      return (error as NumericalError).known as Record<string, unknown>;
    }
    throw new Error("the budget was enough");
  };
  const curve = knownOf(() => device.turnCurve({ budget: 4000 }));
  const [theta, torque, error] = ["theta", "torque", "error"].map((key) => curve[key] as number[]);
  expect(theta.length).toBeGreaterThan(3);
  for (const [k, angle] of theta.entries()) {
    const [x, y] = [0.3 + 0.4 * Math.cos(angle), 0.3 + 0.4 * Math.sin(angle)];
    const { force, errors } = device.forces({ at: { x, y } });
    const right = 0.4 * (-Math.sin(angle) * force[0] + Math.cos(angle) * force[1]);
    expect(Math.abs(torque[k] - right)).toBeLessThan(error[k] + errors.force);
  }
  const pump = knownOf(() => device.pump({ tolerance: 1e-10, budget: 12_000 }));
  const { charge } = device.pump();
  const found = pump.charge as Record<string, number>;
  for (const lead of ["left", "right"])
    expect(Math.abs(found[lead] - charge[lead])).toBeLessThan((pump.change as number) + 1e-9);
  device.close();
});

test("no number of energies but a whole one of 1 or more is a budget", () => {
  const device = dot(0.01);
  for (const budget of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
    for (const [name, ask] of Object.entries(questions))
      expect(() => ask(device, budget), `${name} ${budget}`).toThrow(InputError);
  device.close();
});

test("work inside other work shares its budget, and a solver has none when it is done", () => {
  const solver: { budget?: Budget } = {};
  const spend = (energies: number): void => solver.budget?.spend(energies);
  expect(() =>
    within(solver, 5000, 1, () => {
      spend(4000);
      within(solver, 1, 1, () => spend(3000));
    }),
  ).toThrow(NumericalError);
  expect(solver.budget).toBeUndefined();
  expect(within(solver, undefined, 5000, () => spend(5999))).toBeUndefined();
});

test("the command ends with status 3 and one JSON document", async () => {
  const args = ["motor", "--preset", "two-gate", "--budget", "1", "--json"];
  const { status, stdout } = await nanopinwheel(args);
  expect(status).toBe(3);
  expect(JSON.parse(stdout).error).toMatchObject({ name: "NumericalError" });
});

test("the budget of a question that names none goes by the work of an energy", () => {
  expect(usualBudget({}, 20_000_000)).toBe(20_000_000);
  expect(usualBudget({ operations: 1000 }, 20_000_000)).toBe(20_000_000);
  expect(usualBudget({ operations: 4e6 }, 20_000_000)).toBeLessThan(100_000);
  expect(usualBudget({ operations: 4e6 }, 50_000)).toBe(50_000);
  expect(usualBudget({ operations: 1e12 }, 20_000_000)).toBe(10_000);
});

test("the budget of a given S goes by the calls that an energy takes", () => {
  const one = (data: number[]) => ({ shape: [1, 1] as [number, number], data: Float64Array.from(data) });
  const budgetOf = (evaluate: ScatteringFunction, names = ["x"]) => {
    const { device } = resolveModel({
      format: "nanopinwheel/1",
      device: {
        scattering: { evaluate },
        parameters: names,
        leads: [{ name: "a", kind: "given", channels: 1 }],
      },
    });
    return usualBudget(new GivenSolver(device, false), 20_000_000);
  };
  const S = one([1, 0]);
  const zero = one([0, 0]);
  const bare = budgetOf(() => ({ S }));
  const full = budgetOf(() => ({ S, dSdE: zero, dS: { x: zero }, mixed: { x: zero } }));
  // A call takes ten microseconds, so that this is one or two minutes.
  expect(bare * 61 * 1e-5).toBeGreaterThan(60);
  expect(bare * 61 * 1e-5).toBeLessThan(120);
  expect(full).toBeGreaterThan(5 * bare);
  expect(budgetOf(() => ({ S }), ["x", "y", "z"])).toBeLessThan(0.5 * bare);
  // Nothing is known of a function that has no answer at energy 0.
  expect(
    budgetOf((energy) => {
      if (energy === 0) throw new Error("no S here");
      return { S };
    }),
  ).toBe(bare);
});

test("an error that ends the work for another reason hands over what is known as well", () => {
  const solver: { budget?: EnergyBudget } = {};
  const known = { charge: [0.5] };
  const caught = (work: () => void): unknown => {
    try {
      within(solver, 100, 100, work);
    } catch (error) {
      return error;
    }
    return undefined;
  };
  const failing = (fault: NumericalFault) => () => {
    if (solver.budget) solver.budget.known = known;
    throw new NumericalError("the integral did not converge", fault);
  };
  expect(caught(failing({}))).toMatchObject({ known });
  // What the error itself knows stands.
  expect(caught(failing({ known: { charge: [1] } }))).toMatchObject({ known: { charge: [1] } });
  expect(solver.budget).toBeUndefined();
});

test("where higher precision would use up the budget, what is known comes without it", () => {
  // A disordered strip: 128 orbitals, so that an energy in higher precision counts as 320.
  const [width, length] = [8, 16];
  const site = (x: number, y: number) => x * width + y;
  const hamiltonian: [number, number, number][] = [];
  const gates: [number, number, number][][] = [[], []];
  for (let x = 0; x < length; x++) {
    for (let y = 0; y < width; y++) {
      hamiltonian.push([site(x, y), site(x, y), 0.3 * Math.sin(12.9 * (site(x, y) + 1))]);
      gates[x < length / 2 ? 0 : 1].push([site(x, y), site(x, y), 1]);
      if (y > 0) hamiltonian.push([site(x, y - 1), site(x, y), -1]);
      if (x > 0) hamiltonian.push([site(x - 1, y), site(x, y), -1]);
    }
  }
  const lead = (name: string, x: number) => ({
    name,
    kind: "chain" as const,
    orbital: site(x, 4),
    hopping: 1.5,
    coupling: 0.3,
  });
  const device = engine.device({
    format: "nanopinwheel/1",
    device: {
      orbitals: width * length,
      hamiltonian,
      parameters: { x: gates[0], y: gates[1] },
      leads: [lead("left", 0), lead("right", length - 1)],
    },
    reservoirs: leads(0.02),
  });
  const [coarse, fine] = [1e-6, 1e-9].map((tolerance) => device.forces({ tolerance }));
  const warned = fine.warnings.filter(({ code }) => code === "unknown" || code === "rounding");
  expect(warned.length).toBeGreaterThan(0);
  const known = (["force", "noise", "current"] as const).filter((key) => fine[key]);
  expect(known.length).toBeGreaterThan(0);
  for (const key of known) {
    const off = numbers(coarse[key]).map((value, i) => Math.abs(value - numbers(fine[key])[i]));
    expect(Math.max(...off)).toBeLessThanOrEqual(coarse.errors[key]! + fine.errors[key]!);
  }
  device.close();
});

const numbers = (
  value: ArrayLike<number> | { data: ArrayLike<number> } | Record<string, number> | undefined,
) =>
  Array.from(
    typeof value === "object" && "data" in value
      ? (value.data as ArrayLike<number>)
      : (Object.values(value ?? {}) as number[]),
  );
