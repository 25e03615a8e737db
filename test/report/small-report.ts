import { evaluate } from "../../lib/policy/evaluation/evaluate";
import type { AnyRule } from "../../lib/policy/evaluation/rule";
import { defineRule } from "../../lib/policy/evaluation/rule";
import { ResourceGraph } from "../../lib/policy/graph/graph";
import { policyMatrix } from "../../lib/policy/matrix";
import { UndecidedError } from "../../lib/policy/reading/unknown";
import type { Waiver } from "../../lib/policy/waiver";
import type { AuditReport, FilePlace } from "../../lib/report/audit-report";

export const WAIVER: Waiver = {
  rule: "P3-A",
  object: "Pod eu/waived",
  reason: "until the move",
  expires: "2027-01-31",
  owner: "platform",
};

/** A rule over pods, each of which does what its name says. */
function podRule(
  own: Pick<AnyRule, "id" | "policy" | "severity">,
  pods: readonly string[],
): AnyRule {
  return defineRule({
    ...own,
    title: "every pod is <good>",
    why: "bad ones are & stay bad",
    remediation: "make it good",
    source: "a [book]",
    subjects: () =>
      pods.map((pod) => {
        const [cluster, name] = pod.split("/") as [string, string];
        const tenant = name.startsWith("platform") ? {} : { tenant: "acme" };
        return { scope: { cluster, ...tenant }, object: `Pod ${pod}`, field: "spec" };
      }),
    check({ object }, report) {
      if (object.endsWith("unknown")) throw new UndecidedError("spec.good");
      if (object.endsWith("broken")) throw new TypeError("canary");
      if (/bad|waived/.test(object)) report(".good", 'is "no"\u001b[2J');
      if (object.endsWith("bad-twice")) report(".good", "is no again");
    },
  });
}

/** Every outcome that there is, on two clusters; `us` has a good pod only. */
export function smallReport(changes: Partial<AuditReport> = {}): AuditReport {
  const rules = [
    podRule({ id: "P1-A", policy: "P1", severity: "critical" }, [
      "eu/bad-twice",
      "eu/unknown",
      "eu/platform-good",
      "us/good",
    ]),
    podRule({ id: "P1-B", policy: "P1", severity: "medium" }, ["eu/broken"]),
    podRule({ id: "P2-A", policy: "P2", severity: "low" }, []),
    podRule({ id: "P3-A", policy: "P3", severity: "high" }, ["eu/waived"]),
  ];
  const graph = new ResourceGraph({ clusters: ["eu", "us"] });
  const results = evaluate(graph, rules);
  const date = new Date("2026-06-15T00:00:00Z");
  return {
    matrix: policyMatrix(graph, results, [WAIVER], date, rules),
    rules,
    results,
    files: ["manifests/a b.yaml"],
    placesOf: ({ object }): FilePlace[] =>
      object === "Pod eu/bad-twice" ? [{ file: "manifests/a b.yaml", first: 3, last: 5 }] : [],
    date,
    version: "1.2.3",
    ...changes,
  };
}
