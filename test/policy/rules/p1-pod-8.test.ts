import { p1Pod1 } from "../../../lib/policy/rules/p1-pod-1";
import { p1Pod8 } from "../../../lib/policy/rules/p1-pod-8";
import { describeContainerCases, describePodCases } from "../rule-cases";

const ROOT = ["securityContext", "readOnlyRootFilesystem"];
const root = (value: string, at = "") => ({
  field: `${at}.securityContext.readOnlyRootFilesystem`,
  message: `readOnlyRootFilesystem is ${value}; allowed is true`,
});

describeContainerCases(p1Pod8, [
  { title: "fails where nothing is said", set: [[ROOT, undefined]], findings: [root("not set")] },
  { title: "fails a writable root", set: [[ROOT, false]], findings: [root("false")] },
  {
    title: "passes a config map's value in the environment",
    set: [[["env", 1], { name: "A", valueFrom: { configMapKeyRef: { name: "api", key: "k" } } }]],
    findings: [],
  },
  {
    title: "fails a secret's value in the environment",
    set: [
      [
        ["env", 1, "valueFrom", "secretKeyRef"],
        { name: "database", key: "password", optional: true },
      ],
    ],
    findings: [
      {
        field: ".env[1].valueFrom.secretKeyRef",
        message: "a secret is an environment variable",
      },
    ],
  },
  {
    title: "fails a whole secret in the environment",
    set: [[["envFrom", 1, "secretRef"], { name: "database", optional: true }]],
    findings: [{ field: ".envFrom[1].secretRef", message: "a secret is an environment variable" }],
  },
]);

describePodCases(p1Pod8, [
  {
    title: "passes a Windows pod without a read-only root, which it cannot have",
    set: [
      [["spec", "os"], { name: "windows" }],
      [["spec", "containers", 0, ...ROOT], undefined],
    ],
    findings: [],
  },
  {
    title: "fails shared processes",
    set: [[["spec", "shareProcessNamespace"], true]],
    findings: [
      {
        field: ".spec.shareProcessNamespace",
        message: "shareProcessNamespace is true; allowed is false",
      },
    ],
  },
  ...["/var/run/docker.sock", "/run/containerd/containerd.sock", "/run/crio/crio.sock/"].map(
    (path) => ({
      title: `fails the socket ${path}, which is a host path besides`,
      set: [[["spec", "volumes", 1], { name: "s", hostPath: { path } }] as const],
      findings: [
        {
          field: ".spec.volumes[1].hostPath.path",
          message: `"${path}" is the socket of a container runtime`,
        },
        {
          field: ".spec.volumes[1]",
          message: 'volume is of the kind "hostPath", which is not allowed',
          rule: p1Pod1,
        },
      ],
    }),
  ),
]);
