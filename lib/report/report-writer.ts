import { readdirSync, rmdirSync, rmSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { writeFileAtomic } from "../support/atomic-file";
import { sha256 } from "../support/digest";
import type { Digest } from "../support/digest";
import { entriesBelow } from "../support/entries-below";
import type { Redactor } from "../support/redactor";

/** Writes a run's files below one folder, known secrets taken out, and remembers their digests. */
export class ReportWriter {
  readonly #folder: string;
  readonly #redactor: Redactor;
  readonly #digests = new Map<string, Digest>();

  constructor(folder: string, redactor: Redactor) {
    this.#folder = folder;
    this.#redactor = redactor;
  }

  /** Digest of every file written, by its path below the folder, sorted. */
  get digests(): Readonly<Record<string, Digest>> {
    return Object.fromEntries([...this.#digests].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** @returns the digest of what was written. */
  text(path: string, content: string): Digest {
    const redacted = this.#redactor.redact(content);
    const digest = sha256(redacted);
    writeFileAtomic(join(this.#folder, path), redacted);
    this.#digests.set(path.split(sep).join("/"), digest);
    return digest;
  }

  json(path: string, value: unknown): void {
    this.text(path, `${JSON.stringify(value, null, 2)}\n`);
  }

  /**
   * Removes files of an earlier run from a folder, and folders in which there are none: what this run did not
   * write is no longer so.
   */
  prune(path: string): void {
    const folder = join(this.#folder, path);
    const folders: string[] = [];
    for (const { path: below, entry } of entriesBelow(folder)) {
      const known = relative(this.#folder, below).split(sep).join("/");
      if (entry.isFile() && !this.#digests.has(known)) rmSync(below);
      if (entry.isDirectory()) folders.push(below);
    }
    // The deepest first, so that those above are empty by then.
    for (const each of folders.sort().reverse()) {
      if (readdirSync(each).length === 0) rmdirSync(each);
    }
  }
}
