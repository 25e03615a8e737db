import { canonicalJson } from "../support/canonical-json";
import type { PayloadComparison } from "./payload-comparison";
import { isPlaceholder } from "./payload";
import { ownMetadata } from "./replica-signature";
import type { SecretSet, SetVersion } from "./secret-set";

/** One call on the replica. A step names versions, never a value. */
export type ReplicationStep =
  /** Removes the replica with all its versions: for good, or to write it anew. */
  | { readonly action: "remove" | "reset" }
  /** Sets how many versions the replica keeps. */
  | { readonly action: "configure"; readonly maxVersions: number }
  /** Writes the next version: the primary's value, or a placeholder where that has none to read. */
  | {
      readonly action: "write";
      readonly version: number;
      readonly content: "value" | "placeholder";
    }
  | { readonly action: "undelete" | "delete" | "destroy"; readonly versions: readonly number[] }
  /** Writes the primary's custom metadata and the signature over the whole replica, in one call. */
  | { readonly action: "sign" };

export interface SecretComparison {
  readonly change: "create" | "update" | "rebuild" | "unchanged";
  readonly steps: readonly ReplicationStep[];
  /** Whether the steps remove a value from the replica that the primary does not have. */
  readonly losesValue: boolean;
}

/** Vault's own default. */
const DEFAULT_MAX_VERSIONS = 10;

/**
 * What it takes to make a replica equal to its primary. Versions that the primary no longer keeps
 * count as destroyed. A store numbers versions by itself and takes no value back, so a replica that
 * cannot be mended in place is rebuilt: removed and written anew.
 */
export function compareSecret(
  primary: SecretSet,
  replica: SecretSet | undefined,
  values: PayloadComparison,
): SecretComparison {
  if (replica === undefined) return { change: "create", steps: build(primary), losesValue: false };
  const misfits = misfitVersions(primary, replica, values);
  if (misfits.length > 0) {
    return {
      change: "rebuild",
      steps: [{ action: "reset" }, ...build(primary)],
      losesValue: misfits.some(holdsValue),
    };
  }
  const steps = mend(primary, replica);
  const described =
    canonicalJson(ownMetadata(primary.customMetadata)) ===
    canonicalJson(ownMetadata(replica.customMetadata));
  return steps.length === 0 && described
    ? { change: "unchanged", steps: [], losesValue: false }
    : { change: "update", steps: [...steps, { action: "sign" }], losesValue: false };
}

function build(primary: SecretSet): ReplicationStep[] {
  const nothing = { currentVersion: 0, maxVersions: 0, customMetadata: {}, versions: new Map() };
  return [...mend(primary, nothing), { action: "sign" }];
}

/** The replica's versions that no step can bring to the primary's state. */
function misfitVersions(
  primary: SecretSet,
  replica: SecretSet,
  values: PayloadComparison,
): (SetVersion | undefined)[] {
  const misfits: (SetVersion | undefined)[] = [];
  for (let number = 1; number <= replica.currentVersion; number += 1) {
    const [ours, theirs] = [primary.versions.get(number), replica.versions.get(number)];
    if (number > primary.currentVersion || !fits(ours, theirs, values)) misfits.push(theirs);
  }
  return misfits;
}

function fits(
  primary: SetVersion | undefined,
  replica: SetVersion | undefined,
  values: PayloadComparison,
): boolean {
  // Whatever the replica has can be deleted or destroyed in place.
  if (primary?.state !== "live") return true;
  if (replica?.state === "live") return values.equal(primary.payload, replica.payload);
  return replica?.state === "deleted";
}

function holdsValue(version: SetVersion | undefined): boolean {
  return version?.state === "live" && !isPlaceholder(version.payload);
}

/** The steps from a replica whose versions all fit. */
function mend(primary: SecretSet, replica: SecretSet): ReplicationStep[] {
  const steps: ReplicationStep[] = [];
  const maxVersions = wantedMaxVersions(primary);
  if (replica.maxVersions !== maxVersions) {
    steps.push({ action: "configure", maxVersions });
  }
  const versions = { undelete: [] as number[], delete: [] as number[], destroy: [] as number[] };
  for (let number = 1; number <= primary.currentVersion; number += 1) {
    const wanted = primary.versions.get(number)?.state ?? "destroyed";
    const isNew = number > replica.currentVersion;
    if (isNew) {
      const content = wanted === "live" ? "value" : "placeholder";
      steps.push({ action: "write", version: number, content });
    }
    const found = isNew ? "live" : (replica.versions.get(number)?.state ?? "destroyed");
    const change = stateChange(wanted, found);
    if (change !== undefined) versions[change].push(number);
  }
  for (const action of ["undelete", "destroy", "delete"] as const) {
    if (versions[action].length > 0) steps.push({ action, versions: versions[action] });
  }
  return steps;
}

function stateChange(
  wanted: SetVersion["state"],
  found: SetVersion["state"],
): "undelete" | "delete" | "destroy" | undefined {
  if (wanted === found) return undefined;
  if (wanted === "live") return "undelete";
  if (wanted === "destroyed") return "destroy";
  // Deleted there and destroyed here: neither can be read, and a destroyed one stays so.
  return found === "live" ? "delete" : undefined;
}

/** At least what the primary does keep: its mount and the replica's may be configured differently. */
function wantedMaxVersions(primary: SecretSet): number {
  const oldest = Math.min(...primary.versions.keys(), primary.currentVersion);
  const kept = primary.currentVersion - oldest + 1;
  return Math.max(primary.maxVersions || DEFAULT_MAX_VERSIONS, kept);
}
