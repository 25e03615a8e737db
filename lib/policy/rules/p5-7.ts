import { apiGroup } from "../../kubernetes/kinds";
import { groupBy } from "../../support/group-by";
import { defineRule } from "../evaluation/rule";
import { perHome } from "../graph/home";
import type { ObjectSubject } from "../graph/home";
import { valueAt } from "../reading/read";
import { nameOf, objects, versionOf } from "../subjects/subjects";

/**
 * No two objects bear one name: whoever applies them has the later one in place of the other, and a
 * rule that one of them keeps would hold for nothing. Two Namespaces are P5-1's finding.
 */
export const p5Rule7 = defineRule({
  id: "P5-7",
  policy: "P5",
  severity: "critical",
  title: "no two objects of a kind have one name in one namespace",
  why: "the one that is applied last is what the cluster has: a second default-deny or quota takes the first one's place",
  remediation: "leave one of them out, or give it a name of its own",
  source: "Kubernetes, Object Names and IDs; no tool checks this",
  inHome: objects,
  check(subject, report) {
    const { node, home } = subject;
    // Throws where it is not known: it may be that of another.
    if (valueAt(node.object, "metadata", "name") === undefined) return;
    const count = namesakes(home).get(subject) ?? 1;
    if (count > 1) report(".metadata.name", `is the name of ${count} objects of this kind`);
  },
});

/** How many objects have the kind, group and name of one; of those that are not alone. */
const namesakes = perHome((home): ReadonlyMap<ObjectSubject, number> => {
  const found = new Map<ObjectSubject, number>();
  for (const kind of home.kinds) {
    const alike = home.ofKind(kind);
    if (alike.length < 2 || kind === "Namespace") continue;
    for (const [name, sameName] of groupBy(alike, nameOf)) {
      if (name === undefined || sameName.length === 1) continue;
      for (const [group, others] of groupBy(sameName, groupOf)) {
        if (group === undefined || others.length === 1) continue;
        for (const subject of others) found.set(subject, others.length);
      }
    }
  }
  return found;
});

/** Undefined where it is not known, which P1-RBAC-2 says; the check says so of the name. */
function groupOf(subject: ObjectSubject): string | undefined {
  const version = versionOf(subject);
  return version === undefined ? undefined : apiGroup(version);
}
