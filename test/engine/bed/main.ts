import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { prepareContext } from "../context";
import type { EngineContext } from "../context";
import { layOutEngine } from "../project/engine-environment";
import { resolveToolchain } from "../toolchain/resolve";
import { bedEnvironment, startBed } from "./bed";

const DESCRIPTION =
  "Keeps a cluster, two OpenBao servers and two registries up on this machine until Ctrl-C. Prints what a " +
  "shell has to export to work with them; `source <file>` takes it.";

/** `npm run bed` */
async function keepBed({ project }: { project?: true }): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    process.once("SIGINT", resolve).once("SIGTERM", resolve).once("SIGHUP", resolve);
  });
  const tools = await resolveToolchain();
  const folder = mkdtempSync(join(tmpdir(), "atom-bed-shell-"));
  const bed = await startBed(tools);
  try {
    const parts = await layOutEngine(folder, tools);
    let environment = bedEnvironment(bed.access);
    process.stderr.write(`ready after ${bed.seconds.toFixed(1)} s\n`);
    if (project) {
      process.stderr.write("installing the library and mirroring the example fleet …\n");
      const context = await prepareContext(folder, parts, bed.access);
      const file = join(folder, "context.json");
      writeFileSync(file, JSON.stringify(context), { mode: 0o600 });
      environment = { ...environment, ...engineSettings(context), ATOM_ENGINE_CONTEXT: file };
      process.stderr.write(`the project is in ${context.project}\n`);
    }
    const lines = [
      `export PATH='${join(folder, "bin")}':"$PATH"\n`,
      ...Object.entries(environment).map(([name, value]) => `export ${name}='${value}'\n`),
    ];
    const file = join(folder, "environment");
    writeFileSync(file, lines.join(""), { mode: 0o600 });
    process.stdout.write(`source ${file}\n`);
    process.stderr.write("Ctrl-C ends it and removes everything\n");
    // A promise alone does not keep a process alive.
    const alive = setInterval(() => undefined, 60_000);
    await ended;
    clearInterval(alive);
  } finally {
    await bed.stop();
    rmSync(folder, { recursive: true, force: true });
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
