import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { CROSS_NAMESPACE_FIELDS } from "../../../lib/policy/references/cross-namespace-fields";
import type { Allowed } from "../../../lib/policy/references/cross-namespace-fields";
import { write } from "../../policy/change";
import type { Path } from "../../policy/change";
import { compliantTenant } from "../../policy/compliant-objects";
import { workload } from "../../policy/rule-cases";
import { admissible } from "./admissible";
import { CUSTOM_VERSION } from "./custom-kinds";

const metadata = { name: "x", namespace: "tenant-acme" };

function monitor(kind: string, spec: object): KubernetesObject {
  return { apiVersion: `monitoring.coreos.com/${CUSTOM_VERSION}`, kind, metadata, spec };
}

function budget(spec: object): KubernetesObject {
  const selector = { matchLabels: { app: "api" } };
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata,
    spec: { selector, ...spec },
  };
}

function rollout(kind: string, ...set: readonly (readonly [Path, unknown])[]): KubernetesObject {
  const object = admissible(workload(kind, [], []));
  for (const [path, value] of set) write(object, path, value);
  return object;
}

function job(set: readonly (readonly [Path, unknown])[]): KubernetesObject {
  return rollout("Job", [["spec", "activeDeadlineSeconds"], 60], ...set);
}

const UNDO: Path = ["metadata", "annotations", "atom.cloud/undo"];
const HOOK: Path = ["metadata", "annotations", "helm.sh/hook"];
const role = (rules: unknown): KubernetesObject => {
  return { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata, rules };
};
const ingress = (path: string): KubernetesObject => {
  const backend = { service: { name: "api", port: { number: 80 } } };
  const rule = { host: "a.example.com", http: { paths: [{ path, pathType: "Prefix", backend }] } };
  const spec = { rules: [rule], tls: [{ hosts: ["a.example.com"], secretName: "tls" }] };
  return { apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata, spec };
};

/** A tenant's Namespace with something changed. */
function namespace(...set: readonly (readonly [Path, unknown])[]): KubernetesObject {
  const object = structuredClone(compliantTenant()[0]!);
  for (const [path, value] of set) write(object, path, value);
  return object;
}

/** Objects for the rules whose unit tests have no table of cases. */
export const MORE_OBJECTS: Readonly<Record<string, KubernetesObject>> = {
  "P5-1 of nobody": namespace([["metadata", "labels", "atom.cloud/role"], undefined]),
  "P5-1 of the platform": namespace([["metadata", "labels", "atom.cloud/role"], "platform"]),
  "P5-3 looks like another": namespace([["metadata", "name"], "kube-pub1ic"]),
  "P5-3 a name picked by hand": namespace([["metadata", "name"], "shop"]),
  "P4-3 a good monitor": monitor("ServiceMonitor", { sampleLimit: 1, endpoints: [{ port: "m" }] }),
  "P4-3 no limit": monitor("PodMonitor", { podMetricsEndpoints: [{ port: "m" }] }),
  "P4-3 a limit of 0": monitor("PodMonitor", { sampleLimit: 0 }),
  ...Object.fromEntries(
    [
      "5s",
      "4s",
      "1m",
      "0m4s",
      "4s1000ms",
      "4999ms",
      "5000ms",
      "1h",
      "1d",
      "1w",
      "1y",
      "",
      "1s1m",
      "5",
    ].map((interval) => [
      `P4-3 an interval of ${interval}`,
      monitor("ServiceMonitor", { sampleLimit: 1, endpoints: [{ interval }] }),
    ]),
  ),
  "P4-3 a path": monitor("ServiceMonitor", { sampleLimit: 1, endpoints: [{ path: "m" }] }),
  "P4-3 a scheme": monitor("ServiceMonitor", { sampleLimit: 1, endpoints: [{ scheme: "ftp" }] }),
  "P4-3 a scheme in capitals": monitor("ServiceMonitor", {
    sampleLimit: 1,
    endpoints: [{ scheme: "HTTPS" }],
  }),
  "P4-5 any": monitor("ServiceMonitor", { sampleLimit: 1, namespaceSelector: { any: true } }),
  "P4-5 honorLabels": monitor("PodMonitor", {
    sampleLimit: 1,
    podMetricsEndpoints: [{ honorLabels: true }],
  }),
  "P4-5 a file": monitor("PodMonitor", {
    sampleLimit: 1,
    podMetricsEndpoints: [{ tlsConfig: { caFile: "/x" } }],
  }),
  "P4-5 a literal": monitor("PodMonitor", {
    sampleLimit: 1,
    podMetricsEndpoints: [{ basicAuth: { password: "x" } }],
  }),
  "P4-5 a reference": monitor("PodMonitor", {
    sampleLimit: 1,
    podMetricsEndpoints: [{ basicAuth: { password: { name: "s", key: "k" } } }],
  }),
  "P4-8 metrics": ingress("/metrics"),
  "P4-8 below metrics": ingress("/metrics/x"),
  "P4-8 something else": ingress("/metrical"),
  "P6-2 too long": rollout("Deployment", [["spec", "minReadySeconds"], 100]),
  "P6-2 just long enough": rollout("Deployment", [["spec", "minReadySeconds"], 30]),
  "P6-3 a Job without an end": rollout("Job"),
  "P6-3 a Job with one": job([[UNDO, "none"]]),
  "P6-3 retries": job([
    [UNDO, "none"],
    [["spec", "backoffLimit"], 7],
  ]),
  "P6-3 suspended": job([
    [UNDO, "none"],
    [["spec", "suspend"], true],
  ]),
  "P6-3 a CronJob": rollout("CronJob", [
    ["spec", "jobTemplate", "spec", "activeDeadlineSeconds"],
    9,
  ]),
  "P6-3 a hook": rollout("Pod", [HOOK, "pre-install"], [UNDO, "none"]),
  "P6-3 a hook with an end": rollout("Pod", [HOOK, "test"], [["spec", "activeDeadlineSeconds"], 9]),
  "P7-2 one revision": rollout("StatefulSet", [["spec", "revisionHistoryLimit"], 1]),
  "P7-2 two revisions": rollout("DaemonSet", [["spec", "revisionHistoryLimit"], 2]),
  "P7-3 in time": rollout("Deployment", [["spec", "progressDeadlineSeconds"], 119]),
  "P7-3 too late": rollout("Deployment", [["spec", "progressDeadlineSeconds"], 120]),
  "P7-3 recreates": rollout("Deployment", [["spec", "strategy"], { type: "Recreate" }]),
  "P7-3 on delete": rollout("StatefulSet", [["spec", "updateStrategy"], { type: "OnDelete" }]),
  ...Object.fromEntries(
    ["100%", "99%", 2, 1, 0].map((maxUnavailable) => [
      `P7-3 ${maxUnavailable} away`,
      rollout(
        "Deployment",
        [["spec", "replicas"], 2],
        [["spec", "progressDeadlineSeconds"], 60],
        [["spec", "strategy"], { rollingUpdate: { maxUnavailable, maxSurge: 1 } }],
      ),
    ]),
  ),
  "P7-3 no probe": rollout("DaemonSet", [
    ["spec", "template", "spec", "containers", 0, "readinessProbe"],
    undefined,
  ]),
  "P7-3 all DaemonSet pods": rollout("DaemonSet", [
    ["spec", "updateStrategy"],
    { rollingUpdate: { maxUnavailable: "100%" } },
  ]),
  "P7-3 no eviction": budget({ maxUnavailable: 0 }),
  "P7-3 no eviction by percent": budget({ maxUnavailable: "0%" }),
  "P7-3 all stay": budget({ minAvailable: "100%" }),
  "P7-3 most stay": budget({ minAvailable: "99%" }),
  "P7-3 some stay": budget({ minAvailable: 5 }),
  "P7-4 a Job that says nothing": job([]),
  "P7-4 another word": job([[UNDO, "later"]]),
  "P7-4 irreversible": job([[UNDO, "irreversible"]]),
  "P7-4 a hook that is a claim": {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { ...metadata, annotations: { "helm.sh/hook": "pre-install" } },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  },
  "P7-4 volumes go": rollout("StatefulSet", [
    ["spec", "persistentVolumeClaimRetentionPolicy"],
    { whenDeleted: "Delete" },
  ]),
  "P7-4 deletes claims": job([
    [UNDO, "none"],
    [["spec", "template", "spec", "containers", 0, "args"], ["kubectl delete pvc data"]],
  ]),
  "P1-RBAC-3 a role without rules": role(undefined),
  "P1-RBAC-3 a role with none": role([]),
  "P1-RBAC-5 an old token": {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { ...metadata, annotations: { "kubernetes.io/service-account.name": "api" } },
    type: "kubernetes.io/service-account-token",
  },
};

const BAD: Readonly<Record<string, string>> = {
  own: "tenant-globex",
  "own or platform": "tenant-globex",
  exported: "*",
  host: "*/*",
  middlewares: "tenant-globex-auth@kubernetescrd",
};
const GOOD: Readonly<Record<string, string>> = {
  own: "tenant-acme",
  "own or platform": "atom-platform",
  exported: ".",
  host: "./*",
  middlewares: "tenant-acme-auth@kubernetescrd, atom-platform-tls@kubernetescrd, secure@file",
};

/** A good and a bad object for each field by which a custom resource may reach out. */
export function crossNamespaceObjects(): { title: string; object: KubernetesObject }[] {
  return CROSS_NAMESPACE_FIELDS.flatMap(({ group, kinds, fields }) =>
    kinds.flatMap((kind) =>
      Object.entries(fields).flatMap(([field, allowed]) =>
        valuesOf(allowed).map((value) => {
          const object: KubernetesObject =
            kind === "Ingress"
              ? structuredClone(ingress("/"))
              : { apiVersion: `${group}/${CUSTOM_VERSION}`, kind, metadata: { ...metadata } };
          write(object, pathOf(field), value);
          return { title: `P1-DATA-3 ${kind} ${field} ${String(value)}`, object };
        }),
      ),
    ),
  );
}

function valuesOf(allowed: Allowed): unknown[] {
  return typeof allowed === "object" ? ["Own", allowed.not] : [GOOD[allowed], BAD[allowed]];
}

/** The table's way to write a path, with the first element of each list. */
function pathOf(field: string): Path {
  return [...field.matchAll(/[^.[\]]+|\[([^\]]*)\]/g)].map(([key, inner]) =>
    inner === "" ? 0 : (inner ?? key),
  );
}
