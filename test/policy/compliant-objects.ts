import type { KubernetesObject } from "../../lib/kubernetes/object";
import { objectNode, ResourceGraph } from "../../lib/policy/graph/graph";
import type { GraphContent, Scope } from "../../lib/policy/graph/graph";

export const CLUSTER = "eu-prod";
const DIGEST = "sha256:" + "ab".repeat(32);

/** A tenant that keeps every rule: plain objects, new ones on each call. */
export function compliantTenant(tenant = "acme"): KubernetesObject[] {
  const namespace = `tenant-${tenant}`;
  const meta = (name: string) => ({ name, namespace, labels: { "atom.cloud/tenant": tenant } });
  const objects = [
    namespaceOf(tenant),
    policy(meta("default-deny"), { podSelector: {}, policyTypes: ["Ingress", "Egress"] }),
    dnsPolicy(meta("allow-dns"), tenant),
    {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: meta("quota"),
      spec: {
        hard: {
          "requests.cpu": "8",
          "limits.cpu": "8",
          "requests.memory": "16Gi",
          "limits.memory": "16Gi",
          "requests.storage": "100Gi",
          pods: "30",
          services: "30",
          secrets: "60",
          configmaps: "60",
          persistentvolumeclaims: "30",
          "services.nodeports": "0",
          "services.loadbalancers": "0",
        },
      },
    },
    {
      apiVersion: "v1",
      kind: "LimitRange",
      metadata: meta("limits"),
      spec: {
        limits: [
          {
            type: "Container",
            default: { cpu: "500m", memory: "512Mi" },
            defaultRequest: { cpu: "100m", memory: "128Mi" },
            max: { cpu: "8", memory: "16Gi" },
          },
          { type: "PersistentVolumeClaim", max: { storage: "100Gi" } },
        ],
      },
    },
    ...operator(meta("operator"), namespace),
    deployment(meta("api"), tenant),
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: meta("api"),
      automountServiceAccountToken: false,
    },
    { apiVersion: "v1", kind: "ConfigMap", metadata: meta("api"), data: { LOG_LEVEL: "info" } },
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: meta("uploads"),
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: meta("api"),
      spec: { selector: { app: "api" }, ports: [{ name: "http", port: 80, targetPort: "http" }] },
    },
    ingress(meta("api"), `api.${tenant}.example.com`),
  ];
  // Apart from each other: a test that changes one object's metadata changes no other's.
  return objects.map((object) => structuredClone(object));
}

/** The scope of a tenant's objects, or of the platform's without a tenant. */
export function scopeOfTenant(tenant?: string): Scope {
  return tenant === undefined ? { cluster: CLUSTER } : { cluster: CLUSTER, tenant };
}

/** A graph of one tenant's objects, and whatever else a test adds. */
export function graphOf(
  objects: readonly KubernetesObject[],
  tenant?: string,
  content: Partial<GraphContent> = {},
): ResourceGraph {
  const scope = scopeOfTenant(tenant);
  const nodes = objects.map((object) => objectNode(object, scope));
  return new ResourceGraph({
    clusters: [CLUSTER],
    ...content,
    objects: [...nodes, ...(content.objects ?? [])],
  });
}

/** A container that keeps every rule, with its place to write. */
export function compliantContainer(name: string): Record<string, unknown> {
  return {
    name,
    image: `registry.example:5000/atom/${name}@${DIGEST}`,
    imagePullPolicy: "Always",
    ports: [{ name: "http", containerPort: 8080 }],
    env: [{ name: "MODE", value: "production" }],
    envFrom: [{ configMapRef: { name: "api" } }],
    readinessProbe: { httpGet: { path: "/health", port: "http" } },
    livenessProbe: { tcpSocket: { port: "http" } },
    startupProbe: { httpGet: { path: "/health", port: "http" } },
    lifecycle: { preStop: { exec: { command: ["sleep", "5"] } } },
    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
    resources: {
      requests: { cpu: "100m", memory: "128Mi", "ephemeral-storage": "64Mi" },
      limits: { cpu: "500m", memory: "512Mi", "ephemeral-storage": "256Mi" },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      privileged: false,
      capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
    },
  };
}

/** A pod that keeps every rule: one regular, one init and one ephemeral container. */
export function compliantPod(): {
  metadata: Record<string, unknown>;
  spec: Record<string, unknown>;
} {
  return {
    metadata: { labels: { app: "api" }, annotations: { "prometheus.io/scrape": "true" } },
    spec: {
      serviceAccountName: "api",
      automountServiceAccountToken: false,
      hostNetwork: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        seccompProfile: { type: "RuntimeDefault" },
        seLinuxOptions: { type: "container_t" },
        sysctls: [{ name: "net.ipv4.tcp_syncookies", value: "1" }],
      },
      initContainers: [compliantContainer("migrate")],
      containers: [compliantContainer("api")],
      ephemeralContainers: [compliantContainer("debug")],
      volumes: [{ name: "tmp", emptyDir: {} }],
    },
  };
}

function namespaceOf(tenant: string): KubernetesObject {
  const profiles = ["enforce", "audit", "warn"].flatMap((mode) => [
    [`pod-security.kubernetes.io/${mode}`, "restricted"],
    [`pod-security.kubernetes.io/${mode}-version`, "v1.29"],
  ]);
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: `tenant-${tenant}`,
      labels: {
        ...(Object.fromEntries(profiles) as Record<string, string>),
        "atom.cloud/role": "tenant",
        "atom.cloud/tenant": tenant,
      },
    },
  };
}

function policy(
  metadata: KubernetesObject["metadata"],
  spec: Record<string, unknown>,
): KubernetesObject {
  return { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec };
}

function dnsPolicy(metadata: KubernetesObject["metadata"], tenant: string): KubernetesObject {
  return policy(metadata, {
    podSelector: { matchLabels: { "atom.cloud/tenant": tenant } },
    policyTypes: ["Egress"],
    egress: [
      {
        to: [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
            podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
          },
        ],
        ports: [{ protocol: "UDP", port: 53 }],
      },
    ],
  });
}

function ingress(metadata: KubernetesObject["metadata"], host: string): KubernetesObject {
  const backend = { service: { name: "api", port: { name: "http" } } };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { ...metadata, annotations: { "cert-manager.io/cluster-issuer": "atom" } },
    spec: {
      rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
      tls: [{ hosts: [host], secretName: "api-tls" }],
    },
  };
}

function operator(
  metadata: KubernetesObject["metadata"],
  namespace: string,
): readonly KubernetesObject[] {
  const rbac = { apiVersion: "rbac.authorization.k8s.io/v1", metadata };
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata, automountServiceAccountToken: false },
    {
      ...rbac,
      kind: "Role",
      rules: [{ apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get", "list"] }],
    },
    {
      ...rbac,
      kind: "RoleBinding",
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "operator" },
      subjects: [{ kind: "ServiceAccount", name: "operator", namespace }],
    },
  ];
}

function deployment(metadata: KubernetesObject["metadata"], tenant: string): KubernetesObject {
  const { metadata: podMetadata, spec } = compliantPod();
  // Nobody writes ephemeral containers into a template; a running pod has them.
  delete spec["ephemeralContainers"];
  const labels = { app: "api", "atom.cloud/tenant": tenant };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: "api" } },
      template: { metadata: { ...podMetadata, labels }, spec },
    },
  };
}
