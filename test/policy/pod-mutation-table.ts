import type { Path } from "./change";

/** One mistake in a pod (below its template) or in a container. */
export interface PodMutation {
  readonly rule: string;
  readonly path: Path;
  readonly value: unknown;
  readonly also?: readonly string[];
  /** Roles of containers that the rule is not about. */
  readonly not?: readonly string[];
}

/** Tried on every kind of workload. */
export const POD_MUTATIONS: readonly PodMutation[] = [
  {
    rule: "P1-POD-1",
    path: ["spec", "volumes", 0],
    value: { name: "tmp", hostPath: { path: "/var" } },
  },
  { rule: "P1-POD-2", path: ["spec", "hostNetwork"], value: true },
  {
    rule: "P1-POD-7",
    path: ["spec", "securityContext", "seccompProfile", "type"],
    value: "Unconfined",
  },
  { rule: "P1-POD-8", path: ["spec", "shareProcessNamespace"], value: true },
  {
    rule: "P1-NS-2",
    path: ["spec", "securityContext", "seLinuxOptions", "type"],
    value: "container_engine_t",
  },
  { rule: "P1-RBAC-5", path: ["spec", "automountServiceAccountToken"], value: true },
  { rule: "P1-NODE-1", path: ["spec", "nodeName"], value: "node-1" },
  {
    rule: "P1-DATA-2",
    path: ["spec", "volumes", 0],
    value: { name: "tmp", secret: { secretName: "none" } },
  },
  { rule: "P5-5", path: ["metadata", "annotations", "a"], value: "http://db.tenant-beta.svc/" },
];

/** Tried on regular, init and ephemeral containers of every kind of workload. */
export const CONTAINER_MUTATIONS: readonly PodMutation[] = [
  { rule: "P1-POD-2", path: ["ports", 0, "hostPort"], value: 80 },
  { rule: "P1-POD-3", path: ["securityContext", "privileged"], value: true },
  { rule: "P1-POD-4", path: ["securityContext", "capabilities", "drop"], value: [] },
  { rule: "P1-POD-5", path: ["securityContext", "allowPrivilegeEscalation"], value: true },
  { rule: "P1-POD-6", path: ["securityContext", "runAsNonRoot"], value: false },
  { rule: "P1-POD-7", path: ["securityContext", "seLinuxOptions"], value: { type: "spc_t" } },
  { rule: "P1-POD-8", path: ["securityContext", "readOnlyRootFilesystem"], value: false },
  {
    rule: "P1-NS-2",
    path: ["securityContext", "seLinuxOptions", "type"],
    value: "container_engine_t",
  },
  { rule: "P1-IMG-1", path: ["imagePullPolicy"], value: "IfNotPresent" },
  { rule: "P2-1", path: ["image"], value: "registry.example:5000/atom/api:1" },
  { rule: "P1-DATA-5", path: ["image"], value: `docker.io/library/api@sha256:${"ab".repeat(32)}` },
  {
    rule: "P1-QUO-4",
    path: ["resources", "limits", "memory"],
    value: undefined,
    // Kubernetes takes no resources for those.
    not: ["ephemeralContainers"],
  },
  { rule: "P1-DATA-2", path: ["envFrom", 0, "configMapRef", "name"], value: "none" },
  { rule: "P5-5", path: ["env", 0, "value"], value: "http://db.tenant-beta.svc:8080" },
  { rule: "P5-5", path: ["args"], value: ["--database", "db.tenant-beta"] },
  {
    rule: "P5-5",
    path: ["env"],
    value: [
      { name: "TENANT", value: "beta" },
      { name: "URL", value: "http://db.tenant-$(TENANT).svc" },
    ],
  },
];
