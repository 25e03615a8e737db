import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { evaluate } from "../../../lib/policy/evaluation/evaluate";
import type { RuleResult } from "../../../lib/policy/evaluation/evaluate";
import { LiveEvaluation } from "../../../lib/policy/evaluation/live-evaluation";
import { defineRule } from "../../../lib/policy/evaluation/rule";
import { objectNode, ResourceGraph } from "../../../lib/policy/graph/graph";
import type { ObjectNode } from "../../../lib/policy/graph/graph";
import { byText } from "../../../lib/policy/reading/shape";
import { UndecidedError } from "../../../lib/policy/reading/unknown";
import { ALL_RULES } from "../../../lib/policy/rules";
import { packageRoot } from "../../../lib/support/package-root";
import { CLUSTER, compliantTenant, scopeOfTenant } from "../compliant-objects";

/** The manifests of each rule's examples: what breaks a rule often stands beside something else. */
const EXAMPLES = exampleObjects();

/** What rules in one namespace read of others, or of none. */
const ACROSS: readonly ObjectNode[] = [
  ...["acme", "beta"].flatMap((tenant) => compliantTenant(tenant)),
  ...["acme", "beta"].map((tenant) =>
    object("networking.k8s.io/v1", "Ingress", "web", `tenant-${tenant}`, {
      spec: { tls: [{ hosts: ["a.example"] }], rules: [{ host: "a.example" }] },
    }),
  ),
  ...["acme", "beta"].map((tenant) =>
    object("v1", "PersistentVolumeClaim", "data", `tenant-${tenant}`, {
      spec: { volumeName: "pv", accessModes: ["ReadWriteOnce"] },
    }),
  ),
  object("v1", "PersistentVolume", "pv", undefined, { spec: { csi: { volumeHandle: "1" } } }),
  object("monitoring.coreos.com/v1", "PodMonitor", "all", "atom-platform", {
    spec: {
      namespaceSelector: { any: true },
      selector: {},
      podMetricsEndpoints: [{ port: "http" }],
    },
  }),
  object("rbac.authorization.k8s.io/v1", "RoleBinding", "all", "tenant-acme", {
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "all" },
    subjects: [],
  }),
  object("rbac.authorization.k8s.io/v1", "ClusterRole", "all", undefined, {
    rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
  }),
  ...["n-1", "n-2"].map((name) => object("v1", "Node", name, undefined, {})),
  object("v1", "ConfigMap", "first", "tenant-acme", {
    metadata: dependent("first", "tenant-acme", "/namespaces/tenant-beta/ConfigMap/second"),
  }),
  object("v1", "ConfigMap", "second", "tenant-beta", {
    metadata: dependent("second", "tenant-beta", "/namespaces/tenant-acme/ConfigMap/first"),
  }),
].map(nodeOf);

function object(
  apiVersion: string,
  kind: string,
  name: string,
  namespace: string | undefined,
  rest: Readonly<Record<string, unknown>>,
): KubernetesObject {
  const metadata = namespace === undefined ? { name } : { name, namespace };
  return { apiVersion, kind, metadata, ...rest };
}

function dependent(name: string, namespace: string, on: string) {
  return { name, namespace, annotations: { "config.kubernetes.io/depends-on": on } };
}

const TENANTS = Array.from({ length: 20 }, (_, index) => `t-${index}`);

describe("LiveEvaluation", () => {
  test.each([...EXAMPLES, ["what reaches across namespaces", ACROSS] as const])(
    "comes to what an evaluation from the start does, with %s",
    (_, nodes) => {
      const objects = new Set(nodes);
      const live = new LiveEvaluation({ clusters: [CLUSTER], objects: nodes }, ALL_RULES);
      for (const node of nodes) {
        objects.delete(node);
        live.change({ before: node, after: undefined });
        expect(sorted(live.results), `without ${node.id}`).toEqual(fromTheStart(objects));
        objects.add(node);
        live.change({ before: undefined, after: node });
        expect(sorted(live.results), `with ${node.id} again`).toEqual(fromTheStart(objects));
      }
    },
  );

  test("comes to the same, whatever comes and goes", () => {
    const all = [...EXAMPLES.values()].flat();
    const any = fc.nat({ max: all.length - 1 });
    const property = fc.property(
      fc.uniqueArray(any, { maxLength: 60 }),
      fc.array(any, { minLength: 1, maxLength: 8 }),
      (first, toggled) => {
        const objects = new Set(first.map((at) => all[at]!));
        const live = new LiveEvaluation({ clusters: [CLUSTER], objects: [...objects] }, ALL_RULES);
        for (const at of toggled) {
          const node = all[at]!;
          const isThere = objects.delete(node);
          if (!isThere) objects.add(node);
          live.change({ before: isThere ? node : undefined, after: isThere ? undefined : node });
        }
        expect(sorted(live.results)).toEqual(fromTheStart(objects));
      },
    );
    fc.assert(property, { numRuns: 30, seed: 1 });
  });

  test("takes everything as it is now, objects and facts, two of one name among them", () => {
    const twin = nodeOf(
      structuredClone(ACROSS.find(({ object: { kind } }) => kind === "Ingress")!.object),
    );
    const content = { clusters: [CLUSTER], objects: [...ACROSS, twin] };
    const live = new LiveEvaluation(content, ALL_RULES);
    for (const objects of [ACROSS.slice(2), ACROSS, content.objects, ACROSS.slice(0, -3), []]) {
      live.update({ clusters: [CLUSTER], objects });
      expect(sorted(live.results)).toEqual(fromTheStart(objects));
    }
    const tenants = [{ id: "tenant gamma", scope: { cluster: CLUSTER, tenant: "gamma" } }];
    live.update({ ...content, tenants });
    const graph = new ResourceGraph({ ...content, tenants });
    expect(sorted(live.results)).toEqual(sorted(evaluate(graph, ALL_RULES)));
  });

  test("says once for a cluster and a cause that a rule could not look, as an evaluation does", () => {
    const fail = (error: Error) => () => {
      throw error;
    };
    const failing = defineRule({
      ...ALL_RULES[0]!,
      inHome: [fail(new UndecidedError("", "x is not known")), fail(new TypeError("x"))],
      subjects: fail(new Error("x")),
      check: () => undefined,
    });
    const content = { clusters: [CLUSTER], objects: ACROSS };
    const live = new LiveEvaluation(content, [failing]);
    const results = evaluate(new ResourceGraph(content), [failing]);
    expect(sorted(live.results)).toEqual(sorted(results));
    // What a waiver lifts does not hide that the rule itself has failed.
    expect(results.flatMap(({ findings }) => findings.map(({ cause }) => cause))).toEqual([
      "undecided",
      "error",
    ]);
  });

  test("fails a rule that names no subjects, as an evaluation does", () => {
    const { inHome, subjects, ...idle } = ALL_RULES[0]!;
    expect([inHome, subjects]).not.toEqual([undefined, undefined]);
    const content = { clusters: [CLUSTER], objects: ACROSS };
    const live = new LiveEvaluation(content, [idle]);
    expect(sorted(live.results)).toHaveLength(2);
    expect(sorted(live.results)).toEqual(sorted(evaluate(new ResourceGraph(content), [idle])));
  });

  test("sees that an object is no longer protected, and tells two nodes of one object apart", () => {
    const [namespace] = ACROSS.filter(({ object: { kind } }) => kind === "Namespace");
    const live = new LiveEvaluation({ objects: [{ ...namespace!, protect: true }] }, ALL_RULES);
    const twins = [namespace!, { ...namespace!, protect: false }];
    for (const objects of [twins.slice(1), twins, twins.slice(0, 1)]) {
      live.update({ objects });
      const graph = new ResourceGraph({ objects });
      expect(sorted(live.results)).toEqual(sorted(evaluate(graph, ALL_RULES)));
    }
  });

  test("sees that a pod has come into the cluster", () => {
    const spec = { nodeName: "n-1", containers: [] };
    const pod = nodeOf(object("v1", "Pod", "api", "tenant-acme", { spec }));
    const objects = [...ACROSS, pod];
    const live = new LiveEvaluation({ objects }, ALL_RULES);
    const now = [...ACROSS, { ...pod, inCluster: true }];
    live.update({ objects: now });
    expect(sorted(live.results)).toEqual(
      sorted(evaluate(new ResourceGraph({ objects: now }), ALL_RULES)),
    );
  });

  test("refuses to take out what is not there, and to put in what is", () => {
    const live = new LiveEvaluation({ objects: ACROSS }, ALL_RULES);
    const copy = { ...ACROSS[0]! };
    expect(() => live.change({ before: copy, after: undefined })).toThrow("is not there");
    expect(() => live.change({ before: undefined, after: ACROSS[0] })).toThrow("is there already");
  });

  test("a change of a workload asks no rule for another namespace", () => {
    const objects = TENANTS.flatMap((tenant) => compliantTenant(tenant).map(nodeOf));
    const live = new LiveEvaluation({ clusters: [CLUSTER], objects }, ALL_RULES);
    const before = objects.find(({ object }) => object.kind === "Deployment")!;
    const after = nodeOf({
      ...before.object,
      spec: { ...(before.object["spec"] as object), replicas: 2 },
    });
    expect(live.change({ before, after })).toBeLessThanOrEqual(ALL_RULES.length);
    const now = objects.map((node) => (node === before ? after : node));
    expect(sorted(live.results)).toEqual(fromTheStart(now));
  });
});

function fromTheStart(objects: Iterable<ObjectNode>): unknown[] {
  const graph = new ResourceGraph({ clusters: [CLUSTER], objects: [...objects] });
  return sorted(evaluate(graph, ALL_RULES));
}

/** Order is nobody's promise, and a violation may name whichever of several objects it found first. */
function sorted(results: readonly RuleResult[]): unknown[] {
  return results
    .flatMap(({ rule, scope, examined, findings }) => [
      `${rule} ${JSON.stringify(scope)} examined ${examined}`,
      ...findings.map(({ object, field, cause }) => `${rule} ${object} ${field} ${cause}`),
    ])
    .sort(byText);
}

function nodeOf(object: KubernetesObject): ObjectNode {
  const { kind, metadata } = object;
  const home = kind === "Namespace" ? metadata.name : metadata.namespace;
  const [, tenant] = /^tenant-(.+)$/.exec(String(home)) ?? [];
  return objectNode(object, { ...scopeOfTenant(tenant), cluster: CLUSTER });
}

function exampleObjects(): ReadonlyMap<string, readonly ObjectNode[]> {
  const folder = join(packageRoot(), "docs/rules");
  const rules = readdirSync(folder).sort(byText);
  const read = (name: string) => parseAllDocuments(readFileSync(join(folder, name), "utf8"));
  const found = rules.map((rule): [string, ObjectNode[]] => {
    const files = readdirSync(join(folder, rule)).filter((name) => /^(good|bad)\.yaml$/.test(name));
    const objects = files.flatMap((name) =>
      read(join(rule, name)).map((document) => document.toJS() as KubernetesObject),
    );
    return [rule, objects.map(nodeOf)];
  });
  return new Map(found.filter(([, nodes]) => nodes.length > 0));
}
