// The lattice Thouless motor with abrupt ends (64 sites, wavelength 4), its curves computed at every bias: it cogs. The conservative torque
// reaches 0.0266, the mean driving torque equals that at a bias of 0.167; but the drive is weakest where the wells hold most, so that a
// rotor at rest starts only at 0.257 (found likewise from a contour integral of the Green's function and the scattering states at the
// Fermi energy, outside of this project). One of inertia 20 keeps running down to between 0.04 and 0.02.

import { afterAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../src/index.js";
import { thermodynamics } from "../../src/motor/performance/thermodynamics.js";
import { hysteresisLoop, startControl } from "../../src/motor/rotor/bias-branches.js";
import { simulateRotor } from "../../src/motor/rotor/motion.js";
import { rangeOf, steadyStates } from "../../src/motor/rotor/steady-states.js";

const engine = await loadEngine();
const device = engine.device({ format: "nanopinwheel/1", device: { preset: "thouless", sites: 64 } });
afterAll(() => device.close());
const energy = device.model.energy!;
const rotor = { inertia: 20 };
const known = new Map<number, ReturnType<typeof device.turnCurve>>();

function curveAt(bias: number) {
  const temperature = 0.01;
  let curve = known.get(bias);
  if (curve === undefined) {
    curve = device.turnCurve({
      tolerance: 1e-6,
      reservoirs: {
        left: { chemicalPotential: energy + bias / 2, temperature },
        right: { chemicalPotential: energy - bias / 2, temperature },
      },
    });
    known.set(bias, curve);
  }
  return curve;
}
const family = (bias: number) => ({ curve: curveAt(bias), rotor });

describe("Thouless motor with abrupt ends", () => {
  test("start; stops between 0.04 and 0.02 at inertia 20", () => {
    const torque = rangeOf(curveAt(0).torque);
    expect(torque.greatest).toBeCloseTo(0.0266, 4);
    expect((2 * Math.PI * torque.greatest) / Math.abs(curveAt(0.02).torque.integral / 0.02)).toBeCloseTo(
      0.167,
      2,
    );
    const start = startControl(family, { from: 0.22, to: 0.3, steps: 2, tolerance: 1e-3 })!;
    expect(start).toBeGreaterThan(0.255);
    expect(start).toBeLessThan(0.26);
    // At 0.167 the torque still has zeros; device.motor finds the same start.
    expect(steadyStates(family(0.167)).locked.length).toBe(2);
    const reservoir = (sign: number) => ({ chemicalPotential: energy + sign * 0.05, temperature: 0.01 });
    const { startBias } = device.motor({
      reservoirs: { left: reservoir(1), right: reservoir(-1) },
      rotor,
      tolerance: 1e-6,
    });
    expect(Math.abs(startBias! - start)).toBeLessThan(2e-4);
    expect(steadyStates(family(0.04)).regime).toBe("bistable");
    expect(steadyStates(family(0.02)).regime).toBe("locked");
    expect(steadyStates(family(0.28)).regime).toBe("running");
  });

  test("hysteresis: the loop of a sweep up and down", () => {
    const bias = [0.02, 0.05, 0.1, 0.28];
    const loop = hysteresisLoop(family, bias);
    expect([...loop.up].map((omega) => omega !== 0)).toEqual([false, false, false, true]);
    expect([...loop.down].map((omega) => omega !== 0)).toEqual([false, true, true, true]);
    // It turns backwards at a positive bias, nearly at the speed of the bias (Q = -1).
    expect(loop.down[2] / -0.1).toBeGreaterThan(0.85);
    expect(loop.down[2] / -0.1).toBeLessThan(1);
  });

  test("a running turn: energy balance to 1e-8, in time as on the orbit; first and second law", () => {
    const [orbit] = steadyStates(family(0.1)).running;
    expect(orbit.energyBalance).toBeLessThan(1e-8);
    const start = orbit.velocity[orbit.velocity.length - 1];
    const motion = simulateRotor(family(0.1), {
      time: 2 * orbit.period,
      velocity: start,
      until: { turns: 1 },
    });
    expect(Math.abs(motion.turns[0] / orbit.period - 1)).toBeLessThan(1e-8);
    expect(Math.abs(motion.energy.work - motion.energy.heat)).toBeLessThan(1e-8 * motion.energy.heat);
    const { certificate, powerIn, dissipation } = thermodynamics(curveAt(0.1), rotor, orbit);
    expect(certificate.firstLaw).toBeLessThan(1e-5);
    expect(certificate.chargeBalance).toBeLessThan(1e-5);
    expect(certificate.balance).toBeLessThan(1e-5);
    expect(certificate.secondLaw).toBeGreaterThan(0);
    expect(powerIn).toBeGreaterThan(0);
    // In the gap next to nothing leaks: what is put in goes into friction.
    expect(dissipation.electronicFriction / powerIn).toBeGreaterThan(0.9);
  });
});
