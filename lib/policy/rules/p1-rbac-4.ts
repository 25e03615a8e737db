import { defineRule } from "../evaluation/rule";
import { valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import { isInHome } from "../references/named-objects";
import { DEFAULT_ACCOUNT, serviceAccountOf } from "../rights/service-account";
import { elements } from "../subjects/subjects";
import type { ElementSubject, ObjectSubject, PodSubject } from "../subjects/subjects";
import { tenantObjects } from "../tenants/tenant-namespaces";
import { tenantPods } from "../tenants/tenant-pods";

type AnySubject = ObjectSubject & Partial<ElementSubject> & Partial<PodSubject>;

/**
 * What a tenant's bindings and pods name is there. What lies in another namespace is P1-RBAC-1's to
 * judge, and the rights of a ClusterRole P1-RBAC-3's. The account `default` is always there.
 */
export const p1Rbac4 = defineRule<AnySubject>({
  id: "P1-RBAC-4",
  policy: "P1",
  severity: "high",
  title: "the roles and service accounts that a tenant's bindings and pods name exist",
  why: "a pod without its account never starts, and whoever may make the missing role or account gets the rights of the other",
  remediation:
    "add the Role or ServiceAccount to the same namespace, or correct the name that refers to it",
  source: "kube-linter non-existent-service-account; kube-score",
  inHome: [
    (home) =>
      tenantObjects(home, "RoleBinding").flatMap((binding) => [
        binding,
        // A binding that cannot be read has answered for its subjects.
        ...(binding.failure ? [] : elements(binding, binding.node.object, "subjects")),
      ]),
    tenantPods,
  ],
  check(subject, report) {
    const wanted = wantedBy(subject);
    if (wanted === undefined) return;
    const { kind, group, name, field } = wanted;
    // Throws where the namespace is not known.
    const namespace = valueAt(subject.node.object, "metadata", "namespace");
    if (typeof name === "string" && typeof namespace === "string") {
      if (isInHome(subject.home, { kind, group, name })) return;
    }
    report(field, `there is no ${kind} ${shown(name)} in the namespace`);
  },
});

interface Wanted {
  readonly kind: string;
  readonly group: string;
  readonly name: unknown;
  /** Below the subject. */
  readonly field: string;
}

/** What has to be in the subject's own namespace. */
function wantedBy({ node, element, pod }: AnySubject): Wanted | undefined {
  if (element !== undefined) return wantedByBound(element, node.object);
  if (pod !== undefined) return account(serviceAccountOf(pod));
  if (valueAt(node.object, "roleRef", "kind") !== "Role") return undefined;
  const name = valueAt(node.object, "roleRef", "name");
  return { kind: "Role", group: "rbac.authorization.k8s.io", name, field: ".roleRef.name" };
}

function wantedByBound(element: unknown, binding: unknown): Wanted | undefined {
  if (valueAt(element, "kind") !== "ServiceAccount") return undefined;
  const own = valueAt(binding, "metadata", "namespace");
  if (valueAt(element, "namespace") !== own) return undefined;
  return account({ name: valueAt(element, "name"), field: ".name" });
}

function account({ name, field }: Pick<Wanted, "name" | "field">): Wanted | undefined {
  if (name === DEFAULT_ACCOUNT) return undefined;
  return { kind: "ServiceAccount", group: "", name, field };
}
