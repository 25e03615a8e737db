import { textTable } from "../../lib/support/text-table";
import { startBed } from "./bed/bed";
import { prepareContext, readContext } from "./context";
import type { EngineContext } from "./context";
import { layOutEngine } from "./project/engine-environment";
import type { EngineParts } from "./project/engine-environment";
import { TemporaryFolder } from "./temporary-folder";
import { resolveToolchain } from "./toolchain/resolve";
import type { Toolchain } from "./toolchain/resolve";

export interface Engine {
  readonly context: EngineContext;
  /** Ends the bed. @param keep leaves logs and projects where they are, and says where. */
  readonly stop: (keep?: boolean) => Promise<void>;
}

/**
 * Starts beds and makes the project on each. `ATOM_ENGINE_CONTEXT`, which `npm run bed -- --project`
 * exports, names one that is up already; it is left up, and is the only one. Its project gets the
 * library that is built now.
 *
 * @throws Error if something does not come up; nothing is left running then.
 */
export async function startEngines(count: number): Promise<readonly Engine[]> {
  const running = process.env["ATOM_ENGINE_CONTEXT"];
  if (running !== undefined) {
    const context = await readContext(running);
    tell(partsTable(context.parts));
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
  const folder = new TemporaryFolder("atom-engine-");
  const parts = await layOutEngine(folder.path, tools);
  if (first) tell(partsTable(parts));
  const bed = await startBed(tools);
  tell(`bed ready after ${bed.seconds.toFixed(1)} s\n`);
  const stop = async (keep = false) => {
    await bed.stop(keep);
    if (keep) {
      tell(`logs: ${bed.access.folder}/logs, projects: ${folder.path}\n`);
      folder.keep();
    } else folder.remove();
  };
  try {
    return { context: await prepareContext(folder.path, parts, bed.access), stop };
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
export function partsTable({ tools, plugins }: EngineParts): string {
  const rows = [
    ...tools.map(({ name, version, origin }) => [name, version, origin]),
    ...plugins.map(({ name, kind }) => [name, "", kind === "double" ? "a double" : kind]),
  ];
  return `${textTable(["part", "version", "from"], rows)}\n`;
}

function tell(text: string): void {
  process.stderr.write(text);
}
