// Fermi functions and the adaptive rule by themselves.

import { describe, expect, it } from "vitest";
import { AdaptiveIntegrator } from "../../src/numerics/quadrature/adaptive.js";
import { gauss16 } from "../../src/numerics/quadrature/gauss.js";
import { pointwise } from "../../src/numerics/quadrature/integrand.js";
import { kronrod15 } from "../../src/numerics/quadrature/kronrod.js";
import { PanelHistory } from "../../src/numerics/quadrature/panel-history.js";
import {
  emptiness,
  fermi,
  fermiDerivative,
  fermiDifference,
  thermalReach,
} from "../../src/transport/energy/fermi.js";
import { Fillings } from "../../src/transport/energy/fillings.js";
import { randomSource } from "../twins/random.js";

describe("fillings", () => {
  it("do not overflow and know their steps", () => {
    expect(fermi(1e6, 0, 1e-3)).toBe(0);
    expect(fermi(-1e6, 0, 1e-3)).toBe(1);
    expect(emptiness(-0.05, 0, 1e-3) / Math.exp(-50)).toBeCloseTo(1, 12);
    expect([fermi(-1, 0, 0), fermi(0, 0, 0), fermi(1, 0, 0)]).toEqual([1, 0.5, 0]);
    expect(fermiDerivative(0.3, 0.3, 0.02)).toBeCloseTo(-12.5, 12);
    expect(fermiDerivative(1e9, 0, 1e-9)).toBe(-0);
    expect(thermalReach(1e-30)).toBeLessThan(43);
  });
  it("differ without cancellation", () => {
    // f(E; mu + d) - f(E; mu) = -d df/dE for tiny d.
    const found = fermiDifference(0.1, 1e-12, 0.05, 0, 0.05) / (-1e-12 * fermiDerivative(0.1, 0, 0.05));
    expect(found).toBeCloseTo(1, 9);
    expect(fermiDifference(0.1, 0.3, 0.05, 0.3, 0.05)).toBe(0);
    for (const [a, s, b, t] of [
      [0.3, 0.1, -0.2, 0.4],
      [0.3, 0, -0.2, 0.4],
      [0.3, 0, -0.2, 0],
    ]) {
      for (const energy of [-3, -0.2, 0, 0.3, 2]) {
        const plain = fermi(energy, a, s) - fermi(energy, b, t);
        expect(Math.abs(fermiDifference(energy, a, s, b, t) - plain)).toBeLessThan(3e-16);
      }
    }
  });
  it("of several leads are those of each by itself, to the last bit", () => {
    const fillings = new Fillings(4);
    const source = randomSource(5);
    for (let round = 0; round < 300; round++) {
      for (let a = 0; a < 4; a++) {
        fillings.mu[a] = source.pick([0.2, 0.2, -0.1, source.between(-1, 1)]);
        fillings.temperature[a] = source.pick([0, 0.05, 0.05, source.between(0.01, 0.4)]);
      }
      fillings.referenceMu = fillings.mu[1];
      fillings.referenceTemperature = fillings.temperature[1];
      const energy = source.pick([0.2, source.between(-2, 2)]);
      fillings.at(energy);
      const { mu, temperature, referenceMu, referenceTemperature } = fillings;
      expect(fillings.referenceDerivative).toBe(fermiDerivative(energy, referenceMu, referenceTemperature));
      for (let a = 0; a < 4; a++) {
        expect(fillings.f[a]).toBe(fermi(energy, mu[a], temperature[a]));
        expect(fillings.empty[a]).toBe(emptiness(energy, mu[a], temperature[a]));
        expect(fillings.derivative[a]).toBe(fermiDerivative(energy, mu[a], temperature[a]));
        const excess = fermiDifference(energy, mu[a], temperature[a], referenceMu, referenceTemperature);
        expect(Math.abs(fillings.excess[a] - excess)).toBeLessThanOrEqual(2e-16 * Math.abs(excess));
        for (let b = 0; b < a; b++) {
          const difference = fermiDifference(energy, mu[a], temperature[a], mu[b], temperature[b]);
          expect(fillings.difference[4 * a + b]).toBe(difference);
          expect(fillings.difference[4 * b + a]).toBe(-difference);
        }
      }
    }
  });
});

describe("adaptive integration", () => {
  it("keeps its promise on smooth, peaked, singular and vanishing components at once", () => {
    const integrator = new AdaptiveIntegrator(4);
    const width = 1e-4;
    const status = integrator.integrate(
      pointwise((x, out) => {
        out[0] = Math.exp(x);
        out[1] = width / ((x - 0.3) ** 2 + width ** 2);
        out[2] = Math.sqrt(x);
        out[3] = 0;
      }),
      [0, 0.3, 1],
      3,
      { tolerance: 1e-11, groups: Int32Array.of(0, 1, 2, 3) },
    );
    expect(status.converged).toBe(true);
    expect(integrator.values[0]).toBeCloseTo(Math.E - 1, 12);
    const arc = Math.atan(0.7 / width) + Math.atan(0.3 / width);
    expect(Math.abs(integrator.values[1] / arc - 1)).toBeLessThan(1e-11);
    expect(integrator.values[2]).toBeCloseTo(2 / 3, 11);
    expect(integrator.values[3]).toBe(0);
    expect(status.evaluations).toBeLessThan(1500);
  });
  it("hands on the division by which it came to its end, with every breakpoint that must stay", () => {
    const integrator = new AdaptiveIntegrator(1);
    const peak = (centre: number) =>
      pointwise((x, out) => {
        // A jump at the fixed breakpoint 0.5.
        out[0] = 1e-3 / ((x - centre) ** 2 + 1e-6) + (x > 0.5 ? 1 : 0);
      });
    const integral = (centre: number) => Math.atan((1 - centre) / 1e-3) + Math.atan(centre / 1e-3) + 0.5;
    const request = { tolerance: 1e-10, groups: Int32Array.of(0) };
    const fixed = [0, 0.1, 0.5, 0.9, 1];
    const first = integrator.integrate(peak(0.3), fixed, fixed.length, request);
    const history = new PanelHistory(integrator.rule.power);
    const note = () => {
      history.keepPanels(integrator.panels, () => [0, 0.5, 1]);
      const ends = Array.from(history.ends);
      expect(ends.length).toBe(history.count + 1);
      for (const end of [0, 0.5, 1]) expect(ends).toContain(end);
      expect(ends).toEqual([...new Set(ends)].sort((a, b) => a - b));
    };
    const again = (centre: number) =>
      integrator.integrate(peak(centre), history.ends, history.count + 1, request);
    note();
    const panels = history.count;
    // A peak that has moved on: what is known saves evaluations, what is missing is found, what is too much goes.
    const next = again(0.302);
    expect(next.converged).toBe(true);
    expect(Math.abs(integrator.values[0] / integral(0.302) - 1)).toBeLessThan(1e-10);
    expect(next.evaluations).toBeLessThan(0.8 * first.evaluations);
    note();
    for (let step = 0; step < 40; step++) {
      const centre = 0.302 + 0.005 * step;
      expect(again(centre).converged).toBe(true);
      expect(Math.abs(integrator.values[0] / integral(centre) - 1)).toBeLessThan(1e-10);
      note();
    }
    // Where it stands still most of what it left behind is given up in the end.
    for (let step = 0; step < 220; step++) {
      expect(again(0.502).converged).toBe(true);
      note();
    }
    expect(history.count).toBeLessThan(2.5 * panels);
  });
  it("lays panels of equal errors from those of bisection: a quarter less where integrals are alike", () => {
    const integrator = new AdaptiveIntegrator(1, gauss16);
    const peaks = pointwise((x, out) => {
      out[0] += 1e-2 / ((x - 0.3) ** 2 + 1e-4) + 3e-3 / ((x - 0.81) ** 2 + 1e-5);
    });
    const request = { tolerance: 1e-9, groups: Int32Array.of(0) };
    const first = integrator.integrate(peaks, [0, 1], 2, request);
    const history = new PanelHistory(integrator.rule.power);
    const alone = integrator.panels.count;
    const exact = integrator.values[0];
    let last = first;
    for (let round = 0; round < 20; round++) {
      history.keepPanels(integrator.panels, () => [0, 1]);
      last = integrator.integrate(peaks, history.ends, history.count + 1, request);
      expect(last.converged).toBe(true);
      expect(Math.abs(integrator.values[0] / exact - 1)).toBeLessThan(2e-9);
    }
    expect(last.evaluations).toBe(gauss16.count * history.count);
    expect(history.count).toBeLessThan(0.75 * alone);
  });
  it("sees the tail of a peak beside a panel that has no node near it", () => {
    // The peak at 0.5 is resolved from below. The panel above has its first node at 3e-3, a million widths away.
    const width = 1e-9;
    const peak = pointwise((x, out) => {
      out[0] = width / ((x - 0.5) ** 2 + width ** 2);
    });
    const ends = [0];
    for (let distance = 0.25; distance > width / 4; distance /= 2) ends.push(0.5 - distance);
    ends.push(0.5, 0.5 + width / 2, 1);
    for (const rule of [gauss16, kronrod15]) {
      const integrator = new AdaptiveIntegrator(1, rule);
      const request = { tolerance: 1e-8, groups: Int32Array.of(0) };
      const status = integrator.integrate(peak, ends, ends.length, request);
      expect(status.converged).toBe(true);
      const off = Math.abs(integrator.values[0] - 2 * Math.atan(0.5 / width));
      expect(off).toBeLessThan(integrator.errors[0]);
      expect(integrator.errors[0]).toBeLessThan(1e-8 * Math.PI);
      const { count, ends: final } = integrator.panels;
      expect(status.evaluations % rule.count).toBe(0);
      for (let i = 1; i < count; i++) {
        const [before, after] = [final[i] - final[i - 1], final[i + 1] - final[i]];
        expect(Math.max(before / after, after / before)).toBeLessThan(101);
      }
    }
  });
  it("says when and where it fails", () => {
    const integrator = new AdaptiveIntegrator(1);
    const pole = pointwise((x, out) => {
      out[0] = 1 / Math.abs(x - 0.7);
    });
    const status = integrator.integrate(pole, [0, 1], 2, {
      tolerance: 1e-8,
      groups: Int32Array.of(0),
      panels: 200,
    });
    expect(status.converged).toBe(false);
    expect(status.worst).toBeCloseTo(0.7, 6);
  });
});
