// The trapezoidal rule on warm integrands, and the exact count of states that guards it.

import { describe, expect, it } from "vitest";
import { AdaptiveIntegrator } from "../../src/numerics/quadrature/adaptive.js";
import { pointwise } from "../../src/numerics/quadrature/integrand.js";
import { TrapezoidIntegrator } from "../../src/numerics/quadrature/trapezoid.js";
import { stateCount, timeDelay } from "../../src/transport/energy/state-count.js";
import { below, onRandomDevices } from "../transport/kernels/kernels.js";
import { seeds } from "../twins/seeds.js";

/** -df/dE at T = 1. */
const bell = (x: number) => 1 / (4 * Math.cosh(x / 2) ** 2);

describe("trapezoidal rule", () => {
  it("is exact to the tolerance with few nodes where nothing is sharp", () => {
    const integrator = new TrapezoidIntegrator(2);
    const status = integrator.integrate(
      pointwise((x, out) => {
        out[0] = bell(x);
        out[1] = bell(x) * x * x;
      }),
      -30,
      30,
      3.8,
      { tolerance: 1e-9, groups: Int32Array.of(0, 1) },
    );
    expect(status.converged).toBe(true);
    expect(status.evaluations).toBeLessThan(140);
    expect(Math.abs(integrator.values[0] - 1)).toBeLessThan(1e-10);
    expect(Math.abs(integrator.values[1] - Math.PI ** 2 / 3)).toBeLessThan(1e-8);
  });

  it("never claims less than its error, also where a weak resonance hides in one of two groups", () => {
    const integrator = new TrapezoidIntegrator(2);
    const reference = new AdaptiveIntegrator(2);
    let converged = 0;
    for (const width of [3, 1, 0.5, 0.2, 0.05, 1e-3]) {
      for (const weight of [1, 1e-3, 1e-6, 1e-9]) {
        for (const centre of [0.3, -7.1, 12.9]) {
          const peak = (x: number) => width ** 2 / ((x - centre) ** 2 + width ** 2);
          const integrand = pointwise((x, out) => {
            out[0] = bell(x) * (1 + weight * peak(x));
            out[1] = bell(x) * peak(x);
          });
          const request = { tolerance: 1e-8, groups: Int32Array.of(0, 1) };
          const status = integrator.integrate(integrand, -30, 30, 3.8, request);
          if (!status.converged) continue;
          converged++;
          const around = [-30, ...[-16, -4, -1, 0, 1, 4, 16].map((k) => centre + k * width), 30];
          const ends = around.filter((x) => Math.abs(x) <= 30).sort((a, b) => a - b);
          const precise = { ...request, tolerance: 1e-13 };
          expect(reference.integrate(integrand, ends, ends.length, precise).converged).toBe(true);
          for (const i of [0, 1]) {
            const error = Math.abs(integrator.values[i] - reference.values[i]);
            const claimed = integrator.errors[i] + 3 * reference.errors[i];
            expect(error, `w ${width} weight ${weight} at ${centre}: ${i}`).toBeLessThanOrEqual(
              claimed + 1e-18,
            );
          }
        }
      }
    }
    expect(converged).toBeGreaterThan(20);
  });
});

it("N(high) - N(low) is the integral of the time delay, on random devices with narrow and broad resonances", async () => {
  await onRandomDevices(seeds(60), { kinds: ["scalar", "orbitals", "matrix"] }, false, ({ solver }) => {
    const [low, high] = [-0.9, 1.1];
    const integrator = new AdaptiveIntegrator(1);
    const integrand = pointwise((energy, out) => {
      out[0] = timeDelay(solver.solve(energy, { energyDerivative: true })) / (2 * Math.PI);
    });
    const ends = Array.from({ length: 41 }, (_, i) => low + ((high - low) * i) / 40);
    const status = integrator.integrate(integrand, ends, ends.length, {
      tolerance: 1e-9,
      groups: Int32Array.of(0),
    });
    const states = stateCount(solver, high) - stateCount(solver, low);
    const missed = states - integrator.values[0];
    // The panels may step over a resonance, which makes one whole state.
    below(Math.abs(missed - Math.round(missed)), 1e-7 + 10 * status.relativeError, "fraction of a state");
    if (Math.round(missed) < 0) throw new Error(`${missed} states missed`);
  });
});
