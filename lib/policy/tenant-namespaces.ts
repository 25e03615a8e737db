import { namespaceKey } from "./graph";
import type { ResourceGraph } from "./graph";
import { perGraph } from "./per-graph";
import { valueAt } from "./read";
import { containers, objectsOfKind } from "./subjects";
import type { ContainerSubject, ObjectSubject } from "./subjects";

/** Every Namespace object that belongs to a tenant. */
export const tenantNamespaces = perGraph((graph): readonly ObjectSubject[] =>
  objectsOfKind(graph, "Namespace").filter(({ scope }) => scope.tenant !== undefined),
);

/**
 * Every object of a kind that a tenant brought, or that somebody else, the platform included, put
 * into a tenant's namespace.
 */
export function tenantObjects(graph: ResourceGraph, kind: string): readonly ObjectSubject[] {
  const kinds = tenantObjectsByKind(graph);
  let found = kinds.get(kind);
  if (!found) {
    found = objectsOfKind(graph, kind).filter((one) => isTenants(graph, one));
    kinds.set(kind, found);
  }
  return found;
}

/** Whether a tenant brought an object, or it lives in a tenant's namespace. */
function isTenants(graph: ResourceGraph, subject: ObjectSubject): boolean {
  return subject.scope.tenant !== undefined || tenantOf(graph, subject) !== undefined;
}

/** For the kinds that were asked for: several rules look at the same ones. */
const tenantObjectsByKind = perGraph(() => new Map<string, readonly ObjectSubject[]>());

/** Every container of a tenant's pods, and of pods that somebody else put into its namespace. */
export const tenantContainers = perGraph((graph): readonly ContainerSubject[] =>
  containers(graph).filter((container) => tenantOf(graph, container) !== undefined),
);

/** The tenant whose namespace an object lives in; the tenant that brought it if that is not known. */
export function tenantOf(graph: ResourceGraph, subject: ObjectSubject): string | undefined {
  const { cluster, tenant } = subject.scope;
  return namespaceOwners(graph).get(namespaceKey(cluster, namespaceOf(subject))) ?? tenant;
}

/** The tenant that owns a namespace of a cluster, as far as the graph has its Namespace. */
export function namespaceOwner(
  graph: ResourceGraph,
  cluster: string,
  namespace: string,
): string | undefined {
  return namespaceOwners(graph).get(namespaceKey(cluster, namespace));
}

/** The name of an object, as far as it can be read. */
export function nameOf(subject: ObjectSubject): string | undefined {
  return readText(subject, "name");
}

/** The namespace that an object says it lives in, as far as it can be read. */
export function namespaceOf(subject: ObjectSubject): string | undefined {
  return readText(subject, "namespace");
}

const namespaceOwners = perGraph((graph): ReadonlyMap<string, string> => {
  const owners = new Map<string, string>();
  for (const subject of tenantNamespaces(graph)) {
    const name = nameOf(subject);
    if (name !== undefined)
      owners.set(namespaceKey(subject.scope.cluster, name), subject.scope.tenant!);
  }
  return owners;
});

/** Without a throw: these are looked up for all objects at once, of which one may be unreadable. */
function readText({ node }: ObjectSubject, field: "name" | "namespace"): string | undefined {
  try {
    const value = valueAt(node.object, "metadata", field);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
