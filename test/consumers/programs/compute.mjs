// What every consumer of the library does: one computation here, one on a worker, one refusal.
import { InputError, loadEngine } from "nanopinwheel";

export async function compute(options) {
  const engine = await loadEngine(options);
  const model = { format: "nanopinwheel/1", device: { preset: "thouless", sites: 12 } };
  const question = { energy: -1.4, points: 16 };
  const device = engine.device(model);
  const { charge } = device.pump(question);
  const { force } = device.forces({
    at: { x: 0.3, y: 0.2 },
    reservoirs: {
      left: { chemicalPotential: -1.35, temperature: 0.02 },
      right: { chemicalPotential: -1.45, temperature: 0.02 },
    },
  });
  const [mapped] = await engine.map(model, "pump", [question]);
  let field = "";
  try {
    engine.device({ format: "nanopinwheel/1" });
  } catch (error) {
    if (error instanceof InputError) field = error.field;
  }
  await engine.close();
  return {
    charge: charge.left,
    force: Array.from(force),
    mapped: mapped.charge.left,
    field,
    build: engine.build,
  };
}
