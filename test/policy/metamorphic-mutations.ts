import fc from "fast-check";
import type { KubernetesObject } from "../../lib/kubernetes/object";
import { placesIn, write } from "./change";
import type { Path } from "./change";
import { workload } from "./rule-cases";

/** Changes a fleet's objects; the given ones stay as they are. */
export type FleetMutation = (objects: readonly KubernetesObject[]) => KubernetesObject[];

/** Any change to the fleet of some tenants: of a field, of an object, or between two tenants. */
export function fleetMutation(tenants: readonly string[]): fc.Arbitrary<FleetMutation> {
  const tenant = fc.constantFrom(...tenants);
  const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  return fc.oneof(
    { weight: 3, arbitrary: fc.tuple(share, share, fieldValue(tenants)).map(anyField) },
    { weight: 3, arbitrary: fc.tuple(share, fc.constantFrom(...POD_FIELDS)).map(podField) },
    { weight: 2, arbitrary: fc.tuple(tenant, share).map(addedWorkload) },
    { weight: 2, arbitrary: fc.tuple(tenant, tenant, share).map(addedObject) },
    { weight: 1, arbitrary: share.map(removed) },
    { weight: 1, arbitrary: share.map(repeated) },
    { weight: 2, arbitrary: fc.tuple(share, tenant, tenant).map(retargeted) },
  );
}

/** `undefined` removes the field. */
function fieldValue(tenants: readonly string[]): fc.Arbitrary<unknown> {
  const names = tenants.flatMap((tenant) => [tenant, `tenant-${tenant}`]);
  return fc.oneof(
    fc.constant(undefined),
    fc.constantFrom(null, true, false, 0, 1, 65_536, -1, "", "*", [], {}, [null], ["*"]),
    fc.constantFrom("x", "true", "0", "100m", "64Gi", "kube-system", "default", "cluster-admin"),
    fc.constantFrom(...names),
  );
}

const at = <T>(list: readonly T[], share: number): T => list[Math.floor(share * list.length)]!;

/** Any place in any object gets any value. */
function anyField([object, place, value]: [number, number, unknown]): FleetMutation {
  return (objects) => {
    const fleet = structuredClone([...objects]);
    const paths = fleet.length > 0 ? placesIn(at(fleet, object)) : [];
    if (paths.length > 0) write(at(fleet, object), at(paths, place), structuredClone(value));
    return fleet;
  };
}

/** Below a container, or the pod's spec where the first step says so. */
const POD_FIELDS: readonly (readonly [Path, unknown])[] = [
  [["securityContext", "privileged"], true],
  [["securityContext", "allowPrivilegeEscalation"], undefined],
  [["securityContext", "readOnlyRootFilesystem"], false],
  [["securityContext", "capabilities", "drop"], []],
  [["securityContext", "capabilities", "add"], ["SYS_ADMIN"]],
  [["securityContext", "runAsNonRoot"], false],
  [["securityContext", "procMount"], "Unmasked"],
  [["image"], "registry.example:5000/atom/api:latest"],
  [["imagePullPolicy"], "IfNotPresent"],
  [["ports", 0, "hostPort"], 80],
  [["readinessProbe"], undefined],
  [["resources", "limits", "memory"], undefined],
  [["resources", "requests", "cpu"], "7"],
  [["env"], [{ name: "A", valueFrom: { secretKeyRef: { name: "none", key: "a" } } }]],
  [["spec", "hostNetwork"], true],
  [["spec", "serviceAccountName"], "default"],
  [["spec", "automountServiceAccountToken"], true],
  [["spec", "volumes", 0], { name: "tmp", hostPath: { path: "/" } }],
  [["spec", "tolerations"], [{ operator: "Exists" }]],
  [["spec", "nodeName"], "node-1"],
  [["spec", "shareProcessNamespace"], true],
  [["spec", "terminationGracePeriodSeconds"], 600],
];

/** A known mistake in one of the fleet's pods. */
function podField([share, [path, value]]: [number, readonly [Path, unknown]]): FleetMutation {
  return (objects) => {
    const fleet = structuredClone([...objects]);
    const deployments = fleet.filter((object) => isTemplate(object));
    if (deployments.length === 0) return fleet;
    const inPod = path[0] === "spec" ? path : ["spec", "containers", 0, ...path];
    const template = (at(deployments, share)["spec"] as { template: unknown }).template;
    write(template, inPod, structuredClone(value));
    return fleet;
  };
}

function isTemplate(object: KubernetesObject | null): boolean {
  const spec = object?.["spec"] as { template?: { spec?: { containers?: unknown } } } | undefined;
  return Array.isArray(spec?.template?.spec?.containers);
}

const KINDS = ["Pod", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob", "Rollout"];

function addedWorkload([tenant, share]: [string, number]): FleetMutation {
  const object = workload(at(KINDS, share), [], []);
  const metadata = { name: `x-${Math.floor(share * 3)}`, namespace: `tenant-${tenant}` };
  return (objects) => [...objects, { ...object, metadata }];
}

/** An object with which one tenant reaches for another, or for everybody. */
function addedObject([tenant, other, share]: [string, string, number]): FleetMutation {
  const namespace = `tenant-${tenant}`;
  const object = (apiVersion: string, kind: string, rest: object): KubernetesObject => ({
    apiVersion,
    kind,
    metadata: { name: `added-${kind.toLowerCase()}`, namespace },
    ...rest,
  });
  const peer = { matchLabels: { "kubernetes.io/metadata.name": `tenant-${other}` } };
  const rbac = "rbac.authorization.k8s.io";
  const added = [
    object("v1", "Service", {
      spec: { type: "ExternalName", externalName: `api.tenant-${other}.svc.cluster.local` },
    }),
    object("v1", "Service", { spec: { type: "NodePort", selector: { app: "api" } } }),
    object("networking.k8s.io/v1", "NetworkPolicy", {
      spec: { podSelector: {}, ingress: [{ from: [{ namespaceSelector: peer }] }] },
    }),
    object("networking.k8s.io/v1", "Ingress", {
      spec: { rules: [{ host: `api.${other}.example.com` }] },
    }),
    object(`${rbac}/v1`, "RoleBinding", {
      roleRef: { apiGroup: rbac, kind: "Role", name: "operator" },
      subjects: [{ kind: "ServiceAccount", name: "operator", namespace: `tenant-${other}` }],
    }),
    object(`${rbac}/v1`, "Role", {
      rules: [{ apiGroups: ["*"], resources: ["secrets"], verbs: ["*"] }],
    }),
    object(`${rbac}/v1`, "ClusterRole", { rules: [] }),
    object("monitoring.coreos.com/v1", "ServiceMonitor", {
      spec: { namespaceSelector: { any: true }, selector: {}, endpoints: [{ port: "http" }] },
    }),
    object("v1", "Namespace", {}),
    object("example.com/v1", "Widget", { spec: { namespace: `tenant-${other}` } }),
    object("v1", "Secret", { type: "kubernetes.io/service-account-token" }),
    object("v1", "LimitRange", { spec: { limits: [{ type: "Container" }] } }),
    object("policy/v1", "PodDisruptionBudget", {
      spec: { maxUnavailable: 0, selector: { matchLabels: { app: "api" } } },
    }),
  ];
  return (objects) => [...objects, at(added, share)];
}

function removed(share: number): FleetMutation {
  return (objects) => objects.filter((object) => object !== at(objects, share));
}

function repeated(share: number): FleetMutation {
  return (objects) => (objects.length === 0 ? [] : [...objects, at(objects, share)]);
}

/** Everything in one object that speaks of one tenant speaks of another. */
function retargeted([share, from, to]: [number, string, string]): FleetMutation {
  return (objects) =>
    objects.map((object) =>
      object === at(objects, share)
        ? (JSON.parse(JSON.stringify(object).replaceAll(from, to)) as KubernetesObject)
        : object,
    );
}
