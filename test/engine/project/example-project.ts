import { copyFileSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { simulate } from "../../../lib/simulation/simulate";
import { packageRoot } from "../../../lib/support/package-root";
import type { EngineContext } from "../context";
import { PulumiStack } from "./pulumi";
import type { Outcome } from "./run-command";

/** Of the repository, what the example uses. It is as it was built last. */
const SHARED = ["dist", "node_modules", "package.json", "policy-pack", "tsconfig.json"];

/** Names the context that the example's cluster has; nobody listens there. */
const KUBECONFIG = `apiVersion: v1
kind: Config
clusters: [{ name: eu, cluster: { server: "https://127.0.0.1:1" } }]
users: [{ name: eu, user: {} }]
contexts: [{ name: prod-eu, context: { cluster: eu, user: eu } }]
`;

/** `examples/stack/` in a repository, as whoever tries it has it. */
export class ExampleProject {
  readonly #folder: string;

  constructor(
    private readonly repository: string,
    private readonly context: EngineContext,
  ) {
    this.#folder = join(repository, "examples", "stack");
  }

  async write(): Promise<void> {
    mkdirSync(this.repository, { recursive: true });
    for (const name of SHARED) symlinkSync(join(packageRoot(), name), join(this.repository, name));
    cpSync(join(packageRoot(), "examples", "stack"), this.#folder, { recursive: true });
    const fleetPath = join(packageRoot(), "examples", "fleet", "atom.yaml");
    await simulate({ fleetPath, out: this.repository, environment: {}, port: 0 });
    for (const file of ["atom.lock.json", "atom.signatures.json", "cosign.pub"]) {
      copyFileSync(join(this.repository, ".atom", "simulation", file), join(this.#folder, file));
    }
    writeFileSync(join(this.#folder, "kubeconfig"), KUBECONFIG);
    await this.#stack().must(["stack", "init", "dev"]);
  }

  /** The command of its README. */
  preview(): Promise<Outcome> {
    return this.#stack().preview({ policyPack: "../../policy-pack", more: ["--json"] });
  }

  #stack(): PulumiStack {
    return new PulumiStack("dev", this.#folder, {
      ...this.context.environment,
      PULUMI_BACKEND_URL: `file://${this.#folder}`,
      KUBECONFIG: join(this.#folder, "kubeconfig"),
      PWD: this.#folder,
      ATOM_TRUSTED_KEYS: "cosign.pub",
    });
  }
}
