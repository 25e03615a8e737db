import { ROLE_LABEL, TENANT_LABEL } from "../../kubernetes/labels";
import { PLATFORM_NAMESPACE } from "../../kubernetes/names";
import type { KubernetesObject } from "../../kubernetes/object";
import { groupBy } from "../../support/group-by";
import type { ResourceGraph } from "../graph/graph";
import { perGraph } from "../graph/per-graph";
import { isNamespace } from "../graph/place";
import { valueAt } from "../reading/read";
import { recordOf } from "../reading/shape";

/**
 * Who owns what on one cluster, by what is known of the Namespaces' names and labels. A label that
 * is unknown, or no text, counts for nobody; the rule that looks at its Namespace says so.
 */
export interface ClusterNamespaces {
  /** Ids of the tenants' Namespaces, by the tenant their label names. */
  readonly idsByTenant: ReadonlyMap<string, readonly string[]>;
  /** Names of the tenants' Namespaces, by the tenant their label names. */
  readonly namesByTenant: ReadonlyMap<string, readonly string[]>;
  /** Names of the platform's Namespaces, its own among them whether it is in the graph or not. */
  readonly platformNames: ReadonlySet<string>;
  /** How many Namespaces bear a name. */
  readonly countByName: ReadonlyMap<string, number>;
  /** How often each tenant was declared. */
  readonly declarations: ReadonlyMap<string, number>;
}

const indices = perGraph(() => new Map<string, ClusterNamespaces>());

/** The index of one cluster; made once a graph. */
export function clusterNamespaces(graph: ResourceGraph, cluster: string): ClusterNamespaces {
  const clusters = indices(graph);
  let index = clusters.get(cluster);
  if (!index) clusters.set(cluster, (index = indexOf(graph, cluster)));
  return index;
}

/** Of all clusters at once: a fleet has as many as it likes. */
const namespacesByCluster = perGraph((graph) =>
  groupBy(
    graph.objects.filter(({ object }) => isNamespace(object)),
    ({ scope }) => scope.cluster,
  ),
);

function indexOf(graph: ResourceGraph, cluster: string): ClusterNamespaces {
  const idsByTenant = new Map<string, string[]>();
  const namesByTenant = new Map<string, string[]>();
  const platformNames = new Set([PLATFORM_NAMESPACE]);
  const countByName = new Map<string, number>();
  for (const { id, object } of namespacesByCluster(graph).get(cluster) ?? []) {
    const name: unknown = recordOf(object.metadata)["name"];
    if (typeof name !== "string") continue;
    countByName.set(name, (countByName.get(name) ?? 0) + 1);
    const labels = recordOf(recordOf(object.metadata)["labels"]);
    const { [TENANT_LABEL]: tenant, [ROLE_LABEL]: role } = labels;
    if (role === "platform") platformNames.add(name);
    if (typeof tenant !== "string") continue;
    idsByTenant.set(tenant, [...(idsByTenant.get(tenant) ?? []), id]);
    namesByTenant.set(tenant, [...(namesByTenant.get(tenant) ?? []), name]);
  }
  const declarations = new Map<string, number>();
  for (const { scope } of graph.tenants) {
    if (scope.cluster !== cluster) continue;
    declarations.set(scope.tenant, (declarations.get(scope.tenant) ?? 0) + 1);
  }
  return { idsByTenant, namesByTenant, platformNames, countByName, declarations };
}

/**
 * What a Namespace says of itself.
 *
 * @throws UndecidedError for an unknown label of a guarded object, MalformedError for an odd shape.
 */
export function namespaceLabels(namespace: KubernetesObject): {
  readonly tenant: unknown;
  readonly role: unknown;
} {
  const label = (key: string) => valueAt(namespace, "metadata", "labels", key);
  return { tenant: label(TENANT_LABEL), role: label(ROLE_LABEL) };
}
