import { beforeAll, expect, test } from "vitest";
import type { KubernetesObject } from "../../lib/kubernetes/object";
import { evaluate } from "../../lib/policy/evaluate";
import { ResourceGraph } from "../../lib/policy/graph";
import type { GraphContent } from "../../lib/policy/graph";
import { graphFromResources } from "../../lib/policy/graph-from-resources";
import { ALL_RULES } from "../../lib/policy/rules";
import { recordFleet } from "../../lib/simulation/chart-step";
import { generateSigningKey } from "../../lib/signing/key";
import { exampleInputs } from "../example-fleet";

// The whole example fleet, changed in one place for each rule: that rule finds it, and no other.

type Fields = Record<string, unknown>;

/** A copy of the example's graph that may be changed. */
type Content = { -readonly [K in keyof GraphContent]: GraphContent[K] };

let content: GraphContent;
beforeAll(async () => {
  const inputs = await exampleInputs();
  const resources = [];
  for await (const stack of recordFleet(inputs)) resources.push(...stack.resources);
  content = graphFromResources(resources, { trustedKeys: inputs.signing.trustedKeys });
});

function findings(mutate: (content: Content) => void): string[] {
  // A graph holds more than its content, and none of that can be copied.
  const { clusters, tenants, objects, charts, playbooks, releases } = content;
  const { vaultPolicies, vaultRoles, trustedKeys } = content;
  const copy: Content = structuredClone({
    ...{ clusters, tenants, objects, charts, playbooks, releases },
    ...{ vaultPolicies, vaultRoles, trustedKeys },
  });
  mutate(copy);
  return evaluate(new ResourceGraph(copy), ALL_RULES)
    .flatMap((result) => result.findings)
    .map(({ rule, object }) => `${rule} ${object}`);
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

const DEPLOYMENT = "Deployment tenant-acme/api";
const cases: readonly (readonly [rule: string, object: string, mutate: (c: Content) => void])[] = [
  [
    "P1-NET-1",
    "Namespace tenant-acme",
    (c) => set(acme(c, "NetworkPolicy", "default-deny", "spec"), { policyTypes: ["Ingress"] }),
  ],
  [
    "P1-NET-3",
    "NetworkPolicy tenant-acme/allow-dns",
    (c) => set(acme(c, "NetworkPolicy", "allow-dns", "spec"), { egress: [{}] }),
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
    "P1-NS-1",
    "Namespace tenant-acme",
    (c) =>
      set(acme(c, "Namespace", "tenant-acme", "metadata", "labels"), {
        "pod-security.kubernetes.io/enforce": "privileged",
      }),
  ],
  [
    "P1-QUO-1",
    "Namespace tenant-acme",
    (c) => remove(acme(c, "ResourceQuota", "quota", "spec", "hard"), "limits.memory"),
  ],
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
  ["P2-3", "chart tenant-", (c) => (c.trustedKeys = [generateSigningKey().publicKeyPem])],
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
    "ConfigMap",
    (c) => set(acme(c, "ConfigMap", "api", "metadata"), { namespace: "default" }),
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
  ["P6-2", DEPLOYMENT, (c) => set(container(c, "readinessProbe"), { initialDelaySeconds: 300 })],
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
];

test("the example fleet breaks no rule", () => {
  expect(findings(() => undefined)).toEqual([]);
});

test.each(cases)("%s fires on %s, and no other rule does", (rule, object, mutate) => {
  const found = findings(mutate);
  expect(found).not.toEqual([]);
  expect(found.filter((row) => !row.startsWith(`${rule} ${object}`))).toEqual([]);
});

test("every rule is mutated", () => {
  expect(cases.map(([rule]) => rule)).toEqual(ALL_RULES.map(({ id }) => id));
});
