import { randomUUID } from "node:crypto";
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withLock } from "../../../lib/support/lock";
import { UsageError } from "../../../lib/support/problem";
import { isMade, partFolder, toolPath } from "./cache";
import type { FillPart } from "./fill-part";
import { fillPart } from "./fill-part";
import type { Part } from "./part";
import { probeVersion } from "./probe-version";

/** How often to look whether another run has ended. */
const PAUSE_MILLISECONDS = 200;

export interface MakePartOptions {
  /** From `cacheFolder`. */
  readonly cache: string;
  readonly signal: AbortSignal;
  /** Told once, with the holder, if another run makes this part and we wait. @default nobody is told */
  readonly onWait?: (reason: string) => void;
  /** @default the part's source, with go, pip or npm */
  readonly fill?: FillPart;
}

/**
 * Makes a part in the cache: aside first, under a name that nobody looks for, and then renamed, so a
 * run that ends in between leaves nothing that looks whole. Of two runs one makes it, and the other
 * waits for that.
 *
 * @returns whether it was made here, or found once another run had made it
 * @throws the signal's reason if it was aborted; Error if it cannot be made, or tells another version
 *   than the pinned one. Its log stays in either case.
 */
export async function makePart(part: Part, options: MakePartOptions): Promise<"made" | "found"> {
  const { cache, signal, onWait, fill = fillPart } = options;
  const folder = partFolder(cache, part);
  return withAwaitedLock(`${folder}.lock`, { signal, onWait }, async () => {
    if (isMade(folder, part)) return "found";
    removeStaging(folder);
    const staging = `${folder}.${randomUUID()}.staging`;
    const log = partLog(cache, part);
    mkdirSync(dirname(log), { recursive: true });
    writeFileSync(log, "");
    try {
      mkdirSync(staging, { recursive: true });
      await fill(part, staging, { log, signal });
      await checkVersions(part, staging);
      signal.throwIfAborted();
      if (part.source.kind === "python packages") relocateScripts(join(staging, "bin"), folder);
      if (!isMade(staging, part)) throw new Error("something is missing of what it should bring");
      // What does not work any more is in the way of what does.
      rmSync(folder, { recursive: true, force: true });
      renameSync(staging, folder);
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
    return "made";
  });
}

/** The file with all that was printed when a part was last made. */
export function partLog(cache: string, part: Part): string {
  return join(cache, "logs", `${basename(partFolder(cache, part))}.log`);
}

/** `withLock` for those who can wait, for as long as it takes. */
async function withAwaitedLock<T>(
  path: string,
  { signal, onWait }: { signal: AbortSignal; onWait: MakePartOptions["onWait"] },
  work: () => Promise<T>,
): Promise<T> {
  for (let told = false; ; told = true) {
    let entered = false;
    try {
      return await withLock(path, () => {
        entered = true;
        return work();
      });
    } catch (error) {
      if (entered || !(error instanceof UsageError)) throw error;
      if (!told) onWait?.(error.problems.map(({ message }) => message).join("; "));
    }
    await sleep(PAUSE_MILLISECONDS, undefined, { signal });
  }
}

/** Takes away what a run left that was killed. We hold the part's lock, so nobody works on it. */
function removeStaging(folder: string): void {
  for (const name of readdirSync(dirname(folder))) {
    if (name.startsWith(`${basename(folder)}.`) && name.endsWith(".staging")) {
      rmSync(join(dirname(folder), name), { recursive: true, force: true });
    }
  }
}

async function checkVersions(part: Part, staging: string): Promise<void> {
  for (const tool of part.tools) {
    if (tool.probe === undefined) continue;
    const version = await probeVersion(toolPath(staging, tool), tool.probe, process.env);
    if (version === part.version) continue;
    throw new Error(
      `'${tool.name}' tells version ${version ?? "(none)"} after it was made; pinned is ${part.version}`,
    );
  }
}

/** A virtual environment's scripts name its folder, which is about to become another. */
function relocateScripts(bin: string, folder: string): void {
  const staging = dirname(bin);
  for (const name of readdirSync(bin)) {
    const path = join(bin, name);
    if (!lstatSync(path).isFile()) continue;
    const bytes = readFileSync(path);
    if (bytes.includes(0) || !bytes.includes(staging)) continue;
    writeFileSync(path, bytes.toString("utf8").replaceAll(staging, folder));
  }
}
