import fc from "fast-check";
import type { Path } from "../../policy/change";

type Changes = readonly (readonly [Path, unknown])[];

/** A field of a pod, mostly left as it is, and values that break a rule or do not. */
function field(path: Path, ...values: readonly unknown[]): fc.Arbitrary<Changes> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.constantFrom(...values).map((value) => [[path, value] as const]) },
  );
}

const CONTEXT = "securityContext";

function containerFields(role: string): fc.Arbitrary<Changes>[] {
  const at = (...path: Path): Path => ["spec", role, 1, ...path];
  return [
    field(at("image"), "api:latest", "api", "registry.example:5000/other/api@sha256:1"),
    field(at("imagePullPolicy"), "IfNotPresent", "Never"),
    field(at(CONTEXT), undefined, {}, { privileged: true }),
    field(at(CONTEXT, "allowPrivilegeEscalation"), undefined, true),
    field(at(CONTEXT, "readOnlyRootFilesystem"), undefined, false),
    field(at(CONTEXT, "runAsNonRoot"), true, false),
    field(at(CONTEXT, "runAsUser"), 0, 5),
    field(at(CONTEXT, "capabilities"), undefined, { drop: ["all"] }, { drop: ["ALL", "KILL"] }),
    field(at(CONTEXT, "capabilities", "add"), ["NET_ADMIN"], []),
    field(at(CONTEXT, "seccompProfile"), { type: "Unconfined" }, { type: "RuntimeDefault" }),
    field(at(CONTEXT, "appArmorProfile"), { type: "Unconfined" }, { type: "RuntimeDefault" }),
    field(at(CONTEXT, "seLinuxOptions"), { type: "spc_t" }, { type: "" }, { user: "u" }),
    field(at(CONTEXT, "procMount"), "Default"),
    field(at("ports", 0, "hostPort"), 0, 8080),
    field(at("livenessProbe"), undefined, { httpGet: { port: 1, host: "10.0.0.1" } }),
    field(at("livenessProbe"), { tcpSocket: { port: 1 } }, { tcpSocket: { port: 1, host: "x" } }),
    field(at("readinessProbe"), undefined, { httpGet: { port: 1 }, initialDelaySeconds: 100 }),
    field(at("startupProbe"), undefined, { httpGet: { port: 1 }, failureThreshold: 13 }),
    field(at("env"), [{ name: "X", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }], []),
    field(at("envFrom"), [{ secretRef: { name: "s" } }], [{ configMapRef: { name: "c" } }]),
    field(at("resources"), undefined, { limits: { cpu: "1" } }),
    field(at("resources", "limits", "memory"), undefined, "1.5Gi"),
    field(at("resources", "requests"), undefined, { cpu: "0", memory: "1" }, { cpu: "0" }),
    field(at("command"), ["kubectl", "delete", "pvc", "--all"], ["serve"]),
  ];
}

/** Changes of a pod that breaks no rule on containers, a few at a time. */
export const POD_CHANGES: fc.Arbitrary<Changes> = fc
  .tuple(
    ...containerFields("containers"),
    ...containerFields("initContainers"),
    field(["spec", "hostNetwork"], true),
    field(["spec", "hostPID"], true),
    field(["spec", "hostUsers"], false, true),
    field(["spec", "shareProcessNamespace"], true, false),
    field(["spec", "automountServiceAccountToken"], undefined, true),
    field(["spec", "nodeName"], "node-1"),
    field(["spec", "nodeSelector"], { "kubernetes.io/hostname": "x" }, { disk: "ssd" }),
    field(["spec", "nodeSelector"], { "atom.cloud/tenant": "acme" }, { "atom.cloud/tenant": "b" }),
    field(
      ["spec", "tolerations"],
      [{ operator: "Exists" }],
      [{ key: "atom.cloud/tenant", value: "acme", effect: "NoSchedule" }],
      [{ key: "atom.cloud/tenant", operator: "Exists" }],
      [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists" }],
    ),
    field(["spec", CONTEXT], undefined, {}),
    field(["spec", CONTEXT, "runAsNonRoot"], undefined, false),
    field(["spec", CONTEXT, "runAsUser"], 0, 7),
    field(["spec", CONTEXT, "seccompProfile"], undefined, { type: "Unconfined" }),
    field(["spec", CONTEXT, "sysctls"], [{ name: "kernel.msgmax", value: "1" }], []),
    field(["spec", "volumes", 1], {
      name: "v",
      hostPath: { path: "/run/containerd/containerd.sock" },
    }),
    field(
      ["spec", "volumes", 1],
      { name: "v", emptyDir: {} },
      { name: "v", nfs: { server: "s", path: "/" } },
    ),
    field(["spec", "volumes", 1], {
      name: "v",
      projected: { sources: [{ serviceAccountToken: { path: "t", audience: "vault" } }] },
    }),
    field(["metadata", "annotations"], { "prometheus.io/scrape": "yes" }, undefined),
  )
  .map((changes) => changes.flat());
