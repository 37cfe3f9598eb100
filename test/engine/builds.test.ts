// Which build of the kernels is taken, and that all of them answer alike.
import { expect, test } from "vitest";
import { loadEngine } from "../../src/index.js";
import { builds } from "../twins/builds.js";

const model = { format: "nanopinwheel/1", device: { preset: "open-dot", field: 0 } };

test("the reproducible build is the default; relaxed SIMD is taken only where it is allowed and known", async () => {
  expect((await loadEngine()).build).toBe("simd");
  expect((await loadEngine({ reproducible: true })).build).toBe("simd");
  const free = (await loadEngine({ reproducible: false })).build;
  expect(free).toBe(builds.includes("relaxed") ? "relaxed" : "simd");
  expect((await loadEngine({ reproducible: false, build: "scalar" })).build).toBe("scalar");
});

test.each(builds)("S of an open dot, %s", async (build) => {
  const [own, reference] = [await loadEngine({ build }), await loadEngine({ build: "simd" })].map((engine) =>
    engine.device(model).scatter({ energy: -2.2, at: { x: 0.2, y: -0.3 } }),
  );
  expect(own.unitarityDefect).toBeLessThan(1e-13);
  for (const [found, expected] of [
    [own.S, reference.S],
    [own.dSdE!, reference.dSdE!],
    [own.dS.x, reference.dS.x],
  ])
    expect(Math.max(...found.data.map((value, k) => Math.abs(value - expected.data[k])))).toBeLessThan(1e-11);
});
