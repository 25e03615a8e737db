import { apiGroup } from "../../kubernetes/kinds";
import { perHome } from "../home";
import type { ObjectSubject } from "../home";
import { valueAt } from "../read";
import { defineRule } from "../rule";
import { nameOf, objects } from "../subjects";

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
    const byName = new Map<string, ObjectSubject[]>();
    for (const subject of alike) {
      const key = keyOf(subject);
      if (key === undefined) continue;
      const others = byName.get(key);
      if (others) others.push(subject);
      else byName.set(key, [subject]);
    }
    for (const others of byName.values()) {
      if (others.length > 1) for (const subject of others) found.set(subject, others.length);
    }
  }
  return found;
});

function keyOf(subject: ObjectSubject): string | undefined {
  try {
    const version = valueAt(subject.node.object, "apiVersion");
    const name = nameOf(subject);
    const isNamed = name !== undefined && typeof version === "string";
    return isNamed ? `${apiGroup(version)}/${name}` : undefined;
  } catch {
    // P1-RBAC-2 says that it is not known.
    return undefined;
  }
}
