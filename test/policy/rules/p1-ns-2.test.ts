import { describe, expect, test } from "vitest";

import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { evaluate } from "../../../lib/policy/evaluation/evaluate";
import { p1Ns2 } from "../../../lib/policy/rules/p1-ns-2";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import type { Path } from "../change";
import { graphOf } from "../compliant-objects";
import { describePodCases, workload } from "../rule-cases";

const CONTEXT = ["spec", "securityContext"];
const pinned = (since: number) => `which is allowed from v1.${since} on; the namespace pins v1.29`;

// The compliant tenant's namespace pins v1.29.
describePodCases(
  p1Ns2,
  [
    {
      title: "passes what v1.29 took in",
      set: [
        [[...CONTEXT, "sysctls", 0, "name"], "net.ipv4.tcp_keepalive_time"],
        [[...CONTEXT, "seLinuxOptions", "type"], "container_kvm_t"],
      ],
      findings: [],
    },
    {
      title: "passes a pod with users of its own that runs as none of the node's either",
      set: [[["spec", "hostUsers"], false]],
      findings: [],
    },
    {
      title: "fails each sysctl of a newer version",
      set: [
        [[...CONTEXT, "sysctls", 1], { name: "net.ipv4.tcp_rmem", value: "1" }],
        [[...CONTEXT, "sysctls", 2], { name: "net.ipv4.tcp_notsent_lowat", value: "1" }],
      ],
      findings: [
        {
          field: ".spec.securityContext.sysctls[1].name",
          message: `sysctl is "net.ipv4.tcp_rmem", ${pinned(32)}`,
        },
        {
          field: ".spec.securityContext.sysctls[2].name",
          message: `sysctl is "net.ipv4.tcp_notsent_lowat", ${pinned(37)}`,
        },
      ],
    },
    {
      title: "fails a SELinux type of a newer version",
      set: [[[...CONTEXT, "seLinuxOptions", "type"], "container_engine_t"]],
      findings: [
        {
          field: ".spec.securityContext.seLinuxOptions.type",
          message: `SELinux type is "container_engine_t", ${pinned(31)}`,
        },
      ],
    },
  ],
  ["acme"],
);

const ENFORCED = "pod-security.kubernetes.io/enforce-version";
const ROOT = [["spec", "hostUsers"], false] as const;

/** What needs a newer version than v1.25, by the version that allows it; each on a pod or container. */
const NEWER: readonly (readonly [since: number, place: Path, path: Path, value: unknown])[] = [
  [27, [], [...CONTEXT, "sysctls", 0, "name"], "net.ipv4.ip_local_reserved_ports"],
  [29, [], [...CONTEXT, "sysctls", 0, "name"], "net.ipv4.tcp_fin_timeout"],
  [
    31,
    ["spec", "containers", 1],
    ["securityContext", "seLinuxOptions"],
    { type: "container_engine_t" },
  ],
  [
    31,
    ["spec", "ephemeralContainers", 1],
    ["securityContext", "seLinuxOptions"],
    { type: "container_engine_t" },
  ],
  [35, [], [...CONTEXT, "runAsNonRoot"], false],
  [35, [], [...CONTEXT, "runAsUser"], 0],
  [35, ["spec", "initContainers", 1], ["securityContext", "runAsUser"], 0],
];

describe.each(NEWER)("what v1.%i allows at %j %j", (since, place, path, value) => {
  const deployment = workload(
    "Deployment",
    [],
    [[[...place, ...path], value], ...(since === 35 ? [ROOT] : [])],
  );

  test.each([
    [since - 1, ["violation"]],
    [since, []],
    [since + 1, []],
    [100, []],
  ])("where the namespace pins v1.%i", (minor, causes) => {
    expect(causesOf([namespace(`v1.${minor}`), deployment])).toEqual(causes);
  });

  test.each(["latest", "1.35", undefined, UNKNOWN])("cannot be decided at %s", (version) => {
    expect(causesOf([namespace(version), deployment])).toEqual(["undecided"]);
  });

  test("cannot be decided without the namespace, or with another of its name that pins nothing", () => {
    expect(causesOf([deployment])).toEqual(["undecided"]);
    const two = [namespace("v1.99"), namespace(undefined), deployment];
    expect(causesOf(two)).toEqual(["undecided"]);
    expect(causesOf([...two].reverse())).toEqual(["undecided"]);
  });

  test("fails by the older of two namespaces of one name", () => {
    const two = [namespace(`v1.${since - 1}`), namespace("v1.99"), deployment];
    expect(causesOf(two)).toEqual(["violation"]);
    expect(causesOf([...two].reverse())).toEqual(["violation"]);
  });
});

test("says that it is root which needs the newer version", () => {
  const pod = workload("Pod", [], [ROOT, [[...CONTEXT, "runAsUser"], 0]]);
  const [result] = evaluate(graphOf([namespace("v1.34"), pod]), [p1Ns2]);
  expect(result?.findings.map(({ field, message }) => [field, message])).toEqual([
    [
      "spec.securityContext.runAsUser",
      "root in a pod with users of its own, which is allowed from v1.35 on; the namespace pins v1.34",
    ],
  ]);
});

test("leaves to P1-POD-6 and 7 what no version allows", () => {
  const pod = workload(
    "Pod",
    [],
    [
      [[...CONTEXT, "sysctls", 0, "name"], "kernel.msgmax"],
      [[...CONTEXT, "seLinuxOptions", "type"], "spc_t"],
      [[...CONTEXT, "runAsUser"], 0],
    ],
  );
  expect(causesOf([namespace("v1.25"), pod])).toEqual([]);
});

test("leaves alone a pod that needs nothing new, though its namespace is not known", () => {
  expect(causesOf([workload("CronJob", [], [ROOT])])).toEqual([]);
});

function namespace(version: unknown): KubernetesObject {
  const labels = version === undefined ? {} : { [ENFORCED]: version };
  const metadata = { name: "tenant-acme", labels };
  return { apiVersion: "v1", kind: "Namespace", metadata } as KubernetesObject;
}

function causesOf(objects: readonly KubernetesObject[]): string[] {
  const results = evaluate(graphOf(objects), [p1Ns2]);
  return results.flatMap(({ findings }) => findings.map(({ cause }) => cause));
}
