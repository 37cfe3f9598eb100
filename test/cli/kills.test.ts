// Fifty ends by a signal at moments drawn from a seed: of `run`, `simulate` and `serve`. Results are whole or absent, an interrupt
// gives status 130 and comes at once, and nothing but whole documents is on standard output.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { randomSource } from "../twins/random.js";
import { cli } from "./command.js";

const directory = mkdtempSync(join(tmpdir(), "nanopinwheel-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const commands: Record<string, string[]> = {
  run: ["run", "--preset", "two-gate", "--json"],
  simulate: [
    "simulate",
    "--preset",
    "two-gate",
    "--inertia",
    "20",
    "--time",
    "3000",
    "--trajectories",
    "4096",
    "--json",
  ],
  serve: ["serve", "--preset", "two-gate"],
};

interface End {
  status: number | null;
  by: string | null;
  stdout: string;
  stderr: string;
  /** Milliseconds from the signal to the end. */
  after: number;
}

function killed(args: string[], signal: NodeJS.Signals, delay: number): Promise<End> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [cli, ...args]);
    let [stdout, stderr] = ["", ""];
    // It stays infinite where the program ends before the signal.
    let since = Number.POSITIVE_INFINITY;
    child.stdout.on("data", (text) => {
      stdout += text;
    });
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    // Requests for `serve`, more than it answers in the time; the pipe breaks with its end.
    child.stdin.on("error", () => undefined);
    if (args[0] === "serve") child.stdin.write('{"at":{"x":0.1}}\n'.repeat(20_000));
    const timer = setTimeout(() => {
      since = performance.now();
      child.kill(signal);
    }, delay);
    child.on("close", (status, by) => {
      clearTimeout(timer);
      resolve({ status, by, stdout, stderr, after: performance.now() - since });
    });
  });
}

const count = 50;

test(`${count} kills`, async () => {
  const ends = { interrupted: 0, killed: 0, done: 0 };
  for (let seed = 1; seed <= count; seed++) {
    const { pick, between } = randomSource(seed);
    const command = Object.keys(commands)[seed % 3];
    const signal = pick(["SIGINT", "SIGTERM", "SIGKILL"] as const);
    const out = join(directory, String(seed));
    mkdirSync(out);
    const args = [...commands[command], ...(command === "run" ? ["--out", out] : [])];
    const { status, by, stdout, stderr, after } = await killed(args, signal, between(0, 3000));
    const context = `seed ${seed}, ${command}, ${signal}: ${status} ${by} ${stderr.slice(0, 300)}`;
    if (status === 0) ends.done++;
    else if (by === "SIGKILL") ends.killed++;
    else {
      // Before the program has begun to listen the system ends it.
      expect(status === 130 || by === signal, context).toBe(true);
      if (status === 130) ends.interrupted++;
    }
    expect(stderr, context).not.toMatch(/defect|Error:|\bat .*\.js:/);
    if (command === "serve") for (const line of stdout.split("\n").slice(0, -1)) JSON.parse(line);
    else if (stdout !== "") JSON.parse(stdout);
    for (const name of readdirSync(out).filter((file) => file.endsWith(".json")))
      expect(JSON.parse(readFileSync(join(out, name), "utf8")), context).toHaveProperty("orbitals");
    expect(readdirSync(out).filter((file) => /\.part$/.test(file)).length, context).toBeLessThan(
      by === "SIGKILL" ? 2 : 1,
    );
    expect(after, context).toBeLessThan(10_000);
  }
  expect(Math.min(ends.interrupted, ends.killed), JSON.stringify(ends)).toBeGreaterThan(5);
});
