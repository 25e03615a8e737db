import { describe, expect, test } from "vitest";

import type { PodTemplate } from "../../../lib/kubernetes/pod-template";
import { podSecurityViolations } from "../../../lib/policy/pod-security/violations";
import type { PodSecurityLevel } from "../../../lib/policy/pod-security/violations";
import { write } from "../change";
import type { Path } from "../change";
import { compliantPod } from "../compliant-objects";

const MINORS = Array.from({ length: 13 }, (_, index) => 25 + index);
const CONTEXT = "securityContext";
const CONTAINER = ["spec", "containers", 0];
const OWN_USERS = [["spec", "hostUsers"], false] as const;
const PROBE = { httpGet: { path: "/", port: 80, host: "db" } };

type Set = readonly (readonly [Path, unknown])[];

/** A pod that keeps every standard, with values written into it. */
function podWith(set: Set): PodTemplate {
  const pod = compliantPod();
  for (const [path, value] of set) write(pod, path, value);
  return { path: "", ...pod };
}

/** The versions at which one check, and no other, says something. */
function brokenAt(level: PodSecurityLevel, check: string, set: Set): number[] {
  return MINORS.filter((minor) => {
    const violations = podSecurityViolations(podWith(set), { level, minor });
    expect(violations.filter((violation) => violation.check !== check)).toEqual([]);
    return violations.length > 0;
  });
}

const before = (minor: number) => MINORS.filter((each) => each < minor);
const from = (minor: number) => MINORS.filter((each) => each >= minor);

const sysctl = (name: string): Set => [[["spec", CONTEXT, "sysctls", 0, "name"], name]];
const SYSCTLS = {
  "net.ipv4.ip_local_reserved_ports": 27,
  "net.ipv4.tcp_fin_timeout": 29,
  "net.ipv4.tcp_keepalive_intvl": 29,
  "net.ipv4.tcp_keepalive_probes": 29,
  "net.ipv4.tcp_keepalive_time": 29,
  "net.ipv4.tcp_rmem": 32,
  "net.ipv4.tcp_wmem": 32,
  "net.ipv4.tcp_notsent_lowat": 37,
  "net.ipv4.tcp_slow_start_after_idle": 37,
};

describe.each(["baseline", "restricted"] as const)("%s", (level) => {
  test("passes a pod that says all that is asked for, at every version", () => {
    expect(brokenAt(level, "none", [])).toEqual([]);
  });

  test.each(Object.entries(SYSCTLS))("allows the sysctl %s from v1.%i on", (name, since) => {
    expect(brokenAt(level, "sysctls", sysctl(name))).toEqual(before(since));
  });

  test("allows the SELinux type container_engine_t from v1.31 on", () => {
    const set = (place: Path): Set => [[[...place, CONTEXT, "seLinuxOptions"], { type: ENGINE }]];
    expect(brokenAt(level, "seLinuxOptions", set(["spec"]))).toEqual(before(31));
    expect(brokenAt(level, "seLinuxOptions", set(CONTAINER))).toEqual(before(31));
  });

  test("forbids the hosts of probes and hooks from v1.34 on", () => {
    const check = "hostProbesAndHostLifecycle";
    expect(brokenAt(level, check, [[[...CONTAINER, "livenessProbe"], PROBE]])).toEqual(from(34));
    const hook: Set = [[[...CONTAINER, "lifecycle", "postStart"], PROBE]];
    expect(brokenAt(level, check, hook)).toEqual(from(34));
  });

  const ALWAYS: readonly (readonly [check: string, path: Path, value: unknown])[] = [
    ["hostNamespaces", ["spec", "hostPID"], true],
    ["hostPorts", [...CONTAINER, "ports", 0, "hostPort"], 22],
    ["privileged", [...CONTAINER, CONTEXT, "privileged"], true],
    ["windowsHostProcess", ["spec", CONTEXT, "windowsOptions"], { hostProcess: true }],
    ["appArmorProfile", ["spec", CONTEXT, "appArmorProfile"], { type: "Unconfined" }],
    ["seLinuxOptions", ["spec", CONTEXT, "seLinuxOptions"], { type: "spc_t" }],
    ["sysctls", ["spec", CONTEXT, "sysctls", 0, "name"], "kernel.msgmax"],
  ];
  test.each(ALWAYS)("forbids at every version what breaks %s", (check, path, value) => {
    expect(brokenAt(level, check, [[path, value]])).toEqual(MINORS);
  });
});

const ENGINE = "container_engine_t";
const UNMASKED = [[...CONTAINER, CONTEXT, "procMount"], "Unmasked"] as const;

test("baseline allows an unmasked /proc from v1.35 on, to a pod with users of its own", () => {
  expect(brokenAt("baseline", "procMount", [UNMASKED])).toEqual(MINORS);
  expect(brokenAt("baseline", "procMount", [UNMASKED, OWN_USERS])).toEqual(before(35));
});

test("restricted allows nobody an unmasked /proc", () => {
  expect(brokenAt("restricted", "procMount_restricted", [UNMASKED, OWN_USERS])).toEqual(MINORS);
});

const ROOT: Readonly<Record<string, Set>> = {
  runAsUser: [[[...CONTAINER, CONTEXT, "runAsUser"], 0]],
  runAsNonRoot: [[["spec", CONTEXT, "runAsNonRoot"], undefined]],
};

test.each(Object.entries(ROOT))(
  "restricted allows root from v1.35 on, to a pod with users of its own: %s",
  (check, set) => {
    expect(brokenAt("restricted", check, set)).toEqual(MINORS);
    expect(brokenAt("restricted", check, [...set, OWN_USERS])).toEqual(before(35));
    expect(brokenAt("baseline", check, set)).toEqual([]);
  },
);

/** What the two levels see differently: the check of each, and undefined where there is none. */
const LEVELS: readonly (readonly [
  title: string,
  set: Set,
  baseline: string | undefined,
  restricted: string,
])[] = [
  [
    "a host path",
    [[["spec", "volumes", 0], { name: "v", hostPath: { path: "/" } }]],
    "hostPathVolumes",
    "restrictedVolumes",
  ],
  [
    "a network share",
    [[["spec", "volumes", 0], { name: "v", nfs: {} }]],
    undefined,
    "restrictedVolumes",
  ],
  [
    "a default capability",
    [[[...CONTAINER, CONTEXT, "capabilities", "add"], ["CHOWN"]]],
    undefined,
    "capabilities_restricted",
  ],
  [
    "another capability",
    [[[...CONTAINER, CONTEXT, "capabilities", "add"], ["NET_RAW"]]],
    "capabilities_baseline",
    "capabilities_restricted",
  ],
  [
    "no drop of capabilities",
    [[[...CONTAINER, CONTEXT, "capabilities", "drop"], undefined]],
    undefined,
    "capabilities_restricted",
  ],
  [
    "seccomp turned off",
    [[["spec", CONTEXT, "seccompProfile", "type"], "Unconfined"]],
    "seccompProfile_baseline",
    "seccompProfile_restricted",
  ],
  [
    "no seccomp profile",
    [[["spec", CONTEXT, "seccompProfile"], undefined]],
    undefined,
    "seccompProfile_restricted",
  ],
  [
    "privilege escalation",
    [[[...CONTAINER, CONTEXT, "allowPrivilegeEscalation"], undefined]],
    undefined,
    "allowPrivilegeEscalation",
  ],
];

describe.each(LEVELS)("%s", (_, set, baseline, restricted) => {
  test.each([
    ["baseline", baseline],
    ["restricted", restricted],
  ] as const)("at %s", (level, check) => {
    expect(brokenAt(level, check ?? "none", set)).toEqual(check === undefined ? [] : MINORS);
  });
});

test("says where and what", () => {
  const pod = podWith([
    [["spec", "hostNetwork"], true],
    [["spec", "initContainers", 0, "ports"], [{ containerPort: 22, hostPort: 22 }]],
  ]);
  // Wherever an object carries it.
  const template = { ...pod, path: "spec.template" };
  expect(podSecurityViolations(template, { level: "baseline", minor: 35 })).toEqual([
    {
      check: "hostNamespaces",
      field: ".spec.hostNetwork",
      message: "hostNetwork is true; allowed is false",
    },
    {
      check: "hostPorts",
      field: ".spec.initContainers[0].ports[0].hostPort",
      message: "hostPort is 22; allowed is none",
    },
  ]);
});

test("fails a pod that it cannot read", () => {
  const pod = podWith([[[...CONTAINER, CONTEXT], "none"]]);
  expect(() => podSecurityViolations(pod, { level: "baseline", minor: 35 })).toThrow(
    "is no object",
  );
});
