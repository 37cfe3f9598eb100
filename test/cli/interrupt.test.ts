// Long work: the progress line, interrupts and kills.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { ProgressLine, progressText } from "../../src/cli/streams/progress.js";
import { endedBy } from "./command.js";

const directory = mkdtempSync(join(tmpdir(), "nanopinwheel-"));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** A run whose stages take seconds each, ended by a signal once the first results are there. */
function ended(signal: "SIGINT" | "SIGTERM" | "SIGKILL") {
  const args = ["run", "--preset", "thouless", "--set", "sites=20000", "--out", directory, "--json"];
  return endedBy(signal, args, () => existsSync(join(directory, "results.json")));
}

describe("a run that is ended in the middle", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "by %s: status 130, the results so far are kept",
    async (signal) => {
      const { status, stdout, stderr } = await ended(signal);
      expect([status, stdout, stderr]).toEqual([130, "", "interrupted\n"]);
      const results = JSON.parse(readFileSync(join(directory, "results.json"), "utf8"));
      expect(Math.abs(results.pump.charge.left)).toBeCloseTo(1, 6);
      // A busy machine may see the file some stages later.
      expect(results).not.toHaveProperty("motor");
    },
  );

  test("by a kill: no half-written file", async () => {
    const { by } = await ended("SIGKILL");
    expect(by).toBe("SIGKILL");
    for (const name of readdirSync(directory).filter((file) => file.endsWith(".json")))
      expect(JSON.parse(readFileSync(join(directory, name), "utf8"))).toHaveProperty("pump");
  });
});

describe("the progress line", () => {
  const terminal = (isTTY: boolean, columns?: number) => {
    const written: string[] = [];
    let time = 0;
    const screen = { isTTY, columns, write: (text: string) => written.push(text) };
    return { line: new ProgressLine(screen, () => time), written, wait: (ms: number) => (time += ms) };
  };

  test("appears on a terminal after a while and is wiped at the end", () => {
    const { line, written, wait } = terminal(true);
    line.report("curve", 0, 64);
    line.draw();
    expect(written).toEqual([]);
    wait(2000);
    line.report("curve", 16, 64);
    line.draw();
    line.end();
    expect(written).toEqual(["\rcurve: 16 of 64, 2 s, 6 s left\u001b[K", "\r\u001b[K"]);
  });

  test("counts the second before it appears from the beginning, the time left from its stage", () => {
    const { line, written, wait } = terminal(true);
    line.report("first");
    wait(700);
    line.report("second", 1, 3);
    line.draw();
    expect(written).toEqual([]);
    wait(300);
    line.draw();
    wait(2000);
    line.report("second", 2, 3);
    line.draw();
    line.end();
    expect(written.slice(0, 2)).toEqual([
      "\rsecond: 1 of 3, 0 s, 1 s left\u001b[K",
      "\rsecond: 2 of 3, 2 s, 1 s left\u001b[K",
    ]);
  });

  test("stays within the width of the terminal", () => {
    const { line, written, wait } = terminal(true, 11);
    line.report("a stage with a long name");
    wait(1000);
    line.draw();
    line.end();
    expect(written[0]).toBe("\ra stage wi\u001b[K");
  });

  test("never appears elsewhere", () => {
    const { line, written, wait } = terminal(false);
    line.report("curve", 1, 2);
    wait(5000);
    line.draw();
    line.end();
    expect(written).toEqual([]);
  });

  test("says what is known of the time", () => {
    expect(progressText("charge", 3)).toBe("charge: 3 s");
    expect(progressText("charge", 100)).toBe("charge: 2 min");
    expect(progressText("curve", 10, 5)).toBe("curve: 5, 10 s");
    expect(progressText("curve", 10, 0, 50)).toBe("curve: 0 of 50, 10 s");
  });
});
