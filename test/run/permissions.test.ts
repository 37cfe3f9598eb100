// Node's permission model without its permission for workers: the library names it, the command computes without a thread.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const flag = process.allowedNodeEnvironmentFlags.has("--permission")
  ? "--permission"
  : "--experimental-permission";

function run(args: string[], input = "") {
  const all = ["--no-warnings", flag, "--allow-fs-read=*", ...args];
  return spawnSync(process.execPath, all, { cwd: root, input, encoding: "utf8" });
}

const model = JSON.stringify({ format: "nanopinwheel/1", device: { preset: "thouless", sites: 12 } });

test("loadEngine says which permission is missing, and computes without workers", () => {
  const program = `
    const { loadEngine } = await import("./dist/index.js");
    const error = await loadEngine({ workers: 1 }).catch((given) => given);
    const engine = await loadEngine();
    const { charge } = engine.device(${model}).pump({ energy: -1.4 });
    console.log(JSON.stringify({ ...error, message: error.message, charge: charge.left }));`;
  const { stdout, stderr, status } = run(["--input-type=module", "-e", program]);
  expect([status, stderr]).toEqual([0, ""]);
  const { name, field, message, charge } = JSON.parse(stdout);
  expect([name, field]).toEqual(["InputError", "workers"]);
  expect(message).toMatch(/restricted.*WorkerThreads.*--allow-worker/);
  expect(charge).toBeLessThan(-0.8);
});

test.each([[], ["--allow-worker"]])("the command, with %j", (...allowed) => {
  const { stdout, stderr, status } = run(
    [...allowed, "dist/cli.js", "pump", "-", "--energy", "-1.4", "--json"],
    model,
  );
  expect(status, stderr).toBe(0);
  expect(JSON.parse(stdout).charge.left).toBeLessThan(-0.8);
  expect(/without a thread.*--allow-worker/.test(stderr)).toBe(allowed.length === 0);
});
