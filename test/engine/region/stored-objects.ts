import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { pathOf } from "../bed/api-server";
import type { ApiResource, ApiServer, StoredObject } from "../bed/api-server";

/** What the API server has of a rendered object. */
export async function readStored(api: ApiServer, object: KubernetesObject): Promise<StoredObject> {
  const path = pathOf(await resourceOf(api, object), object.metadata);
  return withoutRecords(await api.json(path), object.metadata.name);
}

/** A rendered object with every default, by a dry run of making it under another name. */
export async function withDefaults(
  api: ApiServer,
  object: KubernetesObject,
): Promise<StoredObject> {
  const { namespace, name } = object.metadata;
  const collection = pathOf(await resourceOf(api, object), { namespace });
  const answer = await api.json<StoredObject>(`${collection}?dryRun=All`, {
    method: "POST",
    body: { ...object, metadata: { ...object.metadata, name: `${name}-dry-run` } },
  });
  return withoutRecords(answer, name);
}

/** The resource under which the API server keeps an object. */
export async function resourceOf(api: ApiServer, object: KubernetesObject): Promise<ApiResource> {
  const found = (await api.resources()).find(
    ({ groupVersion, kind, name }) =>
      groupVersion === object.apiVersion && kind === object.kind && !name.includes("/"),
  );
  if (found === undefined) throw new Error(`the API server serves no ${object.kind}`);
  return found;
}

/** Fields in which the API server and its controllers keep what happened to one object. */
const RECORDS: readonly (readonly [kind: string | undefined, ...path: string[]])[] = [
  [undefined, "status"],
  [undefined, "metadata", "uid"],
  [undefined, "metadata", "resourceVersion"],
  [undefined, "metadata", "creationTimestamp"],
  [undefined, "metadata", "managedFields"],
  [undefined, "metadata", "generation"],
  ["Namespace", "metadata", "labels", "kubernetes.io/metadata.name"],
  ["Deployment", "metadata", "annotations", "deployment.kubernetes.io/revision"],
  // Assigned from the cluster's range, one by one.
  ["Service", "spec", "clusterIP"],
  ["Service", "spec", "clusterIPs"],
];

function withoutRecords(object: StoredObject, name: string): StoredObject {
  const copy = structuredClone(object);
  for (const [kind, ...path] of RECORDS) {
    if (kind === undefined || kind === copy.kind) remove(copy, path);
  }
  return { ...copy, metadata: { ...copy.metadata, name } };
}

/** Takes a field out, and what is empty then. */
function remove(holder: unknown, [field = "", ...rest]: readonly string[]): void {
  if (typeof holder !== "object" || holder === null || !(field in holder)) return;
  const members = holder as Record<string, unknown>;
  const member = members[field];
  if (rest.length > 0) remove(member, rest);
  if (rest.length === 0 || (typeof member === "object" && Object.keys(member ?? {}).length === 0)) {
    delete members[field];
  }
}
