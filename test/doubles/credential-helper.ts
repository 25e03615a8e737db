import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * A test double, not a credential helper: a program of the same name on a PATH of its own that notes
 * what it was given and answers what it was told.
 */
export class CredentialHelper {
  /** What a process has to have as PATH to find it. */
  readonly path: string;
  readonly #notes: string;

  /**
   * @param folder where it may write.
   * @param name what comes after `docker-credential-`.
   * @param script what it does after it has read its input into `$server`; sh.
   */
  constructor(folder: string, name: string, script: string) {
    const bin = join(folder, "bin");
    mkdirSync(bin, { recursive: true });
    this.path = [bin, "/usr/bin", "/bin"].join(delimiter);
    this.#notes = join(folder, `${name}.notes`);
    const file = join(bin, `docker-credential-${name}`);
    const note = `{ echo "$1 $server"; env; } >> '${this.#notes}'`;
    writeFileSync(file, `#!/bin/sh\nread -r server\n${note}\n${script}\n`);
    chmodSync(file, 0o755);
  }

  /** Each `get <server>` it was asked, and the variables that it saw. */
  get notes(): string {
    try {
      return readFileSync(this.#notes, "utf8");
    } catch {
      return "";
    }
  }
}
