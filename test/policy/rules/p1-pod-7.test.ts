import { expect, test } from "vitest";

import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { evaluate } from "../../../lib/policy/evaluation/evaluate";
import { p1Pod7 } from "../../../lib/policy/rules/p1-pod-7";
import { graphOf } from "../compliant-objects";
import { describeContainerCases, describePodCases, workload } from "../rule-cases";

const CONTEXT = "securityContext";
const SECCOMP = [CONTEXT, "seccompProfile"];
const LISTS = ["containers", "initContainers", "ephemeralContainers"];
const ALL = LISTS.flatMap((list) => [0, 1].map((index) => ["spec", list, index]));
const APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/api";
const ANNOTATION = ["metadata", "annotations", APP_ARMOR];

const profile = (what: string, value: string, at = "") => ({
  field: `${at}.securityContext.${what}.type`,
  message: `${what} is ${value}; allowed are RuntimeDefault and Localhost`,
});
const each = (value: unknown) => ALL.map((place) => [[...place, ...SECCOMP], value] as const);
const annotation = (value: string) => ({
  field: `.metadata.annotations["${APP_ARMOR}"]`,
  message: `AppArmor profile is ${value}; allowed are runtime/default and localhost/…`,
});
const selinux = (value: string, at = "") => ({
  field: `${at}.securityContext.seLinuxOptions.type`,
  message: `SELinux type is ${value}; allowed are container_t, container_init_t, container_kvm_t, container_engine_t`,
});

/** At every version. */
const SYSCTLS = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_syncookies",
];
/** At newer versions: whether the namespace pins one is for another rule. */
const NEWER_SYSCTLS = [
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_notsent_lowat",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_slow_start_after_idle",
  "net.ipv4.tcp_wmem",
];

describeContainerCases(p1Pod7, [
  {
    title: "passes a local profile and the runtime's AppArmor",
    set: [
      [SECCOMP, { type: "Localhost", localhostProfile: "p.json" }],
      [[CONTEXT, "appArmorProfile"], { type: "RuntimeDefault" }],
      [[CONTEXT, "seLinuxOptions"], { type: "container_kvm_t", level: "s0:c1,c2" }],
    ],
    findings: [],
  },
  {
    title: "fails Unconfined over the pod's RuntimeDefault",
    set: [[[...SECCOMP, "type"], "Unconfined"]],
    findings: [profile("seccompProfile", '"Unconfined"')],
  },
  {
    title: "fails a profile without a type",
    set: [[SECCOMP, {}]],
    findings: [profile("seccompProfile", "not set")],
  },
  {
    title: "fails an AppArmor profile of Unconfined",
    set: [[[CONTEXT, "appArmorProfile"], { type: "Unconfined" }]],
    findings: [profile("appArmorProfile", '"Unconfined"')],
  },
  {
    title: "fails another SELinux type, user and role",
    set: [[[CONTEXT, "seLinuxOptions"], { type: "spc_t", user: "u", role: "r" }]],
    findings: [
      selinux('"spc_t"'),
      {
        field: ".securityContext.seLinuxOptions.user",
        message: "SELinux user is set; allowed is none",
      },
      {
        field: ".securityContext.seLinuxOptions.role",
        message: "SELinux role is set; allowed is none",
      },
    ],
  },
]);

describePodCases(p1Pod7, [
  ...SYSCTLS.map((name) => ({
    title: `passes the sysctl ${name}`,
    set: [[["spec", CONTEXT, "sysctls", 0, "name"], name] as const],
    findings: [],
  })),
  {
    title: "passes a pod that leaves seccomp to its containers",
    set: [[["spec", ...SECCOMP], undefined], ...each({ type: "RuntimeDefault" })],
    findings: [],
  },
  {
    title: "passes a Windows pod without seccomp",
    set: [
      [["spec", "os"], { name: "windows" }],
      [["spec", ...SECCOMP], undefined],
    ],
    findings: [],
  },
  ...["runtime/default", "localhost/custom", "", null].map((value) => ({
    title: `passes AppArmor's annotation ${String(value)}`,
    set: [[ANNOTATION, value] as const],
    findings: [],
  })),
  {
    title: "fails the container that says nothing where the pod says nothing",
    set: [[["spec", ...SECCOMP], undefined], ...each({ type: "Localhost" }).slice(1)],
    findings: [profile("seccompProfile", "not set", ".spec.containers[0]")],
  },
  {
    title: "fails the pod's Unconfined, even if every container is confined",
    set: [[["spec", ...SECCOMP, "type"], "Unconfined"], ...each({ type: "RuntimeDefault" })],
    findings: [profile("seccompProfile", '"Unconfined"', ".spec")],
  },
  {
    title: "fails the pod's AppArmor profile",
    set: [[["spec", CONTEXT, "appArmorProfile", "type"], "Unconfined"]],
    findings: [profile("appArmorProfile", '"Unconfined"', ".spec")],
  },
  {
    title: "fails AppArmor's annotation unconfined",
    set: [[ANNOTATION, "unconfined"]],
    findings: [annotation('"unconfined"')],
  },
  {
    title: "fails AppArmor's annotation of another type",
    set: [[ANNOTATION, true]],
    findings: [annotation("true")],
  },
  {
    title: "fails the pod's SELinux type",
    set: [[["spec", CONTEXT, "seLinuxOptions", "type"], "unconfined_t"]],
    findings: [selinux('"unconfined_t"', ".spec")],
  },
  {
    title: "fails a sysctl of the node",
    set: [[["spec", CONTEXT, "sysctls", 1], { name: "kernel.msgmax", value: "1" }]],
    findings: [
      {
        field: ".spec.securityContext.sysctls[1].name",
        message: 'sysctl "kernel.msgmax" reaches past the pod',
      },
    ],
  },
]);

test.each(NEWER_SYSCTLS)("P1-POD-7 passes the sysctl %s, which is of a newer version", (name) => {
  expectPass(workload("Pod", [], [[["spec", CONTEXT, "sysctls", 0, "name"], name]]));
});

test("P1-POD-7 passes the SELinux type container_engine_t, which is of a newer version", () => {
  const path = ["spec", "containers", 0, CONTEXT, "seLinuxOptions"];
  expectPass(workload("Pod", [], [[path, { type: "container_engine_t" }]]));
});

function expectPass(object: KubernetesObject): void {
  const [result] = evaluate(graphOf([object]), [p1Pod7]);
  expect(result?.findings).toEqual([]);
}
