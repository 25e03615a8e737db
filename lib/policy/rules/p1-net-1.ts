import { defineRule } from "../evaluation/rule";
import { listAt, recordAt, textsAt } from "../reading/read";
import { isOfGroup, someOf } from "../subjects/candidates";
import type { ObjectSubject } from "../subjects/subjects";
import { inNamespaceOf, tenantNamespaces } from "../tenants/tenant-namespaces";

/** Every tenant's namespace denies all traffic that no other policy allows. */
export const p1Net1 = defineRule({
  id: "P1-NET-1",
  policy: "P1",
  severity: "critical",
  title: "every tenant's namespace denies by default what goes in and out",
  why: "without a default-deny, a pod that no other policy selects talks to every pod of the cluster",
  remediation:
    "add a NetworkPolicy default-deny with podSelector {}, policyTypes [Ingress, Egress] and no rule",
  source:
    "kyverno best-practices/add-network-policy; kubescape C-0030, C-0054, C-0260; checkov CKV2_K8S_6; polaris missingNetworkPolicy",
  inHome: tenantNamespaces,
  check(namespace, report) {
    if (!someOf(inNamespaceOf(namespace, "NetworkPolicy"), deniesAll)) {
      report("", "no NetworkPolicy denies all ingress and egress of every pod");
    }
  },
});

function deniesAll(policy: ObjectSubject): boolean {
  const { object } = policy.node;
  if (!isOfGroup(policy, "networking.k8s.io")) return false;
  const types = textsAt(object, "spec", "policyTypes");
  return (
    selectsEveryPod(object) &&
    // Left out, the types are guessed from the rules, and egress is not among them.
    types.includes("Ingress") &&
    types.includes("Egress") &&
    listAt(object, "spec", "ingress").length === 0 &&
    listAt(object, "spec", "egress").length === 0
  );
}

function selectsEveryPod(policy: unknown): boolean {
  const selector = recordAt(policy, "spec", "podSelector");
  if (selector === undefined) return false;
  const labels = recordAt(selector, "matchLabels") ?? {};
  return Object.keys(labels).length === 0 && listAt(selector, "matchExpressions").length === 0;
}
