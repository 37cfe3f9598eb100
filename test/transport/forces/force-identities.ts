// Identities of forces, friction, noise and currents at one configuration, on the kernels, for random devices with all kinds of leads,
// real and complex, probes included. Declared by kernel-identities.test.ts (a few) and kernel-identities-many.test.ts (hundreds).

import { describe, expect, it } from "vitest";
import { NumericalError } from "../../../src/base/errors.js";
import type { Reservoir } from "../../../src/model/types.js";
import type { PointSolver } from "../../../src/scattering/contract.js";
import { ForceCalculator } from "../../../src/transport/forces/forces.js";
import type { Forces } from "../../../src/transport/forces/result.js";
import type { RandomModelOptions } from "../../twins/random-device.js";
import { seeds } from "../../twins/seeds.js";
import { below, crossSlopes, largest, onRandomDevices } from "../kernels/kernels.js";

const configuration = (count: number) => Float64Array.from({ length: count }, (_, nu) => 0.4 - 0.3 * nu);

/** A probe of one channel that is cut off from all reservoirs at an energy has infinite friction: then the error must say that energy. */
function cutOffAside(solver: PointSolver, compute: () => Forces): Forces | undefined {
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof NumericalError && /cut off/.test(error.message))) throw error;
    const { channels, channelLead, S } = solver.solve(error.energy!, { energyDerivative: false });
    const probe = channelLead.findIndex((lead) => solver.probes[lead]);
    const i = 2 * (probe * channels + probe);
    below(1 - S[i] * S[i] - S[i + 1] * S[i + 1], 1e-6, "transmission of the probe");
    return undefined;
  }
}

/** Declares the tests for `count` devices. */
export function testForceIdentities(count: number): void {
  describe("in equilibrium", () => {
    it.each(["voltage", "energy-resolved"] as const)("D = 2 T gamma, %s probes", async (dephasing) => {
      const all: Reservoir = { chemicalPotential: 0.12, temperature: 0.09 };
      const options: RandomModelOptions =
        dephasing === "voltage"
          ? {}
          : { leads: 2, kinds: ["scalar", "orbitals", "matrix", "chain", "periodic", "probe"] };
      await onRandomDevices(
        seeds(dephasing === "voltage" ? count : count / 4),
        options,
        false,
        ({ solver }) => {
          const d = solver.directions;
          solver.configure(configuration(d));
          const reservoirs = solver.leads.map(() => all);
          const forces = cutOffAside(solver, () =>
            new ForceCalculator(solver).compute(reservoirs, { tolerance: 1e-10, dephasing }),
          );
          if (!forces) return;
          const { friction, noise, certificate, warnings } = forces;
          for (let i = 0; i < d; i++) {
            for (let j = 0; j < d; j++) {
              const symmetric = (friction[i * d + j] + friction[j * d + i]) / 2;
              const defect = Math.abs(noise[i * d + j] - 2 * all.temperature * symmetric);
              below(defect, 1e-9 * (largest(noise) + 1e-12), "D - 2 T gamma");
            }
          }
          below(certificate.fluctuationDissipation!, 1e-9, "its certificate");
          expect(largest(forces.current)).toBe(0);
          // Devices with very narrow resonances may not reach 1e-10, and say so.
          expect(warnings.filter(({ code }) => code !== "rounding")).toEqual([]);
        },
      );
    });

    it("no curl of the force, hot and cold", async () => {
      await onRandomDevices(seeds(count / 4), { parameters: 2 }, false, ({ solver }, seed) => {
        const calculator = new ForceCalculator(solver);
        const all: Reservoir = { chemicalPotential: -0.07, temperature: seed % 2 === 0 ? 0.06 : 0 };
        const force = (x: number, y: number) => {
          solver.configure(Float64Array.of(x, y));
          return calculator.compute(
            solver.leads.map(() => all),
            { tolerance: 1e-11 },
          ).force;
        };
        // Two steps of Richardson's extrapolation.
        const [a, b, c] = [0.02, 0.01, 0.005].map((h) => crossSlopes(force, h)).map(({ yx, xy }) => yx - xy);
        const curl = (64 * c - 20 * b + a) / 45;
        below(Math.abs(curl), 1e-7 * (1 + Math.abs(crossSlopes(force, 0.01).yx)), "curl");
      });
    });
  });

  describe("at bias", () => {
    it.each(["warm", "cold", "mixed"] as const)("%s: balances, second law, positive noise", async (kind) => {
      await onRandomDevices(seeds(count), {}, false, ({ solver, reservoirs }) => {
        const tolerance = 1e-8;
        const cooled = reservoirs.map((reservoir, a) =>
          reservoir && (kind === "cold" || (kind === "mixed" && a === 0))
            ? { ...reservoir, temperature: 0 }
            : reservoir,
        );
        const d = solver.directions;
        solver.configure(configuration(d));
        const forces = new ForceCalculator(solver).compute(cooled, { tolerance });
        const { certificate, errors, current, noise } = forces;
        const flow = largest(current);
        // One reservoir and probes: nothing flows, and only rounding is left to balance.
        if (flow > 1e-12) below(certificate.chargeBalance, tolerance, "charge balance");
        if (flow > 1e-12) below(certificate.energyBalance, 10 * tolerance, "energy balance");
        below(
          -(certificate.noisePositive ?? 0),
          1e-12 * largest(noise) + errors.noise + 1e-300,
          "negative noise",
        );
        below(certificate.unitarity, 1e-8, "unitarity");
        if (forces.warnings.length === 0) below(forces.error, 2 * tolerance, "error");
        for (const [a, probe] of solver.probes.entries())
          if (probe) below(Math.abs(current[a]), 2 * tolerance * flow + 1e-15, "current into a probe");
        if (forces.entropyProduction !== undefined)
          below(-forces.entropyProduction, 1e-9 * flow + 1e-15, "negative entropy production");
      });
    });
  });
}
