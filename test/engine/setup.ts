import type { TestProject } from "vitest/node";
import type { EngineContext } from "./context";
import { startEngines } from "./with-engine";

declare module "vitest" {
  interface ProvidedContext {
    engines: readonly EngineContext[];
  }
}

/** Starts a bed for each file that runs at a time, and makes the project that most of them use. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const engines = await startEngines(project.config.maxWorkers);
  project.provide(
    "engines",
    engines.map(({ context }) => context),
  );
  return async () => {
    const keep = project.vitest.state.getCountOfFailedTests() > 0;
    await Promise.all(engines.map(({ stop }) => stop(keep)));
  };
}
