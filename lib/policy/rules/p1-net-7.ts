import type { Labels, LabelSelector } from "../../kubernetes/label-selector";
import { selects } from "../../kubernetes/label-selector";
import { EXPOSED_LABEL, TENANT_LABEL } from "../../kubernetes/labels";
import { tenantNamespace } from "../../kubernetes/names";
import { defineRule } from "../evaluation/rule";
import type { Report } from "../evaluation/rule";
import { podsIn } from "../graph/home";
import type { Home } from "../graph/home";
import type { ObjectSubject, PodSubject } from "../graph/home";
import { labelsOf, networkPolicies, podSelectorOf, servicesIn } from "../network/network-objects";
import { recordAt } from "../reading/read";
import type { Fields } from "../reading/read";
import { someOf } from "../subjects/candidates";

/**
 * Selectors meet what they are meant for. Nothing is said of a selector in a namespace of whose
 * pods the graph holds none, nor of a policy that stands ready for pods of a whole tenant: those
 * with the tenant's label, and those that are exposed.
 */
export const p1Net7 = defineRule<ObjectSubject | PodSubject>({
  id: "P1-NET-7",
  policy: "P1",
  severity: "high",
  title:
    "a network policy selects each pod of a tenant, and policies and Services select the tenant's own pods",
  why: "with a typo in a selector a policy guards nothing, and a Service leads nowhere, or to whoever bears the label",
  remediation:
    "add a default-deny with podSelector {}, and give selectors and pods the same labels",
  source:
    "kube-score pod-networkpolicy, networkpolicy-targets-pod; kube-linter non-isolated-pod, dangling-networkpolicy, dangling-service; gatekeeper uniqueserviceselector",
  inHome: [podsIn, networkPolicies, servicesIn].map((find) => (home: Home) => {
    const all: readonly (ObjectSubject | PodSubject)[] = find(home);
    return home.owner === undefined ? all.filter((one) => tenantAt(one) !== undefined) : all;
  }),
  check(subject, report) {
    if (isPod(subject)) checkPod(subject, report);
    else if (subject.node.object.kind === "Service") checkService(subject, report);
    else checkPolicy(subject, report);
  },
});

function isPod(subject: ObjectSubject | PodSubject): subject is PodSubject {
  return "pod" in subject;
}

/** The tenant in whose namespace it is. What a tenant brings into another one, P5-2 refuses. */
function tenantAt({ home, scope }: ObjectSubject): string | undefined {
  if (home.owner !== undefined || scope.tenant === undefined) return home.owner;
  return home.namespace === tenantNamespace(scope.tenant) ? scope.tenant : undefined;
}

function checkPod(pod: PodSubject, report: Report): void {
  const labels = labelsOf(pod);
  if (!someOf(networkPolicies(pod.home), (policy) => selects(podSelectorOf(policy), labels))) {
    report(".metadata.labels", "no NetworkPolicy of the namespace selects the pod");
  }
}

function checkPolicy(policy: ObjectSubject, report: Report): void {
  const selector = podSelectorOf(policy);
  const pods = podsIn(policy.home);
  if (pods.length === 0 || standsReady(selector, tenantAt(policy) ?? "")) return;
  if (!someOf(pods, (pod) => selects(selector, labelsOf(pod)))) {
    report(".spec.podSelector", "selects no pod of the namespace");
  }
}

/** Whether a selector is for every pod of a tenant, or for every one of them that is exposed. */
function standsReady(selector: LabelSelector, tenant: string): boolean {
  return selects(selector, { [TENANT_LABEL]: tenant, [EXPOSED_LABEL]: "true" });
}

function checkService(service: ObjectSubject, report: Report): void {
  // None where somebody else writes down where it leads.
  const selector = recordAt(service.node.object, "spec", "selector") ?? {};
  const pods = podsIn(service.home);
  if (pods.length === 0 || Object.keys(selector).length === 0) return;
  if (!someOf(pods, (pod) => hasAll(labelsOf(pod), selector))) {
    report(".spec.selector", "selects no pod of the namespace");
  }
  for (const pod of pods) {
    if (isAnothers(pod, selector)) {
      report(".spec.selector", `selects ${pod.object}, which is another tenant's`);
    }
  }
}

/** A Service selects by equal labels only. */
function hasAll(labels: Labels, selector: Fields): boolean {
  for (const key in selector) {
    if (!Object.hasOwn(labels, key) || labels[key] !== selector[key]) return false;
  }
  return true;
}

/**
 * Whether a selector selects a pod that another tenant brought, or whose labels say that it is
 * another's. One that cannot be read is undecided itself.
 */
function isAnothers(pod: PodSubject, selector: Fields): boolean {
  const labels = readableLabels(pod);
  if (labels === undefined) return false;
  const tenant = tenantAt(pod);
  const claimed = Object.hasOwn(labels, TENANT_LABEL) ? labels[TENANT_LABEL] : tenant;
  const isOther = claimed !== tenant || (pod.scope.tenant ?? tenant) !== tenant;
  return isOther && hasAll(labels, selector);
}

function readableLabels(pod: PodSubject): Labels | undefined {
  try {
    return pod.failure === undefined ? labelsOf(pod) : undefined;
  } catch {
    return undefined;
  }
}
