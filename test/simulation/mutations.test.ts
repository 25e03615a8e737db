import { pino } from "pino";
import { beforeAll, expect, test } from "vitest";
import type { Daemon } from "../../lib/daemons/daemon";
import { identityOf } from "../../lib/kubernetes/diff-objects";
import type { KubernetesObject } from "../../lib/kubernetes/object";
import { objectDigest } from "../../lib/kubernetes/object-digest";
import { evaluate } from "../../lib/policy/evaluation/evaluate";
import { ResourceGraph } from "../../lib/policy/graph/graph";
import type { ChartNode, GraphContent, ReplicaNode } from "../../lib/policy/graph/graph";
import { graphFromResources } from "../../lib/policy/graph/graph-from-resources";
import { DEPENDS_ON } from "../../lib/policy/provisioning/declared-dependencies";
import { ALL_RULES } from "../../lib/policy/rules";
import { signImage } from "../../lib/signing/image-signature";
import { generateSigningKey } from "../../lib/signing/key";
import type { DeclaredProvenance } from "../../lib/signing/provenance";
import type { SignatureRecord } from "../../lib/signing/signature";
import { recordFleet } from "../../lib/simulation/chart-step";
import { scrapeDaemons } from "../../lib/simulation/metrics-step";
import { syncVault } from "../../lib/simulation/vault-step";
import { SimulatedClock } from "../../lib/support/clock";
import { hexOf, sha256 } from "../../lib/support/digest";
import { Redactor } from "../../lib/support/redactor";
import type { StackInputs } from "../../stacks/stack-inputs";
import { exampleInputs } from "../example-fleet";
import { clusterRoleBinding } from "../policy/cluster-role-binding";

// The whole example fleet, changed in one place for each rule: that rule finds it, and no other.

type Fields = Record<string, unknown>;

/** A copy of the example's graph that may be changed. */
type Content = { -readonly [K in keyof GraphContent]: GraphContent[K] };

const DAEMON: Daemon = {
  name: "mirror",
  reconcile: () => Promise.resolve({ healthy: true, summary: "as declared" }),
};

let content: GraphContent;
beforeAll(async () => {
  const inputs = await exampleInputs();
  const resources = [];
  for await (const stack of recordFleet(inputs)) resources.push(...stack.resources);
  content = graphFromResources(resources, {
    trustedKeys: inputs.signing.trustedKeys,
    replicas: await replicasOf(inputs),
    metrics: await scrapeDaemons([DAEMON], inputs.fleet, { log: pino({ level: "silent" }) }),
  });
});

/** The fleet's secrets, replicated in memory. */
async function replicasOf({ fleet, folder }: StackInputs): Promise<readonly ReplicaNode[]> {
  const clock = new SimulatedClock(new Date("2026-01-01T00:00:00.000Z"));
  const options = { folder, key: generateSigningKey(), clock, redactor: new Redactor() };
  const context = { log: pino({ level: "silent" }), progress: () => undefined };
  const { result } = await syncVault(fleet, options, context);
  return result.replicas.flatMap(({ records }) => records);
}

/** @param rendered whether the charts came to what the mutation made of their objects. */
function findings(mutate: (content: Content) => void, rendered = true): string[] {
  // Its lists, and none of what a graph makes of them.
  const copy: Content = structuredClone({ ...content });
  mutate(copy);
  if (rendered) copy.charts = copy.charts.map((chart) => rerendered(chart, copy));
  return evaluate(new ResourceGraph(copy), ALL_RULES)
    .flatMap((result) => result.findings)
    .map(({ rule, object }) => `${rule} ${object}`);
}

/** A chart that recorded its objects as they are now. */
function rerendered(chart: ChartNode, { objects }: Content): ChartNode {
  const own = objects.filter(
    ({ rendered, scope }) =>
      rendered && scope.cluster === chart.scope.cluster && scope.tenant === chart.scope.tenant,
  );
  const digests = own.map(({ object }) => [identityOf(object), objectDigest(object)] as const);
  return { ...chart, render: { objects: Object.fromEntries(digests), signatures: [] } };
}

/** Something inside one of acme's objects in Europe: `acme(c, "Deployment", "api", "spec", "template")`. */
function acme(
  { objects }: Content,
  kind: string,
  name: string,
  ...path: (string | number)[]
): Fields {
  const node = objects.find(
    ({ scope, object }) =>
      scope.cluster === "eu-prod" &&
      scope.tenant === "acme" &&
      object.kind === kind &&
      object.metadata.name === name,
  );
  let place: unknown = node?.object;
  for (const step of path) place = (place as Fields | undefined)?.[step];
  if (typeof place !== "object" || place === null) {
    throw new Error(`acme has no ${kind} ${name} ${path.join(".")}`);
  }
  return place as Fields;
}

const template = (c: Content, ...path: (string | number)[]) =>
  acme(c, "Deployment", "api", "spec", "template", ...path);
const container = (c: Content, ...path: string[]) => template(c, "spec", "containers", 0, ...path);
const set = (target: Fields, values: Fields) => void Object.assign(target, values);
const remove = (target: Fields, key: string) => void delete target[key];

function addObject(c: Content, object: KubernetesObject): void {
  const id = `${object.kind} ${object.metadata.namespace}/${object.metadata.name}`;
  c.objects = [...c.objects, { id, scope: { cluster: "eu-prod", tenant: "acme" }, object }];
}

/** Has a monitor scrape acme's api instead of the annotations. */
function addMonitor(c: Content, spec: Fields): void {
  remove(template(c, "metadata"), "annotations");
  addObject(c, {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PodMonitor",
    metadata: { name: "api", namespace: "tenant-acme" },
    spec: {
      selector: { matchLabels: acme(c, "Deployment", "api", "spec", "selector", "matchLabels") },
      sampleLimit: 10_000,
      podMetricsEndpoints: [{ port: "metrics" }],
      ...spec,
    },
  });
}

/** Has Flux install a chart for the platform, with nothing wrong but what is told. */
function addHelmRelease(c: Content, fields: Fields): void {
  const sourceRef = { kind: "HelmRepository", name: "charts" };
  const object = {
    apiVersion: "helm.toolkit.fluxcd.io/v2",
    kind: "HelmRelease",
    metadata: { name: "store", namespace: "atom-platform" },
    spec: {
      timeout: "1m",
      chart: { spec: { chart: "store", version: "1.2.3", sourceRef } },
      upgrade: { remediation: { retries: 1 } },
      ...fields,
    },
  };
  const scope = { cluster: "eu-prod" };
  c.objects = [...c.objects, { id: "HelmRelease atom-platform/store", scope, object }];
}

/** Adds a task to the end of each playbook. */
function addTask(c: Content, task: Fields): void {
  for (const { document } of c.playbooks) (document as { tasks: Fields[] }[])[0]!.tasks.push(task);
}

/** A signature with the log entry of another one, as genuine as itself. */
function withForeignEntry(signature: SignatureRecord): SignatureRecord {
  const key = generateSigningKey();
  const other = signImage(signature, key);
  const value = hexOf(sha256(Buffer.from(other.payload, "base64")));
  const body = {
    apiVersion: "0.0.1",
    kind: "hashedrekord",
    spec: {
      data: { hash: { algorithm: "sha256", value } },
      signature: { content: other.signature, publicKey: { content: btoa(key.publicKeyPem) } },
    },
  };
  return { ...signature, logEntry: btoa(JSON.stringify(body)) };
}

/** Nobody has said anything on the image that this builder could have built. */
const UNKNOWN_BUILDER: DeclaredProvenance = {
  builders: { "https://builder.example": [generateSigningKey().publicKeyPem] },
  buildType: "https://builder.example/container/v1",
  externalParameters: {},
  attestation: "{}",
};

const DEPLOYMENT = "Deployment tenant-acme/api";
const cases: readonly (readonly [rule: string, object: string, mutate: (c: Content) => void])[] = [
  [
    "P1-NET-1",
    "Namespace tenant-acme",
    (c) => set(acme(c, "NetworkPolicy", "default-deny", "spec"), { policyTypes: ["Ingress"] }),
  ],
  [
    "P1-NET-2",
    "NetworkPolicy tenant-acme/allow-same-namespace",
    (c) => set(acme(c, "NetworkPolicy", "allow-same-namespace", "spec"), { podSelector: {} }),
  ],
  [
    "P1-NET-3",
    "NetworkPolicy tenant-acme/allow-dns",
    (c) => set(acme(c, "NetworkPolicy", "allow-dns", "spec"), { egress: [{}] }),
  ],
  [
    "P1-NET-4",
    "NetworkPolicy tenant-acme/allow-dns",
    (c) =>
      set(acme(c, "NetworkPolicy", "allow-dns", "spec", "egress", 0), {
        to: [{ ipBlock: { cidr: "169.254.169.254/32" } }],
        ports: [{ protocol: "TCP", port: 80 }],
      }),
  ],
  [
    "P1-NET-5",
    "Service tenant-acme/api",
    (c) => set(acme(c, "Service", "api", "spec"), { type: "NodePort" }),
  ],
  [
    "P1-NET-6",
    "Ingress tenant-",
    (c) =>
      set(acme(c, "Ingress", "api", "spec", "rules", 0), {
        host: "api.globex.eu.atom.example",
      }),
  ],
  [
    "P1-NET-7",
    "Service tenant-acme/api",
    (c) => set(acme(c, "Service", "api", "spec", "selector"), { "app.kubernetes.io/name": "apj" }),
  ],
  [
    "P1-NET-8",
    "AdminNetworkPolicy open",
    (c) => {
      const object = {
        apiVersion: "policy.networking.k8s.io/v1alpha1",
        kind: "AdminNetworkPolicy",
        metadata: { name: "open" },
      };
      const scope = { cluster: "eu-prod" };
      c.objects = [...c.objects, { id: "AdminNetworkPolicy open", scope, object }];
    },
  ],
  [
    "P1-RBAC-1",
    "RoleBinding tenant-acme/operator",
    (c) =>
      set(acme(c, "RoleBinding", "operator"), {
        subjects: [{ kind: "ServiceAccount", name: "api", namespace: "tenant-globex" }],
      }),
  ],
  [
    "P1-RBAC-2",
    "Widget tenant-acme/extra",
    (c) =>
      addObject(c, {
        apiVersion: "example.com/v1",
        kind: "Widget",
        metadata: { name: "extra", namespace: "tenant-acme" },
      }),
  ],
  [
    "P1-RBAC-3",
    "Role tenant-acme/operator",
    (c) =>
      set(acme(c, "Role", "operator"), {
        rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["*"] }],
      }),
  ],
  [
    "P1-RBAC-4",
    "RoleBinding tenant-acme/operator",
    (c) => set(acme(c, "RoleBinding", "operator", "roleRef"), { name: "nobody" }),
  ],
  [
    "P1-RBAC-5",
    DEPLOYMENT,
    (c) => set(template(c, "spec"), { automountServiceAccountToken: true }),
  ],
  [
    "P1-RBAC-6",
    "Role tenant-acme/operator",
    (c) =>
      set(acme(c, "Role", "operator"), {
        rules: [{ apiGroups: [""], resources: ["namespaces"], verbs: ["patch"] }],
      }),
  ],
  [
    "P1-RBAC-7",
    "ClusterRoleBinding everybody",
    (c) => {
      const object = clusterRoleBinding("everybody", "system:serviceaccounts");
      const scope = { cluster: "eu-prod" };
      c.objects = [...c.objects, { id: "ClusterRoleBinding everybody", scope, object }];
    },
  ],
  [
    "P1-NS-1",
    "Namespace tenant-acme",
    (c) =>
      set(acme(c, "Namespace", "tenant-acme", "metadata", "labels"), {
        "pod-security.kubernetes.io/enforce": "privileged",
      }),
  ],
  [
    "P1-NS-2",
    DEPLOYMENT,
    (c) => set(container(c, "securityContext"), { seLinuxOptions: { type: "container_engine_t" } }),
  ],
  [
    "P1-QUO-1",
    "Namespace tenant-acme",
    (c) => remove(acme(c, "ResourceQuota", "quota", "spec", "hard"), "limits.memory"),
  ],
  [
    "P1-QUO-2",
    "Namespace tenant-acme",
    (c) => remove(acme(c, "ResourceQuota", "quota", "spec", "hard"), "secrets"),
  ],
  [
    "P1-QUO-3",
    "Namespace tenant-acme",
    (c) => remove(acme(c, "LimitRange", "limits", "spec", "limits", 0), "max"),
  ],
  ["P1-QUO-4", DEPLOYMENT, (c) => remove(container(c, "resources", "limits"), "ephemeral-storage")],
  [
    "P1-POD-1",
    DEPLOYMENT,
    (c) => set(template(c, "spec"), { volumes: [{ name: "host", hostPath: { path: "/" } }] }),
  ],
  ["P1-POD-2", DEPLOYMENT, (c) => set(template(c, "spec"), { hostNetwork: true })],
  ["P1-POD-3", DEPLOYMENT, (c) => set(container(c, "securityContext"), { privileged: true })],
  [
    "P1-POD-4",
    DEPLOYMENT,
    (c) => set(container(c, "securityContext"), { capabilities: { drop: ["NET_RAW"] } }),
  ],
  [
    "P1-POD-5",
    DEPLOYMENT,
    (c) => remove(container(c, "securityContext"), "allowPrivilegeEscalation"),
  ],
  ["P1-POD-6", DEPLOYMENT, (c) => set(container(c, "securityContext"), { runAsNonRoot: false })],
  [
    "P1-POD-7",
    DEPLOYMENT,
    (c) => set(container(c, "securityContext"), { seccompProfile: { type: "Unconfined" } }),
  ],
  [
    "P1-POD-8",
    DEPLOYMENT,
    (c) => set(container(c, "securityContext"), { readOnlyRootFilesystem: false }),
  ],
  [
    "P1-DATA-1",
    "PersistentVolumeClaim tenant-acme/extra",
    (c) =>
      addObject(c, {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: "extra", namespace: "tenant-acme" },
        spec: { accessModes: ["ReadWriteMany"] },
      }),
  ],
  [
    "P1-DATA-2",
    DEPLOYMENT,
    (c) => set(container(c), { envFrom: [{ configMapRef: { name: "nobody" } }] }),
  ],
  [
    "P1-NODE-1",
    DEPLOYMENT,
    (c) => set(template(c, "spec"), { tolerations: [{ operator: "Exists" }] }),
  ],
  ["P1-IMG-1", DEPLOYMENT, (c) => set(container(c), { imagePullPolicy: "IfNotPresent" })],
  [
    "P1-DATA-3",
    "Ingress tenant-acme/api",
    (c) =>
      set(acme(c, "Ingress", "api", "metadata", "annotations"), {
        "traefik.ingress.kubernetes.io/router.middlewares": "tenant-globex-auth@kubernetescrd",
      }),
  ],
  [
    "P1-DATA-4",
    "vault policy atom.eu-prod.acme",
    (c) => {
      c.vaultPolicies = c.vaultPolicies.map((node) =>
        node.name === "atom.eu-prod.acme"
          ? { ...node, policy: node.policy.replace("tenants/acme/*", "tenants/acme*") }
          : node,
      );
    },
  ],
  [
    "P1-DATA-5",
    DEPLOYMENT,
    (c) =>
      set(container(c), {
        image: `registry.atom.example:5000/tenant-globex/api@sha256:${"a".repeat(64)}`,
      }),
  ],
  [
    "P2-1",
    DEPLOYMENT,
    (c) => set(container(c), { image: "registry.atom.example:5000/atom/api:7.2.0" }),
  ],
  [
    "P2-2",
    "chart tenant-",
    (c) =>
      (c.charts = c.charts.map((chart) =>
        chart.scope.tenant === "acme" && chart.scope.cluster === "eu-prod"
          ? {
              ...chart,
              reference: chart.reference.replace("registry.atom.example", "registry.evil.example"),
            }
          : chart,
      )),
  ],
  ["P2-3", "", (c) => (c.trustedKeys = [generateSigningKey().publicKeyPem])],
  [
    "P2-4",
    "chart tenant-acme",
    (c) =>
      (c.charts = c.charts.map((chart) =>
        chart.scope.tenant === "acme"
          ? { ...chart, signatures: chart.signatures.map(withForeignEntry) }
          : chart,
      )),
  ],
  [
    "P2-5",
    "ClusterImagePolicy signed",
    (c) => {
      const identities = [{ issuer: "https://accounts.example", subjectRegExp: "^.*$" }];
      const object = {
        apiVersion: "policy.sigstore.dev/v1beta1",
        kind: "ClusterImagePolicy",
        metadata: { name: "signed" },
        spec: { authorities: [{ keyless: { identities } }] },
      };
      const scope = { cluster: "eu-prod" };
      c.objects = [...c.objects, { id: "ClusterImagePolicy signed", scope, object }];
    },
  ],
  [
    "P2-6",
    DEPLOYMENT,
    (c) =>
      set(container(c), {
        image: `registry.atom.example:5000/tenant-acme/api@sha256:${"a".repeat(64)}`,
      }),
  ],
  [
    "P2-7",
    "secret atom-eu-prod/tenants/acme/",
    (c) =>
      (c.replicas = c.replicas.map((replica) =>
        replica.scope.tenant === "acme" && replica.scope.cluster === "eu-prod"
          ? { ...replica, statement: { ...replica.statement!, tenant: "globex" } }
          : replica,
      )),
  ],
  ["P2-8", DEPLOYMENT, (c) => set(acme(c, "Deployment", "api", "spec"), { replicas: 7 })],
  [
    "P2-9",
    "mirror eu-prod/images",
    (c) =>
      (c.mirrors = c.mirrors.map((mirror) =>
        mirror.scope.cluster === "eu-prod"
          ? { ...mirror, provenance: { api: UNKNOWN_BUILDER } }
          : mirror,
      )),
  ],
  [
    "P2-10",
    DEPLOYMENT,
    (c) =>
      set(container(c), {
        image: `registry.atom.example:5000/atom/api@sha256:${"a".repeat(64)}`,
      }),
  ],
  [
    "P3-1",
    "playbook",
    (c) =>
      (c.playbooks = c.playbooks.map((run) => ({
        ...run,
        argv: run.argv.filter((word) => word !== "--check"),
      }))),
  ],
  [
    "P3-2",
    "playbook",
    (c) =>
      (c.playbooks = c.playbooks.map((run) => ({
        ...run,
        document: [
          {
            hosts: "all",
            tasks: [{ name: "write", "ansible.builtin.copy": {}, check_mode: false }],
          },
        ],
      }))),
  ],
  ["P3-3", "playbook", (c) => addTask(c, { "ansible.builtin.shell": "reboot" })],
  [
    "P3-4",
    "playbook",
    (c) => addTask(c, { "ansible.builtin.copy": { dest: "/x", content: "{{ atom_join_token }}" } }),
  ],
  ["P3-5", "playbook", (c) => addTask(c, { "ansible.builtin.dnf": { disable_gpg_check: true } })],
  [
    "P3-6",
    "playbook",
    (c) => {
      c.playbooks = c.playbooks.map((node) => ({
        ...node,
        proof: { ...node.proof!, changed: [9, 1] },
      }));
    },
  ],
  [
    "P4-1",
    DEPLOYMENT,
    (c) => remove(template(c, "metadata", "annotations"), "prometheus.io/scrape"),
  ],
  [
    "P4-2",
    DEPLOYMENT,
    (c) =>
      set(template(c, "metadata", "annotations"), {
        "prometheus.io/port": "9999",
      }),
  ],
  ["P4-3", "PodMonitor tenant-acme/api", (c) => addMonitor(c, { sampleLimit: 0 })],
  [
    "P4-4",
    "Deployment tenant-acme/",
    (c) =>
      set(acme(c, "NetworkPolicy", "allow-metrics", "spec", "ingress", 0), {
        ports: [{ protocol: "TCP", port: "http" }],
      }),
  ],
  [
    "P4-5",
    "PodMonitor tenant-acme/api",
    (c) => addMonitor(c, { podMetricsEndpoints: [{ port: "metrics", bearerTokenFile: "/token" }] }),
  ],
  [
    "P4-6",
    DEPLOYMENT,
    (c) => {
      const pod = template(c, "spec") as { containers: Fields[] };
      pod.containers.push({
        ...structuredClone(pod.containers[0]!),
        name: "proxy",
        ports: [{ name: "proxy", containerPort: 9901, protocol: "TCP" }],
        readinessProbe: { tcpSocket: { port: "proxy" } },
        livenessProbe: undefined,
        startupProbe: undefined,
      });
    },
  ],
  [
    "P4-7",
    "metrics of daemons",
    (c) => {
      c.metrics = c.metrics.map((node) => ({
        ...node,
        body: node.body.replace(/^# HELP atom_daemon_healthy.*\n/m, ""),
      }));
    },
  ],
  [
    "P4-8",
    "Ingress tenant-acme/api",
    (c) => {
      const paths = acme(c, "Ingress", "api", "spec", "rules", 0, "http");
      const [path] = paths["paths"] as Fields[];
      paths["paths"] = [path, { ...path, path: "/metrics" }];
    },
  ],
  [
    "P5-1",
    "tenant",
    (c) =>
      (c.tenants = [
        ...c.tenants,
        { id: "tenant hooli", scope: { cluster: "eu-prod", tenant: "hooli" } },
      ]),
  ],
  [
    "P5-2",
    "PodDisruptionBudget",
    (c) => set(acme(c, "PodDisruptionBudget", "api", "metadata"), { namespace: "default" }),
  ],
  [
    "P5-3",
    "Namespace kube-platform",
    (c) => {
      c.objects = c.objects.map((node) =>
        node.scope.tenant === undefined && node.scope.cluster === "eu-prod"
          ? (JSON.parse(
              JSON.stringify(node).replaceAll("atom-platform", "kube-platform"),
            ) as typeof node)
          : node,
      );
    },
  ],
  [
    "P5-4",
    "Namespace tenant-hool",
    (c) => {
      const scope = { cluster: "eu-prod" };
      c.tenants = [...c.tenants, { id: "tenant hooli", scope: { ...scope, tenant: "hooli" } }];
      const { labels } = acme(c, "Namespace", "tenant-acme", "metadata");
      const metadata = {
        name: "tenant-hool",
        labels: { ...(labels as Record<string, string>), "atom.cloud/tenant": "hooli" },
      };
      const object = { apiVersion: "v1", kind: "Namespace", metadata };
      // The platform made it for the tenant.
      c.objects = [...c.objects, { id: "Namespace tenant-hool", scope, object }];
    },
  ],
  [
    "P5-5",
    "stack reference",
    (c) => {
      c.stackReferences = c.stackReferences.map((node) =>
        node.scope.tenant === "acme"
          ? { ...node, to: "organization/atom/tenant.globex.eu-west" }
          : node,
      );
    },
  ],
  [
    "P5-6",
    "Namespace tenant-acme",
    (c) =>
      (c.objects = c.objects.map((node) =>
        node.id === "Namespace tenant-acme" ? { ...node, protect: false } : node,
      )),
  ],
  [
    "P5-7",
    "ResourceQuota tenant-acme/quota",
    (c) => {
      const twin = structuredClone(acme(c, "ResourceQuota", "quota"));
      addObject(c, twin as unknown as KubernetesObject);
    },
  ],
  [
    "P6-1",
    "tenant acme",
    (c) => {
      for (const name of ["api", "console"]) {
        set(acme(c, "Deployment", name, "spec"), { minReadySeconds: 60 });
      }
      set(acme(c, "Deployment", "api", "metadata"), {
        annotations: { [DEPENDS_ON]: "apps/namespaces/tenant-acme/Deployment/console" },
      });
    },
  ],
  ["P6-2", DEPLOYMENT, (c) => set(container(c, "readinessProbe"), { initialDelaySeconds: 300 })],
  [
    "P6-3",
    "release",
    (c) => (c.releases = c.releases.map((release) => ({ ...release, timeoutSeconds: 0 }))),
  ],
  [
    "P6-4",
    "release",
    (c) => {
      // The rollback shares the 120 s of which 60 are over when a failure shows.
      c.releases = c.releases.map(({ rollbackTimeoutSeconds: _, ...release }) => release);
      set(acme(c, "Deployment", "api", "spec"), { minReadySeconds: 20 });
    },
  ],
  [
    "P6-5",
    DEPLOYMENT,
    (c) =>
      set(acme(c, "Deployment", "api", "metadata"), {
        annotations: { [DEPENDS_ON]: "apps/namespaces/tenant-acme/Deployment/api" },
      }),
  ],
  [
    "P7-1",
    "release",
    (c) => (c.releases = c.releases.map((release) => ({ ...release, automaticRollback: false }))),
  ],
  [
    "P7-2",
    DEPLOYMENT,
    (c) => set(acme(c, "Deployment", "api", "spec"), { revisionHistoryLimit: 0 }),
  ],
  [
    "P7-3",
    DEPLOYMENT,
    (c) => remove(acme(c, "Deployment", "api", "spec"), "progressDeadlineSeconds"),
  ],
  [
    "P7-4",
    "CronJob tenant-acme/cleanup",
    (c) => {
      const pod = structuredClone(template(c)) as { spec: { containers: Fields[] } };
      const [cleanup] = pod.spec.containers;
      set(cleanup!, { name: "cleanup", command: ["kubectl", "delete", "pvc", "--all"] });
      addObject(c, {
        apiVersion: "batch/v1",
        kind: "CronJob",
        metadata: { name: "cleanup", namespace: "tenant-acme" },
        spec: { jobTemplate: { spec: { activeDeadlineSeconds: 60, template: pod } } },
      });
    },
  ],
  [
    "P7-5",
    "HelmRelease atom-platform/store",
    (c) => addHelmRelease(c, { rollback: { disableWait: true } }),
  ],
  [
    "P7-6",
    "HelmRelease atom-platform/store",
    (c) => addHelmRelease(c, { install: { remediation: { retries: 3 } } }),
  ],
];

test("the example fleet breaks no rule", () => {
  expect(findings(() => undefined)).toEqual([]);
});

test.each(cases)("%s fires on %s, and no other rule does", (rule, object, mutate) => {
  const found = findings(mutate, rule !== "P2-8");
  expect(found).not.toEqual([]);
  expect(found.filter((row) => !row.startsWith(`${rule} ${object}`))).toEqual([]);
});

test("every rule is mutated", () => {
  expect(cases.map(([rule]) => rule)).toEqual(ALL_RULES.map(({ id }) => id));
});
