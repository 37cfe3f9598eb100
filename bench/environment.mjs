// The environment of a measurement: processor, Node and package versions, commit and kernels. It
// contains no host name and no path.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

function git(...args) {
  try {
    return execFileSync("git", args, {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return undefined;
  }
}

export async function environment() {
  const { version } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
  const wasm = await readFile(new URL("../dist/nanopinwheel.wasm", import.meta.url));
  const processors = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: {
      processor: processors[0]?.model ?? "unknown",
      cores: processors.length,
      memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
      platform: `${process.platform} ${process.arch}`,
    },
    node: process.version,
    v8: process.versions.v8,
    package: version,
    commit: git("rev-parse", "--short", "HEAD"),
    uncommitted:
      (git("status", "--porcelain", "--", "assembly", "src", "bench", ":!bench/results") ?? "") !== "",
    wasm: { bytes: wasm.length, sha256: createHash("sha256").update(wasm).digest("hex").slice(0, 16) },
  };
}
