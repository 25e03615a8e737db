import { defineRule } from "../evaluation/rule";
import type { ResourceGraph } from "../graph/graph";
import type { DeclaredDependencies } from "../provisioning/declared-dependencies";
import {
  declaredDependencies,
  declares,
  dependencyReferences,
  DEPENDS_ON,
  neverApplied,
} from "../provisioning/declared-dependencies";
import { valueAt } from "../reading/read";
import type { ObjectSubject } from "../subjects/subjects";
import { objects } from "../subjects/subjects";

const FIELD = `.metadata.annotations["${DEPENDS_ON}"]`;

/**
 * What an object waits for can be there before it. How deep a chain may be is no rule of its own:
 * P6-1 says how long it takes.
 */
export const p6Rule5 = defineRule<ObjectSubject>({
  id: "P6-5",
  policy: "P6",
  severity: "high",
  title: "no object waits, by what it declares, for what waits for it",
  why: "neither is ever applied, and the deployment ends with its timeout",
  remediation: `take one object of the circle out of ${DEPENDS_ON}; namespaces, policies and configuration come before workloads, and those before an Ingress`,
  source: "kubernetes-sigs/cli-utils apply-time ordering: config.kubernetes.io/depends-on",
  inHome: (home) => objects(home).filter(mayDepend),
  check(subject, report, graph) {
    dependencyReferences(subject);
    if (!declares(subject)) return;
    const { later } = declaredDependencies(graph).get(subject)!;
    for (const other of later) {
      report(FIELD, `waits for ${other.object}, which is applied in a later stage`);
    }
    if (neverApplied(graph).has(subject)) {
      report(
        FIELD,
        `is never applied: it waits for ${chainFrom(graph, subject).join(", that for ")}`,
      );
    }
  },
});

/** Without a throw: what cannot be read is for the check to say. */
function mayDepend({ failure, node }: ObjectSubject): boolean {
  if (failure !== undefined) return true;
  try {
    return valueAt(node.object, "metadata", "annotations", DEPENDS_ON) !== undefined;
  } catch {
    return true;
  }
}

const MOST_NAMES = 8;

/** The names along a circle, until one comes up again. */
function chainFrom(graph: ResourceGraph, subject: ObjectSubject): string[] {
  const dependencies: ReadonlyMap<ObjectSubject, DeclaredDependencies> =
    declaredDependencies(graph);
  const seen = new Set([subject]);
  const names: string[] = [];
  for (let at = subject; names.length < MOST_NAMES; seen.add(at)) {
    at = dependencies.get(at)!.on.find((other) => neverApplied(graph).has(other))!;
    names.push(at.object);
    if (seen.has(at)) return names;
  }
  return [...names, "more"];
}
