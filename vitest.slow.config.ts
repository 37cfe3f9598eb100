import { defineConfig } from "vitest/config";
import { buildTests, seedTests, slowTests } from "./vitest.config.js";

export default defineConfig({
  test: {
    include: [...slowTests, ...buildTests, ...seedTests],
    env: { ALL_BUILDS: "1", ALL_SEEDS: "1" },
    testTimeout: 600_000,
    pool: "threads",
  },
});
