import type { Labels } from "../../kubernetes/label-selector";
import { selects } from "../../kubernetes/label-selector";
import { EXPOSED_LABEL, TENANT_LABEL } from "../../kubernetes/labels";
import { tenantNamespace } from "../../kubernetes/names";
import { someOf } from "../candidates";
import { known, networkHomes } from "../network-homes";
import type { HomePod, HomePolicy, HomeService } from "../network-homes";
import type { Fields } from "../read";
import { defineRule } from "../rule";
import type { Report } from "../rule";

/**
 * Selectors meet what they are meant for. Nothing is said of a selector in a namespace of whose
 * pods the graph holds none, nor of a policy that stands ready for pods of a whole tenant: those
 * with the tenant's label, and those that are exposed.
 */
export const p1Net7 = defineRule<HomePod | HomePolicy | HomeService>({
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
  subjects: (graph) =>
    networkHomes(graph).flatMap((home) =>
      [...home.pods, ...home.policies, ...home.services].filter(
        (subject) => tenantOf(subject) !== undefined,
      ),
    ),
  check(subject, report) {
    if ("pod" in subject) checkPod(subject, report);
    else if ("podSelector" in subject) checkPolicy(subject, report);
    else checkService(subject, report);
  },
});

/** The tenant in whose namespace it is. What a tenant brings into another one, P5-2 refuses. */
function tenantOf({ home, scope }: HomePod | HomePolicy | HomeService): string | undefined {
  if (home.owner !== undefined || scope.tenant === undefined) return home.owner;
  return home.namespace === tenantNamespace(scope.tenant) ? scope.tenant : undefined;
}

function checkPod(pod: HomePod, report: Report): void {
  const labels = known(pod.labels);
  if (!someOf(pod.home.policies, ({ podSelector }) => selects(known(podSelector), labels))) {
    report(".metadata.labels", "no NetworkPolicy of the namespace selects the pod");
  }
}

function checkPolicy(policy: HomePolicy, report: Report): void {
  const selector = known(policy.podSelector);
  const { pods } = policy.home;
  const standing = { [TENANT_LABEL]: tenantOf(policy) ?? "", [EXPOSED_LABEL]: "true" };
  if (pods.length === 0 || selects(selector, standing)) return;
  if (!someOf(pods, ({ labels }) => selects(selector, known(labels)))) {
    report(".spec.podSelector", "selects no pod of the namespace");
  }
}

function checkService(service: HomeService, report: Report): void {
  const selector = known(service.selector);
  const { pods } = service.home;
  if (pods.length === 0 || Object.keys(selector).length === 0) return;
  if (!someOf(pods, ({ labels }) => hasAll(known(labels), selector))) {
    report(".spec.selector", "selects no pod of the namespace");
  }
  for (const pod of pods) {
    // One that cannot be read is undecided itself.
    if (pod.labels instanceof Error || !isOfAnother(pod, pod.labels)) continue;
    if (hasAll(pod.labels, selector)) {
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

/** Whether another tenant brought a pod, or its labels say that it is another's. */
function isOfAnother(pod: HomePod, labels: Labels): boolean {
  const tenant = tenantOf(pod);
  const claimed = Object.hasOwn(labels, TENANT_LABEL) ? labels[TENANT_LABEL] : tenant;
  return claimed !== tenant || (pod.scope.tenant ?? tenant) !== tenant;
}
