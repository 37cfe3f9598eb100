// Loads the package in a fresh process and computes a first result. Prints the milliseconds from
// before the import until after the first S.
const start = performance.now();
const { loadEngine } = await import("../dist/index.js");
const engine = await loadEngine();
const device = engine.device({ format: "nanopinwheel/1", device: { preset: "two-gate" } });
const loaded = device.scatter({ energy: -0.5, at: { x: 0.5, y: 0.5 } });
const milliseconds = performance.now() - start;
if (!(Math.abs(loaded.transmission.left.right - 0.7790626902) < 1e-9)) throw new Error("wrong transmission");
console.log(JSON.stringify({ milliseconds }));
