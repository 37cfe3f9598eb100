import { defineConfig } from "vitest/config";
import { buildTests, slowTests } from "./vitest.config.js";

export default defineConfig({
  test: {
    include: [...slowTests, ...buildTests],
    env: { ALL_BUILDS: "1" },
    testTimeout: 600_000,
    pool: "threads",
  },
});
