import { defineConfig } from "vitest/config";

export default defineConfig({
  // The example imports the package by its name; tests run it on the sources, not on a build.
  resolve: { alias: { "atom-selfhost": new URL("index.ts", import.meta.url).pathname } },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/engine/**"],
    testTimeout: 20_000,
    // A raw Output inside a template string throws instead of becoming "Calling [toString] on an [Output<T>]".
    env: { PULUMI_ERROR_OUTPUT_STRING: "true" },
  },
});
