// The package as users install it: from its tarball and from its repository. Each gives numbers, the command, and its report with figures.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newProject(): string {
  const folder = mkdtempSync(join(tmpdir(), "nanopinwheel-install-"));
  folders.push(folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  return folder;
}

/** Installs a package into an empty project and uses it. */
function expectWorking(what: string): void {
  const folder = newProject();
  const call = (command: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: "utf8" });
    expect(status, `${command}: ${stderr}`).toBe(0);
    return stdout;
  };
  call("npm", "install", "--no-audit", "--no-fund", what);
  const program = `
    import { loadEngine } from "nanopinwheel";
    const engine = await loadEngine({ workers: 1 });
    const model = { format: "nanopinwheel/1", device: { preset: "thouless", sites: 12 } };
    const [{ charge }] = await engine.map(model, "pump", [{ energy: -1.4 }]);
    await engine.close();
    console.log(charge.left);`;
  expect(Number(call(process.execPath, "--input-type=module", "-e", program))).toBeCloseTo(-0.8639, 3);
  call("npx", "nanopinwheel", "run", "--preset", "resonant-level", "--out", "result");
  const figures = readdirSync(join(folder, "result/figures"));
  for (const end of [".svg", ".png"])
    expect(figures.filter((name) => name.endsWith(end)).length).toBeGreaterThan(2);
  expect(readFileSync(join(folder, "result/report.html"), "utf8")).toContain("</html>");
  // Nothing beside it but the rasteriser of the figures.
  const packages = readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."));
  expect(packages.sort()).toEqual(["@resvg", "nanopinwheel"]);
}

test("from its tarball", { timeout: 120_000 }, () => {
  const folder = newProject();
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const [{ filename }] = JSON.parse(execFileSync("npm", args, { cwd: root, encoding: "utf8" }));
  expectWorking(join(folder, filename));
});

// What is installed is the last commit; an unpacked archive of the sources has none.
const cloned = existsSync(join(root, ".git"));

test.skipIf(!cloned)("from its repository, where nothing is built", { timeout: 300_000 }, () => {
  expectWorking(`git+file://${root.replace(/\/$/, "")}`);
});
