import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));

/** Tests of the energy integrals against the dense twin, of ten thousand devices and of a million calls take minutes: `npm run test:slow`. */
export const slowTests = [
  "test/cli/kills.test.ts",
  "test/device/questions/forces-million.test.ts",
  "test/device/questions/simulate-many.test.ts",
  "test/scattering/identities-many.test.ts",
  "test/transport/forces/identities.test.ts",
  "test/transport/kernels/identities-many.test.ts",
  "test/transport/kernels/turns-many.test.ts",
  "test/transport/kernels/turns-refused.test.ts",
  "test/transport/forces/negf.test.ts",
  "test/transport/pump/pump.test.ts",
];

/** Everyday tests of which `npm run test:slow` runs all seeds (env ALL_SEEDS, test/twins/seeds.ts). */
export const seedTests = [
  "test/cli/fuzz.test.ts",
  "test/device/closing.test.ts",
  "test/device/doors.test.ts",
  "test/device/given-campaign.test.ts",
  "test/device/given-s.test.ts",
  "test/device/nonlinear.test.ts",
  "test/device/overlap.test.ts",
  "test/device/questions/delay.test.ts",
  "test/device/questions/stated-errors-two.test.ts",
  "test/device/questions/stated-errors.test.ts",
  "test/device/questions/motor.test.ts",
  "test/device/questions/narrow-resonances.test.ts",
  "test/device/sizes.test.ts",
  "test/house/examples.test.ts",
  "test/motor/angles.test.ts",
  "test/run/crew.test.ts",
  "test/run/pool.test.ts",
  "test/motor/exceptional-angles.test.ts",
  "test/report/docs-numbers.test.ts",
  "test/motor/start-bias.test.ts",
  "test/motor/steady-averages.test.ts",
  "test/motor/transverse-thresholds.test.ts",
  "test/motor/turn-corners.test.ts",
  "test/scattering/solvers/chain-solver.test.ts",
  "test/scattering/solvers/chain.test.ts",
  "test/scattering/identities.test.ts",
  "test/scattering/leads/at-edge.test.ts",
  "test/scattering/leads/connection.test.ts",
  "test/scattering/leads/many.test.ts",
  "test/scattering/leads/periodic.test.ts",
  "test/scattering/leads/poles.test.ts",
  "test/scattering/leads/reach.test.ts",
  "test/scattering/leads/shared.test.ts",
  "test/scattering/leads/stein.test.ts",
  "test/scattering/leads/wave-edges.test.ts",
  "test/scattering/solvers/gate.test.ts",
  "test/transport/energy/cold-and-wide.test.ts",
  "test/transport/energy/broad-tails.test.ts",
  "test/transport/energy/thermal-tails.test.ts",
  "test/transport/forces/bound-states.test.ts",
  "test/transport/forces/crossing-leads.test.ts",
  "test/transport/forces/following.test.ts",
  "test/transport/forces/loose-tolerances.test.ts",
  "test/transport/forces/pair-integrand.test.ts",
  "test/transport/forces/single-levels.test.ts",
  "test/transport/pump/turn-errors.test.ts",
];

/** The same, and with the relaxed build beside the others (env ALL_BUILDS). */
export const buildTests = [
  "test/scattering/solvers/nested-dissection.test.ts",
  "test/scattering/solvers/short-cut.test.ts",
  "test/scattering/solvers/solver-green.test.ts",
  "test/scattering/solvers/solver.test.ts",
  "test/transport/pump/pump-dots.test.ts",
];

export default defineConfig({
  define: { packageVersion: JSON.stringify(version) },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...slowTests, "test/consumers/**"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "threads",
    maxWorkers: "100%",
    // Files of one thread share modules: a seventh of the time. A test must not leave module state behind.
    isolate: false,
  },
});
