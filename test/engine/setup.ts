import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { textTable } from "../../lib/support/text-table";
import { startBed } from "./bed/bed";
import { prepareContext } from "./context";
import type { EngineContext } from "./context";
import { layOutEngine } from "./project/engine-environment";
import type { EngineParts } from "./project/engine-environment";
import { resolveToolchain } from "./toolchain/resolve";
import type { Toolchain } from "./toolchain/resolve";

declare module "vitest" {
  interface ProvidedContext {
    engine: EngineContext;
  }
}

/**
 * Starts the bed once for all files, and makes the project that most of them use. `ATOM_ENGINE_CONTEXT`,
 * which `npm run bed -- --project` exports, names those of a bed that is up already.
 */
export default async function setup(testProject: TestProject): Promise<() => Promise<void>> {
  const running = process.env["ATOM_ENGINE_CONTEXT"];
  if (running !== undefined) {
    testProject.provide("engine", JSON.parse(readFileSync(running, "utf8")) as EngineContext);
    return () => Promise.resolve();
  }
  const tools = await resolveToolchain();
  const folder = mkdtempSync(join(tmpdir(), "atom-engine-"));
  const parts = await layOutEngine(folder, tools);
  tell(header(tools, parts));
  const bed = await startBed(tools);
  const stop = async (failed: boolean) => {
    await bed.stop(failed);
    if (failed) tell(`logs: ${bed.access.folder}/logs, projects: ${folder}\n`);
    else rmSync(folder, { recursive: true, force: true });
  };
  try {
    testProject.provide("engine", await prepareContext(folder, parts, bed.access));
    tell(`bed ready after ${bed.seconds.toFixed(1)} s\n`);
  } catch (error) {
    await stop(true);
    throw error;
  }
  return () => stop(testProject.vitest.state.getCountOfFailedTests() > 0);
}

/** Which parts a run is on, and which of them are doubles. */
function header(tools: Toolchain, { plugins }: EngineParts): string {
  const rows = [
    ...[...tools.tools].map(([name, { version, origin }]) => [name, version, origin]),
    ...plugins.map(({ name, kind }) => [name, "", kind === "double" ? "a double" : kind]),
  ];
  return `${textTable(["part", "version", "from"], rows)}\n`;
}

function tell(text: string): void {
  process.stderr.write(text);
}
