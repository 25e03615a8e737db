import { k8s } from "cdk8s-plus-27";

import {
  image,
  isReplicated,
  name,
  objectMeta,
  podLabels,
  selectorLabels,
  service,
} from "./chart-service";
import { configDigest } from "./config";
import { SECRETS_FOLDER } from "./secret-files";
import { SECRETS, TEMPORARY } from "./service-rules";
import { asMap, eachEntry, not, text, when } from "./template/symbol";
import type { Template } from "./template/placeholder";
import type { TemplateChart } from "./template/synthesize";

/** Rollbacks in the cluster reach back this far. */
const REVISIONS_KEPT = 5;
/** A rollout that has not come up after this many seconds has failed. */
const ROLLOUT_SECONDS = 60;
/** The user `nonroot` of the usual minimal base images. */
const NON_ROOT = 65532;
const HTTP = "http";
const METRICS = "metrics";
/** Below it are the folders that a service asked for. */
const VOLUMES_FOLDER = "/var/lib/atom";

const podAnnotations = {
  "prometheus.io/scrape": "true",
  "prometheus.io/port": text(service.metricsPort),
  "prometheus.io/path": "/metrics",
  // Changed configuration rolls the pods.
  "atom.cloud/config-digest": configDigest,
};

const container: Template<k8s.Container> = {
  name,
  image,
  // Always, so that no tenant starts an image that another one pulled to the node.
  imagePullPolicy: "Always",
  ports: [
    { name: HTTP, containerPort: service.port, protocol: "TCP" },
    { name: METRICS, containerPort: service.metricsPort, protocol: "TCP" },
  ],
  // From a ConfigMap and not as `env`, where Kubernetes would replace $(NAME) in the values.
  envFrom: [{ configMapRef: { name } }],
  resources: {
    requests: asMap(service.resources.requests),
    limits: asMap(service.resources.limits),
  },
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    capabilities: { drop: ["ALL"] },
  },
  // Ready within 2 + 6 * 5 = 32 seconds or the rollout has failed; liveness judges only after that.
  readinessProbe: health({ initialDelaySeconds: 2, periodSeconds: 5, failureThreshold: 6 }),
  livenessProbe: health({ initialDelaySeconds: 32, periodSeconds: 10, failureThreshold: 3 }),
  volumeMounts: [
    { name: TEMPORARY, mountPath: "/tmp" },
    eachEntry(service.volumes, ["volume", "size"], (volume) => ({
      name: volume,
      mountPath: text(`${VOLUMES_FOLDER}/`, volume),
    })),
    when(service.secrets, { name: SECRETS, mountPath: SECRETS_FOLDER, readOnly: true }),
  ],
};

const podSpec: Template<k8s.PodSpec> = {
  serviceAccountName: name,
  automountServiceAccountToken: false,
  // Without this a pod gets the addresses of all services of the namespace as variables.
  enableServiceLinks: false,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: NON_ROOT,
    runAsGroup: NON_ROOT,
    fsGroup: NON_ROOT,
    seccompProfile: { type: "RuntimeDefault" },
  },
  containers: [container],
  volumes: [
    {
      name: TEMPORARY,
      emptyDir: { sizeLimit: service.resources.requests["ephemeral-storage"] },
    },
    eachEntry(service.volumes, ["volume", "size"], (volume, size) => ({
      name: volume,
      emptyDir: { sizeLimit: size },
    })),
    when(service.secrets, {
      name: SECRETS,
      csi: {
        driver: "secrets-store.csi.k8s.io",
        readOnly: true,
        volumeAttributes: { secretProviderClass: name },
      },
    }),
  ],
  topologySpreadConstraints: when(isReplicated, [
    {
      maxSkew: 1,
      topologyKey: "kubernetes.io/hostname",
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: selectorLabels },
    },
  ]),
};

export function addServiceAccount(chart: TemplateChart): void {
  chart.add(k8s.KubeServiceAccount, {
    metadata: objectMeta,
    automountServiceAccountToken: false,
  });
}

export function addDeployment(chart: TemplateChart): void {
  chart.add(k8s.KubeDeployment, {
    metadata: objectMeta,
    spec: {
      // The autoscaler owns the number once there is one.
      replicas: when(not(service.autoscaling.enabled), service.replicas),
      selector: { matchLabels: selectorLabels },
      revisionHistoryLimit: REVISIONS_KEPT,
      progressDeadlineSeconds: ROLLOUT_SECONDS,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: { metadata: { labels: podLabels, annotations: podAnnotations }, spec: podSpec },
    },
  });
}

export function addService(chart: TemplateChart): void {
  chart.add(k8s.KubeService, {
    metadata: objectMeta,
    spec: {
      type: "ClusterIP",
      selector: selectorLabels,
      // Metrics are scraped from each pod, so they have no place here, nor on an Ingress.
      ports: [{ name: HTTP, port: 80, protocol: "TCP", targetPort: HTTP }],
    },
  });
}

/** A drained node takes one pod of a service at a time; a single pod is not to block the drain. */
export function addDisruptionBudget(chart: TemplateChart): void {
  chart.add(
    k8s.KubePodDisruptionBudget,
    {
      metadata: objectMeta,
      spec: { maxUnavailable: 1, selector: { matchLabels: selectorLabels } },
    },
    isReplicated,
  );
}

export function addAutoscaler(chart: TemplateChart): void {
  const { enabled, maxReplicas, targetCpuPercent } = service.autoscaling;
  chart.add(
    k8s.KubeHorizontalPodAutoscalerV2,
    {
      metadata: objectMeta,
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
        minReplicas: service.replicas,
        maxReplicas,
        metrics: [
          {
            type: "Resource",
            resource: {
              name: "cpu",
              target: { type: "Utilization", averageUtilization: targetCpuPercent },
            },
          },
        ],
      },
    },
    enabled,
  );
}

function health(timing: Template<Partial<k8s.Probe>>): Template<k8s.Probe> {
  return { httpGet: { path: service.probes.path, port: HTTP }, timeoutSeconds: 2, ...timing };
}
