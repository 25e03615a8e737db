import type { ChartSubject, ReleaseSubject } from "../fact-subjects";
import { charts, releases } from "../fact-subjects";
import { sameScope } from "../graph";
import { defineRule } from "../rule";

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
  *subjects(graph) {
    yield* releases(graph);
    for (const chart of charts(graph)) {
      const released = graph.releases.some((release) => sameScope(release.scope, chart.scope));
      if (!released) yield { ...chart, bare: true };
    }
  },
  *check(subject) {
    if ("bare" in subject) {
      yield { field: "", message: "the chart has no release, so nothing rolls it back" };
    } else if (subject.fact.automaticRollback !== true) {
      yield { field: ".automaticRollback", message: "automaticRollback is not true" };
    }
  },
});
