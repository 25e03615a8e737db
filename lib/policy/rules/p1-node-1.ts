import { TENANT_LABEL } from "../../kubernetes/labels";
import type { KubernetesObject } from "../../kubernetes/object";
import type { PodTemplate } from "../../kubernetes/pod-template";
import { eachElement, fieldOf, recordAt, textsAt, valueAt } from "../read";
import type { Fields } from "../read";
import { defineRule } from "../rule";
import type { Report } from "../rule";
import { shown } from "../shown";
import type { PodSubject } from "../subjects";
import { tenantOf } from "../tenant-namespaces";
import { tenantPods } from "../tenant-pods";

/** Taints and labels of nodes with a task of their own: `node-role.kubernetes.io/control-plane`. */
export const ROLE = "node-role.kubernetes.io/";
export const HOST_NAME = "kubernetes.io/hostname";
/** Conditions that keep away from nodes. */
export const AVOIDING = new Set<unknown>(["NotIn", "DoesNotExist"]);

/**
 * A tenant's pods go where the scheduler puts them among its own and the shared nodes. A node of
 * another tenant's pool bears a taint with that tenant's name, so it is the tolerations that let a
 * pod in; labels and taints of an operator's own, such as for GPUs, are anybody's to use.
 *
 * A Pod that the API server has a revision of was put on its node by the scheduler, and those of a
 * DaemonSet are bound to it by name: there the template is looked at. A manifest with a revision is
 * refused when it is created.
 */
export const p1Node1 = defineRule<PodSubject>({
  id: "P1-NODE-1",
  policy: "P1",
  severity: "high",
  title: "no pod of a tenant gets onto the control plane, another tenant's nodes or a node by name",
  why: "a pod on the control plane is next to etcd and its keys, and one on another tenant's node next to that tenant's data",
  remediation: `name one key in each toleration, ${TENANT_LABEL} with the tenant's own name only, and leave nodeName, host names and node roles out`,
  source:
    "kyverno restrict-node-selection, restrict-controlplane-scheduling, restrict-node-affinity; Kubernetes, Multi-tenancy: node isolation",
  inHome: tenantPods,
  check(subject, report) {
    const { pod, node } = subject;
    const tenant = tenantOf(subject);
    const isPlaced = isInCluster(node.object);
    const name = valueAt(pod, "spec", "nodeName") ?? "";
    if (name !== "" && !isPlaced) {
      report(".spec.nodeName", `nodeName is ${shown(name)}; the scheduler is to choose`);
    }
    checkTolerations(pod, tenant, report);
    checkSelector(pod, tenant, report);
    checkAffinity(pod, tenant, isPlaced, report);
  },
});

function isInCluster(object: KubernetesObject): boolean {
  if (object.kind !== "Pod") return false;
  return (valueAt(object, "metadata", "resourceVersion") ?? "") !== "";
}

function checkTolerations(pod: PodTemplate, tenant: unknown, report: Report): void {
  eachElement(pod, ["spec", "tolerations"], (toleration, at) => {
    const key = valueAt(toleration, "key") ?? "";
    const value = valueAt(toleration, "value");
    if (key === "") {
      report(at, "a toleration without a key tolerates every taint");
    } else if (typeof key !== "string") {
      report(`${at}.key`, `key is ${shown(key)}; a text is needed`);
    } else if (key.startsWith(ROLE)) {
      report(`${at}.key`, `tolerates ${shown(key)}, the taint of nodes that are not for tenants`);
    } else if (key === TENANT_LABEL) {
      const operator = valueAt(toleration, "operator") ?? "Equal";
      if (operator === "Equal" && value === tenant) return;
      const found = operator === "Equal" ? shown(value) : "any tenant";
      report(at, `tolerates the taint of ${found}; allowed is that of ${shown(tenant)}`);
    }
  });
}

function checkSelector(pod: PodTemplate, tenant: unknown, report: Report): void {
  const selector = recordAt(pod, "spec", "nodeSelector") ?? {};
  for (const key of Object.keys(selector)) {
    const fault = choiceFault(key, [selector[key]], tenant);
    if (fault !== undefined) report(`.spec${fieldOf(["nodeSelector", key])}`, fault);
  }
}

function checkAffinity(pod: PodTemplate, tenant: unknown, isPlaced: boolean, report: Report): void {
  const checkTerm = (term: Fields, at: string) => {
    for (const list of ["matchExpressions", "matchFields"]) {
      eachElement(term, [list], (condition, within) => {
        if (AVOIDING.has(valueAt(condition, "operator"))) return;
        if (list === "matchFields") {
          if (!isPlaced) report(at + within, "chooses a node by its name");
          return;
        }
        const fault = choiceFault(valueAt(condition, "key"), textsAt(condition, "values"), tenant);
        if (fault !== undefined) report(at + within, fault);
      });
    }
  };
  const affinity = ["spec", "affinity", "nodeAffinity"];
  const required = [...affinity, "requiredDuringSchedulingIgnoredDuringExecution"];
  eachElement(pod, [...required, "nodeSelectorTerms"], checkTerm);
  const preferred = [...affinity, "preferredDuringSchedulingIgnoredDuringExecution"];
  eachElement(pod, preferred, (preference, at) => {
    checkTerm(recordAt(preference, "preference") ?? {}, `${at}.preference`);
  });
}

/** What is wrong with choosing nodes by some values of a label; no value stands for any. */
function choiceFault(
  key: unknown,
  values: readonly unknown[],
  tenant: unknown,
): string | undefined {
  if (typeof key !== "string") return `key is ${shown(key)}; a text is needed`;
  if (key === HOST_NAME) return "chooses a node by its name";
  if (key.startsWith(ROLE)) return `chooses nodes by ${shown(key)}`;
  if (key !== TENANT_LABEL) return undefined;
  const others = values.filter((value) => value !== tenant);
  if (values.length > 0 && others.length === 0) return undefined;
  const found = values.length === 0 ? "any tenant" : shown(others[0]);
  return `chooses nodes of ${found}; allowed are those of ${shown(tenant)}`;
}
