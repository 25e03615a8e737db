import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/engine/**"],
    testTimeout: 20_000,
    // A raw Output inside a template string throws instead of becoming "Calling [toString] on an [Output<T>]".
    env: { PULUMI_ERROR_OUTPUT_STRING: "true" },
  },
});
