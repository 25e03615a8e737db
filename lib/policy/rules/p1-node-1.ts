import type { LabelSelector } from "../../kubernetes/label-selector";
import { TENANT_LABEL } from "../../kubernetes/labels";
import type { KubernetesObject } from "../../kubernetes/object";
import type { PodTemplate } from "../../kubernetes/pod-template";
import { defineRule } from "../evaluation/rule";
import type { Report } from "../evaluation/rule";
import type { ResourceGraph } from "../graph/graph";
import { NAME_LABEL } from "../network/selected-tenants";
import { selectorAt } from "../network/selector-at";
import { eachElement, fieldOf, listAt, recordAt, textsAt, valueAt } from "../reading/read";
import type { Fields } from "../reading/read";
import { shown } from "../reading/shown";
import { hasWritten } from "../reading/written-fields";
import { isOfGroup, someOf } from "../subjects/candidates";
import { clusterObjects } from "../subjects/cluster-objects";
import type { ObjectSubject, PodSubject } from "../subjects/subjects";
import { tenantOf } from "../tenants/tenant-namespaces";
import { tenantPods } from "../tenants/tenant-pods";

/** Taints and labels of nodes with a task of their own: `node-role.kubernetes.io/control-plane`. */
export const ROLE = "node-role.kubernetes.io/";
export const HOST_NAME = "kubernetes.io/hostname";
/** What Kubernetes' own PriorityClasses begin with, whose pods go before all others. */
export const SYSTEM_CLASS = "system-";
/** Where a pod says beside or away from which others it goes. */
export const POD_AFFINITIES = ["podAffinity", "podAntiAffinity"];
const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";
/** Conditions that keep away from nodes; of all nodes but some, one by its name is left. */
export const AVOIDING = new Set<unknown>(["NotIn", "DoesNotExist"]);

/**
 * A tenant's pods go where the scheduler puts them among its own and the shared nodes. A node of
 * another tenant's pool bears a taint with that tenant's name, so it is the tolerations that let a
 * pod in; labels and taints of an operator's own, such as for GPUs, are anybody's to use. Who names
 * the nodes to avoid names the one that is left.
 *
 * A Pod of a cluster was put on its node by the scheduler unless its `managedFields` say that somebody
 * wrote the node's name, and those of a DaemonSet are bound to it by name: there the template is looked
 * at. No manifest says of itself that it is a cluster's. Who may change a pod can have the API server
 * forget who wrote what; such a pod passes for one of the scheduler's.
 *
 * Nor does it choose a place by the pods of others, which an anti-affinity keeps away as well, or go
 * before them: a PriorityClass is a tenant's if the platform put that tenant's label on it, and
 * everybody's if it is the cluster's default.
 */
export const p1Node1 = defineRule<PodSubject>({
  id: "P1-NODE-1",
  policy: "P1",
  severity: "high",
  title:
    "no pod of a tenant gets onto the control plane, another tenant's nodes or a node by name, by others' pods or before them",
  why: "a pod on the control plane is next to etcd and its keys, and one on another tenant's node next to that tenant's data; by its priority it drives others' pods out, and by an anti-affinity it keeps them out",
  remediation: `name one key in each toleration, ${TENANT_LABEL} with the tenant's own name only, leave nodeName, host names (also those to avoid), node roles and other namespaces of a pod affinity out, and name no PriorityClass but one that the platform labelled ${TENANT_LABEL} with the tenant's name`,
  source:
    "kyverno restrict-node-selection, restrict-controlplane-scheduling, restrict-node-affinity; Kubernetes, Multi-tenancy: node isolation",
  inHome: tenantPods,
  check(subject, report, graph) {
    const { pod, node } = subject;
    const tenant = tenantOf(subject);
    const isPlaced = node.inCluster === true && node.object.kind === "Pod";
    const name = valueAt(pod, "spec", "nodeName") ?? "";
    if (name !== "" && !(isPlaced && isScheduled(node.object))) {
      report(".spec.nodeName", `nodeName is ${shown(name)}; the scheduler is to choose`);
    }
    checkTolerations(pod, tenant, report);
    checkSelector(pod, tenant, report);
    checkPriority(subject, tenant, graph, report);
    if (valueAt(pod, "spec", "affinity") === undefined) return;
    checkAffinity(pod, tenant, isPlaced, report);
    checkPodAffinity(subject, tenant, report);
  },
});

/** Whether nobody but the scheduler named a pod's node. */
function isScheduled({ metadata }: KubernetesObject): boolean {
  const entries = listAt(metadata, "managedFields");
  return !entries.some((entry) => hasWritten(entry, "spec", "nodeName"));
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
        if (list === "matchFields") {
          // The only field there is, is the name.
          if (!isPlaced) report(at + within, "chooses a node by its name");
          return;
        }
        const key = valueAt(condition, "key");
        if (key !== HOST_NAME && AVOIDING.has(valueAt(condition, "operator"))) return;
        const fault = choiceFault(key, textsAt(condition, "values"), tenant);
        if (fault !== undefined) report(at + within, fault);
      });
    }
  };
  const affinity = ["spec", "affinity", "nodeAffinity"];
  const required = [...affinity, REQUIRED];
  eachElement(pod, [...required, "nodeSelectorTerms"], checkTerm);
  const preferred = [...affinity, PREFERRED];
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

function checkPriority(
  { pod, scope }: PodSubject,
  tenant: string | undefined,
  graph: ResourceGraph,
  report: Report,
): void {
  const name = valueAt(pod, "spec", "priorityClassName") ?? "";
  if (name === "") return;
  const isSystem = typeof name !== "string" || name.startsWith(SYSTEM_CLASS);
  const classes = isSystem
    ? []
    : priorityClasses.named(graph, scope.cluster, name).filter(isPlatforms);
  if (someOf(classes, (one) => isGiven(one, tenant))) return;
  const message = `priorityClassName is ${shown(name)}, which the platform did not give to ${shown(tenant)}`;
  report(".spec.priorityClassName", message);
}

function isGiven(one: ObjectSubject, tenant: string | undefined): boolean {
  const { object } = one.node;
  if (!isOfGroup(one, PRIORITY_GROUP)) return false;
  if (valueAt(object, "globalDefault") === true) return true;
  return valueAt(object, "metadata", "labels", TENANT_LABEL) === tenant;
}

/** One that a tenant brings gives it nothing. */
function isPlatforms({ scope }: ObjectSubject): boolean {
  return scope.tenant === undefined;
}

const PRIORITY_GROUP = "scheduling.k8s.io";
const priorityClasses = clusterObjects("PriorityClass", PRIORITY_GROUP);

function checkPodAffinity(
  { pod, home }: PodSubject,
  tenant: string | undefined,
  report: Report,
): void {
  const own = home.namespace;
  const checkTerm = (term: Fields, at: string) => {
    textsAt(term, "namespaces").forEach((namespace, index) => {
      if (namespace === own) return;
      const message = `looks at the pods of ${shown(namespace)}; allowed are those of ${shown(own)}`;
      report(`${at}.namespaces[${index}]`, message);
    });
    if (recordAt(term, "namespaceSelector") === undefined) return;
    if (selectsOnly(selectorAt(term, "namespaceSelector"), tenant, own)) return;
    const message = `looks at the pods of other namespaces; allowed are those of ${shown(own)}`;
    report(`${at}.namespaceSelector`, message);
  };
  for (const kind of POD_AFFINITIES) {
    const affinity = ["spec", "affinity", kind];
    eachElement(pod, [...affinity, REQUIRED], checkTerm);
    eachElement(pod, [...affinity, PREFERRED], (preference, at) => {
      checkTerm(recordAt(preference, "podAffinityTerm") ?? {}, `${at}.podAffinityTerm`);
    });
  }
}

/** Whether a selector can select no namespace but the tenant's own. */
function selectsOnly(
  selector: LabelSelector,
  tenant: string | undefined,
  own: string | undefined,
): boolean {
  return selector.some((requirement) => {
    if (requirement.operator !== "In") return false;
    const { key, values } = requirement;
    if (key === TENANT_LABEL) return values.every((value) => value === tenant);
    return key === NAME_LABEL && values.every((value) => value === own);
  });
}
