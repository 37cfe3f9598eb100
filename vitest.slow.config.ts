import { defineConfig } from "vitest/config";
import everyday, { buildTests, seedTests, slowTests } from "./vitest.config.js";

export default defineConfig({
  define: everyday.define,
  test: {
    include: [...slowTests, ...buildTests, ...seedTests],
    env: { ALL_BUILDS: "1", ALL_SEEDS: "1" },
    testTimeout: 600_000,
    pool: "threads",
  },
});
