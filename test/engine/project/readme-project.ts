import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONTEXT } from "../bed/control-plane";
import type { EngineContext } from "../context";
import { PulumiStack } from "./pulumi";
import { readmeExample } from "./readme";
import type { Outcome } from "./run-command";

export interface ReadmeProjectOptions {
  /** Folder whose `node_modules` the project uses. @default its own, which has to be there */
  readonly packages?: string;
  /** As `package.json` has it. @default CommonJS, as without a `type` */
  readonly type?: "module";
}

/** A user's project with the README's stack in it. Nothing is deployed from it. */
export class ReadmeProject {
  constructor(
    readonly folder: string,
    private readonly context: EngineContext,
  ) {}

  /** Writes it as a user would: the README's code, with a context and a registry that there are. */
  async write({ packages, type }: ReadmeProjectOptions = {}): Promise<this> {
    const { bed, project } = this.context;
    mkdirSync(this.folder, { recursive: true });
    this.#write("index.ts", onBed(readmeExample().stack, bed.securedRegistry.host));
    this.#write("Pulumi.yaml", "name: mine\nruntime: nodejs\n");
    for (const file of ["atom.lock.json", "atom.signatures.json", "cosign.pub"]) {
      copyFileSync(join(project, file), join(this.folder, file));
    }
    if (packages !== undefined) {
      this.#write("package.json", JSON.stringify({ name: "mine", private: true, type }));
      symlinkSync(join(packages, "node_modules"), join(this.folder, "node_modules"));
    }
    await this.#stack().must(["stack", "init", "dev"]);
    return this;
  }

  /** `pulumi preview` with the pack, by the command of the README. @param path @default that of the bed */
  preview(path?: string, more: readonly string[] = []): Promise<Outcome> {
    return this.#stack(path).preview({ policyPack: readmeExample().policyPack, more });
  }

  #stack(path = this.context.parts.path): PulumiStack {
    return new PulumiStack("dev", this.folder, {
      ...this.context.environment,
      PATH: path,
      PULUMI_BACKEND_URL: `file://${this.folder}`,
      // A shell has both.
      PWD: this.folder,
      ATOM_TRUSTED_KEYS: "cosign.pub",
    });
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }
}

/** Another kube context and another registry: all that a user has to change. */
function onBed(stack: string, registry: string): string {
  return replaced(replaced(stack, "prod-eu", CONTEXT), "registry.example:5000", registry);
}

function replaced(text: string, old: string, by: string): string {
  const [before, after, ...more] = text.split(old);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`the README's stack does not name '${old}' once`);
  }
  return before + by + after;
}
