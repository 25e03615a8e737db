import { join } from "node:path";
import { z } from "zod";
import { FLEET_FILES } from "../fleet/fleet-files";
import { regionWithCluster, replicaMount, secretPathsIn } from "../fleet/fleet-parts";
import { readFleet } from "../fleet/read-fleet";
import type { Fleet } from "../fleet/schema";
import type { SigningKey } from "../signing/key";
import { nearestWord } from "../support/nearest";
import { printable } from "../support/printable";
import { Problems, UsageError } from "../support/problem";
import type { Secret } from "../support/secret";
import { HttpKvStore } from "../vault/http-kv-store";
import type { End, KvStore } from "../vault/kv-store";
import { tenantSecretPath } from "../vault/secret-path";
import { readTokens } from "../vault/vault-tokens";
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
  /** Where they are, for messages. */
  readonly addresses: Readonly<Record<End, string>>;
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
  const task =
    options.plan === undefined
      ? taskOfFleet(terminal, fleetPath, options.region)
      : taskOfPlan(terminal, await readPlan(planSchema));
  refuseUnknownPaths(options.confirm ?? [], task.paths);
  return task;
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
    ...endsAt({ primary, secondary }, tokens),
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
  const mount = replicaMount(fleet, cluster);
  const places = {
    primary: { address: fleet.vault.primary, mount: fleet.vault.mount },
    secondary: { address: fleet.vault.secondary, mount },
  };
  return {
    ...endsAt(places, readTokens(terminal.environment)),
    mount,
    paths: secretPathsIn(fleet, region.name),
    ...filesIn(loaded.folder),
    readKey: () => askForSigningKey(terminal, loaded),
  };
}

function endsAt(
  places: Readonly<Record<End, { readonly address: string; readonly mount: string }>>,
  tokens: Readonly<Record<End, Secret>>,
): Pick<VaultTask, End | "addresses"> {
  const store = (end: End) => {
    const { address, mount } = places[end];
    return new HttpKvStore({ end, address, mount, token: tokens[end] });
  };
  return {
    primary: store("primary"),
    secondary: store("secondary"),
    addresses: { primary: places.primary.address, secondary: places.secondary.address },
  };
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

/** A path that is misspelt would confirm nothing, without a word. */
function refuseUnknownPaths(confirmed: readonly string[], paths: readonly string[]): void {
  const problems = new Problems();
  for (const path of confirmed) {
    const isKnown = paths.some(
      (known) => known === path || (known.endsWith("/") && path.startsWith(known)),
    );
    if (isKnown) continue;
    const nearest = nearestWord(path, paths);
    problems.add(
      "--confirm",
      `${printable(path)} is no secret that a tenant here opted into`,
      nearest === undefined ? "take a path of atom vault plan" : `did you mean ${nearest}?`,
    );
  }
  problems.throwIfAny("choice");
}
