import { describe, expect, test } from "vitest";
import { describeBudget, readinessBudget } from "../../../lib/policy/provisioning/readiness-budget";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p6Rule2 } from "../../../lib/policy/rules/p6-2";
import { ACME } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import type { Tree } from "../small-objects";
import { AT, deployment, graphWithObject } from "../small-objects";

const OBJECT = "Deployment tenant-acme/api";

function withProbe(probe: string, fields: Record<string, unknown>) {
  return graphWithObject(AT.deployment, (object) => {
    const container = object["spec"]!["template"]!["spec"]!["containers"]![0]!;
    container[probe] = { ...container[probe], ...fields } as never;
  });
}

describe("readinessBudget", () => {
  test("adds up probes, sidecars and the time a pod has to stay ready", () => {
    const object = deployment("api", "tenant-acme") as unknown as Tree;
    object["spec"]!["template"]!["spec"]!["initContainers"] = [
      { name: "proxy", restartPolicy: "Always", startupProbe: { periodSeconds: 1 } },
      { name: "setup", startupProbe: { periodSeconds: 100 } },
    ] as never;
    const budget = readinessBudget(object as never)!;
    expect(budget).toEqual({
      sidecars: [{ container: "proxy", startup: 3, readiness: 0 }],
      containers: [{ container: "api", startup: 30, readiness: 15 }],
      minReadySeconds: 5,
      worstCaseSeconds: 53,
    });
    expect(describeBudget(budget)).toBe("sidecar proxy 3, api 30 + 15, at least 5 ready = 53 s");
  });

  test("takes Kubernetes' defaults, and no probe for none", () => {
    const spec = { template: { spec: { containers: [{ readinessProbe: {} }, { name: "b" }] } } };
    const budget = readinessBudget({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "x" },
      spec,
    })!;
    expect(budget).toEqual({
      sidecars: [],
      containers: [
        { container: "spec.containers[0]", startup: 0, readiness: 30 },
        { container: "b", startup: 0, readiness: 0 },
      ],
      minReadySeconds: 0,
      worstCaseSeconds: 30,
    });
  });

  test("has none for what carries no pod", () => {
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } };
    expect(readinessBudget(object)).toBeUndefined();
  });
});

describe("P6-2", () => {
  test("looks at each workload", () => {
    expectPass(p6Rule2, [{ scope: ACME, examined: 2 }]);
  });

  test("takes exactly the budget, and fails a second above", () => {
    const exact = withProbe("startupProbe", { initialDelaySeconds: 70 });
    const above = withProbe("startupProbe", { initialDelaySeconds: 71 });
    expect(findingsOf(exact, p6Rule2)).toEqual([]);
    expectFindings(above, p6Rule2, [
      {
        object: OBJECT,
        message:
          "the worst case is api 101 + 15, at least 5 ready = 121 s; at most 120 s are allowed",
      },
    ]);
  });

  test("S6 fails for a period that is not known yet", () => {
    expect(
      findingsOf(withProbe("readinessProbe", { periodSeconds: UNKNOWN }), p6Rule2),
    ).toMatchObject([{ object: OBJECT, cause: "undecided" }]);
  });

  test.each(HOSTILE.filter((value) => value !== null))(
    "fails, and does not crash, for the period %s",
    (periodSeconds) => {
      expect(findingsOf(withProbe("readinessProbe", { periodSeconds }), p6Rule2)).toMatchObject([
        {
          cause: "undecided",
          field: "spec.template.spec.containers[0].readinessProbe.periodSeconds",
        },
      ]);
    },
  );
});
