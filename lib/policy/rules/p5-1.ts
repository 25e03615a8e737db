import { ROLE_LABEL, TENANT_LABEL } from "../../kubernetes/labels";
import { PLATFORM_NAMESPACE, printable, tenantNamespace } from "../../kubernetes/names";
import type { Report } from "../evaluation/rule";
import { defineRule } from "../evaluation/rule";
import type { ObjectNode } from "../graph/graph";
import { valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import type { TenantSubject } from "../subjects/fact-subjects";
import { tenants } from "../subjects/fact-subjects";
import type { ObjectSubject } from "../subjects/subjects";
import type { ClusterNamespaces } from "../tenants/namespace-index";
import { clusterNamespaces, namespaceLabels } from "../tenants/namespace-index";

const TENANT_FIELD = `.metadata.labels["${TENANT_LABEL}"]`;
const ROLE_FIELD = `.metadata.labels["${ROLE_LABEL}"]`;

/** Tenants and their namespaces are one to one, on each cluster. */
export const p5Rule1 = defineRule<TenantSubject | ObjectSubject>({
  id: "P5-1",
  policy: "P5",
  severity: "critical",
  title: "every tenant has exactly one namespace, and every namespace one owner",
  why: "two tenants in a namespace share quota, secrets and network; a namespace of nobody has no rules",
  remediation: `label each namespace ${ROLE_LABEL}: tenant with its own ${TENANT_LABEL}, or ${ROLE_LABEL}: platform with none`,
  source:
    "kyverno namespace-inventory-check, require-labels; gatekeeper requiredlabels; kubescape C-0209",
  inHome: (home) => home.ofKind("Namespace"),
  subjects: tenants,
  check(subject, report, graph) {
    const index = clusterNamespaces(graph, subject.scope.cluster);
    if ("fact" in subject) {
      checkTenant(subject.fact.scope.tenant, index, report);
    } else {
      checkTwins(subject.node, index, report);
      checkOwner(subject.node, index, report);
    }
  },
});

function checkTenant(tenant: string, index: ClusterNamespaces, report: Report): void {
  const declared = index.declarations.get(tenant) ?? 0;
  if (declared > 1) report("", `is declared ${declared} times`);
  // More than one namespace is a finding on each of them.
  if (!index.idsByTenant.has(tenant)) report("", "has no namespace");
}

/** Other namespaces of the cluster with the same name or the same tenant. */
function checkTwins({ id, object }: ObjectNode, index: ClusterNamespaces, report: Report): void {
  const { tenant } = namespaceLabels(object);
  const name = valueAt(object, "metadata", "name");
  const namesakes = typeof name === "string" ? (index.countByName.get(name) ?? 0) : 0;
  if (namesakes > 1) {
    report(".metadata.name", `is the name of ${namesakes} namespaces`);
  }
  const owned = typeof tenant === "string" ? (index.idsByTenant.get(tenant) ?? []) : [];
  for (const twin of owned.filter((other) => other !== id)) {
    report(TENANT_FIELD, `the same tenant owns ${twin}`);
  }
}

function checkOwner(node: ObjectNode, index: ClusterNamespaces, report: Report): void {
  const { tenant, role } = namespaceLabels(node.object);
  const platform = valueAt(node.object, "metadata", "name") === PLATFORM_NAMESPACE;
  if (role === "platform") {
    checkPlatform(node, tenant, report);
  } else if (role !== "tenant" || platform) {
    const allowed = platform ? "platform" : "tenant and platform";
    report(ROLE_FIELD, `is ${shown(role)}; allowed is ${allowed}`);
  } else {
    const message = tenantFault(node, tenant, index);
    if (message !== undefined) report(TENANT_FIELD, message);
  }
}

function checkPlatform({ scope, object }: ObjectNode, tenant: unknown, report: Report): void {
  if (tenant !== undefined) {
    report(TENANT_FIELD, "is set on a namespace of the platform");
  } else if (scope.tenant !== undefined) {
    report(ROLE_FIELD, `is platform on a namespace of tenant ${printable(scope.tenant)}`);
  } else if (String(valueAt(object, "metadata", "name")).startsWith(tenantNamespace(""))) {
    // As the platform's it would be held to none of the rules for tenants.
    report(ROLE_FIELD, `is "platform" on a namespace with a tenant's name; allowed is tenant`);
  }
}

function tenantFault(
  { scope }: ObjectNode,
  tenant: unknown,
  { declarations }: ClusterNamespaces,
): string | undefined {
  if (typeof tenant !== "string" || tenant === "") return "names no tenant";
  if (scope.tenant !== undefined && scope.tenant !== tenant) {
    return `is ${printable(tenant)} on a namespace of tenant ${printable(scope.tenant)}`;
  }
  // Plain manifests declare no tenants; their labels are all there is.
  return declarations.size > 0 && !declarations.has(tenant)
    ? `${printable(tenant)} is no declared tenant`
    : undefined;
}
