import { containersOf, podTemplateOf } from "../../kubernetes/pod-template";
import type { KubernetesObject } from "../../kubernetes/object";
import { rollouts } from "../fact-subjects";
import { valueAt } from "../read";
import { READINESS_BUDGET_SECONDS } from "../readiness-budget";
import { budgetViolations, disruptionViolations } from "../rollout-disruption";
import type { Violation } from "../rule";
import { defineRule } from "../rule";
import { isRecord } from "../shape";
import { objectsOfKind } from "../subjects";

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
  *subjects(graph) {
    yield* rollouts(graph);
    yield* objectsOfKind(graph, "PodDisruptionBudget");
  },
  *check({ node: { object } }) {
    if (object.kind === "PodDisruptionBudget") {
      yield* budgetViolations(object);
      return;
    }
    yield* deadlineViolations(object);
    yield* probeViolations(object);
    yield* disruptionViolations(object);
  },
});

function* deadlineViolations(object: KubernetesObject): Iterable<Violation> {
  if (!HAS_DEADLINE.has(object.kind)) return;
  const field = ".spec.progressDeadlineSeconds";
  const deadline = valueAt(object, "spec", "progressDeadlineSeconds");
  if (deadline === undefined) {
    yield { field, message: "is not set; Kubernetes waits 600 s by default" };
  } else if (typeof deadline !== "number" || !(deadline > 0)) {
    yield { field, message: "is no number of seconds" };
  } else if (deadline >= READINESS_BUDGET_SECONDS) {
    yield { field, message: `is ${deadline}; less than ${READINESS_BUDGET_SECONDS} is allowed` };
  }
}

function* probeViolations(object: KubernetesObject): Iterable<Violation> {
  const pod = podTemplateOf(object);
  for (const { role, path, container } of pod ? containersOf(pod) : []) {
    if (role === "containers" && !isRecord(container["readinessProbe"])) {
      yield { field: `.${path}.readinessProbe`, message: "no readinessProbe is set" };
    }
  }
}
