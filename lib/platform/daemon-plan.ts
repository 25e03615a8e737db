import { PLATFORM_NAMESPACE } from "../kubernetes/names";
import type { KubernetesObject } from "../kubernetes/object";
import { DAEMON_PORT, DAEMONS } from "./daemon";
import type { DaemonDescription, DaemonName } from "./daemon";

export interface DaemonPlanArgs {
  /** The daemons' image, by digest. */
  readonly image: string;
  /** The fleet file's text. It holds no secret. */
  readonly fleet: string;
  /** The cluster that they run on, as the fleet names it. */
  readonly cluster: string;
  /** What lets the policy monitor's account see the cluster: a role, and its binding. */
  readonly monitorRights: readonly KubernetesObject[];
}

const FLEET_CONFIG = "atom-fleet";
const PART_OF = "atom-selfhost";
const MONITOR: DaemonName = "policy-monitor";
const MEMORY = { request: "96Mi", limit: "256Mi" };
/**
 * The monitor holds its cluster: at most 180 MB were measured over 1,000 objects, and 330 MB over 24,000.
 * Node takes half of the limit for its heap.
 */
const MONITOR_MEMORY = { request: "256Mi", limit: "512Mi" };
/** Where a daemon may write. */
const WORK = "/var/lib/atom";

/**
 * The workloads of the platform's daemons: configuration first, then two objects a daemon. The policy monitor
 * looks at the cluster itself, so it alone has a token of the API server.
 */
export function planDaemons({
  image,
  fleet,
  cluster,
  monitorRights,
}: DaemonPlanArgs): readonly KubernetesObject[] {
  return [
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: FLEET_CONFIG, namespace: PLATFORM_NAMESPACE },
      data: { "atom.yaml": fleet },
    },
    ...monitorRights,
    ...DAEMONS.flatMap((daemon) => [serviceAccount(daemon), deployment(daemon, image, cluster)]),
  ];
}

function serviceAccount({ name }: DaemonDescription): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name, namespace: PLATFORM_NAMESPACE, labels: labelsOf(name) },
    automountServiceAccountToken: false,
  };
}

function deployment({ name }: DaemonDescription, image: string, cluster: string): KubernetesObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: PLATFORM_NAMESPACE, labels: labelsOf(name) },
    spec: {
      replicas: 1,
      revisionHistoryLimit: 5,
      progressDeadlineSeconds: 60,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      selector: { matchLabels: selectorOf(name) },
      template: {
        metadata: {
          labels: labelsOf(name),
          annotations: {
            "prometheus.io/scrape": "true",
            "prometheus.io/port": String(DAEMON_PORT),
            "prometheus.io/path": "/metrics",
          },
        },
        spec: podSpec(name, image, cluster),
      },
    },
  };
}

function podSpec(name: string, image: string, cluster: string): Record<string, unknown> {
  const isMonitor = name === MONITOR;
  const memory = isMonitor ? MONITOR_MEMORY : MEMORY;
  return {
    serviceAccountName: name,
    automountServiceAccountToken: isMonitor,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      fsGroup: 65532,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [
      {
        name,
        image,
        imagePullPolicy: "Always",
        args: [
          ...["serve", "--only", name, "--fleet", "/etc/atom/atom.yaml", "--host", "0.0.0.0"],
          ...(isMonitor ? liveArgs(cluster) : []),
        ],
        ports: [{ name: "metrics", containerPort: DAEMON_PORT, protocol: "TCP" }],
        resources: {
          requests: { cpu: "50m", memory: memory.request, "ephemeral-storage": "64Mi" },
          limits: { cpu: "500m", memory: memory.limit, "ephemeral-storage": "256Mi" },
        },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
        readinessProbe: probe({ initialDelaySeconds: 2, failureThreshold: 6 }),
        livenessProbe: probe({ initialDelaySeconds: 30, failureThreshold: 3 }),
        volumeMounts: [
          { name: "fleet", mountPath: "/etc/atom", readOnly: true },
          { name: "work", mountPath: WORK },
        ],
      },
    ],
    volumes: [
      { name: "fleet", configMap: { name: FLEET_CONFIG } },
      { name: "work", emptyDir: { sizeLimit: "128Mi" } },
    ],
  };
}

/** With the rights of the pod's own account. The fleet names contexts of other machines. */
function liveArgs(cluster: string): string[] {
  return ["--live", "--cluster", cluster, "--context", "inClusterContext", "--reports", WORK];
}

function probe(limits: { initialDelaySeconds: number; failureThreshold: number }) {
  // `/health` tells of what a daemon watches. A registry that is down is no reason to restart its daemon.
  return { httpGet: { path: "/metrics", port: "metrics" }, periodSeconds: 5, ...limits };
}

function selectorOf(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": name, "app.kubernetes.io/part-of": PART_OF };
}

function labelsOf(name: string): Record<string, string> {
  return { ...selectorOf(name), "app.kubernetes.io/managed-by": "pulumi" };
}
