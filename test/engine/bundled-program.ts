import type { BuildOptions } from "esbuild";

/** One file that Node starts by itself: loading many takes longer than what the program does. */
export const BUNDLED_PROGRAM = {
  bundle: true,
  minifySyntax: true,
  minifyWhitespace: true,
  platform: "node",
  target: "node20",
  write: false,
} as const satisfies BuildOptions;
