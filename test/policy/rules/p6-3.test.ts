import { describe, expect, test } from "vitest";
import { expandList } from "../../../lib/kubernetes/expand-list";
import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { objectNode } from "../../../lib/policy/graph/graph";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p6Rule3 } from "../../../lib/policy/rules/p6-3";
import { ACME } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { AT, graphWith, graphWithObject } from "../small-objects";

const JOB = "Job tenant-acme/migrate";

function withJob(fields: Record<string, unknown>) {
  return graphWithObject(AT.job, (object) => {
    object["spec"] = { ...object["spec"], ...fields } as never;
  });
}

function withObject(object: KubernetesObject) {
  return graphWith(({ objects }) => objects.push(objectNode(object, ACME)));
}

function pod(annotations: unknown, spec: Record<string, unknown>): KubernetesObject {
  const metadata = { name: "hook", namespace: "tenant-acme", annotations } as never;
  return { apiVersion: "v1", kind: "Pod", metadata, spec: { containers: [], ...spec } };
}

describe("P6-3", () => {
  test("looks at each release and each job, and at no daemon", () => {
    expectPass(p6Rule3, [{ scope: ACME, examined: 2 }]);
  });

  test.each([
    ["activeDeadlineSeconds", undefined, "is not set; allowed is a number of seconds"],
    ["activeDeadlineSeconds", null, "is not set; allowed is a number of seconds"],
    ["activeDeadlineSeconds", 0, "is 0; allowed is a number of seconds"],
    ["activeDeadlineSeconds", "60", 'is "60"; allowed is a number of seconds'],
    ["backoffLimit", 7, "is 7; allowed is 0 to 6"],
    ["backoffLimit", -1, "is -1; allowed is 0 to 6"],
    ["backoffLimit", "6", 'is "6"; allowed is 0 to 6'],
    [
      "backoffLimit",
      undefined,
      "is not set beside backoffLimitPerIndex, which allows any number; allowed is 0 to 6",
      { backoffLimitPerIndex: 1 },
    ],
    ["suspend", true, "stops the Job and its deadline until somebody resumes it"],
    [
      "managedBy",
      "example.com/queue",
      'is "example.com/queue", which need not keep the deadline; allowed is kubernetes.io/job-controller',
    ],
    [
      "managedBy",
      "",
      'is "", which need not keep the deadline; allowed is kubernetes.io/job-controller',
    ],
  ])("fails for a Job with %s %j", (field, value, message, besides: object = {}) => {
    expectFindings(withJob({ ...besides, [field]: value }), p6Rule3, [
      { object: JOB, field: `spec.${field}`, message },
    ]);
  });

  test("fails for a Job behind a CronJob and in a List, whose own suspension is nobody's wait", () => {
    const cron: KubernetesObject = {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { name: "x", namespace: "tenant-acme" },
      spec: { suspend: true, jobTemplate: { spec: { template: { spec: {} } } } },
    };
    const list = { apiVersion: "v1", kind: "List", metadata: { name: "x" }, items: [cron] };
    for (const object of [cron, ...expandList(list)]) {
      expect(findingsOf(withObject(object), p6Rule3)).toMatchObject([
        {
          object: "CronJob tenant-acme/x",
          field: "spec.jobTemplate.spec.activeDeadlineSeconds",
          message: "is not set; allowed is a number of seconds",
        },
      ]);
    }
  });

  test("fails for a hook that is a Pod, and for no other Pod", () => {
    const hook = { "helm.sh/hook": "pre-install, pre-upgrade" };
    expect(findingsOf(withObject(pod(hook, {})), p6Rule3)).toMatchObject([
      { object: "Pod tenant-acme/hook", field: "spec.activeDeadlineSeconds" },
    ]);
    expect(findingsOf(withObject(pod(hook, { activeDeadlineSeconds: 9 })), p6Rule3)).toEqual([]);
    expect(findingsOf(withObject(pod({}, {})), p6Rule3)).toEqual([]);
    expect(findingsOf(withObject(pod({ "helm.sh/hook": UNKNOWN }, {})), p6Rule3)).toMatchObject([
      { object: "Pod tenant-acme/hook", cause: "undecided" },
    ]);
  });

  test.each([undefined, 0, Number.POSITIVE_INFINITY, "120"])(
    "fails for a release with a timeout of %s",
    (timeout) => {
      const graph = graphWith(({ releases }) => (releases[0]!.timeoutSeconds = timeout as number));
      expect(findingsOf(graph, p6Rule3)).toMatchObject([
        { object: "release tenant-acme", field: "timeoutSeconds", cause: "violation" },
      ]);
    },
  );

  test.each([
    { backoffLimit: 0 },
    { backoffLimit: null },
    { backoffLimit: 6, backoffLimitPerIndex: 2 },
    { suspend: false },
    { managedBy: "kubernetes.io/job-controller" },
  ])("takes %j", (fields) => {
    expect(findingsOf(withJob(fields), p6Rule3)).toEqual([]);
  });

  test("S6 fails for what is not known yet", () => {
    for (const field of [
      "activeDeadlineSeconds",
      "backoffLimit",
      "backoffLimitPerIndex",
      "suspend",
      "managedBy",
    ]) {
      expect(findingsOf(withJob({ [field]: UNKNOWN }), p6Rule3)).toMatchObject([
        { object: JOB, cause: "undecided", field: `spec.${field}` },
      ]);
    }
  });

  test.each(HOSTILE)("fails, and does not crash, for the Job's spec %s", (spec) => {
    const graph = graphWithObject(AT.job, (object) => (object["spec"] = spec as never));
    const findings = findingsOf(graph, p6Rule3);
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.map(({ cause }) => cause)).not.toContain("error");
  });
});
