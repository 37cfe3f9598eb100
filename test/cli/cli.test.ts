// The command as a script meets it: one JSON document, exit statuses, messages on standard error.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const command = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const example = fileURLToPath(new URL("../../examples/thouless-motor.json", import.meta.url));

function nanopinwheel(args: string[], input = "") {
  return spawnSync(process.execPath, [command, ...args], { input, encoding: "utf8" });
}

/** The one JSON document of a command that has to succeed. */
function answer(args: string[], input = "") {
  const { status, stdout, stderr } = nanopinwheel([...args, "--json"], input);
  expect([status, stderr.replaceAll(/^(warning|wrote).*\n/gm, "")]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

/** The message of a command whose input is wrong. */
function refusal(args: string[], input = ""): string {
  const { status, stdout, stderr } = nanopinwheel(args, input);
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

test("validate: what is in the model", () => {
  expect(answer(["validate", example])).toEqual({
    ok: true,
    orbitals: 64,
    leads: ["left", "right"],
    parameters: ["x", "y"],
    warnings: [],
  });
});

test("scatter: Breit-Wigner, complex numbers as [re, im]", () => {
  const result = answer(["scatter", "-", "--energy", "0.3", "--at", "x=0.1"], dot);
  expect(Object.keys(result).sort()).toEqual(
    ["S", "at", "channels", "dS", "dSdE", "energy", "transmission", "unitarityDefect"].sort(),
  );
  expect(result.channels).toEqual(["left", "right"]);
  expect(result.at).toEqual({ x: 0.1 });
  expect(result.transmission.left.right).toBeCloseTo(0.24 / (0.2 ** 2 + 0.25), 12);
  // S = 1 - i Gamma / (E - x + i Gamma / 2) on the left.
  const size = 0.2 ** 2 + 0.25;
  expect(result.S[0][0][0]).toBeCloseTo(1 - (0.6 * 0.5) / size, 12);
  expect(result.S[0][0][1]).toBeCloseTo((-0.6 * 0.2) / size, 12);
  // A shift of the level is a shift of the energy the other way.
  expect(result.dS.x[0][1][0]).toBeCloseTo(-result.dSdE[0][1][0], 12);
  expect(result.dS.x[0][1][1]).toBeCloseTo(-result.dSdE[0][1][1], 12);
});

test("scatter: a negative energy is a value, not an option", () => {
  expect(answer(["scatter", "-", "--energy", "-0.3"], dot).energy).toBe(-0.3);
});

test("pump: charge and certificate of a preset", () => {
  const result = answer(["pump", "--preset", "two-gate", "--tolerance", "1e-6"]);
  expect(result.charge.left + result.charge.right).toBeCloseTo(0, 8);
  expect(Math.abs(result.charge.left)).toBeGreaterThan(1e-6);
  expect(result.certificate.unitarity).toBeLessThan(1e-10);
});

test("run: table on standard output, the same numbers in results.json", () => {
  const directory = mkdtempSync(join(tmpdir(), "nanopinwheel-"));
  try {
    const { status, stdout } = nanopinwheel([
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

test("presets: the list, one in full, and its own output is a valid file", () => {
  const list = answer(["presets"]);
  expect(list.map((preset: { name: string }) => preset.name)).toEqual(
    expect.arrayContaining(["thouless", "two-gate", "wheel"]),
  );
  for (const { name } of list) {
    const { stdout } = nanopinwheel(["presets", name]);
    expect(answer(["validate", "-"], stdout).ok).toBe(true);
  }
});

test("wrong input: status 2, the field named, nothing on standard output", () => {
  const broken = JSON.parse(dot);
  broken.device.leads[1].width = "wide";
  expect(refusal(["validate", "-", "--json"], JSON.stringify(broken))).toContain("device.leads[1].width");
  expect(refusal(["validate", "-"], "{")).toContain("truncated at line 1");
  expect(refusal(["validate", "no-such-file.json"])).toContain("no-such-file.json");
  expect(refusal(["validate"])).toContain("FILE");
  expect(refusal(["validate", "-", "--set", "sites=8"], dot)).toContain("--set");
  expect(refusal(["pump", "--preset", "thoules"])).toContain('Did you mean "thouless"?');
  expect(refusal(["pump", "--preset", "thouless", "--set", "site=8"])).toContain("device.site");
  expect(refusal(["pump", "-", "--energy", "0"], dot)).toContain("cycle");
  expect(refusal(["pump", example, "--tolerance", "2"])).toContain("tolerance");
  expect(refusal(["scatter", "-", "--energy", "fast"], dot)).toContain("--energy");
  expect(refusal(["scatter", "-", "--energy", "0", "--at", "z=1"], dot)).toContain("--at");
  expect(refusal(["scatter", "-"], dot)).toContain("energy");
});

test("wrong command line: status 2", () => {
  expect(refusal(["scater"])).toContain("scater");
  expect(refusal(["scatter", "--enrgy", "1"])).toContain("--enrgy");
  expect(refusal(["run", example])).toContain("--out");
});

test("help and version: status 0", () => {
  expect(nanopinwheel(["--help"]).status).toBe(0);
  expect(nanopinwheel(["--version"]).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
