import { defineRule } from "../evaluation/rule";
import type { ChartSubject, ReleaseSubject } from "../subjects/fact-subjects";
import { charts, hasRelease, releases } from "../subjects/fact-subjects";

type RollbackSubject = ReleaseSubject | (ChartSubject & { readonly bare: true });

/** Every release puts the last good revision back by itself. */
export const p7Rule1 = defineRule<RollbackSubject>({
  id: "P7-1",
  policy: "P7",
  severity: "high",
  title: "every chart has a release that rolls back by itself",
  why: "the engine has no rollback: a failed release stays half applied until somebody looks",
  remediation: "deploy the chart as a release with automaticRollback: true",
  source: "pulumi/pulumi#96; helm --atomic; Flux HelmRelease spec.upgrade.remediation",
  subjects: (graph) => [
    ...releases(graph),
    ...charts(graph)
      .filter(({ scope }) => !hasRelease(graph, scope))
      .map((chart) => ({ ...chart, bare: true as const })),
  ],
  check(subject, report) {
    if ("bare" in subject) {
      report("", "the chart has no release, so nothing rolls it back");
    } else if (subject.fact.automaticRollback !== true) {
      report(".automaticRollback", "automaticRollback is not true");
    }
  },
});
