import { defineRule } from "../evaluation/rule";
import {
  describeBudget,
  READINESS_BUDGET_SECONDS,
  readinessBudget,
} from "../provisioning/readiness-budget";
import { daemons } from "../subjects/fact-subjects";

/** Every workload's probes end within the budget, passed or given up. */
export const p6Rule2 = defineRule({
  id: "P6-2",
  policy: "P6",
  severity: "medium",
  title: `every workload is ready or given up within ${READINESS_BUDGET_SECONDS} s`,
  why: "a workload that may take longer breaks the promise of two minutes, and its rollback with it",
  remediation:
    "lower initialDelaySeconds, failureThreshold, periodSeconds or minReadySeconds, or give slow containers a waiver",
  source: "Kubernetes core/v1 Probe; apps/v1 minReadySeconds",
  // The whole object: the arithmetic reads more than the pod.
  inHome: (home) => daemons(home).map((subject) => ({ ...subject, field: "" })),
  check({ node }, report) {
    const budget = readinessBudget(node.object);
    if (budget && budget.worstCaseSeconds > READINESS_BUDGET_SECONDS) {
      const message = `the worst case is ${describeBudget(budget)}; at most ${READINESS_BUDGET_SECONDS} s are allowed`;
      report("", message);
    }
  },
});
