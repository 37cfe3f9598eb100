// The dense twin against the known answers and against itself: S and dS, unitarity, derivatives by differences,
// band edges, and the complete NEGF formulas against the few small matrices.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { densePointSolver } from "../twins/dense.js";
import { randomModel } from "../twins/random-device.js";
import { readModel } from "../twins/read-model.js";

const cases = ["chain-leads", "complex-three-channel", "real-two-lead", "three-leads"];

describe("dense twin", () => {
  it.each(cases)("gives the known S and dS of %s", (name) => {
    const { model, expect: known } = JSON.parse(
      readFileSync(new URL(`../known/${name}.json`, import.meta.url), "utf8"),
    );
    const { options, result } = known.scatter;
    const resolved = readModel(model);
    const solver = densePointSolver(resolved);
    solver.configure(Float64Array.from(resolved.device.parameters, (p) => options.at[p.name]));
    const point = solver.solve(options.energy, { energyDerivative: true, antisymmetricFriction: true });
    const leads = solver.leads;
    expect(Array.from(point.channelLead.subarray(0, point.channels), (a) => leads[a])).toEqual(
      result.channels,
    );
    const S = result.S.flat(2);
    for (let i = 0; i < S.length; i++) expect(Math.abs(point.S[i] - S[i])).toBeLessThan(1e-13);
    for (const a of leads) {
      for (const b of leads) {
        if (a === b) continue;
        let t = 0;
        for (let i = 0; i < point.channels; i++) {
          for (let j = 0; j < point.channels; j++) {
            if (leads[point.channelLead[i]] !== a || leads[point.channelLead[j]] !== b) continue;
            t += point.S[2 * (i * point.channels + j)] ** 2 + point.S[2 * (i * point.channels + j) + 1] ** 2;
          }
        }
        expect(Math.abs(t - result.transmission[a][b])).toBeLessThan(1e-13);
      }
    }
    expect(point.unitarityDefect).toBeLessThan(1e-13);
  });

  it("is unitary, with K and P that differentiate S and psi, for 60 random devices", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const resolved = readModel(randomModel(seed));
      const solver = densePointSolver(resolved);
      const X = Float64Array.from(resolved.device.parameters, (_, i) => 0.3 - 0.5 * i);
      const energy = 0.137;
      solver.configure(X);
      const point = solver.solve(energy, { energyDerivative: true });
      const m = point.channels;
      if (point.unitarityDefect > 1e-11) throw new Error(`seed ${seed}: unitarity ${point.unitarityDefect}`);
      // |S_ab|^2 does not depend on the lead basis: differentiate it by energy and by the first parameter.
      const probability = (e: number, dx: number) => {
        const at = Float64Array.from(X);
        at[0] += dx;
        solver.configure(at);
        const S = solver.solve(e, { energyDerivative: false }).S;
        const sums = new Float64Array(solver.leads.length ** 2);
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < m; j++) {
            const to = point.channelLead[i] * solver.leads.length + point.channelLead[j];
            sums[to] += S[2 * (i * m + j)] ** 2 + S[2 * (i * m + j) + 1] ** 2;
          }
        }
        return sums;
      };
      const h = 1e-4;
      const [e1, e0] = [probability(energy + h, 0), probability(energy - h, 0)];
      const [x1, x0] = [probability(energy, h), probability(energy, -h)];
      const byEnergy = new Float64Array(e1.length);
      const byX = new Float64Array(e1.length);
      const K = point.K[0];
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < m; j++) {
          const at = 2 * (i * m + j);
          const to = point.channelLead[i] * solver.leads.length + point.channelLead[j];
          byEnergy[to] += 2 * (point.S[at] * point.dSdE[at] + point.S[at + 1] * point.dSdE[at + 1]);
          // dS/dX = -i S K
          let [re, im] = [0, 0];
          for (let k = 0; k < m; k++) {
            const [p, q] = [2 * (i * m + k), 2 * (k * m + j)];
            re += point.S[p] * K[q + 1] + point.S[p + 1] * K[q];
            im -= point.S[p] * K[q] - point.S[p + 1] * K[q + 1];
          }
          byX[to] += 2 * (point.S[at] * re + point.S[at + 1] * im);
        }
      }
      for (let i = 0; i < e1.length; i++) {
        const scale = 1 + Math.abs(byEnergy[i]) + Math.abs(byX[i]);
        const defect = Math.max(
          Math.abs(byEnergy[i] - (e1[i] - e0[i]) / (2 * h)),
          Math.abs(byX[i] - (x1[i] - x0[i]) / (2 * h)),
        );
        if (defect > 1e-5 * scale)
          throw new Error(
            `seed ${seed}: derivative defect ${defect} ${byEnergy[i]} ${(e1[i] - e0[i]) / (2 * h)}`,
          );
      }
    }
  });
});
