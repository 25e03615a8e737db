import { join } from "node:path";
import { z } from "zod";
import { FLEET_FILES } from "../fleet/fleet-files";
import { regionWithCluster, replicaMount, secretPathsIn } from "../fleet/fleet-parts";
import { readFleet } from "../fleet/read-fleet";
import type { Fleet } from "../fleet/schema";
import type { SigningKey } from "../signing/key";
import { Problems, UsageError } from "../support/problem";
import { Secret } from "../support/secret";
import { HttpKvStore } from "../vault/http-kv-store";
import type { KvStore } from "../vault/kv-store";
import { tenantSecretPath } from "../vault/secret-path";
import type { PlanOption } from "./plan-option";
import { askForSigningKey } from "./signing-key";
import { readPlan } from "./standard-input";
import type { Terminal } from "./terminal";

/** What `atom vault plan` and `atom vault sync` take. */
export interface VaultOptions extends PlanOption {
  readonly region?: string;
  readonly confirm?: readonly string[];
  readonly json?: true;
}

/** One replica that is to be compared or made equal. */
export interface VaultTask {
  readonly primary: KvStore;
  readonly secondary: KvStore;
  /** The replica's mount, which its signatures name. */
  readonly mount: string;
  readonly paths: readonly string[];
  /** Folder of the log and its lock. */
  readonly folder: string;
  readonly logPath: string;
  /** Asked for only by a run that signs. */
  readonly readKey: () => Promise<SigningKey>;
}

const serverSchema = z.strictObject({
  address: z.string(),
  token: z.string().min(1).optional(),
  mount: z.string(),
});
const planSchema = z.strictObject({
  secrets: z.record(z.string(), z.array(z.string())),
  primary: serverSchema,
  secondary: serverSchema,
});

/**
 * What to replicate: from standard input, or from the fleet file and the tokens in the environment.
 *
 * @throws UsageError
 */
export async function readVaultTask(
  terminal: Terminal,
  fleetPath: string,
  options: VaultOptions,
): Promise<VaultTask> {
  return options.plan === undefined
    ? taskOfFleet(terminal, fleetPath, options.region)
    : taskOfPlan(terminal, await readPlan(planSchema));
}

function taskOfPlan(
  terminal: Terminal,
  { secrets, primary, secondary }: z.infer<typeof planSchema>,
): VaultTask {
  const tokens = readTokens(terminal.environment, {
    primary: primary.token,
    secondary: secondary.token,
  });
  return {
    primary: storeAt(primary, tokens.primary),
    secondary: storeAt(secondary, tokens.secondary),
    mount: secondary.mount,
    paths: Object.entries(secrets).flatMap(([tenant, names]) =>
      names.map((name) => tenantSecretPath(tenant, name)),
    ),
    ...filesIn(process.cwd()),
    readKey: () => askForSigningKey(terminal),
  };
}

function taskOfFleet(terminal: Terminal, fleetPath: string, chosen: string | undefined): VaultTask {
  const loaded = readFleet(fleetPath, terminal.environment);
  const { fleet } = loaded;
  const { region, cluster } = regionWithCluster(fleet, chosen ?? onlyRegion(fleet));
  const tokens = readTokens(terminal.environment);
  const mount = replicaMount(fleet, cluster);
  return {
    primary: storeAt({ address: fleet.vault.primary, mount: fleet.vault.mount }, tokens.primary),
    secondary: storeAt({ address: fleet.vault.secondary, mount }, tokens.secondary),
    mount,
    paths: secretPathsIn(fleet, region.name),
    ...filesIn(loaded.folder),
    readKey: () => askForSigningKey(terminal, loaded),
  };
}

function storeAt(place: { address: string; mount: string }, token: Secret): KvStore {
  return new HttpKvStore({ address: place.address, mount: place.mount, token });
}

function filesIn(folder: string): Pick<VaultTask, "folder" | "logPath"> {
  return { folder, logPath: join(folder, FLEET_FILES.vaultLog) };
}

function onlyRegion({ regions }: Fleet): string {
  if (regions.length === 1) return regions[0]!.name;
  const names = regions.map(({ name }) => name).join(", ");
  throw new UsageError("choice", [
    { path: "--region", message: `is missing; the fleet has: ${names}` },
  ]);
}

/**
 * The tokens for the two Vaults: those of a plan, or else the environment's. `VAULT_TOKEN`, which any
 * Vault client reads, is the secondary's: that is the server that a stack's own provider works on.
 *
 * @throws UsageError naming each variable that is not set.
 */
export function readTokens(
  environment: Terminal["environment"],
  planned: { readonly primary?: string | undefined; readonly secondary?: string | undefined } = {},
): { readonly primary: Secret; readonly secondary: Secret } {
  const problems = new Problems();
  const read = (variable: string, ...candidates: (string | undefined)[]) => {
    const token = candidates.find((candidate) => candidate !== undefined && candidate !== "");
    if (token === undefined) problems.add(variable, "is not set", `export ${variable}=<token>`);
    return Secret.of(token ?? "");
  };
  const { VAULT_PRIMARY_TOKEN, VAULT_SECONDARY_TOKEN, VAULT_TOKEN } = environment;
  const tokens = {
    primary: read("VAULT_PRIMARY_TOKEN", planned.primary, VAULT_PRIMARY_TOKEN),
    secondary: read("VAULT_SECONDARY_TOKEN", planned.secondary, VAULT_SECONDARY_TOKEN, VAULT_TOKEN),
  };
  problems.throwIfAny("environment");
  return tokens;
}
