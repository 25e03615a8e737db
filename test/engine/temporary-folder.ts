import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Watchdog } from "./watchdog";

/** A folder that is removed, however this process ends, unless somebody {@link keep}s it. */
export class TemporaryFolder {
  readonly path: string;

  constructor(prefix: string) {
    this.path = mkdtempSync(join(tmpdir(), prefix));
    Watchdog.get().watch(this.path);
  }

  /** Leaves it where it is. */
  keep(): void {
    Watchdog.get().forget(this.path);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
    Watchdog.get().forget(this.path);
  }
}
