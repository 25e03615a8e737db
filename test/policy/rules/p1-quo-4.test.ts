import { describe, expect, test } from "vitest";

import { objectNode } from "../../../lib/policy/graph/graph";
import { p1Data2 } from "../../../lib/policy/rules/p1-data-2";
import { p1Quo4 } from "../../../lib/policy/rules/p1-quo-4";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { changed, set } from "../change";
import type { Change } from "../change";
import { compliantTenant, graphOf, scopeOfTenant } from "../compliant-objects";
import { describeObjectCases, findingsOf, workload } from "../rule-cases";

const QUOTA = "ResourceQuota tenant-acme/quota";
const DEPLOYMENT = "Deployment tenant-acme/api";
const POD = ["spec", "template", "spec"];

/** A sum that does not fit. */
const over = (key: string, sum: string, hard: string) => ({
  object: QUOTA,
  field: `spec.hard${key.includes(".") || key.includes("/") ? `["${key}"]` : `.${key}`}`,
  message: `all pods together come to ${sum}, rollouts and autoscalers included; "${hard}" is allowed`,
});
const hard = (key: string, value: unknown) => set(QUOTA, ["spec", "hard", key], value);
const autoscaler = (spec: Record<string, unknown>): Change => ({
  add: {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "api", namespace: "tenant-acme" },
    spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "api" }, ...spec },
  },
});

// The compliant Deployment has two replicas and one more while it rolls out. Each pod asks for 100m
// and uses 500m at most: its init container is done before the other one starts.
describeObjectCases(p1Quo4, [
  {
    title: "passes what just fits",
    changes: [
      hard("requests.cpu", "300m"),
      hard("cpu", "0.3"),
      hard("limits.cpu", "1500m"),
      hard("limits.memory", "1536Mi"),
      hard("requests.ephemeral-storage", "192Mi"),
      hard("pods", "3"),
    ],
    findings: [],
  },
  {
    title: "passes an amount that is none, which the API server refuses",
    // YAML has a word for the second.
    changes: [hard("limits.ephemeral-storage", "lots"), hard("ephemeral-storage", Infinity)],
    findings: [],
  },
  ...(
    [
      ["requests.cpu", "300m", "299m"],
      ["cpu", "300m", "299m"],
      ["limits.cpu", "1500m", "1"],
      ["requests.memory", "384Mi", "383Mi"],
      ["memory", "384Mi", "100Mi"],
      ["limits.memory", "1536Mi", "1.4Gi"],
      ["requests.ephemeral-storage", "192Mi", "100Mi"],
      ["ephemeral-storage", "192Mi", "100Mi"],
      ["limits.ephemeral-storage", "768Mi", "767Mi"],
      ["pods", "3 pods", "2"],
      ["count/pods", "3 pods", "2"],
    ] as const
  ).map(([key, sum, value]) => ({
    title: `fails pods that do not fit ${key}`,
    changes: [hard(key, value)],
    findings: [over(key, sum, value)],
  })),
  {
    title: "fails an autoscaler's maximum that does not fit",
    changes: [autoscaler({ maxReplicas: 20 })],
    findings: [over("limits.cpu", "12500m", "8")],
  },
  {
    title: "passes an autoscaler of something else, which is not there",
    changes: [
      autoscaler({ maxReplicas: 99, scaleTargetRef: { kind: "StatefulSet", name: "api" } }),
    ],
    findings: [
      {
        rule: p1Data2,
        object: "HorizontalPodAutoscaler tenant-acme/api",
        field: "spec.scaleTargetRef.name",
        message: 'there is no StatefulSet "api" in the namespace',
      },
    ],
  },
  {
    title: "fails replicas that do not fit",
    changes: [set(DEPLOYMENT, ["spec", "replicas"], 40)],
    findings: [
      over("limits.cpu", "25000m", "8"),
      over("limits.memory", "25600Mi", "16Gi"),
      over("pods", "50 pods", "30"),
    ],
  },
  {
    title: "fails a surge that does not fit",
    changes: [set(DEPLOYMENT, ["spec", "strategy", "rollingUpdate", "maxSurge"], "1000%")],
    findings: [over("limits.cpu", "11000m", "8")],
  },
  {
    title: "passes a rollout without a surge",
    changes: [set(DEPLOYMENT, ["spec", "strategy", "type"], "Recreate"), hard("pods", "2")],
    findings: [],
  },
  {
    title: "fails a surge that is none",
    changes: [set(DEPLOYMENT, ["spec", "strategy", "rollingUpdate", "maxSurge"], "many")],
    findings: [
      {
        object: QUOTA,
        field: "",
        message:
          "cannot be decided: spec.strategy.rollingUpdate.maxSurge of Deployment tenant-acme/api is not known",
        cause: "undecided",
      },
    ],
  },
  {
    title: "fails an autoscaler whose maximum is none, and what else does not fit",
    changes: [
      hard("pods", "2"),
      autoscaler({}),
      set("HorizontalPodAutoscaler tenant-acme/api", ["spec", "maxReplicas"], "many"),
    ],
    findings: [
      {
        object: QUOTA,
        field: "",
        message:
          "cannot be decided: spec.maxReplicas of HorizontalPodAutoscaler tenant-acme/api is not known",
        cause: "undecided",
      },
    ],
    unknownPasses: true,
  },
  ...["requests", "limits"].flatMap((bound) =>
    ["cpu", "memory", "ephemeral-storage"].map((resource) => ({
      title: `fails ${bound} of no ${resource}`,
      changes: [
        set(DEPLOYMENT, [...POD, "containers", 0, "resources", bound, resource], "0"),
        set(DEPLOYMENT, [...POD, "initContainers", 0, "resources", bound, resource], "none"),
      ],
      findings: [
        ["containers", '"0"'],
        ["initContainers", '"none"'],
      ].map(([role, value]) => ({
        object: DEPLOYMENT,
        field: `spec.template.spec.${role}[0].resources.${bound}.${resource}`,
        message: `is ${value}; an amount above zero is needed`,
      })),
    })),
  ),
  {
    title: "fails limits that are not set, where a missing request would be the limit",
    changes: [set(DEPLOYMENT, [...POD, "containers", 0, "resources"], { limits: { cpu: "1" } })],
    findings: [
      "limits.ephemeral-storage",
      "limits.memory",
      "requests.ephemeral-storage",
      "requests.memory",
    ].map((field) => ({
      object: DEPLOYMENT,
      field: `spec.template.spec.containers[0].resources.${field}`,
      message: "is not set; an amount above zero is needed",
    })),
  },
  {
    title: "passes what is said for the whole pod",
    changes: [
      set(DEPLOYMENT, [...POD, "containers", 0, "resources"], {
        limits: { "ephemeral-storage": "1Gi" },
      }),
      set(DEPLOYMENT, [...POD, "resources"], { limits: { cpu: "1", memory: "1Gi" } }),
    ],
    findings: [],
  },
]);

describe("P1-QUO-4 on all kinds of workloads", () => {
  // Two containers in each pod, 500m each; the other pods of the tenant come to 1500m.
  const cpuOf = (
    kind: string,
    spec: Record<string, unknown> = {},
    more: readonly Change[] = [],
  ) => {
    const object = workload(kind, [], []);
    Object.assign(object["spec"] ?? {}, spec);
    const objects = changed([...compliantTenant(), object], [hard("limits.cpu", "1500m"), ...more]);
    const nodes = [1, 2].map((number) => ({
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: `node-${number}` },
    }));
    const platform = nodes.map((node) => objectNode(node, scopeOfTenant()));
    const [finding] = findingsOf(graphOf(objects, "acme", { objects: platform })).filter(
      ({ rule }) => rule === p1Quo4.id,
    );
    return finding?.message.replace(/,.*/, "").replace("all pods together come to ", "");
  };

  test.each([
    ["Pod", {}, "2500m"],
    ["PodTemplate", {}, undefined],
    ["ReplicationController", { replicas: 3 }, "4500m"],
    ["ReplicaSet", {}, "2500m"],
    ["Deployment", {}, "3500m"],
    ["StatefulSet", { replicas: 3 }, "4500m"],
    ["DaemonSet", {}, "3500m"],
    ["Job", { parallelism: 3 }, "4500m"],
    ["Job", { parallelism: 3, completions: 2 }, "3500m"],
    ["CronJob", {}, "2500m"],
    ["Rollout", { replicas: 4 }, "6500m"],
    ["Rollout", { replicas: 4, strategy: { blueGreen: {} } }, "9500m"],
  ])("counts a %s %o", (kind, spec, sum) => {
    expect(cpuOf(kind, spec)).toBe(sum);
  });

  test("counts what belongs to another object once", () => {
    const owner = { apiVersion: "apps/v1", kind: "Deployment", name: "api", controller: true };
    const owned = set("ReplicaSet tenant-acme/x", ["metadata", "ownerReferences"], [owner]);
    expect(cpuOf("ReplicaSet", {}, [owned])).toBeUndefined();
    const orphan = set(
      "ReplicaSet tenant-acme/x",
      ["metadata", "ownerReferences"],
      [{ ...owner, name: "gone" }],
    );
    expect(cpuOf("ReplicaSet", {}, [orphan])).toBe("2500m");
  });

  test("counts what claims an owner that makes no such objects", () => {
    const owner = { apiVersion: "apps/v1", kind: "Deployment", name: "api", controller: true };
    const claimed = set("StatefulSet tenant-acme/x", ["metadata", "ownerReferences"], [owner]);
    expect(cpuOf("StatefulSet", { replicas: 3 }, [claimed])).toBe("4500m");
  });

  test("counts no pod that has ended", () => {
    const ended = set("Pod tenant-acme/x", ["status"], { phase: "Succeeded" });
    expect(cpuOf("Pod", {}, [ended])).toBeUndefined();
  });

  test("counts a sidecar beside the others, and an overhead", () => {
    const pod = "Pod tenant-acme/x";
    const sidecar = set(pod, ["spec", "initContainers", 0, "restartPolicy"], "Always");
    expect(cpuOf("Pod", { overhead: { cpu: "250m" } }, [sidecar])).toBe("3250m");
  });
});

describe("S6 P1-QUO-4", () => {
  test.each([
    [["spec", "replicas"], "spec.replicas"],
    [["spec"], "spec"],
  ])("fails a quota where %o of a workload is not known", (path, field) => {
    const objects = changed(compliantTenant(), []);
    Object.assign(
      path.length === 1
        ? objects.find(({ kind }) => kind === "Deployment")!
        : (objects.find(({ kind }) => kind === "Deployment")!["spec"] as object),
      {
        [path.at(-1)!]: UNKNOWN,
      },
    );
    const found = findingsOf(graphOf(objects, "acme")).filter(
      ({ rule, object }) => rule === p1Quo4.id && object === QUOTA,
    );
    expect(found.map(({ cause, message }) => [cause, message])).toEqual([
      ["undecided", `cannot be decided: ${field} of Deployment tenant-acme/api is not known`],
    ]);
  });
});
