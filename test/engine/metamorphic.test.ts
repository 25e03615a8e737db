import { expect, test } from "vitest";
import { checkMetamorphic } from "../policy/metamorphic";

const FLEETS = 10_000;

test(
  `${FLEETS} random fleets come to the same verdicts in whatever form`,
  { timeout: 900_000 },
  () => {
    expect(checkMetamorphic(FLEETS, 11)).toBeGreaterThan(35);
  },
);
