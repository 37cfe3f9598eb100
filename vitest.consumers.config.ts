import { defineConfig } from "vitest/config";
import everyday from "./vitest.config.js";

/** The tools that consume the packed library: npm run test:consumers. */
export default defineConfig({
  define: everyday.define,
  test: { include: ["test/consumers/*.test.ts"], testTimeout: 60_000, hookTimeout: 300_000, pool: "threads" },
});
