import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { isRunning } from "../../support/process-identity";

/** What no process has written to for so long is nobody's: a source that is silent is given up much sooner. */
const ABANDONED_MILLISECONDS = 3_600_000;

/** `<pid>.<serial>.<hash>@<host>`: who writes it, and what it is to become. */
const NAME = /^([0-9]+)\.[0-9]+\.[0-9a-f]{64}@(.+)$/;

/** Of this process, by name; a container's process may have the number of its predecessor. */
const ours = new Set<string>();
let serial = 0;

/**
 * Files of a layout that are still coming in. Whoever writes first removes what processes left behind
 * that were killed: at once if they were on this host, after an hour otherwise.
 */
export class IncomingFiles {
  readonly #folder: string;
  #swept: Promise<void> | undefined;

  /** @param folder is made with the first file. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Does something with the path of a new file, and removes the file if it is still there afterwards.
   *
   * @param hash of the blob that it is to become, in hexadecimal digits.
   */
  async use(hash: string, work: (path: string) => Promise<void>): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await (this.#swept ??= this.#sweep());
    const name = `${process.pid}.${(serial += 1)}.${hash}@${hostname()}`;
    const path = join(this.#folder, name);
    ours.add(name);
    try {
      await work(path);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      ours.delete(name);
    }
  }

  async #sweep(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (await this.#isAbandoned(name)) await rm(join(this.#folder, name), { force: true });
    }
  }

  async #isAbandoned(name: string): Promise<boolean> {
    if (ours.has(name)) return false;
    const [, pid, host] = NAME.exec(name) ?? [];
    if (host === hostname()) return Number(pid) === process.pid || !isRunning(Number(pid));
    const { mtimeMs } = await stat(join(this.#folder, name)).catch(() => ({ mtimeMs: Infinity }));
    return Date.now() - mtimeMs > ABANDONED_MILLISECONDS;
  }
}
