import { describe, expect, test } from "vitest";
import { objectNode } from "../../../lib/policy/graph/graph";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p6Rule1 } from "../../../lib/policy/rules/p6-1";
import { ACME, PLATFORM } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import type { Tree } from "../small-objects";
import { AT, deployment, graphWith, graphWithObject } from "../small-objects";

function withSpec(at: number, fields: Record<string, unknown>) {
  return graphWithObject(at, (object) => {
    object["spec"] = { ...object["spec"], ...fields } as never;
  });
}

const TENANT = { object: "tenant acme", scope: ACME };

describe("P6-1", () => {
  test("looks at the platform and at each tenant", () => {
    expectPass(p6Rule1, [
      { scope: ACME, examined: 1 },
      { scope: PLATFORM, examined: 1 },
    ]);
  });

  test("fails for a Job that may take longer, with the path to it", () => {
    expectFindings(withSpec(AT.job, { activeDeadlineSeconds: 2_000 }), p6Rule1, [
      {
        ...TENANT,
        message:
          "takes 1852.1 s at p99; at most 120 s are allowed (seed 1): chart 1.2, Namespace tenant-acme 0.1, Job tenant-acme/migrate 1850.8",
      },
    ]);
  });

  test("fails for a StatefulSet that starts its pods in turn, and not for a parallel one", () => {
    const spec = { replicas: 9 };
    expect(findingsOf(withSpec(AT.statefulSet, spec), p6Rule1)).toMatchObject([
      { ...TENANT, message: expect.stringContaining("StatefulSet tenant-acme/store") as string },
    ]);
    const parallel = { ...spec, podManagementPolicy: "Parallel" };
    expect(findingsOf(withSpec(AT.statefulSet, parallel), p6Rule1)).toEqual([]);
  });

  test("fails for workloads that wait for each other's probes, and not for those beside each other", () => {
    const slow = (name: string, after?: string) => {
      const object = deployment(name, "tenant-acme") as unknown as Tree;
      object["spec"]!["minReadySeconds"] = 55 as never;
      const reference = `apps/namespaces/tenant-acme/Deployment/${String(after)}`;
      const annotations = { "config.kubernetes.io/depends-on": reference };
      object["metadata"]!["annotations"] = (after === undefined ? {} : annotations) as never;
      return objectNode(object as never, ACME);
    };
    const chain = graphWith(({ objects }) => objects.push(slow("a"), slow("b", "a")));
    expect(findingsOf(chain, p6Rule1)).toMatchObject([
      {
        ...TENANT,
        message: expect.stringMatching(
          /Deployment tenant-acme\/a [0-9.]+, Deployment tenant-acme\/b [0-9.]+$/,
        ) as string,
      },
    ]);
    const beside = graphWith(({ objects }) => objects.push(slow("a"), slow("b")));
    expect(findingsOf(beside, p6Rule1)).toEqual([]);
  });

  test("leaves a workload that alone takes too long to P6-2", () => {
    expect(findingsOf(withSpec(AT.deployment, { minReadySeconds: 500 }), p6Rule1)).toEqual([]);
  });

  test("does not wait for what the engine does not wait for", () => {
    const graph = graphWithObject(AT.job, (object) => {
      object["metadata"]!["annotations"] = { "pulumi.com/skipAwait": "true" } as never;
      object["spec"]!["activeDeadlineSeconds"] = 2_000 as never;
    });
    expect(findingsOf(graph, p6Rule1)).toEqual([]);
  });

  test("S6 fails for a time that is not known, and still says what takes too long", () => {
    const graph = graphWith(({ objects }) => {
      (objects[AT.job]!.object as unknown as Tree)["spec"]!["activeDeadlineSeconds"] =
        2_000 as never;
      (objects[AT.deployment]!.object as unknown as Tree)["spec"]!["minReadySeconds"] =
        UNKNOWN as never;
    });
    expect(findingsOf(graph, p6Rule1)).toMatchObject([
      { ...TENANT, cause: "violation" },
      {
        object: "Deployment tenant-acme/api",
        cause: "undecided",
        message: "cannot be decided: spec.minReadySeconds is not known yet",
      },
    ]);
  });

  test.each(HOSTILE.filter((value) => value !== null))("does not crash for %s", (value) => {
    for (const field of ["template", "replicas", "minReadySeconds"]) {
      const findings = findingsOf(withSpec(AT.statefulSet, { [field]: value }), p6Rule1);
      expect(findings.map(({ cause }) => cause)).not.toContain("error");
    }
    const graph = graphWithObject(AT.service, (object) => (object["metadata"] = value as never));
    expect(findingsOf(graph, p6Rule1).map(({ cause }) => cause)).not.toContain("error");
  });
});
