import { scopeOf } from "../../kubernetes/kinds";
import { printable, tenantNamespace } from "../../kubernetes/names";
import { defineRule } from "../evaluation/rule";
import type { ResourceGraph, Scope } from "../graph/graph";
import { valueAt } from "../reading/read";
import type { ObjectSubject } from "../subjects/subjects";
import { objects } from "../subjects/subjects";
import { clusterNamespaces } from "../tenants/namespace-index";

/** Every namespaced object says where it lives, and lives at its owner's. */
export const p5Rule2 = defineRule<ObjectSubject>({
  id: "P5-2",
  policy: "P5",
  severity: "critical",
  title: "every namespaced object names its owner's own namespace",
  why: "an object without a namespace lands in whatever the kube context says, one with another's in another's data",
  remediation:
    "set metadata.namespace to the tenant's namespace, or to the platform's for its own objects",
  source: "kyverno disallow-default-namespace; checkov CKV_K8S_21; kubescape C-0061, C-0212",
  inHome: (home) =>
    objects(home).filter((subject) => subject.failure !== undefined || isNamespaced(subject)),
  check({ scope, node }, report, graph) {
    const field = ".metadata.namespace";
    const namespace = valueAt(node.object, "metadata", "namespace");
    if (namespace === undefined || namespace === "") {
      report(field, "is not set");
      return;
    }
    const own = ownNamespaces(graph, scope);
    if (typeof namespace !== "string") {
      report(field, "is no text");
    } else if (!own.includes(namespace)) {
      report(field, `is ${printable(namespace)}; allowed is ${own.map(printable).join(" or ")}`);
    }
  },
});

function isNamespaced({ node: { object } }: ObjectSubject): boolean {
  try {
    const version: unknown = object.apiVersion;
    const scope = typeof version === "string" ? scopeOf(object) : undefined;
    if (scope !== undefined) return scope === "Namespaced";
    // Of a kind that nobody knows, one that names a namespace lives in it.
    return valueAt(object, "metadata", "namespace") !== undefined;
  } catch {
    // What is not known may be.
    return true;
  }
}

/** Where a scope's objects may live: what is labelled as its own, else what it would be named. */
function ownNamespaces(graph: ResourceGraph, { cluster, tenant }: Scope): readonly string[] {
  const { namesByTenant, platformNames } = clusterNamespaces(graph, cluster);
  if (tenant === undefined) return [...platformNames];
  return namesByTenant.get(tenant) ?? [tenantNamespace(tenant)];
}
