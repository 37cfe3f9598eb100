// Where the force operator of one parameter vanishes at the energies in question and that of another does not, all is known as well as anywhere: against
// closed forms of two sites, the second at the end of a chain. There psi = (h, E - x) W / D with D = (E - x)(E - Sigma) - |h|^2, so that K of the first
// site's level is 2 pi |psi_0|^2 and that of the hopping 4 pi Re(psi_0^* psi_1), which is zero at E = x.
import { expect, test } from "vitest";
import { loadEngine } from "../../../src/index.js";

const engine = await loadEngine();

const HOPPING = 3;
/** Level x = 0 of the first site, h of both numbers, at energy E: K of the level and of Re h. */
function operators(energy: number, [re, im]: readonly number[]): [number, number] {
  const [sigmaRe, sigmaIm] = [energy / 2, -Math.sqrt(HOPPING ** 2 - energy ** 2 / 4)];
  const square = re ** 2 + im ** 2;
  const [dRe, dIm] = [energy * (energy - sigmaRe) - square, -energy * sigmaIm];
  const density = (-2 * sigmaIm) / (dRe ** 2 + dIm ** 2);
  return [square * density, 2 * re * energy * density];
}

const energies = [0, 1e-17, -1e-16, 1e-12, -1e-9, 1e-6, 1e-3, 0.1];

test.each([
  ["real", [1, 0]],
  ["complex", [1, 0.3]],
] as const)("%s hopping", (_, h) => {
  const device = engine.device({
    format: "nanopinwheel/1",
    device: {
      orbitals: 2,
      hamiltonian: [[0, 1, ...h]],
      parameters: { x: [[0, 0, 1]], y: [[0, 1, 1]] },
      leads: [{ name: "left", kind: "chain", orbital: 1, hopping: HOPPING }],
    },
  });
  for (const chemicalPotential of energies)
    for (const temperature of [0, 1e-10, 1e-7]) {
      const at = `mu = ${chemicalPotential}, T = ${temperature}`;
      const { friction, noise, warnings, errors } = device.forces({
        reservoirs: { left: { chemicalPotential, temperature } },
      });
      const [x, y] = operators(chemicalPotential, h);
      const { data } = friction!;
      const expected = [x * x, x * y, y * y].map((product) => product / (4 * Math.PI));
      const found = [data[0], (data[1] + data[2]) / 2, data[3]];
      // Beyond the error: the square of the temperature against energies of order 1.
      const allowed = errors.friction! + 1e-12;
      for (const [i, value] of expected.entries())
        expect(Math.abs(found[i] - value), `${at}, element ${i}`).toBeLessThan(allowed);
      expect(errors.friction!, at).toBeLessThan(2e-8 * expected[0]);
      expect(Math.abs(noise!.data[0] - 2 * temperature * expected[0]), at).toBeLessThan(
        1e-7 * temperature + 1e-30,
      );
      expect(
        warnings.filter(({ code }) => code === "unknown"),
        at,
      ).toEqual([]);
    }
  device.close();
});
