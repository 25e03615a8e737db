import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { prepareContext, writeContext } from "../context";
import type { EngineContext } from "../context";
import { baseEnvironment, layOutEngine } from "../project/engine-environment";
import { buildLibrary } from "../project/user-project";
import { TemporaryFolder } from "../temporary-folder";
import { resolveToolchain } from "../toolchain/resolve";
import { bedEnvironment, startBed } from "./bed";
import type { Bed } from "./bed";

const DESCRIPTION =
  "Keeps a cluster, two OpenBao servers and two registries up on this machine until Ctrl-C. Prints what a " +
  "shell has to export to work with them; `source <file>` takes it.";

/** As a shell has it of a program that was interrupted. */
const INTERRUPTED = 130;

/** `npm run bed` */
async function keepBed({ project }: { project?: true }): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.on(signal, () => resolve());
  });
  const stop = await Promise.race([setUp(project === true), ended]);
  // Whatever is being made just then: the watchdog ends and removes it.
  if (stop === undefined) process.exit(INTERRUPTED);
  process.stderr.write("Ctrl-C ends it and removes everything\n");
  // A promise alone does not keep a process alive.
  const alive = setInterval(() => undefined, 60_000);
  await ended;
  clearInterval(alive);
  await stop();
}

/** Starts the bed and prints what to source. @returns what ends it. */
async function setUp(project: boolean): Promise<() => Promise<void>> {
  const tools = await resolveToolchain();
  const folder = new TemporaryFolder("atom-bed-shell-");
  let bed: Bed | undefined;
  const stop = async () => {
    await bed?.stop();
    folder.remove();
  };
  try {
    const parts = await layOutEngine(folder.path, tools);
    if (project) {
      process.stderr.write("building the library …\n");
      await buildLibrary(baseEnvironment(folder.path, parts.path));
    }
    bed = await startBed(tools);
    process.stderr.write(`ready after ${bed.seconds.toFixed(1)} s\n`);
    let environment = bedEnvironment(bed.access);
    if (project) {
      process.stderr.write("installing the library and mirroring the example fleet …\n");
      const context = await prepareContext(folder.path, parts, bed.access);
      environment = {
        ...environment,
        ...engineSettings(context),
        ATOM_ENGINE_CONTEXT: writeContext(context),
      };
      process.stderr.write(`the project is in ${context.project}\n`);
    }
    const lines = [
      `export PATH='${join(folder.path, "bin")}':"$PATH"\n`,
      ...Object.entries(environment).map(([name, value]) => `export ${name}='${value}'\n`),
    ];
    const file = join(folder.path, "environment");
    writeFileSync(file, lines.join(""), { mode: 0o600 });
    process.stdout.write(`source ${file}\n`);
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What a project's programs see, but for what a shell has already. */
function engineSettings({ environment }: EngineContext): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => /^(PULUMI|VAULT|ATOM|COSIGN)_/.test(name)),
  );
}

new Command("npm run bed --")
  .description(DESCRIPTION)
  .option("--project", "also make a project with the packed library and the example fleet in it")
  .action(keepBed)
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
