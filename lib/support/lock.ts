import { randomUUID } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { createFileExclusive } from "./exclusive-file";
import { parseJson } from "./parse-json";
import { UsageError } from "./problem";
import { isRunning, processStart } from "./process-identity";

const holderSchema = z.strictObject({
  version: z.literal(1),
  /** Tells two locks of one process apart. */
  id: z.uuid(),
  pid: z.int().positive(),
  host: z.string(),
  /** From {@link processStart}; null where the system does not tell. */
  started: z.string().nullable(),
});
type Holder = z.infer<typeof holderSchema>;

/** How often, and how far apart, to look again while another process takes a stale lock away. */
const ATTEMPTS = 50;
const PAUSE_MILLISECONDS = 20;

/**
 * Runs `work` while no other process does so under the same lock file, and removes the file after it,
 * also when it fails. Nobody waits: who comes second is told who holds the lock.
 *
 * A lock whose process is gone from this host is taken over, also if its number belongs to another
 * process by now. Another host's is never judged, so processes that share a folder need host names
 * of their own.
 *
 * @throws UsageError if the lock is held, its file is none of ours, or it cannot be written.
 */
export async function withLock<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  const own = await acquire(path);
  const release = () => {
    if (readHolder(path)?.id === own.id) rmSync(path, { force: true });
  };
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.removeListener("exit", release);
    release();
  }
}

async function acquire(path: string): Promise<Holder> {
  const own: Holder = {
    version: 1,
    id: randomUUID(),
    pid: process.pid,
    host: hostname(),
    started: processStart(process.pid) ?? null,
  };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (create(path, own)) return own;
    const holder = readHolder(path);
    if (holder === undefined) continue;
    if (!isStale(holder)) throw held(path, holder);
    if (!removeStale(path, holder, own)) await sleep(PAUSE_MILLISECONDS);
  }
  throw new UsageError("lock", [
    {
      path,
      message: "a stale lock is being taken away by another process, which does not come to an end",
      mend: `make sure that no other run is under way and remove ${path} and ${path}.*.breaking`,
    },
  ]);
}

/** @returns false if the file is there already. */
function create(path: string, own: Holder): boolean {
  try {
    return createFileExclusive(path, `${JSON.stringify(own)}\n`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw failed(path, `cannot be written (${code})`);
  }
}

/** The folder is mostly another user's, or on a file system that is full or not to be written. */
function failed(path: string, message: string): UsageError {
  const mend =
    "see that this user may read and write there and that there is room, or name another folder";
  return new UsageError("lock", [{ path, message, mend }]);
}

function isStale({ host, pid, started }: Holder): boolean {
  if (host !== hostname()) return false;
  if (!isRunning(pid)) return true;
  const now = processStart(pid);
  return started !== null && now !== undefined && now !== started;
}

/**
 * Takes a stale lock away. Of those who found it stale only one may: a second one would remove the
 * lock that the first one made meanwhile. The claim bears the stale lock's own id, and is checked
 * against the file once it is won.
 */
function removeStale(path: string, stale: Holder, own: Holder): boolean {
  const claim = `${path}.${stale.id}.breaking`;
  if (!create(claim, own)) return false;
  try {
    if (readHolder(path)?.id === stale.id) rmSync(path);
  } finally {
    rmSync(claim, { force: true });
  }
  return true;
}

/** Who holds the lock, or undefined if the file is gone. It is never half written. */
function readHolder(path: string): Holder | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    if (code === undefined) throw error;
    throw failed(path, `cannot be read (${code})`);
  }
  const holder = holderSchema.safeParse(parseJson(text));
  if (holder.success) return holder.data;
  throw new UsageError("lock", [
    {
      path,
      message: "the file is no lock of this release",
      mend: "make sure that no other run is under way and remove it",
    },
  ]);
}

function held(path: string, { pid, host }: Holder): UsageError {
  const here = host === hostname();
  return new UsageError("lock", [
    {
      path,
      message: `another run is under way: process ${pid} on ${JSON.stringify(host)} holds the lock`,
      mend: here
        ? "wait until it ends"
        : "wait until it ends, or remove the file if that machine no longer runs it",
    },
  ]);
}
