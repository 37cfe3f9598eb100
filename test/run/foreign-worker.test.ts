// Workers from another origin than the page, and on pages that require Trusted Types, in Chromium with the built package: they start,
// and where a policy or the other server forbids it the reason is told.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadedWith } from "../house/bundles.js";
import { launch, noBrowser } from "../report/browser.js";

type Files = Record<string, { body: string; headers?: Record<string, string> } | undefined>;

async function serve(files: () => Files): Promise<{ origin: string; server: Server }> {
  const server = createServer((request, response) => {
    const file = files()[request.url ?? ""];
    response.writeHead(file ? 200 : 404, { "content-type": "text/javascript", ...file?.headers });
    response.end(file?.body ?? "");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

const dist = fileURLToPath(new URL("../../dist/", import.meta.url));

/** What library and worker load, read once: it is parsed for that. */
const loaded = ["index.js", "worker.js"].flatMap((entry) => [...loadedWith(dist, entry)]);

/** The files of the library and its worker, below a folder of the server. */
const packageFiles = (headers = {}, folder = "/"): Files =>
  Object.fromEntries(loaded.map(([name, body]) => [`${folder}${name}`, { body, headers }]));

/** A page that loads the package from `library` and says what came of it. */
const script = (library: string, options: object) => `
import { loadEngine } from ${JSON.stringify(library)};
const model = { format: "nanopinwheel/1", device: { preset: "thouless", sites: 12 } };
const report = async () => {
  const engine = await loadEngine(${JSON.stringify({ workers: 1, startTimeout: 20_000, ...options })});
  const list = Array.from({ length: 6 }, (_, k) => ({ energy: -1.4 + 0.01 * k, points: 16 }));
  const answers = await engine.map(model, "pump", list);
  await engine.close();
  return { charges: answers.map(({ charge }) => charge.left) };
};
globalThis.report = report().catch(({ field, message }) => ({ field, message }));`;

test.skipIf(noBrowser)("a worker from another origin", { timeout: 120_000 }, async () => {
  const cors = { "access-control-allow-origin": "*" };
  const other = await serve(() => ({ ...packageFiles(cors), ...packageFiles({}, "/closed/") }));
  let files: Files = {};
  const home = await serve(() => files);
  const browser = await launch();
  const open = "script-src 'self' 'wasm-unsafe-eval' OTHER; worker-src 'self' blob: OTHER";
  const trusting = `${open}; require-trusted-types-for 'script'; trusted-types nanopinwheel`;
  const cases: [name: string, library: string, options: object, policy: string, said: RegExp | undefined][] =
    [
      ["package and worker from there", `${other.origin}/index.js`, {}, open, undefined],
      ["worker from there", "/index.js", { workerUrl: `${other.origin}/worker.js` }, open, undefined],
      ["worker from here", "/index.js", { workerUrl: "/worker.js" }, open, undefined],
      ["trusted types, allowed", "/index.js", {}, trusting, undefined],
      ["trusted types, through a Blob", `${other.origin}/index.js`, {}, trusting, undefined],
      ["trusted types, an address", "/index.js", { workerUrl: "/worker.js" }, trusting, undefined],
      [
        "trusted types, not allowed",
        "/index.js",
        {},
        trusting.replace("types nanopinwheel", "types another"),
        /TrustedScriptURL.*`trusted-types nanopinwheel`/,
      ],
      [
        "no compiling allowed",
        "/index.js",
        {},
        open.replace(" 'wasm-unsafe-eval'", ""),
        /^wasm: .*Content Security Policy.*'wasm-unsafe-eval'/i,
      ],
      ["no Blob allowed", `${other.origin}/index.js`, {}, open.replace(" blob:", ""), /policy/],
      [
        "no worker from there allowed",
        "/index.js",
        { workerUrl: `${other.origin}/worker.js` },
        open.replace(/ OTHER$/, ""),
        /worker\.js could not be loaded.*CORS.*policy/,
      ],
      [
        "no CORS headers",
        "/index.js",
        { workerUrl: `${other.origin}/closed/worker.js` },
        open,
        /closed\/worker\.js could not be loaded.*CORS/,
      ],
      ["no such file", "/index.js", { workerUrl: "/absent.js" }, open, /absent\.js could not be loaded/],
      ["no address", "/index.js", { workerUrl: "http://[" }, open, /Invalid URL/],
    ];
  try {
    for (const [name, library, options, policy, said] of cases) {
      files = {
        "/": {
          body: `<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>`,
          headers: {
            "content-type": "text/html; charset=utf-8",
            "content-security-policy": `default-src 'none'; img-src data:; ${policy.replaceAll("OTHER", other.origin)}`,
          },
        },
        "/page.js": { body: script(library, options) },
        ...packageFiles(),
      };
      const tab = await browser.newPage();
      await tab.goto(`${home.origin}/`);
      await tab.waitForFunction("globalThis.report !== undefined");
      // biome-ignore lint/suspicious/noExplicitAny: what the page returns
      const found: any = await tab.evaluate("globalThis.report");
      if (said === undefined) expect(found.charges, `${name}: ${found.message}`).toHaveLength(6);
      else {
        expect(found.message, name).toMatch(said);
        const field = /^no compiling/.test(name) ? "wasm" : "workerUrl" in options ? "workerUrl" : "workers";
        expect(found.field, name).toBe(field);
      }
      await tab.close();
    }
  } finally {
    await browser.close();
    home.server.close();
    other.server.close();
  }
});
