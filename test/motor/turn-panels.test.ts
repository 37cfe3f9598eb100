// Turns that no uniform grid resolves: panels on functions with known integrals; a chain on which a bound state leaves and rejoins the band of its
// leads, where friction diverges like a logarithm, against linear response computed otherwise, the laws of a turn and the weight of the
// state at threshold.
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { type Engine, loadEngine, type NumericalError } from "../../src/index.js";
import { type PanelSamples, TurnPanels } from "../../src/motor/curve/panels.js";

const turn = 2 * Math.PI;

/** Samples of panels by a function of the angle. */
const each =
  (values: (theta: number) => Float64Array): PanelSamples =>
  (nodes) =>
    nodes.map(({ theta }) => ({ values: values(theta) }));

describe("panels", () => {
  const relative = (largest: Float64Array) => largest.map((size) => 1e-10 * size);

  test("integrals of logarithms at kinks, of kinks and of narrow peaks", () => {
    const kinks = [0.7, 4.1];
    const [width, centre] = [1e-5, 2.5];
    let calls = 0;
    let nearest = 1;
    const panels = new TurnPanels(
      each((theta) => {
        calls++;
        for (const kink of kinks) nearest = Math.min(nearest, Math.abs(Math.sin((theta - kink) / 2)));
        const log = Math.log(Math.abs(2 * Math.sin((theta - 0.7) / 2)));
        return Float64Array.of(
          log,
          log * Math.cos(3 * (theta - 0.7)),
          Math.abs(Math.sin((theta - 4.1) / 2)),
          (1 - (1 - width) ** 2) / (1 - 2 * (1 - width) * Math.cos(theta - centre) + (1 - width) ** 2),
        );
      }),
      4,
      relative,
    );
    expect(panels.build(kinks, [centre], [0.2, centre, 5])).toBeUndefined();
    // int log|2 sin(t/2)| = 0, int cos(3 t) log|2 sin(t/2)| = -pi/3, int |sin(t/2)| = 4, Poisson's kernel 2 pi.
    const exact = [0, -Math.PI / 3, 4, turn];
    // The allowance is relative to the largest value: 2e5 on top of the peak.
    const allowed = [1e-9, 1e-9, 1e-9, 2e-5];
    const { integral } = panels.errors();
    for (const [i, value] of panels.integrals().entries()) {
      const miss = Math.abs(value - exact[i]);
      expect(miss, `component ${i}`).toBeLessThan(allowed[i]);
      expect(miss, `component ${i}`).toBeLessThan(integral[i] + 1e-12);
    }
    expect(Math.abs(panels.valueAt(3)[0] - Math.log(2 * Math.sin(1.15)))).toBeLessThan(1e-9);
    expect(Math.abs(panels.valueAt(0.7 + 1e-3)[0] - Math.log(2 * Math.sin(5e-4)))).toBeLessThan(1e-6);
    expect(calls).toBeLessThan(2500);
    expect(nearest).toBeGreaterThan(1e-9);
  });

  test("what is not smooth anywhere is not resolved", () => {
    const rough = new TurnPanels(
      each((theta) => Float64Array.of(Math.sin(1e7 * theta * theta))),
      1,
      relative,
    );
    expect(rough.build([], [], [])).toBeTypeOf("number");
  });
});

describe("a bound state that leaves and rejoins the bands of two chains", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await loadEngine();
  });
  const couplings = [0.8, 0.9];
  const cycle = { x: { mean: -0.4, cos: [0.9] }, y: { mean: -0.1, sin: [0.6] } };
  const device = (left: number, right: number, temperature: number) =>
    engine.device({
      format: "nanopinwheel/1",
      device: {
        orbitals: 3,
        hamiltonian: [
          [0, 1, -1],
          [1, 2, -1],
        ],
        parameters: { x: [[0, 0, 1]], y: [[1, 1, 1]] },
        leads: ["left", "right"].map((name, i) => ({
          name,
          kind: "chain" as const,
          orbital: 2 * i,
          onsite: 0,
          hopping: 1,
          coupling: couplings[i],
        })),
      },
      cycle,
      reservoirs: {
        left: { chemicalPotential: left, temperature },
        right: { chemicalPotential: right, temperature },
      },
    });
  const values = (theta: number) => [-0.4 + 0.9 * Math.cos(theta), -0.1 + 0.6 * Math.sin(theta)];

  /** At E = -2 a state is constant in both leads; the chain's sites follow from left to right, and what is left over is zero at a kink. */
  function threshold(theta: number) {
    const [x, y] = values(theta);
    const [a, b] = couplings;
    const first = 1;
    const second = (2 + x - a * a) * first;
    const third = (2 + y) * second - first;
    const excess = second - (2 - b * b) * third;
    // Weights of the lead's amplitudes a psi_0 and b psi_2.
    const [left, right] = [(a * first) ** 2, (b * third) ** 2];
    return { excess, share: left / (left + right) };
  }
  const kinks: number[] = [];
  for (let j = 0; j < 1000; j++) {
    let [low, high] = [(turn * j) / 1000, (turn * (j + 1)) / 1000];
    const sign = Math.sign(threshold(low).excess);
    if (sign === Math.sign(threshold(high).excess)) continue;
    for (let step = 0; step < 60; step++) {
      const middle = (low + high) / 2;
      if (Math.sign(threshold(middle).excess) === sign) low = middle;
      else high = middle;
    }
    kinks.push(low);
  }

  test("equal fillings: charge, work and friction per turn to the tolerance", () => {
    expect(kinks.length).toBe(2);
    const motor = device(-1.7, -1.7, 0.05).motor();
    const named = motor.warnings.find(({ code }) => code === "kinks")!;
    for (const kink of kinks) expect(named.text).toContain(kink.toPrecision(6));
    expect(motor.error).toBeGreaterThan(1e-3);
    expect(motor.certificate.chargeBalance).toBeLessThan(1e-9);
    expect(motor.certificate.firstLaw).toBeLessThan(1e-8);
    expect(Math.abs(motor.workPerTurn)).toBeLessThan(1e-8);
    // Linear response from the same angles; friction is that of D = 2 T gamma.
    expect(Math.abs(motor.frictionPerTurn / motor.linearResponse!.frictionPerTurn - 1)).toBeLessThan(1e-7);
    expect(Math.abs(motor.noisePerTurn / motor.frictionPerTurn - 0.1)).toBeLessThan(1e-9);
    // ... and by another program: adaptive Gauss-Kronrod in the angle, panels of its own in the energy.
    const twin = device(-1.7, -1.7, 0.05).linearResponse({ tolerance: 1e-6 });
    expect(Math.abs(motor.frictionPerTurn / twin.frictionPerTurn - 1)).toBeLessThan(4e-6);
    expect(Math.abs(motor.charge.left - twin.charge)).toBeLessThan(1e-6);
  });

  test("unequal fillings at the band's edge: what does not balance is what the state takes along", () => {
    // Cold, the band filled from the left only: a state at threshold holds the left share of an electron, the bound state a whole one.
    const motor = device(-1.7, -2.3, 0).motor({ tolerance: 1e-5 });
    const [leaves, joins] = kinks.map((theta) => threshold(theta).share);
    expect(Math.abs(motor.certificate.chargeBalance - Math.abs(leaves - joins))).toBeLessThan(3e-5);
    expect(motor.warnings.some(({ code }) => code === "bound-state")).toBe(true);
    expect(motor.warnings.some(({ code }) => code === "charge-balance")).toBe(true);
  });
});

test("panels at a kink stay clear of it where rounding grows like 1/distance^3", () => {
  const kink = 1;
  let [samples, sign] = [0, 1];
  const panels = new TurnPanels(
    each((theta) => {
      samples++;
      sign = -sign;
      const distance = Math.abs(Math.sin((theta - kink) / 2));
      return Float64Array.of(Math.log(distance) + (sign * 1e-20) / distance ** 3);
    }),
    1,
    () => Float64Array.of(1e-8),
  );
  expect(panels.build([kink], [], [2, 4])).toBeUndefined();
  // The integral of log |sin(x / 2)| over a period is -2 pi log 2.
  expect(Math.abs(panels.integrals()[0] + 2 * Math.PI * Math.log(2))).toBeLessThan(1e-9);
  expect(samples).toBeLessThan(350);
});

test("a kink that is found twice, some roundings apart, is one kink", () => {
  let nearest = 1;
  const panels = new TurnPanels(
    each((theta) => {
      const distance = Math.abs(Math.sin((theta - 1) / 2));
      nearest = Math.min(nearest, distance);
      return Float64Array.of(Math.log(distance));
    }),
    1,
    () => Float64Array.of(1e-8),
  );
  expect(panels.build([1, 1 + 1e-15], [1 - 1e-15], [2, 4])).toBeUndefined();
  expect(nearest).toBeGreaterThan(1e-6);
  expect(Math.abs(panels.integrals()[0] + 2 * Math.PI * Math.log(2))).toBeLessThan(1e-9);
});

test("a motor that is refused names the angle and the parameters there", async () => {
  const file = new URL("../known/faults/armchair-ribbon-4.json", import.meta.url);
  const device = (await loadEngine()).device(JSON.parse(readFileSync(file, "utf8")).model);
  let refusal: NumericalError | undefined;
  try {
    device.motor({ budget: 5000, tolerance: 1e-6 });
  } catch (error) {
    refusal = error as NumericalError;
  }
  device.close();
  const [, theta] = /at theta = ([\d.]+)/.exec(refusal!.message)!;
  expect(refusal!.at!.g1).toBeCloseTo(0.2 * Math.cos(Number(theta)), 12);
  expect(refusal!.at!.g2).toBeCloseTo(0.2 * Math.sin(Number(theta)), 12);
  expect(refusal!.message).not.toMatch(/is known to \S+e-1\d of its scale/);
});
