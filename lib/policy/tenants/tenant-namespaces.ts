import type { ResourceGraph } from "../graph/graph";
import { Home } from "../graph/home";
import { homes } from "../graph/homes";
import { valueAt } from "../reading/read";
import { listed, objectsOfKind } from "../subjects/subjects";
import type { ObjectSubject, Part } from "../subjects/subjects";

/** Every Namespace object that belongs to a tenant. */
export const tenantNamespaces = listed((home): readonly ObjectSubject[] =>
  home.ofKind("Namespace").filter(({ scope }) => scope.tenant !== undefined),
);

/**
 * Every object of a kind that a tenant brought, or that somebody else, the platform included, put
 * into a tenant's namespace.
 */
export function tenantObjects(part: Part, kind: string): readonly ObjectSubject[] {
  return tenantsOwn(part, objectsOfKind(part, kind));
}

/** The same as a rule's look-up. */
export function ofTenants(kind: string): (home: Home) => readonly ObjectSubject[] {
  return (home) => tenantObjects(home, kind);
}

/** Those of some subjects that are tenants'; in a tenant's namespace all are. */
export function tenantsOwn<S extends ObjectSubject>(part: Part, some: readonly S[]): readonly S[] {
  return part instanceof Home && part.owner !== undefined ? some : some.filter(isTenants);
}

/** Whether a tenant brought an object, or it lives in a tenant's namespace. */
export function isTenants({ scope, home }: ObjectSubject): boolean {
  return scope.tenant !== undefined || home.owner !== undefined;
}

/** The tenant whose namespace an object lives in; the tenant that brought it if that is not known. */
export function tenantOf({ scope, home }: ObjectSubject): string | undefined {
  return home.owner ?? scope.tenant;
}

/** The tenant that owns a namespace of a cluster, as far as the graph has its Namespace. */
export function namespaceOwner(
  graph: ResourceGraph,
  cluster: string,
  namespace: string,
): string | undefined {
  return homes(graph).at(cluster, namespace).owner;
}

/**
 * The objects of a kind in the namespace that a Namespace makes.
 *
 * @throws UndecidedError if its name is not known.
 */
export function inNamespaceOf({ node, home }: ObjectSubject, kind: string) {
  const name = valueAt(node.object, "metadata", "name");
  return typeof name === "string" ? home.ofKind(kind) : [];
}
