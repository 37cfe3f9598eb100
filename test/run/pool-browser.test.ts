// The built package in Chromium, from files, under a strict policy: workers start, answer as in Node, obey an abort and end.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadEngine } from "../../src/index.js";
import { loadedWith } from "../house/bundles.js";
import { launch, noBrowser, watchedPage } from "../report/browser.js";

const dist = fileURLToPath(new URL("../../dist/", import.meta.url));

const page = `<!doctype html><link rel="icon" href="data:,"><title>pool</title>
<script type="module" src="/page.js"></script>`;

const script = `
import { InputError, loadEngine } from "/index.js";
const model = { format: "nanopinwheel/1", device: { preset: "thouless", sites: 16 } };
const list = Array.from({ length: 12 }, (_, k) => ({ energy: -1.4 + 0.01 * k, points: 32 }));
const report = async () => {
  const engine = await loadEngine({ workers: 2 });
  const answers = await engine.map(model, "pump", list);
  const error = await engine.map(model, "pump", [{ energy: NaN }]).catch((reason) => reason);
  const stop = new AbortController();
  const long = engine.map(model, "linearResponse", new Array(50000).fill({ energy: -1.4 }), {
    signal: stop.signal,
    progress: () => stop.abort("enough"),
  });
  const reason = await long.catch((given) => given);
  const again = await engine.map(model, "pump", list.slice(0, 1));
  await engine.close();
  const charges = answers.map(({ charge }) => charge.left);
  return { charges, field: error instanceof InputError && error.field, reason, again: again[0].charge.left };
};
globalThis.report = report().catch((error) => ({ failed: String(error) }));`;

test.skipIf(noBrowser)("workers in a browser", { timeout: 60_000 }, async () => {
  const files: Record<string, (() => string) | undefined> = {
    "/": () => page,
    "/page.js": () => script,
    ...Object.fromEntries(
      ["index.js", "worker.js"]
        .flatMap((entry) => [...loadedWith(dist, entry)])
        .map(([name, text]) => [`/${name}`, () => text]),
    ),
  };
  const server = createServer((request, response) => {
    const file = files[request.url ?? ""];
    response.writeHead(file ? 200 : 404, {
      "content-type": request.url === "/" ? "text/html; charset=utf-8" : "text/javascript",
      "content-security-policy":
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; img-src data:",
    });
    response.end(file ? file() : "");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const browser = await launch();
  try {
    const { tab, messages } = await watchedPage(browser);
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await tab.waitForFunction("globalThis.report !== undefined");
    // biome-ignore lint/suspicious/noExplicitAny: what the page returns
    const found: any = await tab.evaluate("globalThis.report");
    expect(messages).toEqual([]);
    const engine = await loadEngine();
    const device = engine.device({ format: "nanopinwheel/1", device: { preset: "thouless", sites: 16 } });
    const expected = Array.from({ length: 12 }, (_, k) =>
      device.pump({ energy: -1.4 + 0.01 * k, points: 32 }),
    );
    expect(found.charges).toHaveLength(12);
    expected.forEach(({ charge }, k) => {
      // Cosines may differ in the last bit between engines.
      expect(Math.abs(found.charges[k] - charge.left)).toBeLessThan(1e-13);
    });
    expect(found.field).toBe("energy");
    expect(found.reason).toBe("enough");
    expect(found.again).toBe(found.charges[0]);
    // A worker that was told to end leaves the browser's list a moment later.
    await expect.poll(() => tab.workers().length, { timeout: 20_000 }).toBe(0);
  } finally {
    await browser.close();
    server.close();
  }
});
