// An interrupt while several threads compute one question.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { endedBy } from "./command.js";

const directory = mkdtempSync(join(tmpdir(), "nanopinwheel-"));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Loaded before the command: writes to the file when the thread that computes receives what a helper has computed. */
const witness = (file: string) =>
  `data:text/javascript,${encodeURIComponent(
    `import { appendFileSync } from "node:fs";
     const threads = process.getBuiltinModule("node:worker_threads");
     const receive = threads.receiveMessageOnPort;
     threads.receiveMessageOnPort = (port) => {
       const received = receive(port);
       if (received) appendFileSync(${JSON.stringify(file)}, "x");
       return received;
     };`,
  )}`;

test("an interrupt while a helper computes: status 130, no thread goes on, the results so far are whole", async () => {
  const [answers, out] = [join(directory, "answers"), join(directory, "out")];
  const model = ["--preset", "thouless", "--set", "sites=30000"];
  const { status, by, stdout, stderr, pid } = await endedBy(
    "SIGINT",
    ["run", ...model, "--workers", "2", "--out", out, "--json"],
    () => existsSync(answers),
    ["--import", witness(answers)],
  );
  expect([status, by, stdout, stderr]).toEqual([130, null, "", "interrupted\n"]);
  expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  const answered = statSync(answers).size;
  expect(answered).toBeGreaterThan(0);
  const names = readdirSync(out);
  expect(names).toContain("results.json");
  const results = JSON.parse(readFileSync(join(out, "results.json"), "utf8"));
  expect(Math.abs(results.pump.charge.left)).toBeCloseTo(1, 6);
  // What the threads were computing is not among the results.
  expect(results).not.toHaveProperty("loadCurve");
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(statSync(answers).size).toBe(answered);
  expect(readdirSync(out)).toEqual(names);
});
