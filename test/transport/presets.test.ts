// The numbers of the presets through the whole engine: model, kernels, pump and linear response.
import { expect, test } from "vitest";
import { loadEngine } from "../../src/index.js";

const near = (value: number | undefined, expected: number, digits: number) =>
  expect(Math.abs((value ?? Number.NaN) - expected)).toBeLessThan(10 ** -digits);

const preset = (name: string, options: object = {}) => ({
  format: "nanopinwheel/1",
  device: { preset: name, ...options },
});

test("two-gate wire", async () => {
  const device = (await loadEngine()).device(preset("two-gate"));
  const pump = device.pump({ energy: -0.5 });
  near(Math.abs(pump.charge.left), 0.14291571909, 9);
  near(pump.certificate.chargeBalance, 0, 12);
  near(device.scatter({ energy: -0.5, at: { x: 0.5, y: 0.5 } }).transmission.left.right, 0.7790626902, 10);
});

test.each([
  [16, 0.95625, 1.06914, 5],
  [64, 1, 1.11805, 5],
])("Thouless motor with %i sites", async (sites, charge, friction, digits) => {
  const device = (await loadEngine()).device(
    preset("thouless", { sites, wavelength: 4, amplitude: 0.4, energy: -1.428286 }),
  );
  const result = device.linearResponse({ energy: -1.428286 });
  near(Math.abs(result.charge), charge, digits);
  near(result.frictionPerTurn, friction, digits);
});

test("double dot pumps by its detuning only", async () => {
  const engine = await loadEngine();
  near(engine.device(preset("double-dot", { level: 0 })).pump({ energy: 0 }).charge.left, 0, 12);
  near(
    Math.abs(engine.device(preset("double-dot", { level: -1 })).pump({ energy: 0 }).charge.left),
    0.439412,
    6,
  );
});

test("two-path interferometer: odd in the flux", async () => {
  const engine = await loadEngine();
  const charge = (flux: number) =>
    engine.device(preset("two-path", { flux })).pump({ energy: 0 }).charge.left;
  near(Math.abs(charge(Math.PI / 2)), 0.68639, 5);
  near(charge(Math.PI / 2) + charge(-Math.PI / 2), 0, 10);
  near(charge(0), 0, 10);
});

test("wheel with weak charges, per pair", async () => {
  const device = (await loadEngine()).device(preset("wheel"));
  near(Math.abs(device.pump({ points: 64 }).charge.left) / 8, 0.0951, 4);
});
