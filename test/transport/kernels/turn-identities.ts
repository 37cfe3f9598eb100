// Laws of a whole turn on the kernels, for random devices with all kinds of leads: charge and first law at bias, no work in equilibrium,
// W = V Q(-B) in linear response. Declared by kernel-turns.test.ts (a few) and kernel-turns-many.test.ts (many).

import { describe, it } from "vitest";
import { NumericalError } from "../../../src/base/errors.js";
import type { Lead, Reservoir, Triplet } from "../../../src/model/types.js";
import { ForceCalculator } from "../../../src/transport/forces/forces.js";
import type { RandomModel, RandomModelOptions } from "../../twins/random-device.js";
import { seeds } from "../../twins/seeds.js";
import { below, type KernelDevice, kernelsOf, onCycle, onRandomDevices } from "./kernels.js";

interface TurnSums {
  work: number;
  /** Charges entering per turn, order 1. */
  charge: Float64Array;
  energy: number;
  workScale: number;
  chargeScale: number;
  energyScale: number;
}

/**
 * Sums over a turn by the trapezoidal rule, doubled from 48 points until `enough` or `most` points. It may stop as soon as the identity
 * holds: it is exact, so no sum of wrong numbers comes to hold by more points. `most` is where the rule, not the numbers, gives out: a
 * level crossing an edge of the window makes a peak in the angle, of half width w it leaves exp(-points w): 1e-8 with 3072 points for w = 0.006.
 */
function turn(
  { model, solver }: KernelDevice,
  reservoirs: (Reservoir | undefined)[],
  tolerance: number,
  most: number,
  enough: (sums: TurnSums) => boolean,
): TurnSums {
  solver.configure(...onCycle(model, 0));
  const calculator = new ForceCalculator(solver);
  const zero = { work: 0, energy: 0, workScale: 0, chargeScale: 0, energyScale: 0 };
  const sums: TurnSums = { ...zero, charge: new Float64Array(solver.leads.length) };
  const add = (theta: number) => {
    solver.configure(...onCycle(model, theta));
    const forces = calculator.compute(reservoirs, { tolerance });
    sums.work += forces.force[0];
    sums.workScale += Math.abs(forces.force[0]);
    for (let a = 0; a < sums.charge.length; a++) {
      sums.charge[a] += forces.currentPerVelocity[a];
      sums.energy += forces.energyCurrentPerVelocity[a];
      sums.chargeScale += Math.abs(forces.currentPerVelocity[a]);
      sums.energyScale += Math.abs(forces.energyCurrentPerVelocity[a]);
    }
  };
  const scaled = (points: number): TurnSums => {
    const step = (2 * Math.PI) / points;
    const entries = Object.entries(sums).map(([key, x]) => [
      key,
      typeof x === "number" ? step * x : x.map((q: number) => step * q),
    ]);
    return Object.fromEntries(entries);
  };
  let points = 48;
  for (let i = 0; i < points; i++) add((2 * Math.PI * i) / points);
  while (points < most && !enough(scaled(points))) {
    for (let i = 0; i < points; i++) add((2 * Math.PI * (i + 0.5)) / points);
    points *= 2;
  }
  return scaled(points);
}

/** The device in the reversed magnetic field: everything conjugated. */
function reversed(model: RandomModel): RandomModel {
  const conjugated = (triplets: Triplet[]) => triplets.map(([i, j, re, im = 0]): Triplet => [i, j, re, -im]);
  const lead = (l: Lead): Lead => {
    if (l.kind === "chain") return l;
    if (l.kind === "self-energy") throw new Error("no such lead here");
    if (l.kind !== "periodic")
      return Array.isArray(l.width) && Array.isArray(l.width[0])
        ? { ...l, width: conjugated(l.width as Triplet[]) }
        : l;
    const coupling = l.coupling && conjugated(l.coupling);
    return { ...l, onsite: conjugated(l.onsite), hopping: conjugated(l.hopping!), coupling };
  };
  const { device } = model;
  const parameters = Object.entries(device.parameters as Record<string, Triplet[]>);
  return {
    ...model,
    device: {
      ...device,
      hamiltonian: conjugated(device.hamiltonian as Triplet[]),
      parameters: Object.fromEntries(parameters.map(([name, triplets]) => [name, conjugated(triplets)])),
      leads: device.leads.map(lead),
    },
  };
}

/** Two or three leads of any kind, every third device with a probe; real and complex. */
const small = (seed: number): RandomModelOptions => ({
  orbitals: 2 + (seed % 4),
  leads: 2 + (seed % 2),
});

/** At the device's own reservoirs as much charge leaves per turn as enters, and the energy that enters is the work. */
function checkBalances(device: KernelDevice, most: number): void {
  const defects = (sums: TurnSums) => [
    Math.abs(sums.charge.reduce((sum, q) => sum + q, 0)) / sums.chargeScale,
    Math.abs(sums.energy - sums.work) / sums.energyScale,
  ];
  const enough = (sums: TurnSums) => Math.max(...defects(sums)) < 1e-8;
  const [charge, energy] = defects(turn(device, device.reservoirs, 1e-9, most, enough));
  below(charge, 1e-8, "charge per turn");
  below(energy, 1e-8, "first law");
}

/**
 * Declares the balances at bias for `count` devices of which a share of at most `refusable` may be refused with NumericalError (the message
 * names energy and cause); every device that is answered must be right.
 */
export function testTurnRefusals(count: number, most: number, refusable: number): void {
  it(`at bias ${count} devices balance charge and energy over a turn, or are refused`, async () => {
    const refused: string[] = [];
    await onRandomDevices(seeds(count), small, true, (device, seed) => {
      try {
        checkBalances(device, most);
      } catch (error) {
        if (!(error instanceof NumericalError)) throw error;
        refused.push(`seed ${seed}: ${error.message}`);
      }
    });
    if (refused.length > refusable * count) throw new Error(`too many refused:\n${refused.join("\n")}`);
  }, 1_800_000);
}

/** Declares the tests for `count` devices; `most` points per turn. */
export function testTurnIdentities(count: number, most: number): void {
  describe("laws of a turn", () => {
    it("at bias charge and energy balance: first law to 1e-8 of the energy turned over", async () => {
      await onRandomDevices(seeds(count), small, true, (device) => checkBalances(device, most));
    });

    it("in equilibrium no work", async () => {
      await onRandomDevices(seeds(count), small, true, (device, seed) => {
        const all = { chemicalPotential: 0.1, temperature: seed % 3 === 0 ? 0 : 0.08 };
        const reservoirs = device.solver.leads.map(() => all);
        const defect = (sums: TurnSums) => Math.abs(sums.work) / sums.workScale;
        below(defect(turn(device, reservoirs, 1e-9, most, (sums) => defect(sums) < 1e-9)), 1e-9, "work");
      });
    });

    it("in linear response W = V Q(-B), also in a magnetic field", async () => {
      const few = Math.ceil(count / 8);
      await onRandomDevices(
        seeds(few),
        (seed) => ({ ...small(seed), real: false }),
        true,
        (device) => {
          const { model, solver } = device;
          const [mu, temperature] = [0.05, 0.12];
          const at = (shift: number) =>
            solver.leads.map((_, a) => ({ chemicalPotential: mu + (a === 0 ? shift : 0), temperature }));
          // dW/dmu of the first lead from three biases, by two steps of Richardson's extrapolation.
          const slope = (bias: number) => {
            const [up, down] = [at(bias), at(-bias)].map((r) => turn(device, r, 1e-10, 48, () => false));
            return (up.work - down.work) / (2 * bias);
          };
          const [a, b, c] = [slope(0.08), slope(0.04), slope(0.02)];
          const work = (64 * c - 20 * b + a) / 45;
          const other = kernelsOf(device.kernels, reversed(model), true);
          const sums = turn(other, at(0), 1e-10, 48, () => false);
          other.solver.release();
          below(Math.abs(work - sums.charge[0]), 2e-7 * (1 + sums.chargeScale), "W/V - Q(-B)");
        },
      );
    });
  });
}
