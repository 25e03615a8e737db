import { Argument, Command, CommanderError } from "commander";
import { UsageError } from "../../../lib/support/problem";
import { cacheFolder } from "./cache";
import { locateParts } from "./locate";
import { makeMissing } from "./make-missing";
import { PARTS, partsNamed } from "./parts";
import { missingPrerequisites } from "./prerequisites";
import { toolchainRows, toolchainTable } from "./toolchain-table";

/** Where a run of the command reads and writes. */
export interface CommandEdge {
  readonly environment: NodeJS.ProcessEnv;
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  readonly signal: AbortSignal;
}

interface Flags {
  readonly list?: true;
  readonly json?: true;
}

/** As a shell reports a process that Ctrl-C ended. */
const INTERRUPTED = 130;

/**
 * Runs `npm run toolchain`.
 *
 * @param args the arguments after the program's name
 * @returns 0; 1 if a part failed, 2 for a user's mistake, 130 if the signal was aborted
 */
export async function runToolchain(args: readonly string[], edge: CommandEdge): Promise<number> {
  let failed = false;
  const command = toolchainCommand(edge).action(async (names: string[], flags: Flags) => {
    failed = !(await makeAvailable(names, flags, edge));
  });
  try {
    await command.parseAsync([...args], { from: "user" });
    return failed ? 1 : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (edge.signal.aborted) {
      edge.error("interrupted; the next run goes on with the part that was under way\n");
      return INTERRUPTED;
    }
    if (!(error instanceof UsageError)) throw error;
    edge.error(`${error.message}\n`);
    return 2;
  }
}

function toolchainCommand({ out, error }: CommandEdge): Command {
  return new Command("npm run toolchain --")
    .description(
      "Makes every part that the engine tests need available, below atom-selfhost/toolchain in the user's cache " +
        "folder (XDG_CACHE_HOME, else ~/.cache). A program of a fitting version on PATH is used as it is.",
    )
    .addArgument(
      new Argument("[part...]", "only these parts").choices(PARTS.map(({ name }) => name)),
    )
    .option("--list", "show what is there and make nothing")
    .option("--json", "print the table as JSON")
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: error });
}

/** @returns false if a part could not be made */
async function makeAvailable(
  names: readonly string[],
  { list = false, json = false }: { readonly list?: boolean; readonly json?: boolean },
  { environment, out, error, signal }: CommandEdge,
): Promise<boolean> {
  const cache = cacheFolder(environment);
  const states = await locateParts(partsNamed(names), cache, environment);
  const missing = list ? [] : states.filter((state) => state.missing);
  const problems = await missingPrerequisites(
    missing.map(({ part }) => part),
    environment,
  );
  if (problems.length > 0) throw new UsageError("prerequisites", problems);

  const report = (text: string) => error(`${text}\n`);
  const ends = await makeMissing(missing, { cache, signal, report });
  const rows = toolchainRows(states, ends);
  out(`${json ? JSON.stringify(rows, null, 2) : toolchainTable(rows)}\n`);
  return rows.every(({ from }) => from !== "failed");
}
