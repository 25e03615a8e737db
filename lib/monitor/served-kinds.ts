import { isRecord, listOf, recordOf } from "../policy/reading/shape";
import type { KubeApi } from "../topology/kube-api";
import { KubeApiError } from "../topology/kube-api";
import { ask } from "./ask";
import { kubeApiError, scanFailure } from "./scan-failure";
import type { ScanKind } from "./scan-kinds";
import { SCAN_KINDS } from "./scan-kinds";

/** A kind of {@link SCAN_KINDS} as a cluster serves it. */
export interface ServedKind extends ScanKind {
  /** In the group's preferred version, if that has the kind: `apps/v1`. */
  readonly apiVersion: string;
  /** Where all its objects are: `/apis/apps/v1/deployments`. */
  readonly path: string;
}

/**
 * Which of the scanned kinds a cluster serves, its custom resources included.
 *
 * @throws UsageError if the cluster does not say.
 */
export async function servedKinds(api: KubeApi): Promise<readonly ServedKind[]> {
  try {
    const versions = await groupVersions(api);
    const served = new Map<string, ServedKind>();
    for (const [group, candidates] of versions) {
      for (const apiVersion of candidates) {
        for (const kind of await kindsIn(api, group, apiVersion)) {
          const key = resourceName(kind);
          if (!served.has(key)) served.set(key, kind);
        }
      }
    }
    return [...served.values()];
  } catch (error) {
    throw scanFailure(api, [{ what: "API discovery", error: kubeApiError(error) }]);
  }
}

/** A kind as roles and kubectl name it: `secrets`, `deployments.apps`. */
export function resourceName({ group, resource }: ScanKind): string {
  return group === "" ? resource : `${resource}.${group}`;
}

/** The scanned groups that a cluster has, each with its versions, the preferred one first. */
async function groupVersions(api: KubeApi): Promise<ReadonlyMap<string, readonly string[]>> {
  const known = new Set(SCAN_KINDS.map(({ group }) => group));
  const found = new Map<string, readonly string[]>([["", ["v1"]]]);
  const answer = await ask(api, "/apis");
  if (!isRecord(answer) || !Array.isArray(answer["groups"])) throw new KubeApiError("no groups");
  for (const group of listOf(answer["groups"]).map(recordOf)) {
    const { name, versions, preferredVersion } = group;
    if (typeof name !== "string" || !known.has(name)) continue;
    const all = [preferredVersion, ...listOf(versions)]
      .map((version) => recordOf(version)["groupVersion"])
      .filter((version) => typeof version === "string");
    found.set(name, [...new Set(all)]);
  }
  return found;
}

async function kindsIn(api: KubeApi, group: string, apiVersion: string): Promise<ServedKind[]> {
  const base = group === "" ? `/api/${apiVersion}` : `/apis/${apiVersion}`;
  const answer = await ask(api, base);
  if (!isRecord(answer) || !Array.isArray(answer["resources"])) {
    throw new KubeApiError("no resources");
  }
  const names = new Set(listOf(answer["resources"]).map((one) => recordOf(one)["name"]));
  return SCAN_KINDS.filter((known) => known.group === group && names.has(known.resource)).map(
    (known) => ({ ...known, apiVersion, path: `${base}/${known.resource}` }),
  );
}
