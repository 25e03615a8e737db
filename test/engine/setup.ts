import type { TestProject } from "vitest/node";
import type { EngineContext } from "./context";
import { startEngine } from "./with-engine";

declare module "vitest" {
  interface ProvidedContext {
    engine: EngineContext;
  }
}

/** Starts the bed once for all files, and makes the project that most of them use. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { context, stop } = await startEngine();
  project.provide("engine", context);
  return () => stop(project.vitest.state.getCountOfFailedTests() > 0);
}
