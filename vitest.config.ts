import { defineConfig } from "vitest/config";

/** Tests of the energy integrals against the dense twin, and of ten thousand devices, take minutes: `npm run test:slow`. */
export const slowTests = [
  "test/scattering/identities-many.test.ts",
  "test/transport/identities.test.ts",
  "test/transport/kernel-identities-many.test.ts",
  "test/transport/kernel-turns-many.test.ts",
  "test/transport/negf.test.ts",
  "test/transport/pump.test.ts",
];

export default defineConfig({
  test: { include: ["test/**/*.test.ts"], exclude: slowTests, testTimeout: 60_000, pool: "threads" },
});
