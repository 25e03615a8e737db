import { describe, expect, test } from "vitest";

import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { p1Node1 } from "../../../lib/policy/rules/p1-node-1";
import { objectNode } from "../../../lib/policy/graph/graph";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { graphOf, scopeOfTenant } from "../compliant-objects";
import { describePodCases, findingsOf, workload } from "../rule-cases";

const TOLERATION = ["spec", "tolerations", 1];
const TERM = [
  "spec",
  "affinity",
  "nodeAffinity",
  "requiredDuringSchedulingIgnoredDuringExecution",
  "nodeSelectorTerms",
  0,
];
const TERM_FIELD =
  ".spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]";
const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED_KEY = "preferredDuringSchedulingIgnoredDuringExecution";
const PREFERRED = [
  "spec",
  "affinity",
  "nodeAffinity",
  "preferredDuringSchedulingIgnoredDuringExecution",
  0,
];

const harmless = { key: "nvidia.com/gpu", operator: "Exists" };

const toleration = (title: string, value: unknown, field: string, message: string) => ({
  title: `fails a toleration of ${title}`,
  set: [[TOLERATION, value] as const],
  besides: [[["spec", "tolerations", 0], harmless] as const],
  findings: [{ field: `.spec.tolerations[1]${field}`, message }],
});
const selector = (key: string, value: string, field: string, message: string) => ({
  title: `fails a selector of ${key} ${value}`,
  set: [[["spec", "nodeSelector", key], value] as const],
  findings: [{ field: `.spec.nodeSelector${field}`, message }],
});
const affinity = (condition: Record<string, unknown>, message: string) => [
  {
    title: `fails nodes by ${JSON.stringify(condition)}`,
    set: [[[...TERM, "matchExpressions", 0], condition] as const],
    findings: [{ field: `${TERM_FIELD}.matchExpressions[0]`, message }],
  },
  {
    title: `fails a preference for nodes by ${JSON.stringify(condition)}`,
    set: [[[...PREFERRED, "preference", "matchExpressions", 0], condition] as const],
    findings: [
      {
        field:
          ".spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0]",
        message,
      },
    ],
  },
];

describePodCases(
  p1Node1,
  [
    {
      title: "passes the tenant's own pool, a GPU, a zone, and what avoids nodes",
      set: [
        [
          ["spec", "tolerations"],
          [
            { key: "atom.cloud/tenant", value: "acme", effect: "NoSchedule" },
            { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" },
            harmless,
          ],
        ],
        [
          ["spec", "nodeSelector"],
          { "atom.cloud/tenant": "acme", "topology.kubernetes.io/zone": "a", disk: "fast" },
        ],
        [
          [...TERM, "matchExpressions"],
          [
            { key: "atom.cloud/tenant", operator: "In", values: ["acme"] },
            { key: "node-role.kubernetes.io/control-plane", operator: "DoesNotExist" },
            { key: "topology.kubernetes.io/zone", operator: "NotIn", values: ["b"] },
          ],
        ],
      ],
      findings: [],
    },
    { title: "passes a nodeName that is empty", set: [[["spec", "nodeName"], ""]], findings: [] },
    {
      title: "fails a nodeName",
      set: [[["spec", "nodeName"], "master-1"]],
      findings: [
        {
          field: ".spec.nodeName",
          message: 'nodeName is "master-1"; the scheduler is to choose',
        },
      ],
    },
    toleration(
      "everything",
      { operator: "Exists" },
      "",
      "a toleration without a key tolerates every taint",
    ),
    toleration(
      "everything, with an empty key",
      { key: "", operator: "Exists", effect: "NoSchedule" },
      "",
      "a toleration without a key tolerates every taint",
    ),
    ...["control-plane", "master", "infra"].map((role) =>
      toleration(
        role,
        { key: `node-role.kubernetes.io/${role}`, operator: "Exists" },
        ".key",
        `tolerates "node-role.kubernetes.io/${role}", the taint of nodes that are not for tenants`,
      ),
    ),
    toleration(
      "another tenant",
      { key: "atom.cloud/tenant", operator: "Equal", value: "globex" },
      "",
      'tolerates the taint of "globex"; allowed is that of "acme"',
    ),
    toleration(
      "any tenant",
      { key: "atom.cloud/tenant", operator: "Exists" },
      "",
      'tolerates the taint of any tenant; allowed is that of "acme"',
    ),
    toleration("what is no text", { key: 1 }, ".key", "key is 1; a text is needed"),
    selector(
      "atom.cloud/tenant",
      "globex",
      '["atom.cloud/tenant"]',
      'chooses nodes of "globex"; allowed are those of "acme"',
    ),
    selector(
      "node-role.kubernetes.io/control-plane",
      "",
      '["node-role.kubernetes.io/control-plane"]',
      'chooses nodes by "node-role.kubernetes.io/control-plane"',
    ),
    selector(
      "kubernetes.io/hostname",
      "master-1",
      '["kubernetes.io/hostname"]',
      "chooses a node by its name",
    ),
    ...affinity(
      { key: "atom.cloud/tenant", operator: "In", values: ["acme", "globex"] },
      'chooses nodes of "globex"; allowed are those of "acme"',
    ),
    ...affinity(
      { key: "atom.cloud/tenant", operator: "Exists" },
      'chooses nodes of any tenant; allowed are those of "acme"',
    ),
    ...affinity(
      { key: "node-role.kubernetes.io/master", operator: "Exists" },
      'chooses nodes by "node-role.kubernetes.io/master"',
    ),
    ...affinity(
      { key: "kubernetes.io/hostname", operator: "In", values: ["master-1"] },
      "chooses a node by its name",
    ),
    ...affinity(
      { key: "kubernetes.io/hostname", operator: "NotIn", values: ["node-1", "node-2"] },
      "chooses a node by its name",
    ),
    ...["system-cluster-critical", "system-node-critical", "batch"].map((name) => ({
      title: `fails the priority ${name}`,
      set: [[["spec", "priorityClassName"], name] as const],
      findings: [
        {
          field: ".spec.priorityClassName",
          message: `priorityClassName is "${name}", which the platform did not give to "acme"`,
        },
      ],
    })),
    {
      title: "passes affinities to the tenant's own pods",
      set: [
        [["spec", "priorityClassName"], ""],
        [
          ["spec", "affinity", "podAffinity", REQUIRED],
          [
            { labelSelector: {}, topologyKey: "zone" },
            { namespaces: ["tenant-acme"], topologyKey: "zone" },
            { namespaceSelector: { matchLabels: { "atom.cloud/tenant": "acme" } } },
          ],
        ],
        [
          ["spec", "affinity", "podAntiAffinity", REQUIRED, 0, "namespaceSelector"],
          {
            matchExpressions: [
              { key: "kubernetes.io/metadata.name", operator: "In", values: ["tenant-acme"] },
              { key: "tier", operator: "Exists" },
            ],
          },
        ],
      ],
      findings: [],
    },
    ...["podAffinity", "podAntiAffinity"].flatMap((kind) =>
      [
        ["spec", "affinity", kind, REQUIRED, 0],
        ["spec", "affinity", kind, PREFERRED_KEY, 0, "podAffinityTerm"],
      ].flatMap((path) => {
        const field = path.reduce<string>(
          (text, key) => (typeof key === "number" ? `${text}[${key}]` : `${text}.${key}`),
          "",
        );
        return [
          {
            title: `fails a term of ${field} that names another namespace`,
            set: [
              [
                [...path, "namespaces"],
                ["tenant-acme", "kube-system"],
              ] as const,
            ],
            findings: [
              {
                field: `${field}.namespaces[1]`,
                message: 'looks at the pods of "kube-system"; allowed are those of "tenant-acme"',
              },
            ],
          },
          ...[
            {},
            { matchLabels: { "atom.cloud/role": "tenant" } },
            { matchLabels: { "atom.cloud/tenant": "globex" } },
            {
              matchExpressions: [{ key: "atom.cloud/tenant", operator: "NotIn", values: ["acme"] }],
            },
          ].map((selector) => ({
            title: `fails a term of ${field} that selects ${JSON.stringify(selector)}`,
            set: [[[...path, "namespaceSelector"], selector] as const],
            findings: [
              {
                field: `${field}.namespaceSelector`,
                message:
                  'looks at the pods of other namespaces; allowed are those of "tenant-acme"',
              },
            ],
          })),
        ];
      }),
    ),
    ...["In", "NotIn"].map((operator) => ({
      title: `fails a node by its name, ${operator}`,
      set: [
        [[...TERM, "matchFields", 0], { key: "metadata.name", operator, values: ["n"] }] as const,
      ],
      findings: [{ field: `${TERM_FIELD}.matchFields[0]`, message: "chooses a node by its name" }],
    })),
  ],
  ["acme"],
);

describe("P1-NODE-1 on the node that the scheduler chose", () => {
  const placed = (kind: string, metadata: Record<string, unknown> = {}) => {
    const object = workload(
      kind,
      [],
      [
        [["spec", "nodeName"], "node-1"],
        [[...TERM, "matchFields", 0], { key: "metadata.name", operator: "In", values: ["node-1"] }],
      ],
    );
    return { ...object, metadata: { ...object.metadata, ...metadata } };
  };
  const found = (object: KubernetesObject, inCluster = false) => {
    const objects = [{ ...objectNode(object, scopeOfTenant("acme")), inCluster }];
    return findingsOf(graphOf([], "acme", { objects })).filter(({ rule }) => rule === p1Node1.id);
  };

  test("passes a pod of a cluster, and looks at a template of one", () => {
    expect(found(placed("Pod"), true)).toEqual([]);
    expect(found(placed("DaemonSet"), true)).toHaveLength(2);
  });

  const written = (...fields: string[]) => ({
    managedFields: [
      { manager: "kubelet", fieldsType: "FieldsV1", fieldsV1: { "f:status": {} } },
      {
        manager: "kubectl-create",
        fieldsType: "FieldsV1",
        fieldsV1: { "f:spec": Object.fromEntries(fields.map((field) => [field, {}])) },
      },
    ],
  });

  test("fails a pod of a cluster whose node somebody wrote", () => {
    expect(found(placed("Pod", written("f:containers")), true)).toEqual([]);
    expect(found(placed("Pod", written("f:nodeName")), true)).toMatchObject([
      { field: "spec.nodeName", message: 'nodeName is "node-1"; the scheduler is to choose' },
    ]);
  });

  test.each(["0", "42", "99999999999"])("fails a manifest of the revision %s", (revision) => {
    expect(found(placed("Pod", { resourceVersion: revision, uid: "u" }))).toHaveLength(2);
  });
});

test("P1-NODE-1 passes a priority that the platform gave to the tenant, or to everybody", () => {
  const pod = workload("Deployment", [], [[["spec", "priorityClassName"], "batch"]]);
  const found = (fields: Record<string, unknown>, name = "batch", owner?: string) => {
    const metadata = { name, labels: fields["labels"] } as never;
    const priority = { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata };
    const objects = [objectNode({ ...priority, ...fields }, scopeOfTenant(owner))];
    return findingsOf(graphOf([pod], "acme", { objects }))
      .filter(({ rule }) => rule === p1Node1.id)
      .map(({ cause }) => cause);
  };
  const labels = { "atom.cloud/tenant": "acme" };
  expect(found({ value: 10, labels })).toEqual([]);
  expect(found({ value: 10, globalDefault: true })).toEqual([]);
  expect(found({ value: 10 })).toEqual(["violation"]);
  expect(found({ value: 10, labels: { "atom.cloud/tenant": "globex" } })).toEqual(["violation"]);
  expect(found({ value: 10, labels }, "other")).toEqual(["violation"]);
  // What the tenant brings itself, P1-RBAC-2 refuses.
  expect(found({ value: 10, labels }, "batch", "acme")).toEqual(["violation"]);
  expect(found({ value: 10, labels: UNKNOWN })).toEqual(["undecided"]);
  // Another API group's kind of the same name gives nothing.
  expect(found({ apiVersion: "example.com/v1", labels })).toEqual(["violation"]);
  expect(found({ apiVersion: UNKNOWN, labels })).toEqual(["undecided"]);
});

test("P1-NODE-1 fails a priority of Kubernetes' own, whatever its label", () => {
  const name = "system-node-critical";
  const metadata = { name, labels: { "atom.cloud/tenant": "acme" } };
  const own = { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata };
  const pod = workload("Pod", [], [[["spec", "priorityClassName"], name]]);
  const objects = [objectNode(own, scopeOfTenant())];
  expect(
    findingsOf(graphOf([pod], "acme", { objects })).map(({ rule, field }) => [rule, field]),
  ).toContainEqual(["P1-NODE-1", "spec.priorityClassName"]);
});
