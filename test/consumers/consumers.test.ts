// The packed library, installed into an empty project, in every tool that consumes it: each computes the same numbers and none warns.
// `npm run test:consumers` runs it; the tools are those of package.json in this folder, installed into build/consumers.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launch, noBrowser, watchedPage } from "../report/browser.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const here = join(root, "test/consumers");
const project = join(root, "build/consumers");
const installed = join(project, "node_modules/nanopinwheel");
const bin = (name: string) => join(project, "node_modules/.bin", name);

const readme = readFileSync(join(root, "README.md"), "utf8");

/** The only block of a language in the part of the README about hosts. */
function shown(language: string): string {
  const [, part] = readme.split(/^## In browsers.*$/m);
  const found = part.split(/^## /m)[0].match(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "m"));
  if (!found) throw new Error(`the README shows no ${language}`);
  return found[1];
}

/** What the README's table says of a host, in code. */
const advised = (host: string): string[] => {
  const row = readme.split("\n").find((line) => line.startsWith(`| ${host}`));
  return Array.from(row?.matchAll(/`([^`]+)`/g) ?? [], (match) => match[1]);
};

interface Numbers {
  charge: number;
  force: number[];
  mapped: number;
  field: string;
  build: string;
  /** Builds of the kernels that a program has read from files. */
  read?: string[];
}

let expected: Numbers;
let tarball = "";

/** The numbers on another JavaScript engine: its sines may differ in the last digits. */
function expectNumbers(found: Numbers, exact = false): void {
  expect(found.field).toBe("device");
  expect(found.mapped).toBe(found.charge);
  expect(found.read ?? ["scalar", "scalar"]).toEqual(["scalar", "scalar"]);
  if (exact) expect({ ...expected, ...found }).toEqual(expected);
  expect(Math.abs(found.charge / expected.charge - 1)).toBeLessThan(1e-13);
  found.force.forEach((force, k) => {
    expect(Math.abs(force / expected.force[k] - 1)).toBeLessThan(1e-11);
  });
}

/** Runs a program in the project; everything that it says beside its result is a warning. */
function run(command: string, args: string[], cwd = project): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  });
  expect([status, stderr], stdout).toEqual([0, ""]);
  return stdout;
}

beforeAll(() => {
  mkdirSync(project, { recursive: true });
  cpSync(join(here, "package.json"), join(project, "package.json"));
  // Without the scripts of packages: deno and esbuild run without them, bun needs its own.
  const options = ["--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"];
  execFileSync("npm", ["install", ...options], { cwd: project, stdio: "pipe" });
  execFileSync(process.execPath, ["install.js"], { cwd: join(project, "node_modules/bun"), stdio: "pipe" });
  const packed = execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", project], {
    cwd: root,
    encoding: "utf8",
  });
  tarball = join(project, JSON.parse(packed)[0].filename);
  rmSync(installed, { recursive: true, force: true });
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "-C", installed, "--strip-components=1"]);
  cpSync(join(here, "programs"), join(project, "programs"), { recursive: true });
  expected = JSON.parse(run(process.execPath, ["programs/print.mjs"]));
}, 300_000);

describe("package", () => {
  test("publint", async () => {
    const { publint } = await import(
      pathToFileURL(createRequire(join(project, "x.js")).resolve("publint")).href
    );
    const { messages } = await publint({ pkgDir: installed, level: "suggestion", pack: false });
    expect(messages).toEqual([]);
  });

  test("are the types wrong", () => {
    run(bin("attw"), [tarball, "--profile", "esm-only", "--no-emoji"]);
  });
});

describe("programs", () => {
  test("Node, import: a second process gives the same bits", () => {
    expectNumbers(JSON.parse(run(process.execPath, ["programs/print.mjs"])), true);
  });

  test("Node, require", () => {
    expectNumbers(JSON.parse(run(process.execPath, ["--no-warnings", "programs/print.cjs"])), true);
  });

  test("Deno, with the permissions of the README", { timeout: 60_000 }, () => {
    const [permissions] = advised("Node, Deno, Bun").filter((code) => code.startsWith("--allow-read"));
    expectNumbers(
      JSON.parse(run(bin("deno"), ["run", ...permissions.split(" "), "--no-prompt", "programs/print.mjs"])),
    );
  });

  test("Bun", { timeout: 60_000 }, () => {
    expectNumbers(JSON.parse(run(bin("bun"), ["programs/print.mjs"])));
  });
});

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};
// Nothing but the icon and what the README names. Vite loads a style sheet at most.
const [policy] = advised("content security policy");
const strict = `default-src 'none'; img-src data:; ${policy}`;

/** Serves a folder under the strict policy; a POST is given to `posted`. */
async function serveFolder(
  folder: string,
  posted?: (text: string) => void,
): Promise<{ origin: string; server: Server }> {
  const server = createServer(async (request, response) => {
    const path = (request.url ?? "/").split("?")[0];
    if (request.method === "POST") {
      let text = "";
      for await (const chunk of request) text += chunk;
      posted?.(text);
      response.end();
      return;
    }
    const file = join(folder, path === "/" ? "index.html" : path);
    const inside = !relative(folder, file).startsWith("..") && existsSync(file);
    response.writeHead(inside ? 200 : 404, {
      "content-type": types[extname(file)] ?? "application/octet-stream",
      // The answer is the only request that a page makes by itself.
      "content-security-policy": posted ? `${strict}; connect-src 'self'` : strict,
    });
    response.end(inside ? await readFile(file) : "");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

const html = (script: string, head = "") =>
  `<!doctype html><meta charset="utf-8"><title>page</title><link rel="icon" href="data:,">${head}<script type="module" src="${script}"></script>`;

/** What a page reports in Chromium; what the console says fails the test, except what is `usual`. */
async function reportOf(address: string, usual = /^$/): Promise<Numbers> {
  const browser = await launch();
  try {
    const { tab, messages } = await watchedPage(browser);
    await tab.goto(address);
    // Chromium's own evaluation is not bound by the page's policy; a function that waits there would be.
    await expect.poll(() => tab.evaluate("globalThis.report"), { timeout: 30_000 }).toBeDefined();
    const found = (await tab.evaluate("globalThis.report")) as Numbers;
    expect(messages.filter((text) => !usual.test(text))).toEqual([]);
    return found;
  } finally {
    await browser.close();
  }
}

/** The numbers of a page of a folder under the strict policy. */
async function inChromium(folder: string): Promise<Numbers> {
  const { origin, server } = await serveFolder(folder);
  try {
    return await reportOf(`${origin}/`);
  } finally {
    server.close();
  }
}

/** An empty folder for a page, with its HTML. */
function folderFor(name: string, script: string, head?: string): string {
  const folder = join(project, "pages", name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "index.html"), html(script, head));
  return folder;
}

const entry = join(project, "programs/page.mjs");
const from = async (name: string) =>
  import(pathToFileURL(createRequire(join(project, "x.js")).resolve(name)).href);

describe.skipIf(noBrowser)("pages in Chromium", { timeout: 120_000 }, () => {
  test("Vite", async () => {
    const folder = folderFor("vite", "/entry.mjs");
    writeFileSync(join(folder, "entry.mjs"), `import ${JSON.stringify(entry)};`);
    const { build } = await from("vite");
    const warnings: string[] = [];
    const said = (text: string) => warnings.push(text);
    await build({
      root: folder,
      configFile: false,
      customLogger: {
        info: () => {},
        warn: said,
        warnOnce: said,
        error: said,
        clearScreen: () => {},
        hasErrorLogged: () => false,
        hasWarned: false,
      },
      build: { outDir: "out", modulePreload: { polyfill: false }, chunkSizeWarningLimit: 2000 },
    });
    expect(warnings).toEqual([]);
    expectNumbers(await inChromium(join(folder, "out")));
  });

  test("Vite, its development server", async () => {
    const folder = folderFor("vite-dev", "/page.mjs");
    for (const name of ["page.mjs", "compute.mjs"]) cpSync(join(here, "programs", name), join(folder, name));
    const { createServer: createVite } = await from("vite");
    const server = await createVite({
      root: folder,
      configFile: false,
      logLevel: "silent",
      server: { host: "127.0.0.1", port: 0, fs: { strict: false } },
    });
    try {
      await server.listen();
      const { port } = server.httpServer.address() as AddressInfo;
      expectNumbers(await reportOf(`http://127.0.0.1:${port}/`, /^\[vite\] connect/));
    } finally {
      await server.close();
    }
  });

  test("webpack", async () => {
    const folder = folderFor("webpack", "/main.js");
    const { default: webpack } = await from("webpack");
    const stats = await new Promise<{ toJson(options: object): { warnings: object[]; errors: object[] } }>(
      (done, fail) =>
        webpack(
          {
            mode: "production",
            context: project,
            entry,
            output: { path: folder },
            performance: false,
          },
          (error: Error | null, result: never) => (error ? fail(error) : done(result)),
        ),
    );
    const { warnings, errors } = stats.toJson({ all: false, warnings: true, errors: true });
    expect([warnings, errors]).toEqual([[], []]);
    expectNumbers(await inChromium(folder));
  });

  test("esbuild, by the command of the README", async () => {
    const folder = folderFor("esbuild", "/out/main.js");
    for (const name of ["page.mjs", "compute.mjs"]) cpSync(join(here, "programs", name), join(folder, name));
    writeFileSync(join(folder, "main.js"), 'import "./page.mjs";');
    const [command] = advised("esbuild");
    const [tool, ...args] = command.split(" ");
    expect(tool).toBe("esbuild");
    run(bin(tool), [...args, "--log-level=warning"], folder);
    expectNumbers(await inChromium(folder));
  });

  test("Rollup, with the input of the README", async () => {
    const folder = folderFor("rollup", "/main.js");
    for (const name of ["page.mjs", "compute.mjs"]) cpSync(join(here, "programs", name), join(folder, name));
    writeFileSync(join(folder, "main.js"), 'import "./page.mjs";');
    const [input] = advised("Rollup");
    expect(input).toBe('input: { main: "main.js", worker: "nanopinwheel/worker" }');
    const [{ rollup }, { nodeResolve }] = await Promise.all([
      from("rollup"),
      from("@rollup/plugin-node-resolve"),
    ]);
    const warnings: string[] = [];
    const bundle = await rollup({
      input: { main: join(folder, "main.js"), worker: "nanopinwheel/worker" },
      plugins: [nodeResolve({ rootDir: folder })],
      onwarn: ({ message }: { message: string }) => warnings.push(message),
    });
    await bundle.write({ dir: folder, format: "es" });
    expect(warnings).toEqual([]);
    expectNumbers(await inChromium(folder));
  });

  test("no bundler: the import map of the README, files from another origin", async () => {
    const other = createServer(async (request, response) => {
      response.writeHead(200, { "content-type": "text/javascript", "access-control-allow-origin": "*" });
      response.end(await readFile(join(installed, request.url ?? "")));
    });
    await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
    const { version } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
    const address = `https://cdn.jsdelivr.net/npm/nanopinwheel@${version}/`;
    const text = shown("html");
    expect(text).toContain(address);
    const body = text.replace(address, `http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
    const start = `
      const start = async (engine) => {
        const model = { format: "nanopinwheel/1", device: { preset: "thouless", sites: 12 } };
        const [mapped] = await engine.map(model, "pump", [{ energy: -1.4, points: 16 }]);
        globalThis.report = { workers: engine.workers, charge: mapped.charge.left };
      };`;
    const page = createServer((_, response) => {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      response.end(
        `<!doctype html><title>page</title><link rel="icon" href="data:,"><script>${start}</script>${body}`,
      );
    });
    await new Promise<void>((done) => page.listen(0, "127.0.0.1", done));
    try {
      const found = await reportOf(`http://127.0.0.1:${(page.address() as AddressInfo).port}/`);
      expect(found).toMatchObject({ workers: 2 });
      expect(Math.abs(found.charge / expected.charge - 1)).toBeLessThan(1e-13);
    } finally {
      other.close();
      page.close();
    }
  });

  test("no bundler: files of the package", async () => {
    const folder = folderFor("plain", "/page.mjs");
    cpSync(join(installed, "dist"), join(folder, "dist"), { recursive: true });
    for (const name of ["page.mjs", "compute.mjs"]) {
      const text = readFileSync(join(here, "programs", name), "utf8");
      writeFileSync(join(folder, name), text.replace('"nanopinwheel"', '"/dist/index.js"'));
    }
    expectNumbers(await inChromium(folder));
  });

  test("no bundler, kernels by a response and with fused arithmetic from their file", async () => {
    const folder = folderFor("kernels", "/page.mjs");
    cpSync(join(installed, "dist"), join(folder, "dist"), { recursive: true });
    const compute = readFileSync(join(here, "programs/compute.mjs"), "utf8");
    writeFileSync(join(folder, "compute.mjs"), compute.replace('"nanopinwheel"', '"/dist/index.js"'));
    const builds: string[] = [];
    for (const options of [
      'wasm: fetch("/dist/nanopinwheel-scalar.wasm")',
      "wasm: new URL('/dist/nanopinwheel.wasm', location)",
      "reproducible: false",
    ]) {
      writeFileSync(
        join(folder, "page.mjs"),
        `import { compute } from "./compute.mjs";
globalThis.report = compute({ workers: 1, ${options} }).catch((error) => ({ failed: String(error) }));`,
      );
      const { origin, server } = await serveFolder(folder, () => {});
      try {
        const found = await reportOf(`${origin}/`);
        expectNumbers(found);
        builds.push(found.build);
      } finally {
        server.close();
      }
    }
    expect(builds).toEqual(["scalar", "simd", "relaxed"]);
  });

  test("no bundler, inside a worker of the page", async () => {
    const folder = folderFor("inside", "/page.mjs");
    cpSync(join(installed, "dist"), join(folder, "dist"), { recursive: true });
    const compute = readFileSync(join(here, "programs/compute.mjs"), "utf8");
    writeFileSync(join(folder, "compute.mjs"), compute.replace('"nanopinwheel"', '"/dist/index.js"'));
    writeFileSync(
      join(folder, "own.mjs"),
      'import { compute } from "./compute.mjs"; compute({}).then(postMessage, (error) => postMessage({ failed: String(error) }));',
    );
    writeFileSync(
      join(folder, "page.mjs"),
      'new Worker("/own.mjs", { type: "module" }).onmessage = ({ data }) => { globalThis.report = data; };',
    );
    expectNumbers(await inChromium(folder));
  });
});

describe("one name of the library costs less than 5 kB", { timeout: 120_000 }, () => {
  const input = join(project, "programs/one-name.mjs");
  const bundlers: [string, () => Promise<string[]>][] = [
    [
      "esbuild",
      async () => {
        const { build } = await from("esbuild");
        const { outputFiles } = await build({
          entryPoints: [input],
          bundle: true,
          format: "esm",
          write: false,
        });
        return outputFiles.map(({ text }: { text: string }) => text);
      },
    ],
    [
      "Rollup",
      async () => {
        const [{ rollup }, { nodeResolve }] = await Promise.all([
          from("rollup"),
          from("@rollup/plugin-node-resolve"),
        ]);
        const { output } = await (await rollup({ input, plugins: [nodeResolve()] })).generate({});
        return output.map(({ code }: { code: string }) => code);
      },
    ],
    [
      "Vite",
      async () => {
        const { build } = await from("vite");
        const { output } = await build({
          root: project,
          configFile: false,
          logLevel: "silent",
          build: { write: false, rollupOptions: { input } },
        });
        return output.flatMap(({ code }: { code?: string }) => code ?? []);
      },
    ],
    [
      "webpack",
      async () => {
        const { default: webpack } = await from("webpack");
        const path = join(project, "pages/one-name");
        await new Promise<void>((done, fail) =>
          webpack({ mode: "production", entry: input, output: { path } }, (error: Error | null) =>
            error ? fail(error) : done(),
          ),
        );
        return [readFileSync(join(path, "main.js"), "utf8")];
      },
    ],
  ];

  test.each(bundlers)("%s", async (_, bundle) => {
    const texts = await bundle();
    const size = texts.reduce((sum, text) => sum + text.length, 0);
    expect(size).toBeLessThan(5000);
    const log: string[] = [];
    for (const text of texts) new Function("globalThis", text)({ said: (line: string) => log.push(line) });
    expect(log).toEqual(["x: wrong; expected a number, found a text."]);
  });
});

test("workerd, which compiles nothing: the module of the README", { timeout: 60_000 }, async () => {
  const folder = join(project, "pages/workerd");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "edge.mjs"),
    `${shown("javascript")}
    const device = engine.device({ format: "nanopinwheel/1", device: { preset: "thouless", sites: 12 } });
    const fetch = async ({ url }) => {
      if (!url.endsWith("/without")) return Response.json(device.pump({ energy: -1.4, points: 16 }).charge);
      return new Response((await loadEngine().catch((error) => error)).message);
    };
    export default { fetch };`,
  );
  const { build } = await from("esbuild");
  await build({
    entryPoints: [join(folder, "edge.mjs")],
    bundle: true,
    format: "esm",
    outfile: join(folder, "main.js"),
    external: ["*.wasm"],
    logLevel: "silent",
  });
  cpSync(join(installed, "dist/nanopinwheel.wasm"), join(folder, "nanopinwheel.wasm"));
  writeFileSync(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .edge)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
const edge :Workerd.Worker = (
  compatibilityDate = "2024-01-01",
  modules = [
    (name = "main.js", esModule = embed "main.js"),
    (name = "nanopinwheel/nanopinwheel.wasm", wasm = embed "nanopinwheel.wasm"),
  ]
);`,
  );
  // The command of its package is a program of Node that hands on no further file than the three usual ones.
  const { default: path } = createRequire(join(project, "x.js"))("workerd");
  const child = spawn(path, ["serve", join(folder, "config.capnp"), "--control-fd=3"], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const ended = new Promise((done) => child.once("exit", done));
  try {
    let control = "";
    for (const stream of [child.stderr, child.stdio[3]])
      stream?.on("data", (chunk) => {
        control += chunk;
      });
    await expect.poll(() => control, { timeout: 20_000 }).toMatch(/"port":\d+/);
    const origin = `http://127.0.0.1:${control.match(/"port":(\d+)/)?.[1]}`;
    const charge = await (await fetch(`${origin}/`)).json();
    expect(Math.abs(charge.left / expected.charge - 1)).toBeLessThan(1e-13);
    const message = await (await fetch(`${origin}/without`)).text();
    expect(message).toMatch(/^wasm: .*disallowed.*compiled before/);
  } finally {
    child.kill();
    await ended;
  }
});

const firefox = ["/usr/bin/firefox-esr", "/usr/bin/firefox"].find(existsSync);

test.skipIf(!firefox && process.env.CI !== "true")("Firefox, no bundler", { timeout: 120_000 }, async () => {
  if (!firefox) throw new Error("there is no Firefox");
  const folder = folderFor("firefox", "/page.mjs");
  cpSync(join(installed, "dist"), join(folder, "dist"), { recursive: true });
  const compute = readFileSync(join(here, "programs/compute.mjs"), "utf8");
  writeFileSync(join(folder, "compute.mjs"), compute.replace('"nanopinwheel"', '"/dist/index.js"'));
  writeFileSync(
    join(folder, "page.mjs"),
    `import { compute } from "./compute.mjs";
const found = await compute({ workers: 1 }).catch((error) => ({ failed: String(error) }));
await fetch("/report", { method: "POST", body: JSON.stringify(found) });`,
  );
  let posted: (text: string) => void = () => {};
  const answer = new Promise<string>((done) => {
    posted = done;
  });
  const { origin, server } = await serveFolder(folder, (text) => posted(text));
  const profile = mkdtempSync(join(tmpdir(), "nanopinwheel-firefox-"));
  const child = spawn(firefox, ["--headless", "--no-remote", "--profile", profile, `${origin}/`], {
    stdio: "ignore",
    env: { ...process.env, HOME: profile },
  });
  try {
    expectNumbers(JSON.parse(await answer));
  } finally {
    const ended = new Promise((done) => child.once("exit", done));
    child.kill();
    await ended;
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
});

afterAll(() => {
  if (tarball) rmSync(tarball);
});
