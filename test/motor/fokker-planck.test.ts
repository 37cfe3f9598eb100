// Stationary states against Boltzmann's distribution, Einstein's relation, closed forms (free rotor, Lifson-Jackson, Stratonovich), and the
// limit of small inertia; then the ensembles against them: five regimes, weak order, uncertainty relation.

import { describe, expect, test } from "vitest";
import { loadKernels } from "../../src/engine/load.js";
import { defaultStep } from "../../src/motor/noise/default-step.js";
import { simulateEnsemble } from "../../src/motor/noise/ensemble.js";
import { ensembleStatistics } from "../../src/motor/noise/ensemble-statistics.js";
import { fokkerPlanck, type PhaseState } from "../../src/motor/noise/fokker-planck.js";
import { overdampedFokkerPlanck } from "../../src/motor/noise/fokker-planck-overdamped.js";
import { stepTables } from "../../src/motor/noise/step-tables.js";
import type { RotorSystem } from "../../src/motor/rotor/rotor.js";
import { factorise, solveFactored } from "../../src/numerics/linear-algebra/dense-real.js";
import { PeriodicCurve } from "../../src/numerics/periodic/periodic.js";

const kernels = await loadKernels();
const turn = 2 * Math.PI;
const potential = (x: number) => Math.cos(x) + 0.4 * Math.sin(2 * x + 0.3);
const pull = (x: number) => Math.sin(x) - 0.8 * Math.cos(2 * x + 0.3);
const rough = (x: number) => 0.6 + 0.35 * Math.cos(x + 1) + 0.1 * Math.sin(2 * x);

/** Tilted potential, uneven friction; noise of equilibrium at T times 1 + uneven cos(theta - 2). */
function rotor(inertia: number, tilt: number, temperature: number, uneven = 0): RotorSystem {
  return {
    curve: {
      torque: PeriodicCurve.from((x) => pull(x) + tilt, 16),
      friction: PeriodicCurve.from(rough, 16),
      noise: PeriodicCurve.from((x) => 2 * temperature * rough(x) * (1 + uneven * Math.cos(x - 2)), 16),
    },
    rotor: { inertia },
  };
}

/** Mean over the turn by the trapezoidal rule. */
function mean(g: (x: number) => number, n = 4000): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += g((turn * i) / n) / n;
  return sum;
}

/** p(theta, omega), per radian and unit of speed. */
function phaseDensity(
  { thermalVelocity, coefficients }: PhaseState["expansion"],
  theta: number,
  omega: number,
): number {
  const x = omega / thermalVelocity;
  let before = 0;
  let now = Math.exp((-x * x) / 2) / (Math.sqrt(2 * Math.PI) * thermalVelocity);
  let sum = 0;
  coefficients.forEach((values, n) => {
    sum += now * new PeriodicCurve(values).value(theta);
    const next = (x * now - Math.sqrt(n) * before) / Math.sqrt(n + 1);
    before = now;
    now = next;
  });
  return sum;
}

describe("equilibrium", () => {
  const T = 0.7;
  const norm = turn * mean((x) => Math.exp(-potential(x) / T));

  test("Boltzmann's distribution in angle and speed, no mean speed, no entropy", () => {
    const system = rotor(0.8, 0, T);
    const state = fokkerPlanck(system);
    expect(Math.abs(state.meanVelocity)).toBeLessThan(1e-10);
    expect(Math.abs(state.kineticTemperature! - T)).toBeLessThan(1e-9);
    expect(Math.abs(state.entropyProduction!)).toBeLessThan(1e-9);
    for (const x of [0, 1, 2.5, 4]) {
      const boltzmann = Math.exp(-potential(x) / T) / norm;
      expect(Math.abs(state.density.value(x) / boltzmann - 1)).toBeLessThan(1e-8);
      for (const w of [-1.3, 0, 0.6, 3]) {
        const maxwell = Math.sqrt(0.8 / (turn * T)) * Math.exp((-0.8 * w * w) / (2 * T));
        const phase = phaseDensity(state.expansion, x, w);
        expect(Math.abs(phase - boltzmann * maxwell)).toBeLessThan(1e-8 * boltzmann);
      }
    }
    const light = overdampedFokkerPlanck(system);
    expect(Math.abs(light.meanVelocity)).toBeLessThan(1e-10);
    expect(Math.abs(light.density.value(2) * norm * Math.exp(potential(2) / T) - 1)).toBeLessThan(1e-8);
  });

  test("Einstein's relation: diffusion = T d<omega>/d tilt", () => {
    const h = 1e-3;
    for (const solve of [fokkerPlanck, overdampedFokkerPlanck]) {
      const at = (tilt: number) => solve(rotor(0.3, tilt, T)).meanVelocity;
      const mobility = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
      const { diffusion } = solve(rotor(0.3, 0, T));
      expect(Math.abs(diffusion / (T * mobility) - 1)).toBeLessThan(1e-8);
    }
  });

  test("Lifson and Jackson: overdamped diffusion is 1 / (<e^(-U/T)> <g e^(U/T)>) T", () => {
    const exact =
      T / (mean((x) => Math.exp(-potential(x) / T)) * mean((x) => rough(x) * Math.exp(potential(x) / T)));
    expect(Math.abs(overdampedFokkerPlanck(rotor(0, 0, T)).diffusion / exact - 1)).toBeLessThan(1e-8);
  });
});

describe("out of equilibrium", () => {
  test("free rotor: omega = tilt / g, diffusion D / 2 g^2, I <(omega - <omega>)^2> = D / 2 g", () => {
    const system: RotorSystem = {
      curve: {
        torque: PeriodicCurve.constant(0.4),
        friction: PeriodicCurve.constant(0.5),
        noise: PeriodicCurve.constant(0.9),
      },
      rotor: { inertia: 2, load: 0.1 },
    };
    const state = fokkerPlanck(system);
    expect(state.meanVelocity).toBeCloseTo(0.6, 10);
    expect(state.diffusion).toBeCloseTo(0.9 / 0.5, 9);
    expect(state.kineticTemperature).toBeCloseTo(0.9 + 2 * 0.36, 9);
    // Heat g <omega>^2 over the temperature D / 2g.
    expect(state.entropyProduction).toBeCloseTo((0.5 * 0.36) / 0.9, 9);
    const light = overdampedFokkerPlanck(system);
    expect(light.meanVelocity).toBeCloseTo(0.6, 11);
    expect(light.diffusion).toBeCloseTo(1.8, 10);
    expect(light.entropyProduction).toBeCloseTo(0.2, 10);
    // A free rotor saturates the bound.
    expect(light.uncertaintyRatio).toBeCloseTo(2, 9);
  });

  test("Stratonovich: overdamped speed of a tilted washboard by quadrature, noise and friction uneven", () => {
    const system = rotor(0, 0.5, 0.4, 0.6);
    const { torque, friction, noise } = system.curve;
    // u = T p obeys u' = (f/T) u - g j: with phi = int f/T, <omega> = 2 pi (1 - e^-phi(2pi)) / int (e^phi/T)(x) int_x^(x+2pi) g e^-phi.
    const local = (x: number) => noise!.value(x) / (2 * friction.value(x));
    const ratio = PeriodicCurve.from((x) => torque.value(x) / local(x), 256);
    const phi = (x: number) => ratio.mean * x + ratio.antiderivative(x);
    const n = 300;
    const inner = PeriodicCurve.from((x) => {
      let sum = 0;
      for (let k = 0; k < n; k++) {
        // Periodic up to a factor: Gauss's two points on each interval.
        for (const c of [0.5 - Math.sqrt(1 / 12), 0.5 + Math.sqrt(1 / 12)]) {
          const y = x + (turn * (k + c)) / n;
          sum += ((turn / n) * friction.value(y) * Math.exp(phi(x) - phi(y))) / 2;
        }
      }
      return sum / local(x);
    }, 256);
    const exact = (turn * (1 - Math.exp(-ratio.integral))) / inner.integral;
    expect(Math.abs(overdampedFokkerPlanck(system).meanVelocity / exact - 1)).toBeLessThan(1e-8);
  });

  test("small inertia tends to the overdamped limit, its noise-induced drift included: first order in the inertia", () => {
    const limit = overdampedFokkerPlanck(rotor(0, 0.3, 0.5, 0.4));
    const defects = [4e-3, 2e-3].map((inertia) => {
      const state = fokkerPlanck(rotor(inertia, 0.3, 0.5, 0.4), { tolerance: 1e-9 });
      return [state.meanVelocity - limit.meanVelocity, state.diffusion - limit.diffusion];
    });
    for (const i of [0, 1]) {
      expect(defects[0][i] / defects[1][i]).toBeGreaterThan(1.9);
      expect(defects[0][i] / defects[1][i]).toBeLessThan(2.1);
    }
    expect(Math.abs(defects[1][0])).toBeLessThan(0.02 * limit.meanVelocity);
  });

  test("uneven noise alone drives (a ratchet in temperature), and makes entropy", () => {
    const state = overdampedFokkerPlanck(rotor(0, 0, 0.5, 0.8));
    expect(Math.abs(state.meanVelocity)).toBeGreaterThan(1e-3);
    expect(state.entropyProduction).toBeGreaterThan(0);
  });

  test("the uncertainty relation holds over seeded tilts, temperatures and noises", () => {
    for (let k = 0; k < 24; k++) {
      const system = rotor(0, -1.5 + 0.17 * k, 0.3 + 0.05 * k, 0.03 * k);
      const { uncertaintyRatio } = overdampedFokkerPlanck(system);
      expect(uncertaintyRatio, `case ${k}`).toBeGreaterThan(2 - 1e-9);
    }
  });

  test("what cannot be solved is refused", () => {
    expect(() => fokkerPlanck(rotor(0, 0, 1))).toThrow("inertia");
    expect(() => fokkerPlanck(rotor(50, 0.5, 0.01), { work: 1e6 })).toThrow("did not converge");
    expect(() => overdampedFokkerPlanck(rotor(0, 0.5, 1e-5))).toThrow("not resolved");
    expect(() =>
      overdampedFokkerPlanck({ ...rotor(0, 0, 1), curve: { ...rotor(0, 0, 1).curve, noise: undefined } }),
    ).toThrow("noise");
  });
});

describe("ensembles", () => {
  test.each([
    ["overdamped, near equilibrium", rotor(0, 0.1, 0.6), 0.01],
    ["overdamped, uneven noise", rotor(0, 0.5, 0.4, 0.7), 0.01],
    ["moderate inertia, uneven noise", rotor(0.5, 0.4, 0.5, 0.5), 0.05],
    ["inertia, running", rotor(2, 0.9, 0.5, 0.3), 0.05],
    ["cold washboard, slips", rotor(0.3, 0.35, 0.25), 0.02],
  ])("%s: mean speed and diffusion of the Fokker-Planck solution", (_name, system, step) => {
    const exact = (system.rotor.inertia === 0 ? overdampedFokkerPlanck : fokkerPlanck)(system, {
      tolerance: 1e-7,
    });
    const ensemble = simulateEnsemble(kernels, system, {
      time: 300,
      trajectories: 2000,
      burnIn: 20,
      step,
      seed: 3,
    });
    const { meanVelocity, meanVelocityError, diffusion, diffusionError } = ensembleStatistics(ensemble);
    expect(Math.abs(meanVelocity - exact.meanVelocity)).toBeLessThan(3 * meanVelocityError);
    expect(Math.abs(diffusion - exact.diffusion)).toBeLessThan(3 * diffusionError);
    expect(diffusionError).toBeLessThan(0.1 * diffusion);
  });

  test("equilibrium: Boltzmann in angle and speed, Einstein's relation, at 10^5 turns", () => {
    const inertia = 0.4;
    const T = 2.5;
    const system = rotor(inertia, 0, T);
    const ensemble = simulateEnsemble(kernels, system, {
      time: 60,
      trajectories: 20_000,
      burnIn: 20,
      step: 0.05,
      seed: 8,
    });
    const { forwardRate, backwardRate, diffusion, diffusionError } = ensembleStatistics(ensemble);
    expect((forwardRate + backwardRate) * 60 * 20_000).toBeGreaterThan(1e5);
    const norm = mean((x) => Math.exp(-potential(x) / T));
    for (const g of [Math.cos, Math.sin, (x: number) => Math.cos(2 * x), (x: number) => Math.sin(3 * x)]) {
      const exact = mean((x) => (g(x) * Math.exp(-potential(x) / T)) / norm);
      const square = mean((x) => (g(x) ** 2 * Math.exp(-potential(x) / T)) / norm);
      const sampled = ensemble.angle.reduce((sum, x) => sum + g(x), 0) / 20_000;
      expect(Math.abs(sampled - exact)).toBeLessThan(3 * Math.sqrt((square - exact ** 2) / 20_000));
    }
    const kinetic = ensemble.velocity.reduce((sum, w) => sum + inertia * w * w, 0) / 20_000;
    expect(Math.abs(kinetic / T - 1)).toBeLessThan(3 * Math.sqrt(2 / 20_000));
    // Mobility from the response to a small tilt, by the Fokker-Planck equation.
    const tilted = [1e-3, -1e-3].map(
      (tilt) => fokkerPlanck(rotor(inertia, tilt, T), { tolerance: 1e-9 }).meanVelocity,
    );
    const mobility = (tilted[0] - tilted[1]) / 2e-3;
    expect(Math.abs(diffusion - T * mobility)).toBeLessThan(3 * diffusionError);
  });

  const mild = (inertia: number): RotorSystem => ({
    curve: {
      torque: PeriodicCurve.from((x) => 0.4 + Math.sin(x), 8),
      friction: PeriodicCurve.from((x) => 1 + 0.4 * Math.cos(x + 1), 8),
      noise: PeriodicCurve.from((x) => 1 + 0.5 * Math.cos(x - 2), 8),
    },
    rotor: { inertia },
  });

  test("inertial scheme: the error of the mean speed falls with the square of the step", () => {
    const exact = fokkerPlanck(mild(0.4)).meanVelocity;
    const [coarse, fine] = [0.5, 0.25].map((step) => {
      const options = { time: 1000, trajectories: 4000, burnIn: 10, step, seed: 5 };
      const { meanVelocity, meanVelocityError } = ensembleStatistics(
        simulateEnsemble(kernels, mild(0.4), options),
      );
      expect(Math.abs(meanVelocity - exact)).toBeGreaterThan(10 * meanVelocityError);
      return meanVelocity - exact;
    });
    // Order 2 with what is left of higher ones, and three standard errors.
    expect(Math.log2(coarse / fine)).toBeGreaterThan(1.8);
    expect(Math.log2(coarse / fine)).toBeLessThan(2.8);
  });

  test("overdamped scheme: the default step is fine enough for mean speeds to 1e-4, and hardly finer than that asks for", () => {
    const system = rotor(0, 0.1, 0.3);
    const exact = overdampedFokkerPlanck(system).meanVelocity;
    const [error, coarser] = [1, 8].map((k) => chainVelocity(system, k * defaultStep(system)) / exact - 1);
    expect(Math.abs(error)).toBeLessThan(1e-4);
    expect(Math.abs(coarser)).toBeGreaterThan(1e-4);
  });

  test("overdamped scheme: weak order 2, its chain solved exactly", () => {
    const exact = overdampedFokkerPlanck(mild(0)).meanVelocity;
    const defects = [0.05, 0.025, 0.0125].map((step) => chainVelocity(mild(0), step) - exact);
    const orders = [0, 1].map((i) => Math.log2(defects[i] / defects[i + 1]));
    expect(Math.abs(defects[2])).toBeGreaterThan(1e-6);
    expect(Math.abs(orders[1] - 2)).toBeLessThan(0.15);
    expect(Math.abs(orders[1] - 2)).toBeLessThan(Math.abs(orders[0] - 2));
  });
});

/**
 * Mean speed of the Markov chain x -> x + b + z (s + z c) that the overdamped kernel runs, without sampling: z on Gauss-Hermite points,
 * functions of x on equispaced angles by trigonometric interpolation, the invariant density from the transposed chain.
 */
function chainVelocity(system: RotorSystem, step: number): number {
  const { cells, steps } = stepTables(system, step);
  const n = 64;
  const unit = turn / cells;
  const at = (i: number) => 12 * ((i * cells) / n);
  const points = 24;
  const { nodes, weights } = gaussHermite(points);
  const matrix = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    const cardinal = new PeriodicCurve(Float64Array.from({ length: n }, (_, i) => (i === j ? 1 : 0)));
    for (let i = 0; i < n; i++) {
      const [b, c, s] = [steps[at(i)], steps[at(i) + 1], steps[at(i) + 8]];
      nodes.forEach((z, k) => {
        const x = (turn * i) / n + unit * (b + z * (s + z * c));
        // Transposed, minus the identity.
        matrix[j * n + i] += weights[k] * cardinal.value(x);
      });
    }
    matrix[j * n + j] -= 1;
  }
  matrix.fill(1, 0, n);
  const right = new Float64Array(n);
  right[0] = 1;
  const density = solveFactored(factorise(n, matrix), right, 1);
  return density.reduce((sum, p, i) => sum + (p * unit * (steps[at(i)] + steps[at(i) + 1])) / step, 0);
}

/** Points and weights for the normal distribution, from the zeros of the Hermite polynomial by bisection between those of lower degree. */
function gaussHermite(n: number): { nodes: number[]; weights: number[] } {
  // Normalised: x he_k = sqrt(k+1) he_(k+1) + sqrt(k) he_(k-1).
  const values = (x: number, degree: number) => {
    const h = [1, x];
    for (let k = 1; k < degree; k++) h.push((x * h[k] - Math.sqrt(k) * h[k - 1]) / Math.sqrt(k + 1));
    return h;
  };
  let zeros: number[] = [0];
  for (let degree = 2; degree <= n; degree++) {
    const edges = [-2 * Math.sqrt(degree + 1), ...zeros, 2 * Math.sqrt(degree + 1)];
    zeros = edges.slice(1).map((end, i) => {
      let [low, high] = [edges[i], end];
      const sign = Math.sign(values(low, degree)[degree]);
      for (let k = 0; k < 100; k++) {
        const middle = (low + high) / 2;
        if (Math.sign(values(middle, degree)[degree]) === sign) low = middle;
        else high = middle;
      }
      return (low + high) / 2;
    });
  }
  const weights = zeros.map((x) => 1 / values(x, n - 1).reduce((sum, h) => sum + h * h, 0));
  return { nodes: zeros, weights };
}
