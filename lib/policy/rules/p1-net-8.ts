import { apiGroup } from "../../kubernetes/kinds";
import { printable } from "../../kubernetes/names";
import { defineRule } from "../evaluation/rule";
import type { Home } from "../graph/home";
import { MalformedError, valueAt } from "../reading/read";
import { ofTenants } from "../tenants/tenant-namespaces";

/** Kinds that open or close the network of the namespace that they are in. */
export const NAMESPACED = [
  "NetworkPolicy",
  "CiliumNetworkPolicy",
  "CiliumLocalRedirectPolicy",
  "EgressFirewall",
];

/** Kinds that act on the pods of every namespace, tenants' among them, and may overrule it. */
const CLUSTER_WIDE = [
  "AdminNetworkPolicy",
  "AdminPolicyBasedExternalRoute",
  "BaselineAdminNetworkPolicy",
  "CiliumClusterwideNetworkPolicy",
  "CiliumEgressGatewayPolicy",
  "ClusterNetworkPolicy",
  "GlobalNetworkPolicy",
];

/** Only Kubernetes' own NetworkPolicies decide who reaches a tenant's pods. */
export const p1Net8 = defineRule({
  id: "P1-NET-8",
  policy: "P1",
  severity: "high",
  title: "no network policy of another kind than NetworkPolicy acts on a tenant's pods",
  why: "a policy of Cilium, Calico, Antrea, OVN or the cluster's administrator may allow what a default-deny forbids, and no rule reads it",
  remediation:
    "write it as a NetworkPolicy of networking.k8s.io, or waive this rule by the object's id once you have looked at what it allows",
  source:
    "docs.cilium.io: Network Policy; docs.tigera.io: GlobalNetworkPolicy; network-policy-api.sigs.k8s.io: AdminNetworkPolicy; kubescape ensure_network_policy_configured_in_labels",
  inHome: [
    ...NAMESPACED.map(ofTenants),
    ...CLUSTER_WIDE.map((kind) => (home: Home) => home.ofKind(kind)),
  ],
  check({ node: { object } }, report) {
    const version = valueAt(object, "apiVersion");
    if (typeof version !== "string") throw new MalformedError(".apiVersion", "is no text");
    const group = apiGroup(version);
    if (object.kind === "NetworkPolicy" && group === "networking.k8s.io") return;
    report(".kind", `${printable(`${group}/${object.kind}`)} allows and denies what no rule reads`);
  },
});
