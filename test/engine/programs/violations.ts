/**
 * A program that Pulumi runs: the README's stack, with a workload and a command of the user's own.
 * `VIOLATIONS` lists the rules that it breaks, each in one place. With `HIDDEN` set, what is wrong
 * is an output of a command that has not run yet, so that no preview can know it.
 */
import * as command from "@pulumi/command";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  AtomChart,
  AtomCluster,
  readImageLock,
  readSigning,
  RegistryMirror,
  Tenant,
  VaultReplica,
} from "atom-selfhost";

const violations = (setting("VIOLATIONS") || "none").split(",");
const isHidden = setting("HIDDEN") === "true";
const config = new pulumi.Config("atom");

const images = readImageLock("../atom.lock.json");
const signing = readSigning({
  publicKey: "../cosign.pub",
  signatures: "../atom.signatures.json",
});

const cluster = new AtomCluster(
  "violations",
  {
    region: "eu-west",
    clusterName: setting("K8S_CONTEXT"),
    // Only an inventory has a playbook to run.
    source:
      setting("INVENTORY") === "true" || violations.includes("P3-1 bootstrap")
        ? { inventory: "hosts.ini" }
        : { context: setting("K8S_CONTEXT") },
  },
  changing("P3-1 bootstrap", "bootstrap", "argv", ["ansible-playbook", "playbooks/bootstrap.yml"]),
);
const mirror = new RegistryMirror("images", {
  cluster,
  target: setting("LOCAL_REGISTRY_URL"),
  images,
  signing,
});
const vault = new VaultReplica("violations", {
  cluster,
  primary: {
    address: setting("VAULT_PRIMARY_ADDR"),
    token: config.requireSecret("vaultPrimaryToken"),
  },
  secondary: {
    address: setting("VAULT_SECONDARY_ADDR"),
    token: config.requireSecret("vaultSecondaryToken"),
  },
  secrets: { violations: ["database"] },
});
const tenant = new Tenant(
  "violations",
  { cluster, quota: { cpu: "8", memory: "16Gi" } },
  // An option is known at every preview.
  violations.includes("P5-6") ? { protect: false } : {},
);
new AtomChart(
  "violations",
  {
    tenant,
    mirror,
    vault,
    values: {
      services: {
        api: { secrets: ["database"] },
        console: { enabled: false },
        scheduler: { enabled: false },
        worker: { enabled: false },
      },
    },
  },
  pulumi.mergeOptions(
    changing(
      "P2-2",
      "chart",
      "reference",
      `${setting("LOCAL_REGISTRY_URL")}/atom/charts/services:7`,
    ),
    pulumi.mergeOptions(
      changing("P6-4", "release", "rollbackTimeoutSeconds", 5),
      annotating("P2-8", "kubernetes:core/v1:ServiceAccount"),
    ),
  ),
);

const AMOUNTS = { cpu: "100m", memory: "64Mi", "ephemeral-storage": "16Mi" };
/** Who may scrape the exporter. */
const SCRAPERS = [
  { podSelector: {} },
  { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "atom-platform" } } },
];
const inTenant = { parent: tenant, provider: cluster.provider };

new kubernetes.core.v1.ServiceAccount(
  "exporter",
  {
    metadata: { name: "exporter", namespace: tenant.namespace },
    automountServiceAccountToken: false,
  },
  inTenant,
);

new kubernetes.apps.v1.Deployment(
  "exporter",
  {
    metadata: {
      name: "exporter",
      namespace: either("P5-2", tenant.namespace, "default"),
    },
    spec: {
      revisionHistoryLimit: either("P7-2", 2, 1),
      progressDeadlineSeconds: 60,
      selector: { matchLabels: { app: "exporter" } },
      template: {
        metadata: {
          labels: { app: "exporter" },
          annotations: {
            "prometheus.io/scrape": either("P4-1", "true", "false"),
            "prometheus.io/port": "9090",
            "prometheus.io/path": "/metrics",
          },
        },
        spec: {
          serviceAccountName: "exporter",
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
          containers: [
            {
              name: "exporter",
              image: either("P2-1", mirror.reference("selfhost"), "exporter:1"),
              imagePullPolicy: "Always",
              resources: { requests: AMOUNTS, limits: AMOUNTS },
              ports: [{ name: "metrics", containerPort: 9090 }],
              readinessProbe: {
                httpGet: { port: "metrics", path: "/metrics" },
                initialDelaySeconds: either("P6-2", 1, 300),
              },
              securityContext: {
                privileged: either("P1-POD-3", false, true),
                // The API server takes no privileged container that forbids it.
                allowPrivilegeEscalation: violations.includes("P1-POD-3"),
                readOnlyRootFilesystem: true,
                capabilities: { drop: ["ALL"] },
              },
            },
          ],
        },
      },
    },
  },
  inTenant,
);

new kubernetes.networking.v1.NetworkPolicy(
  "exporter",
  {
    metadata: { name: "allow-exporter", namespace: tenant.namespace },
    spec: {
      podSelector: { matchLabels: { app: "exporter" } },
      policyTypes: ["Ingress"],
      ingress: either("P1-NET-3", [{ from: SCRAPERS }], [{}]),
    },
  },
  inTenant,
);

new command.local.Command("harden", {
  create: either("P3-1", "true", "ansible-playbook --inventory=hosts.ini harden.yml"),
});

if (violations.includes("manifests")) {
  const pod = { containers: [{ name: "agent", image: "agent:1" }], hostNetwork: true };
  const metadata = { name: "agent", namespace: tenant.namespace };
  new kubernetes.yaml.v2.ConfigGroup(
    "manifests",
    { objs: either("manifests", [], [{ apiVersion: "v1", kind: "Pod", metadata, spec: pod }]) },
    inTenant,
  );
}

/** What is right, unless the program is to break a rule with what is wrong. */
function either<T>(rule: string, right: pulumi.Input<T>, wrong: T): pulumi.Input<T> {
  if (!violations.includes(rule)) return right;
  if (!isHidden) return wrong;
  const answer = new command.local.Command(`answer ${rule}`, {
    create: "cat",
    stdin: JSON.stringify(wrong),
  });
  return answer.stdout.apply((text) => JSON.parse(text) as T);
}

/** Options of a component that put what is wrong into a field of one of its inputs. */
function changing(
  rule: string,
  input: string,
  field: string,
  wrong: unknown,
): pulumi.ComponentResourceOptions {
  if (!violations.includes(rule)) return {};
  const value = either(rule, undefined, wrong);
  const transform: pulumi.ResourceTransform = ({ type, props, opts }) => {
    const { [input]: inner } = props as Record<string, object | undefined>;
    return type.startsWith("atom:index:") && inner !== undefined
      ? { props: { ...props, [input]: { ...inner, [field]: value } }, opts }
      : undefined;
  };
  return { transforms: [transform] };
}

/** Options of a component that change its children of a type after it has planned them. */
function annotating(rule: string, childType: string): pulumi.ComponentResourceOptions {
  if (!violations.includes(rule)) return {};
  const changed = either(rule, "no", "yes");
  const transform: pulumi.ResourceTransform = ({ type, props, opts }) => {
    if (type !== childType) return undefined;
    const { metadata } = props as { metadata: { annotations?: object } };
    const annotations = { ...metadata.annotations, changed };
    return { props: { ...props, metadata: { ...metadata, annotations } }, opts };
  };
  return { transforms: [transform] };
}

function setting(name: string): string {
  return process.env[name] ?? "";
}
