import type { KubernetesObject } from "../../kubernetes/object";
import type { Report } from "../evaluation/rule";
import { defineRule } from "../evaluation/rule";
import { fieldOf, valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import type { ObjectSubject } from "../subjects/subjects";
import { tenantNamespaces } from "../tenants/tenant-namespaces";

/** What applies objects and marks them as its own, and how it is told to keep one. */
interface Applier {
  readonly name: string;
  readonly mark: readonly [of: "labels" | "annotations", key: string, value?: string];
  readonly annotation: string;
  readonly allowed: string;
  readonly keeps: (value: unknown) => boolean;
}

const APPLIERS: readonly Applier[] = [
  {
    name: "Helm",
    mark: ["labels", "app.kubernetes.io/managed-by", "Helm"],
    annotation: "helm.sh/resource-policy",
    allowed: "keep",
    // An uninstall also takes "Keep"; an upgrade, which deletes what a chart dropped, does not.
    keeps: (value) => value === "keep",
  },
  {
    name: "Argo CD",
    mark: ["annotations", "argocd.argoproj.io/tracking-id"],
    annotation: "argocd.argoproj.io/sync-options",
    allowed: "Prune=false,Delete=false, or confirm for false",
    keeps: (value) => typeof value === "string" && holdsBack(value),
  },
  {
    name: "Flux",
    mark: ["labels", "kustomize.toolkit.fluxcd.io/name"],
    annotation: "kustomize.toolkit.fluxcd.io/prune",
    allowed: "disabled",
    keeps: (value) => value === "disabled",
  },
];

/**
 * A tenant's data goes with its namespace. Pulumi's `protect` refuses both to delete and to replace
 * it; `retainOnDelete` would leave it behind without its policies, and no policy can see that option.
 * What an engine does not have is judged by the marks of who applies it; nobody's has no guard to ask for.
 */
export const p5Rule6 = defineRule<ObjectSubject>({
  id: "P5-6",
  policy: "P5",
  severity: "high",
  title: "no tenant's namespace is deleted or replaced by an ordinary deployment",
  why: "a tenant that is renamed, or dropped from a file, loses every volume in its namespace",
  remediation:
    "leave the Tenant component its protection, and set protect: true on a Namespace of your own; in what Helm, Argo CD or Flux applies, set the annotation that keeps it; to remove a tenant, run pulumi state unprotect first",
  source:
    "Pulumi protect; helm.sh/resource-policy; Argo CD sync options Prune and Delete; Flux kustomize.toolkit.fluxcd.io/prune",
  inHome: (home) =>
    tenantNamespaces(home).filter(
      ({ node }) => node.protect !== undefined || mayBeApplied(node.object),
    ),
  check({ node: { object, protect } }, report) {
    if (protect === undefined) {
      for (const applier of APPLIERS.filter((one) => isMarked(object, one))) {
        checkApplier(object, applier, report);
      }
    } else if (protect !== true) {
      report("", "is not protected: its stack deletes it, and replaces it when it is renamed");
    }
  },
});

/** Without a throw: what cannot be read is for the check to say. */
function mayBeApplied(object: KubernetesObject): boolean {
  try {
    return APPLIERS.some((applier) => isMarked(object, applier));
  } catch {
    return true;
  }
}

function isMarked(object: KubernetesObject, { mark: [of, key, wanted] }: Applier): boolean {
  const value = valueAt(object, "metadata", of, key);
  return wanted === undefined ? value !== undefined : value === wanted;
}

function checkApplier(
  object: KubernetesObject,
  { name, annotation, allowed, keeps }: Applier,
  report: Report,
): void {
  const path = ["metadata", "annotations", annotation];
  const value = valueAt(object, ...path);
  if (keeps(value)) return;
  report(fieldOf(path), `is ${shown(value)}, so ${name} deletes it; allowed is ${allowed}`);
}

/** Argo CD prunes what is no longer declared, and deletes what belongs to a deleted application. */
function holdsBack(options: string): boolean {
  const set = new Set(options.split(",").map((option) => option.trim()));
  return ["Prune", "Delete"].every(
    (name) => set.has(`${name}=false`) || set.has(`${name}=confirm`),
  );
}
