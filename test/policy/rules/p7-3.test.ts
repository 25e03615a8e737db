import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p7Rule3 } from "../../../lib/policy/rules/p7-3";
import { ACME } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { AT, graphWithObject } from "../small-objects";

const DEPLOYMENT = "Deployment tenant-acme/api";
const BUDGET = "PodDisruptionBudget tenant-acme/api";

function withSpec(fields: Record<string, unknown>, at: number = AT.deployment) {
  return graphWithObject(at, (object) => {
    object["spec"] = { ...object["spec"], ...fields } as never;
  });
}

const unavailable = (maxUnavailable: unknown) => ({
  type: "RollingUpdate",
  rollingUpdate: { maxUnavailable },
});

describe("P7-3", () => {
  test("looks at each rollout and each disruption budget", () => {
    expectPass(p7Rule3, [{ scope: ACME, examined: 3 }]);
  });

  test.each([
    [undefined, "is not set; Kubernetes waits 600 s by default"],
    [120, "is 120; less than 120 is allowed"],
    [0, "is no number of seconds"],
    ["60", "is no number of seconds"],
  ])("fails for a deadline of %s", (progressDeadlineSeconds, message) => {
    expectFindings(withSpec({ progressDeadlineSeconds }), p7Rule3, [
      { object: DEPLOYMENT, field: "spec.progressDeadlineSeconds", message },
    ]);
  });

  test("fails for a container without a readiness probe", () => {
    const graph = graphWithObject(AT.statefulSet, (object) => {
      delete object["spec"]!["template"]!["spec"]!["containers"]![0]!["readinessProbe"];
    });
    expectFindings(graph, p7Rule3, [
      {
        object: "StatefulSet tenant-acme/store",
        field: "spec.template.spec.containers[0].readinessProbe",
        message: "no readinessProbe is set",
      },
    ]);
  });

  test.each<[string, string, unknown, string, string]>([
    ["Deployment", "strategy", { type: "Recreate" }, ".type", "is not RollingUpdate"],
    ["StatefulSet", "updateStrategy", { type: "OnDelete" }, ".type", "is not RollingUpdate"],
    [
      "Deployment",
      "strategy",
      unavailable("100%"),
      ".rollingUpdate.maxUnavailable",
      "lets all pods be away at once",
    ],
    [
      "Deployment",
      "strategy",
      unavailable(2),
      ".rollingUpdate.maxUnavailable",
      "lets all 2 pods be away at once",
    ],
    [
      "Deployment",
      "strategy",
      unavailable("half"),
      ".rollingUpdate.maxUnavailable",
      "is neither a number of pods nor a percentage",
    ],
  ])("fails for a %s with %s %j", (kind, field, strategy, path, message) => {
    const [at, object] =
      kind === "Deployment"
        ? [AT.deployment, DEPLOYMENT]
        : [AT.statefulSet, "StatefulSet tenant-acme/store"];
    expectFindings(withSpec({ [field]: strategy }, at), p7Rule3, [
      { object, field: `spec.${field}${path}`, message },
    ]);
  });

  test.each([
    [{ strategy: undefined }, AT.deployment],
    [{ strategy: {} }, AT.deployment],
    [{ strategy: unavailable("50%") }, AT.deployment],
    [{ strategy: unavailable(1) }, AT.deployment],
    [{ strategy: unavailable(1), replicas: 0 }, AT.deployment],
    [{ updateStrategy: unavailable(1) }, AT.statefulSet],
    [{ maxUnavailable: "50%" }, AT.disruptionBudget],
    [{ maxUnavailable: undefined, minAvailable: 1 }, AT.disruptionBudget],
  ])("takes %j", (fields, at) => {
    expect(findingsOf(withSpec(fields, at), p7Rule3)).toEqual([]);
  });

  test.each([
    [{ maxUnavailable: 0 }, "maxUnavailable", "forbids every eviction"],
    [{ maxUnavailable: "0%" }, "maxUnavailable", "forbids every eviction"],
    [{ maxUnavailable: undefined, minAvailable: "100%" }, "minAvailable", "forbids every eviction"],
    [{ maxUnavailable: -1 }, "maxUnavailable", "is neither a number of pods nor a percentage"],
  ])("fails for a disruption budget of %j", (fields, field, message) => {
    expectFindings(withSpec(fields, AT.disruptionBudget), p7Rule3, [
      { object: BUDGET, field: `spec.${field}`, message },
    ]);
  });

  test("S6 fails for what is not known yet", () => {
    for (const field of ["progressDeadlineSeconds", "strategy"]) {
      expect(findingsOf(withSpec({ [field]: UNKNOWN }), p7Rule3)).toMatchObject([
        { object: DEPLOYMENT, cause: "undecided" },
      ]);
    }
  });

  test.each(HOSTILE.filter((value) => value !== null))("does not crash for %s", (value) => {
    for (const field of ["strategy", "progressDeadlineSeconds", "template"]) {
      const causes = findingsOf(withSpec({ [field]: value }), p7Rule3).map(({ cause }) => cause);
      expect(causes).not.toContain("error");
    }
  });
});
