import { defineConfig } from "vitest/config";

/** The tests on real parts: each file that runs at a time has a bed to itself. */
export default defineConfig({
  test: {
    include: ["test/engine/**/*.test.ts"],
    globalSetup: ["test/engine/setup.ts"],
    // A bed that is up already is the only one.
    maxWorkers: process.env["ATOM_ENGINE_CONTEXT"] === undefined ? 2 : 1,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    reporters: ["verbose"],
  },
});
