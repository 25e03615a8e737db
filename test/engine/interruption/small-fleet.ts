import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { Fleet } from "../../../lib/fleet/schema";
import type { EngineContext } from "../context";

const BESIDE = [
  "Pulumi.yaml",
  "atom.lock.json",
  "atom.signatures.json",
  "cosign.pem",
  "cosign.pub",
];

/** A project of its own with the same fleet, but for one tenant that has one service only. */
export class SmallFleet {
  readonly folder: string;
  #fleet: Fleet;

  constructor({ folder, project }: EngineContext, tenant: string) {
    this.folder = mkdtempSync(join(folder, "small-fleet-"));
    this.#fleet = parse(readFileSync(join(project, "atom.yaml"), "utf8")) as Fleet;
    for (const file of BESIDE) copyFileSync(join(project, file), join(this.folder, file));
    symlinkSync(join(project, "node_modules"), join(this.folder, "node_modules"));
    const services = {
      api: { secrets: ["database"] },
      ...Object.fromEntries(["console", "scheduler", "worker"].map((off) => [off, OFF])),
    };
    const tenants = this.#fleet.tenants.map((declared) =>
      declared.name === tenant ? { ...declared, services } : declared,
    );
    this.change({ tenants });
  }

  change(change: Partial<Fleet>): void {
    this.#fleet = { ...this.#fleet, ...change };
    writeFileSync(join(this.folder, "atom.yaml"), stringify(this.#fleet));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

const OFF = { enabled: false };
