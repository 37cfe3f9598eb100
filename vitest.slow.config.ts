import { defineConfig } from "vitest/config";
import { slowTests } from "./vitest.config.js";

export default defineConfig({ test: { include: slowTests, testTimeout: 600_000, pool: "threads" } });
