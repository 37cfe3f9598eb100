// Forces next to resonances far narrower than bias and temperature, where friction and currents per velocity are small differences of terms of order 1/w^2:
// closed forms of one level, and known answers for two and three levels. With w the width, x = E - level and A = 1 / (x^2 + w^2/4), one wide-band level has
//   J_L = (1/2pi) int Gamma_L Gamma_R A (f_L - f_R),          D = (1/2pi) int sum_ab Gamma_a Gamma_b A^2 f_a (1 - f_b),
//   gamma = (1/4pi) int sum_a (-f'_a) Gamma_a w A^2,          F = -(1/2pi) int sum_a f_a Gamma_a A,
//   J_a,nu = (1/2pi) int { f'_a Gamma_a A (1 - w^2 A / 2) + sum_b f'_b Gamma_a Gamma_b A^2 w / 2 },
// energy currents with E in the integrand. The twin integrates them over E = level + (w/2) sinh u by the trapezoidal rule.

import { describe, expect, it } from "vitest";
import { loadKernels } from "../../../src/engine/load.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { ExplicitDevice, Reservoir } from "../../../src/model/types.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import { ForceCalculator } from "../../../src/transport/forces/forces.js";
import type { Forces } from "../../../src/transport/forces/result.js";

const reservoirs = (temperature: number): Reservoir[] => [
  { chemicalPotential: 0.5, temperature },
  { chemicalPotential: -0.5, temperature },
];

async function forcesOf(device: ExplicitDevice, temperature: number, tolerance = 1e-8): Promise<Forces> {
  const solver = new KernelSolver(
    await loadKernels(),
    resolveModel({ format: "nanopinwheel/1", device }).device,
    false,
  );
  solver.configure(new Float64Array(solver.directions));
  const forces = new ForceCalculator(solver).compute(reservoirs(temperature), { tolerance });
  solver.release();
  return forces;
}

const wide = (name: string, orbitals: number[], width: number | number[]) => ({
  name,
  kind: "wideband" as const,
  orbitals,
  width,
});

/** All quantities of one level in closed form; at T = 0 the slopes are steps. */
function oneLevel(level: number, shares: number[], temperature: number) {
  const width = shares[0] + shares[1];
  const mu = [0.5, -0.5];
  const A = (x: number) => 1 / (x * x + width ** 2 / 4);
  const phase = (energy: number) => Math.atan((2 * (energy - level)) / width) / Math.PI;
  const atSlope = (energy: number, a: number, weight: number, out: number[]) => {
    const square = A(energy - level);
    out[0] += (weight * shares[a] * width * square ** 2) / (4 * Math.PI);
    for (const c of [0, 1]) {
      const own = c === a ? shares[a] * square * (1 - 0.5 * width ** 2 * square) : 0;
      const flow = (-weight * (own + 0.5 * shares[c] * shares[a] * square ** 2 * width)) / (2 * Math.PI);
      out[1 + c] += flow;
      out[3 + c] += energy * flow;
    }
  };
  // Friction, currents and energy currents per velocity; then current, energy current, noise, force.
  const slopes = [0, 0, 0, 0, 0];
  let [current, energyCurrent, noise, force] = [0, 0, 0, 0];
  if (temperature === 0) {
    for (const a of [0, 1]) {
      atSlope(mu[a], a, 1, slopes);
      force -= (shares[a] / width) * (0.5 + phase(mu[a]));
    }
    const filled = phase(mu[0]) - phase(mu[1]);
    current = (shares[0] * shares[1] * filled) / width;
    const log = Math.log(A(mu[1] - level) / A(mu[0] - level)) / 2;
    energyCurrent = level * current + (shares[0] * shares[1] * log) / (2 * Math.PI);
    // int A^2 = (8 x / w^2) A / ... + 4 pi phase / w^3: of the occupied left channel and the empty right one.
    const squares = (x: number) =>
      (2 * x * A(x)) / width ** 2 + (4 * Math.PI * phase(level + x)) / width ** 3;
    noise = (shares[0] * shares[1] * (squares(mu[0] - level) - squares(mu[1] - level))) / (2 * Math.PI);
  } else {
    const f = (energy: number, m: number) => 1 / (Math.exp((energy - m) / temperature) + 1);
    const empty = (energy: number, m: number) => 1 / (Math.exp((m - energy) / temperature) + 1);
    const reach = 1.5;
    const step = 1 / 512;
    const last = Math.ceil(Math.asinh((2 * reach) / width) / step);
    for (let k = -last; k <= last; k++) {
      const x = (width / 2) * Math.sinh(k * step);
      const energy = level + x;
      const weight = step * (width / 2) * Math.cosh(k * step);
      const square = A(x);
      const filling = mu.map((m) => f(energy, m));
      for (const a of [0, 1]) {
        const steep = (weight * filling[a] * empty(energy, mu[a])) / temperature;
        atSlope(energy, a, steep, slopes);
        // By parts: int f_a A has a long tail, -f'_a has none.
        force -= (steep * shares[a] * (0.5 + phase(energy))) / width;
        for (const b of [0, 1])
          noise +=
            (weight * shares[a] * shares[b] * square ** 2 * filling[a] * empty(energy, mu[b])) /
            (2 * Math.PI);
      }
      const flow = (weight * shares[0] * shares[1] * square * (filling[0] - filling[1])) / (2 * Math.PI);
      current += flow;
      energyCurrent += energy * flow;
    }
  }
  const [friction, ...flows] = slopes;
  return {
    friction,
    perVelocity: flows.slice(0, 2),
    energyPerVelocity: flows.slice(2),
    current,
    energyCurrent,
    noise,
    force,
  };
}

describe("one level", () => {
  for (const temperature of [0, 0.01])
    for (const level of [0, 0.3])
      it.each([1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7])(
        `at ${level}, T = ${temperature}, w = %d: every quantity in closed form`,
        async (width) => {
          for (const shares of [
            [0.5 * width, 0.5 * width],
            [0.2 * width, 0.8 * width],
          ]) {
            const device: ExplicitDevice = {
              orbitals: 1,
              hamiltonian: [[0, 0, level]],
              parameters: { x: [[0, 0, 1]] },
              leads: [wide("left", [0], shares[0]), wide("right", [0], shares[1])],
            };
            const found = await forcesOf(device, temperature);
            const known = oneLevel(level, shares, temperature);
            expect(found.error).toBeLessThan(1e-8);
            expect(found.warnings).toEqual([]);
            const near = (value: number, exact: number, error: number, bound = 2e-8) => {
              expect(Math.abs(value / exact - 1)).toBeLessThan(bound);
              expect(Math.abs(value - exact)).toBeLessThan(error + 2e-9 * Math.abs(exact));
            };
            const { errors } = found;
            // Double-double has 32 digits, the friction of a resonance deep in the window is w^4 of what cancels in it.
            near(found.friction[0], known.friction, errors.friction, Math.max(1e-8, 1e-32 / width ** 4));
            near(found.noise[0], known.noise, errors.noise);
            near(found.force[0], known.force, errors.force);
            near(found.current[0], known.current, errors.current);
            near(-found.current[1], known.current, errors.current);
            if (level !== 0) near(found.energyCurrent[0], known.energyCurrent, errors.energyCurrent);
            for (const a of [0, 1]) {
              near(found.currentPerVelocity[a], known.perVelocity[a], errors.currentPerVelocity);
              near(
                found.energyCurrentPerVelocity[a],
                known.energyPerVelocity[a],
                errors.energyCurrentPerVelocity,
              );
            }
          }
        },
      );
});

/**
 * Dense matrices in 45-digit arithmetic (Python's mpmath), docs/physics.md, sections 4 and 5: friction from the complete first-order lesser function, currents from the A-matrix, each written out,
 * over 18-node panels that grow by factors of two from every pole of G. The widths are the doubles nearest to 1e-6 times a number. [xx, (xy + yx)/2, yy] of the friction.
 */
const known = {
  two: {
    friction: [-640477.6442998, (1088811.99531 - 465703.2363685) / 2, 791695.5018397],
    perVelocity: [0.6404764584359, -1.088812368743, -0.08684472417592, 0.1476357698335],
    current: 3.529411230075e-7,
  },
  three: {
    friction: [197634.6287738, (413846.6000421 + 232392.2268256) / 2, 477232.7314351],
    perVelocity: [-0.3379191563869, -0.580267449017, -0.4825426896714, -0.7035711614118],
    current: 7.80468744581e-7,
  },
  weak: {
    friction: [-40004.06217606, (-231864.0014036 - 80009.21647737) / 2, -463726.4193951],
    perVelocity: [-0.2080429668281, 0.3301016436549, -0.1989902675375, 0.2730798958717],
    current: 0.1339506347213,
  },
};

const w = 1e-6;
const weak = Math.sqrt(w);
const devices: Record<keyof typeof known, ExplicitDevice> = {
  two: {
    orbitals: 2,
    hamiltonian: [
      [0, 0, 0.1],
      [1, 1, -0.2],
      [0, 1, 0.15],
    ],
    parameters: {
      x: [[0, 0, 1]],
      y: [
        [0, 1, 0.7],
        [1, 1, 0.3],
      ],
    },
    leads: [wide("left", [0], w), wide("right", [1], 2 * w)],
  },
  three: {
    orbitals: 3,
    hamiltonian: [
      [0, 0, 0.1],
      [1, 1, -0.2],
      [2, 2, 0.25],
      [0, 1, 0.15],
      [1, 2, 0.1, 0.3],
      [0, 2, 0.2],
    ],
    parameters: {
      x: [[0, 0, 1]],
      y: [
        [0, 1, 0.7],
        [2, 2, 0.3],
      ],
    },
    leads: [wide("left", [0, 1], w), wide("right", [1, 2], [2 * w, 0.5 * w])],
  },
  weak: {
    orbitals: 3,
    hamiltonian: [
      [0, 0, 0.1],
      [1, 1, -0.2],
      [2, 2, 0.25],
      [0, 1, 0.7 * weak],
      [1, 2, weak],
      [0, 2, 0.4],
    ],
    parameters: {
      x: [
        [0, 0, 1],
        [1, 1, 0.5],
      ],
      y: [
        [0, 1, 0.7 * weak],
        [2, 2, 0.3],
        [1, 1, 1],
      ],
    },
    leads: [wide("left", [0], 0.6), wide("right", [2], 0.8)],
  },
};

describe("several levels, widths of 1e-6, T = 0.01", () => {
  it.each(["two", "three", "weak"] as const)("%s: known answers", async (name) => {
    const found = await forcesOf(devices[name], 0.01);
    const { friction, perVelocity, current } = known[name];
    expect(found.error).toBeLessThan(1e-8);
    const symmetric = [found.friction[0], (found.friction[1] + found.friction[2]) / 2, found.friction[3]];
    const scale = Math.max(...friction.map(Math.abs));
    for (const [i, value] of friction.entries())
      expect(Math.abs(symmetric[i] - value)).toBeLessThan(1e-9 * scale);
    for (const [i, value] of perVelocity.entries())
      expect(Math.abs(found.currentPerVelocity[i] - value)).toBeLessThan(5e-9);
    expect(Math.abs(found.current[0] / current - 1)).toBeLessThan(1e-8);
    expect(Math.abs(found.current[1] / current + 1)).toBeLessThan(1e-8);
  });

  it("chain leads: widths far below the digits of an energy", async () => {
    // gamma w at fixed level: the friction of narrow resonances goes with 1/w, so its product with w tends to a limit.
    const products: number[] = [];
    for (const width of [1e-6, 1e-8, 1e-10]) {
      const coupling = Math.sqrt(width);
      const found = await forcesOf(
        {
          ...devices.two,
          leads: [
            { name: "left", kind: "chain", orbital: 0, onsite: 0, hopping: 1, coupling },
            { name: "right", kind: "chain", orbital: 1, onsite: 0.1, hopping: 0.8, coupling: 1.2 * coupling },
          ],
        },
        0.01,
      );
      expect(found.error).toBeLessThan(1e-8);
      products.push(found.friction[0] * width);
    }
    expect(Math.abs(products[1] / products[2] - 1)).toBeLessThan(2e-8);
    expect(Math.abs(products[0] / products[2] - 1)).toBeLessThan(5e-5);
  });
});
