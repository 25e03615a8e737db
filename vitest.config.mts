import { defineConfig } from "vitest/config";

/** They put another module in the place of one that other files have loaded. */
const MOCKING = ["test/registry/layout/disk-full.test.ts"];

export default defineConfig({
  // The example imports the package by its name; tests run it on the sources, not on a build.
  resolve: { alias: { "atom-selfhost": new URL("index.ts", import.meta.url).pathname } },
  test: {
    testTimeout: 20_000,
    // Some record whole stacks before their first test, while other files keep every core busy.
    hookTimeout: 60_000,
    // By itself it leaves a core idle.
    maxWorkers: "100%",
    // A raw Output inside a template string throws instead of becoming "Calling [toString] on an [Output<T>]".
    env: { PULUMI_ERROR_OUTPUT_STRING: "true" },
    unstubEnvs: true,
    projects: [
      {
        extends: true,
        // Files share a process, and so what they import: starting one for each takes longer than most tests.
        test: {
          name: "parts",
          include: ["test/**/*.test.ts"],
          exclude: ["test/engine/**", ...MOCKING],
          isolate: false,
        },
      },
      { extends: true, test: { name: "mocked", include: MOCKING } },
    ],
  },
});
