import { expect, test } from "vitest";
import { checkMetamorphic } from "./metamorphic";

/** The engine's tests take ten thousand. */
const FLEETS = 200;

test(
  `${FLEETS} random fleets come to the same verdicts in whatever form`,
  { timeout: 60_000 },
  () => {
    expect(checkMetamorphic(FLEETS, 7)).toBeGreaterThan(25);
  },
);
