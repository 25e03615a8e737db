import type { Chart } from "cdk8s";
import { k8s } from "cdk8s-plus-27";

import { isReplicated, objectMeta, podLabels, selectorLabels } from "./chart-service";
import type { ChartService } from "./chart-service";
import { configDigest } from "./config";
import { SECRETS_FOLDER } from "./secret-files";
import type { ResourceAmounts } from "./service";

/** Rollbacks in the cluster reach back this far. */
const REVISIONS_KEPT = 5;
/** A rollout that has not come up after this many seconds has failed. */
const ROLLOUT_SECONDS = 60;
/** The user `nonroot` of the usual minimal base images. */
const NON_ROOT = 65532;
const HTTP = "http";
const METRICS = "metrics";
const TEMPORARY = "tmp";
const SECRETS = "secrets";

export function addServiceAccount(chart: Chart, service: ChartService): void {
  new k8s.KubeServiceAccount(chart, `account-${service.name}`, {
    metadata: objectMeta(service),
    automountServiceAccountToken: false,
  });
}

export function addDeployment(chart: Chart, service: ChartService): void {
  const { name, values } = service;
  new k8s.KubeDeployment(chart, `deployment-${name}`, {
    metadata: objectMeta(service),
    spec: {
      // The autoscaler owns the number once there is one.
      ...(values.autoscaling.enabled ? {} : { replicas: values.replicas }),
      selector: { matchLabels: selectorLabels(service) },
      revisionHistoryLimit: REVISIONS_KEPT,
      progressDeadlineSeconds: ROLLOUT_SECONDS,
      strategy: {
        type: "RollingUpdate",
        rollingUpdate: {
          maxUnavailable: k8s.IntOrString.fromNumber(0),
          maxSurge: k8s.IntOrString.fromNumber(1),
        },
      },
      template: {
        metadata: { labels: podLabels(service), annotations: podAnnotations(service) },
        spec: podSpec(service),
      },
    },
  });
}

export function addService(chart: Chart, service: ChartService): void {
  new k8s.KubeService(chart, `service-${service.name}`, {
    metadata: objectMeta(service),
    spec: {
      type: "ClusterIP",
      selector: selectorLabels(service),
      // Metrics are scraped from each pod, so they have no place here, nor on an Ingress.
      ports: [
        { name: HTTP, port: 80, protocol: "TCP", targetPort: k8s.IntOrString.fromString(HTTP) },
      ],
    },
  });
}

/** A drained node takes one pod of a service at a time; a single pod is not to block the drain. */
export function addDisruptionBudget(chart: Chart, service: ChartService): void {
  if (!isReplicated(service)) return;
  new k8s.KubePodDisruptionBudget(chart, `disruption-budget-${service.name}`, {
    metadata: objectMeta(service),
    spec: {
      maxUnavailable: k8s.IntOrString.fromNumber(1),
      selector: { matchLabels: selectorLabels(service) },
    },
  });
}

export function addAutoscaler(chart: Chart, service: ChartService): void {
  const { name, values } = service;
  if (!values.autoscaling.enabled) return;
  new k8s.KubeHorizontalPodAutoscalerV2(chart, `autoscaler-${name}`, {
    metadata: objectMeta(service),
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
      minReplicas: values.replicas,
      maxReplicas: values.autoscaling.maxReplicas,
      metrics: [
        {
          type: "Resource",
          resource: {
            name: "cpu",
            target: {
              type: "Utilization",
              averageUtilization: values.autoscaling.targetCpuPercent,
            },
          },
        },
      ],
    },
  });
}

function podAnnotations(service: ChartService): Record<string, string> {
  return {
    "prometheus.io/scrape": "true",
    "prometheus.io/port": String(service.values.metricsPort),
    "prometheus.io/path": "/metrics",
    // Changed configuration rolls the pods.
    "atom.cloud/config-digest": configDigest(service),
  };
}

function podSpec(service: ChartService): k8s.PodSpec {
  return {
    serviceAccountName: service.name,
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
    containers: [container(service)],
    volumes: [
      {
        name: TEMPORARY,
        emptyDir: {
          sizeLimit: k8s.Quantity.fromString(
            service.values.resources.requests["ephemeral-storage"],
          ),
        },
      },
      ...(hasSecrets(service) ? [secretsVolume(service)] : []),
    ],
    ...(isReplicated(service) ? { topologySpreadConstraints: [spread(service)] } : {}),
  };
}

function container(service: ChartService): k8s.Container {
  const { name, image, values } = service;
  return {
    name,
    image,
    // Always, so that no tenant starts an image that another one pulled to the node.
    imagePullPolicy: "Always",
    ports: [
      { name: HTTP, containerPort: values.port, protocol: "TCP" },
      { name: METRICS, containerPort: values.metricsPort, protocol: "TCP" },
    ],
    // From a ConfigMap and not as `env`, where Kubernetes would replace $(NAME) in the values.
    envFrom: [{ configMapRef: { name } }],
    resources: {
      requests: quantities(values.resources.requests),
      limits: quantities(values.resources.limits),
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
      ...(hasSecrets(service)
        ? [{ name: SECRETS, mountPath: SECRETS_FOLDER, readOnly: true }]
        : []),
    ],
  };
}

function health(timing: Partial<k8s.Probe>): k8s.Probe {
  return {
    httpGet: { path: "/health", port: k8s.IntOrString.fromString(HTTP) },
    timeoutSeconds: 2,
    ...timing,
  };
}

function quantities(amounts: ResourceAmounts): Record<string, k8s.Quantity> {
  return Object.fromEntries(
    Object.entries(amounts).map(([name, amount]: [string, string]) => [
      name,
      k8s.Quantity.fromString(amount),
    ]),
  );
}

function spread(service: ChartService): k8s.TopologySpreadConstraint {
  return {
    maxSkew: 1,
    topologyKey: "kubernetes.io/hostname",
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: selectorLabels(service) },
  };
}

function secretsVolume({ name }: ChartService): k8s.Volume {
  return {
    name: SECRETS,
    csi: {
      driver: "secrets-store.csi.k8s.io",
      readOnly: true,
      volumeAttributes: { secretProviderClass: name },
    },
  };
}

function hasSecrets({ values }: ChartService): boolean {
  return values.secrets.length > 0;
}
