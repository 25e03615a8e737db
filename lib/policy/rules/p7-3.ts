import type { KubernetesObject } from "../../kubernetes/object";
import { containersOf, podTemplateOf } from "../../kubernetes/pod-template";
import type { Report } from "../evaluation/rule";
import { defineRule } from "../evaluation/rule";
import { READINESS_BUDGET_SECONDS } from "../provisioning/readiness-budget";
import { valueAt } from "../reading/read";
import { isRecord } from "../reading/shape";
import { checkBudget, checkDisruption } from "../releases/rollout-disruption";
import { rollouts } from "../subjects/fact-subjects";
import { objectsOfKind } from "../subjects/subjects";

/** Kinds that give a rollout up by themselves; the others have no such field. */
const HAS_DEADLINE = new Set(["Deployment", "Rollout"]);

/** A failed rollout shows, in time and while old pods still serve. */
export const p7Rule3 = defineRule({
  id: "P7-3",
  policy: "P7",
  severity: "high",
  title: "every rollout can fail visibly while old pods still serve",
  why: "a rollout that never counts as failed is never rolled back, and one that stops all pods first has nothing left to serve",
  remediation: `set progressDeadlineSeconds below ${READINESS_BUDGET_SECONDS}, a readinessProbe on each container, RollingUpdate with maxUnavailable below 100%, and a PodDisruptionBudget that allows an eviction`,
  source:
    "kube-score deployment-strategy, pod-probes; kube-linter no-rolling-update-strategy, pdb-*; gatekeeper requiredprobes",
  inHome: (home) => [...rollouts(home), ...objectsOfKind(home, "PodDisruptionBudget")],
  check({ node: { object } }, report) {
    if (object.kind === "PodDisruptionBudget") {
      checkBudget(object, report);
      return;
    }
    checkDeadline(object, report);
    checkProbes(object, report);
    checkDisruption(object, report);
  },
});

function checkDeadline(object: KubernetesObject, report: Report): void {
  if (!HAS_DEADLINE.has(object.kind)) return;
  const field = ".spec.progressDeadlineSeconds";
  const deadline = valueAt(object, "spec", "progressDeadlineSeconds");
  if (deadline === undefined) {
    report(field, "is not set; Kubernetes waits 600 s by default");
  } else if (typeof deadline !== "number" || !(deadline > 0)) {
    report(field, "is no number of seconds");
  } else if (deadline >= READINESS_BUDGET_SECONDS) {
    report(field, `is ${deadline}; less than ${READINESS_BUDGET_SECONDS} is allowed`);
  }
}

function checkProbes(object: KubernetesObject, report: Report): void {
  const pod = podTemplateOf(object);
  for (const { role, path, container } of pod ? containersOf(pod) : []) {
    if (role === "containers" && !isRecord(container["readinessProbe"])) {
      report(`.${path}.readinessProbe`, "no readinessProbe is set");
    }
  }
}
