import { parseQuantity } from "../../kubernetes/quantity";
import { defineRule } from "../evaluation/rule";
import type { Report } from "../evaluation/rule";
import type { ResourceGraph } from "../graph/graph";
import { podsIn } from "../graph/home";
import type { Home } from "../graph/home";
import { countsAll, hardAmount } from "../quota/namespace-quota";
import { peakPods } from "../quota/peak-pods";
import {
  AMOUNTS,
  amountOf,
  podUsage,
  requirementsOf,
  RESOURCES,
  writtenAmount,
} from "../quota/pod-usage";
import { fieldOf } from "../reading/read";
import { shown } from "../reading/shown";
import { UndecidedError } from "../reading/unknown";
import { undecidedBy } from "../subjects/candidates";
import type { ContainerSubject, ObjectSubject, PodSubject } from "../subjects/subjects";
import { isTenants, ofTenants } from "../tenants/tenant-namespaces";
import { tenantContainers } from "../tenants/tenant-pods";

const PODS = "pods";

/** Which of the sums a key of a quota's `spec.hard` limits. */
const SUM_OF = Object.entries({
  ...Object.fromEntries(AMOUNTS.map(({ name }) => [name, name])),
  ...Object.fromEntries(RESOURCES.map((resource) => [resource, `requests.${resource}`])),
  pods: PODS,
  "count/pods": PODS,
});

/**
 * Each container says what it takes, and all of a namespace's pods fit its quota even while every
 * workload is rolled out and every autoscaler at its maximum: what does not fit is refused in the
 * middle of a rollout. Ephemeral containers have no resources. A quota on some pods only, and
 * resources other than cpu, memory and ephemeral storage, are not judged.
 */
export const p1Quo4 = defineRule<ObjectSubject & Partial<ContainerSubject>>({
  id: "P1-QUO-4",
  policy: "P1",
  severity: "medium",
  title:
    "each container of a tenant has requests and limits, and all its pods fit the namespace's quota",
  why: "a container without limits takes its neighbours' share, and pods that do not fit are refused in the middle of a rollout",
  remediation: `set resources.requests and resources.limits of ${RESOURCES.join(", ")} on each container; where the sum does not fit, lower replicas, maxSurge or maxReplicas, or raise the quota`,
  source:
    "kube-score container-resources; checkov CKV_K8S_10-13; kyverno require-pod-requests-limits; kubescape C-0270, C-0271",
  inHome: [
    (home) => tenantContainers(home).filter(({ slot }) => slot.role !== "ephemeralContainers"),
    ofTenants("ResourceQuota"),
  ],
  check(subject, report, graph) {
    const { container, pod } = subject;
    if (container === undefined) checkQuota(subject, graph, report);
    else checkContainer(container, pod, report);
  },
});

function checkContainer(
  container: unknown,
  pod: PodSubject["pod"] | undefined,
  report: Report,
): void {
  const own = requirementsOf(container);
  // Kubernetes takes what is said for the whole pod as well.
  const shared = requirementsOf(pod?.spec);
  for (const { bound, resource } of AMOUNTS) {
    const value = writtenAmount(own, bound, resource) ?? writtenAmount(shared, bound, resource);
    if (amountOf(value) > 0) continue;
    const field = fieldOf(["resources", bound, resource]);
    report(field, `is ${shown(value)}; an amount above zero is needed`);
  }
}

function checkQuota(quota: ObjectSubject, graph: ResourceGraph, report: Report): void {
  if (!countsAll(quota)) return;
  const { sums, failure } = sumsIn(graph, quota.home);
  for (const [key, name] of SUM_OF) {
    const hard = hardAmount(quota, key);
    // The API server refuses what is no amount.
    if (hard === undefined) continue;
    const sum = sums.get(name) ?? 0;
    // Sums of tenths are not exact.
    if (sum <= parseQuantity(String(hard)) * (1 + 1e-9)) continue;
    const message = `all pods together come to ${written(sum, name)}, rollouts and autoscalers included; ${shown(hard)} is allowed`;
    report(fieldOf(["spec", "hard", key]), message);
  }
  if (failure !== undefined) throw failure;
}

/** The sums over all of a tenant's pods that can be read, and why not if one cannot. */
function sumsIn(
  graph: ResourceGraph,
  home: Home,
): { readonly sums: ReadonlyMap<string, number>; readonly failure: UndecidedError | undefined } {
  const sums = AMOUNTS.map(() => 0);
  let pods = 0;
  let failure: UndecidedError | undefined;
  for (const subject of podsIn(home)) {
    if (!isTenants(subject)) continue;
    try {
      if (subject.failure !== undefined) throw subject.failure;
      const count = peakPods(graph, subject);
      if (count === 0) continue;
      pods += count;
      podUsage(subject.pod).forEach((amount, at) => (sums[at]! += count * amount));
    } catch (error) {
      const isOfAnother = error instanceof UndecidedError && error.field === "";
      failure ??= isOfAnother ? error : undecidedBy(subject, error);
    }
  }
  const byName = new Map(AMOUNTS.map(({ name }, at) => [name, sums[at]!]));
  return { sums: byName.set(PODS, pods), failure };
}

/** An amount as a person reads it: cores, or bytes in Mi, rounded up. */
function written(sum: number, name: string): string {
  if (name === PODS) return `${sum} pods`;
  return name.endsWith(".cpu")
    ? `${Math.ceil(sum * 1000 - 1e-6)}m`
    : `${Math.ceil(sum / 2 ** 20 - 1e-6)}Mi`;
}
