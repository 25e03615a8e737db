import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { mustRun, runCommand } from "./run-command";
import type { CommandOptions, Outcome } from "./run-command";

export interface PulumiOptions extends Partial<CommandOptions> {
  /** @default - the library's policy pack */
  readonly policyPack?: string | false;
  readonly more?: readonly string[];
}

/** One resource of a stack's state, as far as tests look at it. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
}

/** `pulumi` on one stack of a project, as a person would type it. */
export class PulumiStack {
  constructor(
    readonly name: string,
    private readonly folder: string,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  /**
   * Makes the stack. Its Vault tokens are the environment's, as the README advises, or secrets of its
   * configuration.
   */
  async init(tokens: "of the environment" | "of the configuration" = "of the configuration") {
    await this.must(["stack", "init", this.name]);
    if (tokens === "of the configuration") {
      await this.setSecret("atom:vaultPrimaryToken", this.environment["VAULT_PRIMARY_TOKEN"]);
      await this.setSecret("atom:vaultSecondaryToken", this.environment["VAULT_SECONDARY_TOKEN"]);
    }
    return this;
  }

  async setSecret(key: string, value = ""): Promise<void> {
    await this.must(["config", "set", "--secret", key, "--stack", this.name], { stdin: value });
  }

  preview(options?: PulumiOptions): Promise<Outcome> {
    return this.#update(["preview"], options);
  }

  up(options?: PulumiOptions): Promise<Outcome> {
    return this.#update(["up", "--yes", "--skip-preview"], options);
  }

  refresh(options?: PulumiOptions): Promise<Outcome> {
    return this.#update(["refresh", "--yes", "--skip-preview"], { policyPack: false, ...options });
  }

  /** As somebody does who means it: what is protected is unprotected first. */
  async destroy(options?: PulumiOptions): Promise<Outcome> {
    // Of a stack without a resource, or that a killed run has locked, the destroy tells.
    await this.run(["state", "unprotect", "--all", "--yes", "--stack", this.name]);
    return this.#update(["destroy", "--yes", "--skip-preview"], { policyPack: false, ...options });
  }

  /**
   * Destroys what the stack made and forgets the stack, whatever state a test left it in.
   *
   * @throws Error if something is left that no state knows of any more.
   */
  async discard(): Promise<void> {
    if (!existsSync(this.stateFile())) return;
    await this.run(["cancel", "--yes", "--stack", this.name]);
    const { code, stdout, stderr } = await this.destroy();
    await this.run(["stack", "rm", "--yes", "--force", "--stack", this.name]);
    if (code !== 0) throw new Error(`${this.name} is not destroyed:\n${stdout}\n${stderr}`);
  }

  /** Where the state lies on disk. */
  stateFile(): string {
    const backend = this.environment["PULUMI_BACKEND_URL"]?.replace("file://", "") ?? "";
    return join(backend, ".pulumi", "stacks", "atom", `${this.name}.json`);
  }

  /** The state as it lies on disk, secrets encrypted. */
  stateText(): string {
    const file = this.stateFile();
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  resources(): StateResource[] {
    const state = JSON.parse(this.stateText()) as {
      checkpoint: { latest?: { resources?: StateResource[] } };
    };
    return state.checkpoint.latest?.resources ?? [];
  }

  /** Any other `pulumi` command. */
  run(argv: readonly string[], options: Partial<CommandOptions> = {}): Promise<Outcome> {
    return runCommand("pulumi", [...argv, "--non-interactive"], this.#options(options));
  }

  /** @throws Error with what it printed if it fails. */
  must(argv: readonly string[], options: Partial<CommandOptions> = {}): Promise<string> {
    return mustRun("pulumi", [...argv, "--non-interactive"], this.#options(options));
  }

  #update(verb: readonly string[], options: PulumiOptions = {}): Promise<Outcome> {
    const { policyPack = "node_modules/atom-selfhost/policy-pack", more = [], ...rest } = options;
    const pack = policyPack === false ? [] : ["--policy-pack", policyPack];
    return this.run([...verb, "--stack", this.name, ...pack, ...more], rest);
  }

  #options(options: Partial<CommandOptions>): CommandOptions {
    return { folder: this.folder, environment: this.environment, ...options };
  }
}

/**
 * Discards stacks in this order, all of them, also after one that fails.
 *
 * @throws Error of the first that failed.
 */
export async function discardAll(stacks: readonly PulumiStack[]): Promise<void> {
  const failures: unknown[] = [];
  for (const stack of stacks) await stack.discard().catch((error) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
