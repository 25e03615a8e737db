import { defineRule } from "../evaluation/rule";
import { valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import { isMadeAtRunTime } from "../references/made-at-run-time";
import { isInHome } from "../references/named-objects";
import {
  containerReferences,
  OBJECT_REFERENCES,
  pullSecretReferences,
  volumeReferences,
} from "../references/references";
import type { VisitReference } from "../references/references";
import type {
  ContainerSubject,
  ElementSubject,
  ObjectSubject,
  PodSubject,
} from "../subjects/subjects";
import { tenantObjects } from "../tenants/tenant-namespaces";
import { tenantContainers, tenantPods, tenantVolumes } from "../tenants/tenant-pods";

/** A container, a volume, a pod, or an object that carries none. */
type PartSubject = ObjectSubject &
  Partial<ContainerSubject> &
  Partial<PodSubject> &
  Partial<ElementSubject>;

/**
 * What a tenant's objects call by name is in their own namespace, or made there at run time by what
 * is: cert-manager's Secrets for an Ingress, the secrets store's, those of External Secrets, Sealed
 * Secrets and the Vault operator, and the claims of a StatefulSet. Service accounts are P1-RBAC-4's.
 * What is optional may be missing.
 */
export const p1Data2 = defineRule<PartSubject>({
  id: "P1-DATA-2",
  policy: "P1",
  severity: "high",
  title: "every name that a tenant's object refers to is there in its own namespace",
  why: "a pod that misses a Secret or a claim never starts, and whoever may make the missing object decides what is in it",
  remediation:
    "add the object to the same namespace, correct the name, or mark the reference optional where Kubernetes has that",
  source: "kube-linter dangling-*; no tool covers all references",
  inHome: (home) =>
    unreadableOnce([
      ...tenantContainers(home),
      ...tenantVolumes(home),
      ...tenantPods(home),
      ...Object.keys(OBJECT_REFERENCES).flatMap((kind) => tenantObjects(home, kind)),
    ]),
  check(subject, report) {
    const { home, node } = subject;
    // Throws where the namespace is not known.
    const namespace = valueAt(node.object, "metadata", "namespace");
    readReferences(subject, ({ kind, group }, name, at, key) => {
      if (typeof name === "string" && typeof namespace === "string") {
        const wanted = { kind, group, name };
        if (isInHome(home, wanted) || isMadeAtRunTime(home, wanted)) return;
      }
      report(`${at}.${key}`, `there is no ${kind} ${shown(name)} in the namespace`);
    });
  },
});

/** What cannot be read is in several of the lists. */
function unreadableOnce(subjects: readonly PartSubject[]): readonly PartSubject[] {
  const told = new Set<string>();
  return subjects.filter(({ object, failure }) => {
    if (failure === undefined) return true;
    const key = `${object}\n${failure.message}`;
    return !told.has(key) && told.add(key);
  });
}

function readReferences(subject: PartSubject, visit: VisitReference): void {
  const { container, element, pod, node } = subject;
  if (container !== undefined) containerReferences(container, visit);
  else if (element !== undefined) volumeReferences(element, visit);
  else if (pod !== undefined) pullSecretReferences(pod, visit);
  else OBJECT_REFERENCES[node.object.kind]!(node.object, visit);
}
