import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p4Rule1 } from "../../../lib/policy/rules/p4-1";
import { ACME } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import type { Tree } from "../small-objects";
import { AT, graphWith, graphWithObject } from "../small-objects";

const API = "Deployment tenant-acme/api";
const STORE = "StatefulSet tenant-acme/store";
const PLACE = "spec.template.metadata.annotations";

function withAnnotation(name: string, value: unknown) {
  return graphWithObject(AT.deployment, (object) => {
    const metadata = object["spec"]!["template"]!["metadata"]!;
    metadata["annotations"]![`prometheus.io/${name}`] = value as never;
  });
}

const withMonitor = (change: (monitor: Tree) => void) => graphWithObject(AT.serviceMonitor, change);

const NO_ROUTE = "no annotation and no monitor has its metrics scraped";

describe("P4-1", () => {
  test("looks at each daemon, and at no job", () => {
    expectPass(p4Rule1, [{ scope: ACME, examined: 2 }]);
  });

  test.each([
    ["scrape", true, 'is true; allowed is the string "true"'],
    ["scrape", "yes", 'is "yes"; allowed is the string "true"'],
    ["port", 9090, "is 9090; allowed is a port as a string"],
    ["port", "70000", 'is "70000"; allowed is a port as a string'],
    ["port", undefined, "is not set; allowed is a port as a string"],
    ["path", "metrics", 'is "metrics"; allowed is a path such as /metrics'],
    ["path", undefined, "is not set; allowed is a path such as /metrics"],
  ])("fails for the annotation %s: %s", (name, value, message) => {
    expectFindings(withAnnotation(name, value), p4Rule1, [
      { object: API, field: `${PLACE}["prometheus.io/${name}"]`, message },
    ]);
  });

  test.each([undefined, "false"])("fails for a pod that is not scraped: %s", (scrape) => {
    expectFindings(withAnnotation("scrape", scrape), p4Rule1, [
      { object: API, field: "spec.template", message: NO_ROUTE },
    ]);
  });

  test.each<[string, (monitor: Tree) => void]>([
    ["selects another service", (o) => (o["spec"]!["selector"] = labels({ app: "other" }))],
    [
      "looks at another namespace",
      (o) => (o["spec"]!["namespaceSelector"] = tree({ matchNames: ["x"] })),
    ],
    ["cannot be read", (o) => (o["spec"]!["selector"] = tree("everything"))],
    ["is another API group's", (o) => (o["apiVersion"] = tree("example.com/v1"))],
  ])("fails for a pod whose monitor %s", (_, change) => {
    expectFindings(withMonitor(change), p4Rule1, [
      { object: STORE, field: "spec.template", message: NO_ROUTE },
    ]);
  });

  test("fails for a pod whose monitor selects a Service of another API group", () => {
    const graph = graphWithObject(AT.service, (o) => (o["apiVersion"] = tree("example.com/v1")));
    expect(findingsOf(graph, p4Rule1)).toMatchObject([
      { object: STORE, field: "spec.template", message: NO_ROUTE },
    ]);
  });

  test("fails for a pod that is scraped twice", () => {
    const graph = graphWith(({ objects }) => {
      const { object } = objects[AT.serviceMonitor]!;
      const spec = {
        selector: { matchLabels: { app: "api" } },
        sampleLimit: 10_000,
        podMetricsEndpoints: [{ port: "metrics" }],
      };
      const metadata = { name: "api", namespace: "tenant-acme" };
      const id = "PodMonitor tenant-acme/api";
      objects.push({ id, scope: ACME, object: { ...object, kind: "PodMonitor", metadata, spec } });
    });
    expectFindings(graph, p4Rule1, [
      {
        object: API,
        field: "spec.template",
        message: "is scraped 2 times, by annotations and PodMonitor tenant-acme/api",
      },
    ]);
  });

  test("names the routes in the order of the graph, whatever namespaces they look at", () => {
    const graph = graphWith(({ objects }) => {
      const monitor = objects[AT.serviceMonitor]!;
      const namespaceSelector = { matchNames: ["tenant-other", "tenant-acme"] };
      const spec = { ...(monitor.object["spec"] as object), namespaceSelector };
      objects.unshift({
        ...monitor,
        id: "ServiceMonitor two",
        object: { ...monitor.object, metadata: { ...monitor.object.metadata, name: "two" }, spec },
      });
    });
    expectFindings(graph, p4Rule1, [
      {
        object: STORE,
        field: "spec.template",
        message: "is scraped 2 times, by ServiceMonitor two and ServiceMonitor tenant-acme/store",
      },
    ]);
  });

  test("takes a monitor of every namespace", () => {
    const graph = withMonitor((o) => (o["spec"]!["namespaceSelector"] = tree({ any: true })));
    expect(findingsOf(graph, p4Rule1)).toEqual([]);
  });

  test("S6 fails for an annotation that is not known yet", () => {
    expect(findingsOf(withAnnotation("port", UNKNOWN), p4Rule1)).toMatchObject([
      { object: API, cause: "undecided" },
    ]);
  });

  test.each(HOSTILE.filter((value) => value !== null))(
    "fails, and does not crash, for annotations %s",
    (value) => {
      const graph = graphWithObject(AT.deployment, (object) => {
        object["spec"]!["template"]!["metadata"]!["annotations"] = tree(value);
      });
      expect(findingsOf(graph, p4Rule1)).toHaveLength(1);
    },
  );
});

function labels(matchLabels: object) {
  return tree({ matchLabels });
}

function tree(value: unknown) {
  return value as never;
}
