import { stageOf, STAGES } from "../../kubernetes/apply-order";
import { apiGroup } from "../../kubernetes/kinds";
import { groupBy } from "../../support/group-by";
import { objectsIn, perHome } from "../graph/home";
import type { ObjectSubject } from "../graph/home";
import { homes } from "../graph/homes";
import { perGraph } from "../graph/per-graph";
import { MalformedError, valueAt } from "../reading/read";
import { objects } from "../subjects/subjects";

/** Names the objects that have to be ready before. Source: kubernetes-sigs/cli-utils, apply-time ordering. */
export const DEPENDS_ON = "config.kubernetes.io/depends-on";

/** What an object says that it waits for. */
export interface DeclaredDependencies {
  /** What is in the graph and can come before. */
  readonly on: readonly ObjectSubject[];
  /** What the apply order puts into a later stage than the object itself. */
  readonly later: readonly ObjectSubject[];
}

/** What the objects of a namespace declare; one whose annotation cannot be read declares nothing. */
const declaredIn = perHome((home): ReadonlyMap<ObjectSubject, readonly string[]> => {
  const found = new Map<ObjectSubject, readonly string[]>();
  for (const subject of objectsIn(home)) {
    const references = readable(subject);
    if (references.length > 0) found.set(subject, references);
  }
  return found;
});

/** Whether an object declares that it waits for others. */
export function declares(subject: ObjectSubject): boolean {
  return declaredIn(subject.home).has(subject);
}

/** By the object that declares them. */
export const declaredDependencies = perGraph(
  (graph): ReadonlyMap<ObjectSubject, DeclaredDependencies> => {
    const declared = homes(graph).all.flatMap((home) => [...declaredIn(home)]);
    return new Map(
      declared.map(([subject, references]) => {
        const found = references.flatMap((reference) => {
          return byReference(graph).get(`${subject.scope.cluster}\n${reference}`) ?? [];
        });
        const isLater = (other: ObjectSubject) => stageAt(other) > stageAt(subject);
        const on = found.filter((other) => !isLater(other));
        return [subject, { on, later: found.filter(isLater) }] as const;
      }),
    );
  },
);

/**
 * Those of the declaring objects that wait for each other in a circle, or for one that does: none
 * of them is ever applied.
 */
export const neverApplied = perGraph((graph): ReadonlySet<ObjectSubject> => {
  const dependencies = declaredDependencies(graph);
  const waitingFor = new Map<ObjectSubject, number>();
  const followers = new Map<ObjectSubject, ObjectSubject[]>();
  for (const [subject, { on }] of dependencies) {
    const held = on.filter((other) => dependencies.has(other));
    waitingFor.set(subject, held.length);
    for (const other of held) followers.set(other, [...(followers.get(other) ?? []), subject]);
  }
  const free = [...waitingFor].flatMap(([subject, count]) => (count === 0 ? [subject] : []));
  for (let subject = free.pop(); subject !== undefined; subject = free.pop()) {
    waitingFor.delete(subject);
    for (const follower of followers.get(subject) ?? []) {
      const left = waitingFor.get(follower)! - 1;
      waitingFor.set(follower, left);
      if (left === 0) free.push(follower);
    }
  }
  return new Set(waitingFor.keys());
});

/**
 * The references of an object's annotation, such as `apps/namespaces/tenant-acme/Deployment/api`;
 * none without it.
 *
 * @throws MalformedError if it is no list of references.
 */
export function dependencyReferences({ node }: ObjectSubject): readonly string[] {
  const text = valueAt(node.object, "metadata", "annotations", DEPENDS_ON);
  if (text === undefined) return NONE;
  const references = typeof text === "string" ? text.split(",").map((one) => one.trim()) : [];
  if (references.length === 0 || !references.every((one) => REFERENCE.test(one))) {
    const field = `.metadata.annotations["${DEPENDS_ON}"]`;
    throw new MalformedError(
      field,
      "is no list of references, group/namespaces/namespace/kind/name",
    );
  }
  return references;
}

const NONE: readonly string[] = [];

/** The core group is empty; what is in no namespace leaves that out. */
const REFERENCE = /^[a-z0-9.-]*(\/namespaces\/[a-z0-9.-]+)?\/[A-Za-z0-9]+\/[^\s/]+$/;

function readable(subject: ObjectSubject): readonly string[] {
  try {
    return subject.failure === undefined ? dependencyReferences(subject) : NONE;
  } catch {
    return NONE;
  }
}

const byReference = perGraph((graph) =>
  groupBy(objects(graph), (subject) => `${subject.scope.cluster}\n${referenceTo(subject) ?? ""}`),
);

function referenceTo({ failure, node }: ObjectSubject): string | undefined {
  if (failure !== undefined) return undefined;
  try {
    const { kind } = node.object;
    const [group, name, namespace] = [
      apiGroup(String(valueAt(node.object, "apiVersion"))),
      String(valueAt(node.object, "metadata", "name")),
      valueAt(node.object, "metadata", "namespace"),
    ];
    const home = typeof namespace === "string" ? `/namespaces/${namespace}` : "";
    return `${group}${home}/${kind}/${name}`;
  } catch {
    return undefined;
  }
}

function stageAt({ node }: ObjectSubject): number {
  return STAGES.indexOf(stageOf(node.object));
}
