// npm runs this after `npm ci` in a clone, and when the package is installed from its repository, in
// which nothing that is built is kept: builds what is not there yet.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
if (!existsSync(join(root, "dist/index.js")) && existsSync(join(root, "node_modules/assemblyscript"))) {
  const { status } = spawnSync("npm", ["run", "build"], { cwd: root, stdio: "inherit", shell: true });
  process.exitCode = status ?? 1;
}
