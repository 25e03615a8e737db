import { inject } from "vitest";
import type { EngineContext } from "./context";

/** What the tests of this file run on: no other file that runs at this time has it. */
export function engine(): EngineContext {
  // The slot of the pool that this file runs in, from 1 up to the number of workers.
  const slot = Number(process.env["VITEST_POOL_ID"]);
  const engines = inject("engines");
  const context = engines[slot - 1];
  if (context === undefined) {
    throw new Error(`there are ${engines.length} beds, and none for slot ${slot} of the pool`);
  }
  return context;
}
