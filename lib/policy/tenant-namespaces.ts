import type { ResourceGraph } from "./graph";
import { perGraph } from "./per-graph";
import { valueAt } from "./read";
import { objectsOfKind } from "./subjects";
import type { ObjectSubject } from "./subjects";

/** Every Namespace object that belongs to a tenant. */
export const tenantNamespaces = perGraph((graph): readonly ObjectSubject[] =>
  objectsOfKind(graph, "Namespace").filter(({ scope }) => scope.tenant !== undefined),
);

/**
 * Every object of a kind that a tenant brought, or that somebody else, the platform included, put
 * into a tenant's namespace.
 */
export function tenantObjects(graph: ResourceGraph, kind: string): readonly ObjectSubject[] {
  const owners = namespaceOwners(graph);
  return objectsOfKind(graph, kind).filter((subject) => {
    const { cluster, tenant } = subject.scope;
    return tenant !== undefined || owners.has(key(cluster, namespaceOf(subject)));
  });
}

/** The tenant whose namespace an object lives in; the tenant that brought it if that is not known. */
export function tenantOf(graph: ResourceGraph, subject: ObjectSubject): string | undefined {
  const { cluster, tenant } = subject.scope;
  return namespaceOwners(graph).get(key(cluster, namespaceOf(subject))) ?? tenant;
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
    if (name !== undefined) owners.set(key(subject.scope.cluster, name), subject.scope.tenant!);
  }
  return owners;
});

function key(cluster: string, namespace: string | undefined): string {
  return `${cluster}\n${namespace ?? ""}`;
}

/** Without a throw: these are looked up for all objects at once, of which one may be unreadable. */
function readText({ node }: ObjectSubject, field: "name" | "namespace"): string | undefined {
  try {
    const value = valueAt(node.object, "metadata", field);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
