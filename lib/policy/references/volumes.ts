import { printable } from "../../kubernetes/names";
import { groupBy } from "../../support/group-by";
import type { ResourceGraph } from "../graph/graph";
import { perGraph } from "../graph/per-graph";
import { valueAt } from "../reading/read";
import { UndecidedError } from "../reading/unknown";
import { isOfGroup, undecidedBy } from "../subjects/candidates";
import { clusterObjects, nameKey } from "../subjects/cluster-objects";
import { objectsOfKind } from "../subjects/subjects";
import type { ObjectSubject } from "../subjects/subjects";

/**
 * The namespaces that use a volume beside one's own: by the claim it is bound to, by claims that
 * name it, and by other volumes of the same storage.
 *
 * @throws UndecidedError if the graph does not hold the volume, or something of it cannot be read.
 */
export function otherUsersOf(
  graph: ResourceGraph,
  { cluster, volume, own }: { cluster: string; volume: string; own: unknown },
): readonly string[] {
  const found = volumes.named(graph, cluster, volume);
  if (found.length === 0) {
    throw new UndecidedError("", `PersistentVolume ${printable(volume)} is not in the graph`);
  }
  const users = new Set<unknown>();
  for (const claim of claims(graph).get(nameKey(cluster, volume)) ?? []) {
    users.add(valueAt(claim.node.object, "metadata", "namespace"));
  }
  for (const one of found) addUsers(graph, one, users);
  return [...users].filter((user): user is string => typeof user === "string" && user !== own);
}

function addUsers(graph: ResourceGraph, volume: ObjectSubject, users: Set<unknown>): void {
  try {
    // Throws where its group is not known.
    if (!isOfGroup(volume, "")) return;
    users.add(boundTo(volume));
    const storage = storageOf(volume);
    for (const other of storage === undefined ? [] : (byStorage(graph).get(storage) ?? [])) {
      users.add(boundTo(other));
    }
  } catch (error) {
    throw undecidedBy(volume, error);
  }
}

function boundTo({ node }: ObjectSubject): unknown {
  return valueAt(node.object, "spec", "claimRef", "namespace");
}

const volumes = clusterObjects("PersistentVolume", "");

/** The claims that name a volume, by that volume. */
const claims = perGraph((graph) =>
  groupBy(objectsOfKind(graph, "PersistentVolumeClaim"), (claim) =>
    nameKey(
      claim.scope.cluster,
      readable(claim, () => valueAt(claim.node.object, "spec", "volumeName")),
    ),
  ),
);

/** The volumes by what is behind them; those whose storage is of another kind apart. */
const byStorage = perGraph((graph) =>
  groupBy(volumes.all(graph), (volume) => readable(volume, () => storageOf(volume))),
);

/** What tells one piece of storage from another: a driver's handle, or a share of a server. */
function storageOf({ scope, node: { object } }: ObjectSubject): string | undefined {
  for (const [source, ...fields] of [
    ["csi", "driver", "volumeHandle"],
    ["nfs", "server", "path"],
  ] as const) {
    const values = fields.map((field) => valueAt(object, "spec", source, field));
    if (values.every((value) => typeof value === "string")) {
      return [scope.cluster, source, ...values].join("\n");
    }
  }
  return undefined;
}

/** Without a throw: all are looked up at once, of which one may be unreadable. */
function readable(subject: ObjectSubject, read: () => unknown): unknown {
  try {
    return subject.failure === undefined ? read() : undefined;
  } catch {
    return undefined;
  }
}
