// Self-energies at complex energy against the definitions of the dense twin: the chain's closed form, the ribbon's modes, wide bands.
import { expect, test } from "vitest";
import { loadKernels } from "../../../src/engine/load.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import { prepareLead } from "../../../src/scattering/leads/prepare.js";
import { selfEnergy } from "../../twins/leads.js";

const leads = [
  { name: "a", kind: "wideband", orbitals: [0, 2], width: [0.7, 0.3] },
  { name: "b", kind: "chain", orbital: 1, onsite: 0.2, hopping: 0.8, coupling: 0.5 },
  {
    name: "c",
    kind: "periodic",
    orbitals: [3, 4],
    onsite: [
      [0, 0, 0.3],
      [0, 1, -0.6],
      [1, 1, 0.3],
    ],
    hopping: [
      [0, 0, -1],
      [1, 1, -1],
    ],
  },
];
const device = {
  format: "nanopinwheel/1",
  device: { orbitals: 5, hamiltonian: [0, 1, 2, 3].map((i) => [i, i + 1, -1]), parameters: {}, leads },
};

test("self-energies in the upper half plane are those of the definitions", async () => {
  const kernels = await loadKernels();
  const resolved = resolveModel(device).device;
  for (const lead of resolved.leads) {
    const prepared = prepareLead(kernels, lead, "device.leads");
    for (const [re, im] of [
      [0.3, 0.5],
      [-1.9, 0.01],
      [1.8, 1e-6],
      [0, 40],
      [-7, 0.2],
      [2.6, 3],
    ]) {
      const found = prepared.selfEnergyAt(re, im);
      const twin = selfEnergy(lead, re, im);
      const [sigma, slope] = [twin.sigma.data, twin.derivative.data];
      const size = Math.max(...slope.map(Math.abs));
      for (let k = 0; k < sigma.length; k++) {
        expect(Math.abs(found.selfEnergy[k] - sigma[k])).toBeLessThan(1e-13);
        // The third energy is 1e-6 i above a band edge: rounding of the energy alone is worth 1e-10 of the derivative there.
        expect(Math.abs(found.selfEnergyDerivative[k] - slope[k])).toBeLessThan(1e-10 * (1 + size));
      }
    }
    // The real axis is the limit from above.
    const [at, above] = [prepared.at(0.4), prepared.selfEnergyAt(0.4, 0)];
    expect(above.selfEnergy).toEqual(at.selfEnergy);
    expect(above.selfEnergyDerivative).toEqual(at.selfEnergyDerivative);
  }
});
