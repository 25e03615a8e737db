import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KeyPair } from "./certificates";
import { Service } from "./service";
import type { ServiceOptions } from "./service";

/** Where a bed keeps its files, and what it has started there. */
export class BedFolder {
  readonly #started: Service[] = [];
  #stopped = false;

  constructor(readonly path: string) {
    mkdirSync(join(path, "logs"), { recursive: true });
  }

  /** The path of a folder, which is made. */
  folder(name: string): string {
    const path = join(this.path, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** Writes a file that only its owner can read. */
  write(name: string, content: string): string {
    const path = join(this.path, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  /** Writes `<name>.crt` and `<name>.key`. */
  writePair(name: string, { certificate, privateKey }: KeyPair): { cert: string; key: string } {
    return {
      cert: this.write(`${name}.crt`, certificate),
      key: this.write(`${name}.key`, privateKey),
    };
  }

  /** @throws Error after {@link stop}: what is still being set up then must not start anything more. */
  start(options: Pick<ServiceOptions, "name" | "command" | "argv" | "environment">): Service {
    if (this.#stopped) throw new Error(`${options.name} is not started: the bed has been stopped`);
    const service = new Service({
      ...options,
      // A temporary file that a service leaves goes with the bed.
      environment: { TMPDIR: this.folder("tmp"), ...options.environment },
      folder: this.path,
      logPath: join(this.path, "logs", `${options.name}.log`),
    });
    this.#started.push(service);
    return service;
  }

  /** Ends everything. Nothing of it is to be used again, so nobody has to be asked twice. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#started.splice(0).map((service) => service.stop()));
  }
}
