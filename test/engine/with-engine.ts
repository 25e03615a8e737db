import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { textTable } from "../../lib/support/text-table";
import { startBed } from "./bed/bed";
import { prepareContext } from "./context";
import type { EngineContext } from "./context";
import { layOutEngine } from "./project/engine-environment";
import type { EngineParts } from "./project/engine-environment";
import { resolveToolchain } from "./toolchain/resolve";
import type { Toolchain } from "./toolchain/resolve";

export interface Engine {
  readonly context: EngineContext;
  /** Ends the bed. @param keep leaves logs and projects where they are, and says where. */
  readonly stop: (keep?: boolean) => Promise<void>;
}

/**
 * Starts beds and makes the project on each. `ATOM_ENGINE_CONTEXT`, which `npm run bed -- --project`
 * exports, names one that is up already; it is left up, and is the only one.
 *
 * @throws Error if something does not come up; nothing is left running then.
 */
export async function startEngines(count: number): Promise<readonly Engine[]> {
  const running = process.env["ATOM_ENGINE_CONTEXT"];
  if (running !== undefined) {
    const context = JSON.parse(readFileSync(running, "utf8")) as EngineContext;
    return [{ context, stop: () => Promise.resolve() }];
  }
  const tools = await resolveToolchain();
  const starting = Array.from({ length: count }, (_, index) => startEngine(tools, index === 0));
  const started = await Promise.allSettled(starting);
  const engines = started.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  const failed = started.find((each) => each.status === "rejected");
  if (failed === undefined) return engines;
  await Promise.all(engines.map(({ stop }) => stop()));
  throw failed.reason;
}

async function startEngine(tools: Toolchain, first: boolean): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), "atom-engine-"));
  const parts = await layOutEngine(folder, tools);
  if (first) tell(header(tools, parts));
  const bed = await startBed(tools);
  tell(`bed ready after ${bed.seconds.toFixed(1)} s\n`);
  const stop = async (keep = false) => {
    await bed.stop(keep);
    if (keep) tell(`logs: ${bed.access.folder}/logs, projects: ${folder}\n`);
    else rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { context: await prepareContext(folder, parts, bed.access), stop };
  } catch (error) {
    await stop(true);
    throw error;
  }
}

/** Does something on a bed, which is ended afterwards. */
export async function withEngine<T>(work: (context: EngineContext) => Promise<T>): Promise<T> {
  const [engine] = (await startEngines(1)) as [Engine];
  let failed = true;
  try {
    const result = await work(engine.context);
    failed = false;
    return result;
  } finally {
    await engine.stop(failed);
  }
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
