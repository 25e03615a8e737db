import { defineRule } from "../evaluation/rule";
import { valueAt } from "../reading/read";
import type { ReleaseSubject } from "../subjects/fact-subjects";
import { releases, rollouts } from "../subjects/fact-subjects";
import type { ObjectSubject } from "../subjects/subjects";

/** The revision that runs and the one before it. */
export const FEWEST = 2;

/** There is a revision to go back to. */
export const p7Rule2 = defineRule<ReleaseSubject | ObjectSubject>({
  id: "P7-2",
  policy: "P7",
  severity: "high",
  title: `every release and workload keeps at least ${FEWEST} revisions`,
  why: "without an older revision there is nothing to roll back to",
  remediation: `set historyLimit and revisionHistoryLimit to ${FEWEST} or more; Kubernetes keeps 10 by default`,
  source: "Kubernetes apps/v1 revisionHistoryLimit; helm --history-max",
  inHome: rollouts,
  subjects: releases,
  check(subject, report) {
    const [field, limit]: [string, unknown] =
      "fact" in subject
        ? [".historyLimit", subject.fact.historyLimit]
        : [
            ".spec.revisionHistoryLimit",
            valueAt(subject.node.object, "spec", "revisionHistoryLimit") ?? 10,
          ];
    if (typeof limit !== "number" || !(limit >= FEWEST)) {
      const received = typeof limit === "number" ? String(limit) : "no number";
      report(field, `is ${received}; at least ${FEWEST} are needed`);
    }
  },
});
