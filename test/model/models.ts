// A small valid model, and variations of it: a path of keys and the value to put there.

/** Fresh each time, so that a test may change it. */
export function smallModel(): Record<string, unknown> {
  return {
    format: "nanopinwheel/1",
    device: {
      orbitals: 4,
      hamiltonian: [
        [0, 0, 0.5],
        [0, 1, -1],
        [1, 2, -1, 0.1],
        [2, 3, -1],
      ],
      parameters: { x: [[0, 0, 0.4]], y: [[1, 1, -0.4]] },
      leads: [
        { name: "left", kind: "wideband", orbitals: [0, 1], width: [0.7, 0.3] },
        { name: "right", kind: "chain", orbital: 3, hopping: 1 },
        {
          name: "top",
          kind: "periodic",
          orbitals: [1, 2],
          onsite: [[0, 1, -1]],
          hopping: [
            [0, 0, -1],
            [1, 1, -1],
          ],
        },
        { name: "phi", kind: "probe", orbitals: [3], width: 0.05 },
      ],
    },
    cycle: { x: { mean: 0, cos: [1] }, y: { sin: [1, 0.2] } },
    reservoirs: {
      left: { chemicalPotential: 0.1, temperature: 0.02 },
      right: { chemicalPotential: -0.3, temperature: 0.02 },
      top: { chemicalPotential: 5, temperature: 0 },
    },
    rotor: { inertia: 20 },
  };
}

/** The small model with `value` at a path such as "device.leads.0.width"; undefined deletes the key. */
export function variant(path: string, value: unknown, model = smallModel()): Record<string, unknown> {
  const keys = path.split(".");
  const last = keys.pop() as string;
  const parent = keys.reduce<Record<string, unknown>>(
    (node, key) => node[key] as Record<string, unknown>,
    model,
  );
  if (value === undefined) delete parent[last];
  else Object.defineProperty(parent, last, { value, enumerable: true, configurable: true, writable: true });
  return model;
}

/** A model of a preset with options. */
export const ofPreset = (preset: string, options: Record<string, unknown> = {}) => ({
  format: "nanopinwheel/1",
  device: { preset, ...options },
});
