import { describe, expect, test } from "vitest";

import type { KubernetesObject } from "../../lib/kubernetes/object";
import { evaluate } from "../../lib/policy/evaluation/evaluate";
import { objectNode, ResourceGraph } from "../../lib/policy/graph/graph";
import type { GraphContent } from "../../lib/policy/graph/graph";
import { ALL_RULES } from "../../lib/policy/rules";
import { compliantFacts } from "./compliant-facts";
import { compliantTenant, scopeOfTenant } from "./compliant-objects";
import { workload } from "./rule-cases";

const FACTS = compliantFacts();

/** A tenant with a chart, a release, a monitor and something to find. */
function tenantContent(tenant: string) {
  const scope = { ...scopeOfTenant(tenant), tenant };
  const own = <T extends { id: string }>([fact]: readonly T[]) => [
    { ...fact!, id: fact!.id.replace("acme", tenant), scope },
  ];
  const objects = [...compliantTenant(tenant), monitor(tenant), privileged(tenant)];
  return {
    clusters: FACTS.clusters,
    trustedKeys: FACTS.trustedKeys,
    tenants: own(FACTS.tenants),
    charts: own(FACTS.charts),
    releases: own(FACTS.releases),
    objects: objects.map((object) => objectNode(object, scope)),
  } satisfies Partial<GraphContent>;
}

function monitor(tenant: string): KubernetesObject {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PodMonitor",
    metadata: { name: "api", namespace: `tenant-${tenant}` },
    spec: {
      selector: { matchLabels: { app: "api" } },
      podMetricsEndpoints: [{ port: "http" }],
    },
  };
}

function privileged(tenant: string): KubernetesObject {
  const path = ["securityContext", "privileged"];
  const object = workload("CronJob", ["spec", "containers", 0], [[path, true]]);
  return { ...object, metadata: { name: "x", namespace: `tenant-${tenant}` } };
}

function together(tenants: readonly string[]): Partial<GraphContent> {
  const contents = tenants.map(tenantContent);
  return {
    clusters: FACTS.clusters,
    trustedKeys: FACTS.trustedKeys,
    tenants: contents.flatMap((content) => content.tenants),
    charts: contents.flatMap((content) => content.charts),
    releases: contents.flatMap((content) => content.releases),
    objects: contents.flatMap((content) => content.objects),
  };
}

describe("many tenants in one graph", () => {
  test("come to what each of them comes to alone", () => {
    const tenants = ["acme", "beta", "gamma"];
    const alone = tenants.map((tenant) => new ResourceGraph(tenantContent(tenant)));
    const expected = ALL_RULES.flatMap((rule) => alone.flatMap((graph) => evaluate(graph, [rule])));
    const results = evaluate(new ResourceGraph(together(tenants)), ALL_RULES);
    expect(results).toEqual(expected);
    expect(results.filter(({ rule }) => rule === "P1-POD-3")).toMatchObject(
      tenants.map((tenant) => ({ scope: { tenant }, findings: [{ cause: "violation" }] })),
    );
  });

  test("cost what each of them costs, not more with every other", () => {
    const cost = (count: number) => {
      const names = Array.from({ length: count }, (_, index) => `t-${index}`);
      const { content, reads } = counted(together(names));
      evaluate(new ResourceGraph(content), ALL_RULES);
      return reads();
    };
    // Reads of anything in the graph: no clock, so the same on every machine.
    expect(cost(40)).toBeLessThan(4.2 * cost(10));
  });
});

/** The same content, and how often something was read in it. */
function counted(content: Partial<GraphContent>) {
  let count = 0;
  const views = new WeakMap<object, object>();
  const view = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const known = views.get(value);
    if (known) return known;
    const proxy = new Proxy(value, {
      get(target, key, receiver) {
        count += 1;
        return view(Reflect.get(target, key, receiver));
      },
    });
    views.set(value, proxy);
    return proxy;
  };
  return { content: view(content) as Partial<GraphContent>, reads: () => count };
}
