import { defineRule } from "../evaluation/rule";
import { podSelectorOf } from "../network/network-objects";
import { valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import { isOfGroup } from "../subjects/candidates";
import { ofTenants } from "../tenants/tenant-namespaces";

export const DEFAULT_DENY = "default-deny";

/** Only the default-deny selects every pod, and everybody finds it by its name. */
export const p1Net2 = defineRule({
  id: "P1-NET-2",
  policy: "P1",
  severity: "medium",
  title: "the one network policy of a tenant that selects every pod is named default-deny",
  why: "an allowance for every pod also reaches those that nobody thought of, and a default-deny of another name is taken for one",
  remediation: `name the default-deny ${DEFAULT_DENY}, and let each other policy select the pods it is for by a label`,
  source: "kyverno other/restrict-networkpolicy-empty-podselector",
  inHome: ofTenants("NetworkPolicy"),
  check(policy, report) {
    // Another group's policy has selectors of its own; P1-NET-8 refuses it.
    if (!isOfGroup(policy, "networking.k8s.io")) return;
    // Left out, the selector reads as an empty one.
    if (podSelectorOf(policy).length > 0) return;
    const name = valueAt(policy.node.object, "metadata", "name");
    if (name === DEFAULT_DENY) return;
    report(
      ".spec.podSelector",
      `selects every pod, in a policy named ${shown(name)}; allowed is ${DEFAULT_DENY}`,
    );
  },
});
