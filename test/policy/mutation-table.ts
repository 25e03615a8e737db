import { set } from "./change";
import type { Change } from "./change";
import { clusterRoleBinding } from "./cluster-role-binding";
import { compliantContainer } from "./compliant-objects";
import { API } from "./mutation-fleet";

/** One mistake in a compliant fleet, and the rule that it breaks. */
export interface FleetMutation {
  readonly rule: string;
  readonly title: string;
  /** The last one is the mistake; what it needs to be made in comes before. */
  readonly changes: readonly Change[];
  /** Rules that the same mistake breaks by its nature. */
  readonly also?: readonly string[];
  /** Where other objects still make the rule pass if the value is not known. */
  readonly unknownPasses?: true;
}

const NAMESPACE = "Namespace tenant-acme";
const METADATA = { namespace: "tenant-acme", labels: { "atom.cloud/tenant": "acme" } };

function object(apiVersion: string, kind: string, fields: object, name = "extra"): Change {
  return { add: { apiVersion, kind, metadata: { name, ...METADATA }, ...fields } };
}

const MONITOR = {
  selector: { matchLabels: { app: "nobody" } },
  sampleLimit: 1000,
  podMetricsEndpoints: [{ port: "http" }],
};
const JOB_POD = {
  metadata: { labels: { app: "api" } },
  spec: {
    restartPolicy: "Never",
    serviceAccountName: "api",
    automountServiceAccountToken: false,
    containers: [],
  },
};

const IMAGE_POLICY: Change = {
  add: {
    apiVersion: "policy.sigstore.dev/v1beta1",
    kind: "ClusterImagePolicy",
    metadata: { name: "signed" },
    spec: {
      mode: "enforce",
      authorities: [
        { keyless: { identities: [{ issuer: "https://ci.example", subject: "atom" }] } },
      ],
    },
  },
};
const HELM_RELEASE: Change = {
  add: {
    apiVersion: "helm.toolkit.fluxcd.io/v2",
    kind: "HelmRelease",
    metadata: { name: "store", namespace: "atom-platform" },
    spec: {
      timeout: "1m",
      chart: { spec: { chart: "store", sourceRef: { kind: "HelmRepository", name: "charts" } } },
      upgrade: { remediation: { retries: 1 } },
    },
  },
};
const RELEASE = "HelmRelease atom-platform/store";
const depends = (on: string) =>
  set(API, ["metadata", "annotations", "config.kubernetes.io/depends-on"], on);

/** Deleted, flipped, or retargeted. */
export const FLEET_MUTATIONS: readonly FleetMutation[] = [
  {
    rule: "P1-NET-1",
    title: "the default-deny is deleted",
    changes: [{ remove: "NetworkPolicy tenant-acme/default-deny" }],
  },
  {
    rule: "P1-NET-1",
    title: "the default-deny denies no egress",
    changes: [set("NetworkPolicy tenant-acme/default-deny", ["spec", "policyTypes"], ["Ingress"])],
  },
  {
    rule: "P1-NET-2",
    title: "the default-deny has another name",
    changes: [set("NetworkPolicy tenant-acme/default-deny", ["metadata", "name"], "deny-all")],
    unknownPasses: true,
  },
  {
    rule: "P1-NET-3",
    title: "a policy lets everybody in",
    changes: [
      set("NetworkPolicy tenant-acme/allow-scrape", ["spec", "ingress", 0, "from", 1], {
        namespaceSelector: {},
      }),
    ],
  },
  {
    rule: "P1-NET-4",
    title: "a policy lets out to the metadata address",
    changes: [
      set("NetworkPolicy tenant-acme/allow-dns", ["spec", "egress", 1], {
        to: [{ ipBlock: { cidr: "169.254.169.254/32" } }],
      }),
    ],
  },
  {
    rule: "P1-NET-5",
    title: "a Service opens a port of each node",
    changes: [set("Service tenant-acme/api", ["spec", "type"], "NodePort")],
  },
  {
    rule: "P1-NET-6",
    title: "an Ingress takes every host",
    changes: [set("Ingress tenant-acme/api", ["spec", "rules", 0, "host"], "*.acme.example.com")],
  },
  {
    rule: "P1-NET-7",
    title: "a Service selects nobody's pods",
    changes: [set("Service tenant-acme/api", ["spec", "selector", "app"], "apj")],
  },
  {
    rule: "P1-NET-8",
    title: "another plugin's policy lets everybody in",
    changes: [
      object("cilium.io/v2", "CiliumNetworkPolicy", {
        spec: { endpointSelector: {}, ingress: [{ fromEntities: ["all"] }] },
      }),
    ],
    // It is a kind that nobody allows.
    also: ["P1-RBAC-2"],
  },
  {
    rule: "P1-RBAC-1",
    title: "a binding is retargeted to another tenant's account",
    changes: [set("RoleBinding tenant-acme/operator", ["subjects", 0, "namespace"], "tenant-beta")],
  },
  {
    rule: "P1-RBAC-2",
    title: "an object of an unknown kind is added",
    changes: [object("example.com/v1", "Widget", {})],
  },
  {
    rule: "P1-RBAC-3",
    title: "a role may do everything with pods",
    changes: [set("Role tenant-acme/operator", ["rules", 0, "verbs"], ["*"])],
  },
  {
    rule: "P1-RBAC-4",
    title: "a binding's role is not there",
    changes: [set("RoleBinding tenant-acme/operator", ["roleRef", "name"], "nobody")],
  },
  {
    rule: "P1-RBAC-5",
    title: "an account's token is mounted",
    changes: [set("ServiceAccount tenant-acme/api", ["automountServiceAccountToken"], true)],
  },
  {
    rule: "P1-RBAC-6",
    title: "a role may change quotas",
    changes: [
      set("Role tenant-acme/operator", ["rules", 1], {
        apiGroups: [""],
        resources: ["resourcequotas"],
        verbs: ["patch"],
      }),
    ],
  },
  {
    rule: "P1-RBAC-7",
    title: "every service account may read everything",
    changes: [{ add: clusterRoleBinding("everybody", "system:serviceaccounts") }],
  },
  {
    rule: "P1-NS-1",
    title: "the namespace enforces the baseline only",
    changes: [
      set(NAMESPACE, ["metadata", "labels", "pod-security.kubernetes.io/enforce"], "baseline"),
    ],
  },
  {
    rule: "P1-QUO-1",
    title: "the quota has no limit of memory",
    changes: [set("ResourceQuota tenant-acme/quota", ["spec", "hard", "limits.memory"], undefined)],
  },
  {
    rule: "P1-QUO-2",
    title: "the quota counts no secrets",
    changes: [set("ResourceQuota tenant-acme/quota", ["spec", "hard", "secrets"], undefined)],
  },
  {
    rule: "P1-QUO-3",
    title: "the limits are deleted",
    changes: [{ remove: "LimitRange tenant-acme/limits" }],
  },
  {
    rule: "P1-QUO-4",
    title: "the replicas do not fit the quota",
    changes: [set(API, ["spec", "replicas"], 29)],
  },
  {
    rule: "P1-DATA-1",
    title: "a claim is shared by many nodes",
    changes: [
      set("PersistentVolumeClaim tenant-acme/uploads", ["spec", "accessModes"], ["ReadWriteMany"]),
    ],
  },
  {
    rule: "P1-DATA-2",
    title: "the ConfigMap that a container reads is deleted",
    changes: [{ remove: "ConfigMap tenant-acme/api" }],
  },
  {
    rule: "P1-DATA-3",
    title: "a secret comes from everybody's store",
    changes: [
      object("external-secrets.io/v1", "ExternalSecret", {
        spec: { secretStoreRef: { kind: "ClusterSecretStore", name: "all" } },
      }),
    ],
    // It is a kind that nobody allows.
    also: ["P1-RBAC-2"],
  },
  {
    rule: "P4-1",
    title: "a daemon is not scraped",
    changes: [
      set(API, ["spec", "template", "metadata", "annotations", "prometheus.io/scrape"], "false"),
    ],
  },
  {
    rule: "P4-2",
    title: "the port that is scraped is none of the pod's",
    changes: [
      set(API, ["spec", "template", "metadata", "annotations", "prometheus.io/port"], "9099"),
    ],
  },
  {
    rule: "P4-3",
    title: "a monitor has no limit",
    changes: [
      object("monitoring.coreos.com/v1", "PodMonitor", {
        spec: { ...MONITOR, sampleLimit: undefined },
      }),
    ],
  },
  {
    rule: "P4-4",
    title: "the scrape is shut off",
    changes: [{ remove: "NetworkPolicy tenant-acme/allow-scrape" }],
  },
  {
    rule: "P4-5",
    title: "a monitor looks everywhere",
    changes: [
      object("monitoring.coreos.com/v1", "PodMonitor", {
        spec: { ...MONITOR, namespaceSelector: { any: true } },
      }),
    ],
  },
  {
    rule: "P4-8",
    title: "the Service of an Ingress leads to the metrics",
    changes: [set("Service tenant-acme/api", ["spec", "ports", 0, "targetPort"], "metrics")],
  },
  {
    rule: "P5-1",
    title: "a tenant has a second namespace",
    changes: [
      {
        add: {
          apiVersion: "v1",
          kind: "Namespace",
          metadata: { name: "tenant-acme-2", labels: { "atom.cloud/tenant": "acme" } },
        },
      },
    ],
    also: ["P1-NET-1", "P1-NS-1", "P1-QUO-1", "P1-QUO-2", "P1-QUO-3", "P1-RBAC-2"],
  },
  {
    rule: "P5-2",
    title: "a claim names no namespace",
    changes: [
      set("PersistentVolumeClaim tenant-acme/uploads", ["metadata", "namespace"], undefined),
    ],
  },
  {
    rule: "P5-7",
    title: "a second quota has the name of the first",
    changes: [
      {
        add: {
          apiVersion: "v1",
          kind: "ResourceQuota",
          metadata: { name: "quota", namespace: "tenant-acme" },
          spec: { hard: { "count/leases.coordination.k8s.io": "1" } },
        },
      },
    ],
    unknownPasses: true,
  },
  {
    rule: "P5-3",
    title: "a tenant takes a namespace of the system",
    changes: [set(NAMESPACE, ["metadata", "name"], "kube-system")],
    // The rest of what the tenant has stands in nobody's namespace then.
    also: ["P1-NET-1", "P1-QUO-1", "P1-QUO-2", "P1-QUO-3", "P1-RBAC-2", "P5-2"],
    unknownPasses: true,
  },
  {
    rule: "P4-6",
    title: "a sidecar is not scraped",
    changes: [
      set(API, ["spec", "template", "spec", "containers", 1], {
        ...compliantContainer("sidecar"),
        ports: [],
        readinessProbe: { exec: { command: ["true"] } },
        livenessProbe: undefined,
        startupProbe: undefined,
      }),
    ],
  },
  {
    rule: "P7-4",
    title: "a Job does not say how it is undone",
    changes: [object("batch/v1", "Job", { spec: { activeDeadlineSeconds: 5, template: JOB_POD } })],
  },
  {
    rule: "P6-2",
    title: "a workload may take minutes to be ready",
    changes: [set(API, ["spec", "minReadySeconds"], 600)],
  },
  {
    rule: "P6-3",
    title: "a Job may run for ever",
    changes: [object("batch/v1", "Job", { spec: { template: JOB_POD } })],
    also: ["P7-4"],
  },
  {
    rule: "P7-2",
    title: "no old revision is kept",
    changes: [set(API, ["spec", "revisionHistoryLimit"], 0)],
  },
  {
    rule: "P7-3",
    title: "no deadline is set",
    changes: [set(API, ["spec", "progressDeadlineSeconds"], undefined)],
  },
  {
    rule: "P1-NS-2",
    title: "the namespace pins an older version than its pods need",
    changes: [
      set(API, ["spec", "template", "spec", "securityContext", "sysctls", 0], {
        name: "net.ipv4.tcp_keepalive_time",
        value: "60",
      }),
      set(NAMESPACE, ["metadata", "labels", "pod-security.kubernetes.io/enforce-version"], "v1.28"),
    ],
  },
  {
    rule: "P2-5",
    title: "anybody's identity of an issuer may sign",
    changes: [
      IMAGE_POLICY,
      set(
        "ClusterImagePolicy signed",
        ["spec", "authorities", 0, "keyless", "identities", 0, "subject"],
        undefined,
      ),
    ],
  },
  {
    rule: "P2-5",
    title: "an identity is any text",
    changes: [
      IMAGE_POLICY,
      set(
        "ClusterImagePolicy signed",
        ["spec", "authorities", 0, "keyless", "identities", 0, "subjectRegExp"],
        "^.*$",
      ),
    ],
  },
  {
    rule: "P2-6",
    title: "what admits images only warns",
    changes: [IMAGE_POLICY, set("ClusterImagePolicy signed", ["spec", "mode"], "warn")],
  },
  {
    rule: "P5-4",
    title: "a namespace is named by the beginning of its tenant's id",
    changes: [set(NAMESPACE, ["metadata", "labels", "atom.cloud/tenant"], "acme-and-sons")],
    // It is not named as that tenant's namespace is, and its pods say that they are acme's.
    also: ["P1-NET-7", "P1-RBAC-2"],
  },
  {
    rule: "P5-5",
    title: "a ConfigMap names a Service of another tenant",
    changes: [
      set("ConfigMap tenant-acme/api", ["data", "DATABASE"], "db.tenant-beta.svc.cluster.local"),
    ],
  },
  {
    rule: "P5-5",
    title: "an Ingress has its requests mirrored to another tenant",
    changes: [
      set(
        "Ingress tenant-acme/api",
        ["metadata", "annotations", "nginx.ingress.kubernetes.io/mirror-target"],
        "http://api.tenant-beta.svc:8080$request_uri",
      ),
    ],
  },
  {
    rule: "P5-6",
    title: "Helm deletes the namespace with its chart",
    changes: [set(NAMESPACE, ["metadata", "labels", "app.kubernetes.io/managed-by"], "Helm")],
  },
  {
    rule: "P5-6",
    title: "Flux prunes the namespace that it was told to keep",
    changes: [
      set(NAMESPACE, ["metadata", "labels", "kustomize.toolkit.fluxcd.io/name"], "tenants"),
      set(NAMESPACE, ["metadata", "annotations", "kustomize.toolkit.fluxcd.io/prune"], "enabled"),
    ],
  },
  {
    rule: "P6-1",
    title: "a Job may take its time",
    changes: [
      object("batch/v1", "Job", { spec: { activeDeadlineSeconds: 5, template: JOB_POD } }),
      set("Job tenant-acme/extra", ["metadata", "annotations", "atom.cloud/undo"], "irreversible"),
      set("Job tenant-acme/extra", ["spec", "activeDeadlineSeconds"], 2000),
    ],
  },
  {
    rule: "P6-4",
    title: "a rollback may take minutes",
    changes: [HELM_RELEASE, set(RELEASE, ["spec", "timeout"], undefined)],
  },
  {
    rule: "P6-5",
    title: "a workload waits for itself",
    changes: [depends("apps/namespaces/tenant-acme/Deployment/api")],
  },
  {
    rule: "P6-5",
    title: "a workload waits for what comes after it",
    changes: [depends("networking.k8s.io/namespaces/tenant-acme/Ingress/api")],
  },
  {
    rule: "P7-5",
    title: "a release is suspended",
    changes: [HELM_RELEASE, set(RELEASE, ["spec", "suspend"], true)],
  },
  {
    rule: "P7-5",
    title: "nobody waits for a rollback",
    changes: [HELM_RELEASE, set(RELEASE, ["spec", "rollback", "disableWait"], true)],
  },
  {
    rule: "P7-6",
    title: "an install that failed is uninstalled",
    changes: [HELM_RELEASE, set(RELEASE, ["spec", "install", "remediation", "retries"], 3)],
  },
  {
    rule: "P7-6",
    title: "an upgrade that failed is uninstalled",
    changes: [
      HELM_RELEASE,
      set(RELEASE, ["spec", "upgrade", "remediation", "strategy"], "uninstall"),
    ],
  },
];
