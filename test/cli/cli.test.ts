// The command as a script meets it: one JSON document, exit statuses, messages on standard error.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { nanopinwheel, spawned } from "./command.js";

const example = fileURLToPath(new URL("../../examples/thouless-motor.json", import.meta.url));

/** The one JSON document of a command that has to succeed. */
async function answer(args: string[], input = "", run: typeof spawned | typeof nanopinwheel = nanopinwheel) {
  const { status, stdout, stderr } = await run([...args, "--json"], input);
  expect([status, stderr.replaceAll(/^(warning|wrote).*\n/gm, "")]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

/** The message of a command whose input is wrong. */
async function refusal(args: string[], input = "", run: typeof spawned | typeof nanopinwheel = nanopinwheel) {
  const { status, stdout, stderr } = await run(args, input);
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).not.toMatch(/\n\s+at /);
  return stderr;
}

const dot = JSON.stringify({
  format: "nanopinwheel/1",
  device: {
    orbitals: 1,
    hamiltonian: [[0, 0, 0]],
    parameters: { x: [[0, 0, 1]] },
    leads: [
      { name: "left", kind: "wideband", orbitals: [0], width: 0.6 },
      { name: "right", kind: "wideband", orbitals: [0], width: 0.4 },
    ],
  },
});

test("validate: what is in the model", async () => {
  expect(await answer(["validate", example], "", spawned)).toEqual({
    ok: true,
    orbitals: 64,
    leads: ["left", "right"],
    parameters: ["x", "y"],
    warnings: [],
  });
});

test("scatter: Breit-Wigner, complex numbers as [re, im]", async () => {
  const result = await answer(["scatter", "-", "--energy", "0.3", "--at", "x=0.1"], dot, spawned);
  expect(Object.keys(result).sort()).toEqual(
    ["S", "at", "channels", "dS", "dSdE", "delay", "energy", "transmission", "unitarityDefect"].sort(),
  );
  expect(result.channels).toEqual(["left", "right"]);
  expect(result.at).toEqual({ x: 0.1 });
  expect(result.transmission.left.right).toBeCloseTo(0.24 / (0.2 ** 2 + 0.25), 12);
  // S = 1 - i Gamma / (E - x + i Gamma / 2) on the left.
  const size = 0.2 ** 2 + 0.25;
  expect(result.S[0][0][0]).toBeCloseTo(1 - (0.6 * 0.5) / size, 12);
  expect(result.S[0][0][1]).toBeCloseTo((-0.6 * 0.2) / size, 12);
  // One combination of the two channels is delayed by Gamma / |E - x + i Gamma / 2|^2, the other not at all.
  expect(result.delay.trace).toBeCloseTo(1 / size, 11);
  expect(result.delay.eigenvalues[0]).toBeCloseTo(0, 11);
  expect(result.delay.eigenvalues[1]).toBeCloseTo(1 / size, 11);
  // A shift of the level is a shift of the energy the other way.
  expect(result.dS.x[0][1][0]).toBeCloseTo(-result.dSdE[0][1][0], 12);
  expect(result.dS.x[0][1][1]).toBeCloseTo(-result.dSdE[0][1][1], 12);
});

test("scatter: a negative energy is a value, not an option", async () => {
  expect((await answer(["scatter", "-", "--energy", "-0.3"], dot)).energy).toBe(-0.3);
});

test("pump: charge and certificate of a preset", async () => {
  const result = await answer(["pump", "--preset", "two-gate", "--tolerance", "1e-6"]);
  expect(result.charge.left + result.charge.right).toBeCloseTo(0, 8);
  expect(Math.abs(result.charge.left)).toBeGreaterThan(1e-6);
  expect(result.certificate.unitarity).toBeLessThan(1e-10);
});

test("run: table on standard output, the same numbers in results.json", async () => {
  const directory = mkdtempSync(join(tmpdir(), "nanopinwheel-"));
  try {
    const { status, stdout } = await nanopinwheel([
      "run",
      ...["--preset", "thouless", "--set", "sites=16", "amplitude=1", "--tolerance", "1e-4"],
      ...["--out", join(directory, "new", "result")],
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain("charge per turn from left");
    expect(stdout).not.toMatch(/NaN|undefined|null/);
    const results = JSON.parse(readFileSync(join(directory, "new", "result", "results.json"), "utf8"));
    expect(Math.abs(results.pump.charge.left)).toBeCloseTo(1, 2);
    expect(results.linearResponse.charge).toBeCloseTo(results.pump.charge.left, 12);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("presets: the list, one in full, and its own output is a valid file", async () => {
  const list = await answer(["presets"], "", spawned);
  expect(list.map((preset: { name: string }) => preset.name)).toEqual(
    expect.arrayContaining(["thouless", "two-gate", "wheel"]),
  );
  for (const { name } of list) {
    const { stdout } = await nanopinwheel(["presets", name]);
    expect((await answer(["validate", "-"], stdout)).ok).toBe(true);
  }
});

test("wrong input: status 2, the field named, nothing on standard output", async () => {
  const broken = JSON.parse(dot);
  broken.device.leads[1].width = "wide";
  expect(await refusal(["validate", "-", "--json"], JSON.stringify(broken))).toContain(
    "device.leads[1].width",
  );
  expect(await refusal(["validate", "-"], "{", spawned)).toContain("truncated at line 1");
  expect(await refusal(["validate", "no-such-file.json"])).toContain("no-such-file.json");
  expect(await refusal(["validate"])).toContain("FILE");
  expect(await refusal(["validate", "-", "--set", "sites=8"], dot)).toContain("--set");
  expect(await refusal(["pump", "--preset", "thoules"])).toContain('Did you mean "thouless"?');
  expect(await refusal(["pump", "--preset", "thouless", "--set", "site=8"])).toContain("device.site");
  expect(await refusal(["pump", "-", "--energy", "0"], dot)).toContain("cycle");
  expect(await refusal(["pump", example, "--tolerance", "2"], "", spawned)).toContain("tolerance");
  expect(await refusal(["scatter", "-", "--energy", "fast"], dot)).toContain("--energy");
  expect(await refusal(["scatter", "-", "--energy", "0", "--at", "z=1"], dot)).toContain("--at");
  expect(await refusal(["scatter", "-"], dot)).toContain("energy");
});

test("wrong command line: status 2", async () => {
  expect(await refusal(["scater"], "", spawned)).toContain("scater");
  expect(await refusal(["scatter", "--enrgy", "1"])).toContain("--enrgy");
});

test("help and version: status 0", () => {
  expect(spawned(["--help"]).status).toBe(0);
  expect(spawned(["--version"]).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
