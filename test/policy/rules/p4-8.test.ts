import { describe, expect, test } from "vitest";
import { expandList } from "../../../lib/kubernetes/expand-list";
import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { evaluate } from "../../../lib/policy/evaluation/evaluate";
import { objectNode } from "../../../lib/policy/graph/graph";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p4Rule8 } from "../../../lib/policy/rules/p4-8";
import { ACME } from "../compliant-facts";
import { expectFindings, findingsOf, HOSTILE } from "../rule-harness";
import { AT, graphWith } from "../small-objects";

const OBJECT = "Ingress tenant-acme/store";
const STORE = { service: { name: "store", port: { name: "http-metrics" } } };

function ingress(spec: unknown, annotations: unknown = {}): KubernetesObject {
  const metadata = { name: "store", namespace: "tenant-acme", annotations } as never;
  return { apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata, spec };
}

function withIngress(object: KubernetesObject, servicePorts?: unknown) {
  return graphWith(({ objects }) => {
    objects.push(objectNode(object, ACME));
    const service = objects[AT.service]!.object as { spec?: Record<string, unknown> };
    if (servicePorts !== undefined) service.spec!["ports"] = servicePorts;
  });
}

const withPath = (path: unknown, annotations?: unknown) =>
  withIngress(ingress({ rules: [{ http: { paths: [path] } }] }, annotations));

const LEADS = 'leads to "/metrics" of StatefulSet tenant-acme/store, which is scraped';

describe("P4-8", () => {
  test("looks at each Ingress and each of its rules", () => {
    const graph = withIngress(ingress({ rules: [{ host: "a" }, { host: "b" }] }));
    expect(evaluate(graph, [p4Rule8])).toEqual([
      { rule: "P4-8", scope: ACME, examined: 3, findings: [] },
    ]);
  });

  test.each<[string, unknown, unknown?]>([
    ["everything", { path: "/", pathType: "Prefix", backend: STORE }],
    ["everything, unsaid", { backend: STORE }],
    ["a pattern", { path: "/(.*)", pathType: "ImplementationSpecific", backend: STORE }],
    [
      "the port's number",
      {
        path: "/",
        pathType: "Prefix",
        backend: { service: { name: "store", port: { number: 80 } } },
      },
    ],
    [
      "another path that is rewritten",
      { path: "/api(/|$)(.*)", pathType: "ImplementationSpecific", backend: STORE },
      { "nginx.ingress.kubernetes.io/rewrite-target": "/$2" },
    ],
  ])("fails for a path that takes in %s", (_, path, annotations) => {
    expect(findingsOf(withPath(path, annotations), p4Rule8)).toMatchObject([
      { object: OBJECT, field: "spec.rules[0].http.paths[0]", message: LEADS },
    ]);
  });

  test("fires alone", () => {
    expectFindings(withPath({ path: "/", pathType: "Prefix", backend: STORE }), p4Rule8, [
      { object: OBJECT, field: "spec.rules[0].http.paths[0]", message: LEADS },
    ]);
  });

  test.each([
    ["of another API group", "example.com/v1"],
    ["of the core", "v1"],
  ])("fails for it beside a second Service of its name %s, in any order", (_, apiVersion) => {
    for (const place of [AT.service, AT.service + 1]) {
      const graph = graphWith(({ objects }) => {
        const paths = [{ path: "/", pathType: "Prefix", backend: STORE }];
        objects.push(objectNode(ingress({ rules: [{ http: { paths } }] }), ACME));
        const metadata = { name: "store", namespace: "tenant-acme" };
        const spec = { selector: { app: "none" } };
        objects.splice(place, 0, objectNode({ apiVersion, kind: "Service", metadata, spec }, ACME));
      });
      expect(findingsOf(graph, p4Rule8)).toMatchObject([
        { object: OBJECT, field: "spec.rules[0].http.paths[0]", message: LEADS },
      ]);
    }
  });

  test.each(["/metrics", "/metrics/all"])("fails for the path %s, wherever it leads", (path) => {
    const backend = { service: { name: "elsewhere" } };
    expect(findingsOf(withPath({ path, pathType: "Exact", backend }), p4Rule8)).toMatchObject([
      {
        field: "spec.rules[0].http.paths[0].path",
        message: `"${path}" is where metrics are served`,
      },
    ]);
  });

  test("fails for a default backend, and inside a List", () => {
    const object = ingress({ defaultBackend: STORE });
    const list = { apiVersion: "v1", kind: "List", metadata: { name: "x" }, items: [object] };
    for (const one of [object, ...expandList(list)]) {
      expect(findingsOf(withIngress(one), p4Rule8)).toMatchObject([
        { object: OBJECT, field: "spec.defaultBackend", message: LEADS },
      ]);
    }
  });

  test.each<[string, unknown]>([
    ["another path", { path: "/api", pathType: "Prefix", backend: STORE }],
    ["a path that only begins alike", { path: "/metric", pathType: "Prefix", backend: STORE }],
    ["just one other path", { path: "/", pathType: "Exact", backend: STORE }],
    ["another pattern", { path: "/api(/|$)(.*)", backend: STORE }],
    ["a service that is not there", { path: "/", backend: { service: { name: "other" } } }],
  ])("takes %s", (_, path) => {
    expect(findingsOf(withPath(path), p4Rule8)).toEqual([]);
  });

  test("fails for a path of a monitor's own, and not for one beside it", () => {
    const graph = (path: string) =>
      graphWith(({ objects }) => {
        const monitor = objects[AT.serviceMonitor]!.object as { spec?: Record<string, unknown> };
        monitor.spec!["endpoints"] = [{ port: "http-metrics", path: "/own/all" }];
        const paths = [{ path, pathType: "Prefix", backend: STORE }];
        objects.push(objectNode(ingress({ rules: [{ http: { paths } }] }), ACME));
      });
    for (const path of ["/own/all", "/own", "/own/"]) {
      expect(findingsOf(graph(path), p4Rule8)).toMatchObject([
        { message: LEADS.replace("/metrics", "/own/all") },
      ]);
    }
    expect(findingsOf(graph("/own/al"), p4Rule8)).toEqual([]);
  });

  test("takes a service whose port is not the one that is scraped", () => {
    const ports = [
      { name: "http", port: 80, targetPort: 8080 },
      { name: "http-metrics", port: 81, targetPort: 9090 },
    ];
    const backend = { service: { name: "store", port: { number: 80 } } };
    const object = ingress({ rules: [{ http: { paths: [{ path: "/", backend }] } }] });
    expect(findingsOf(withIngress(object, ports), p4Rule8)).toEqual([]);
  });

  test("S6 fails for what is not known, and hides no other finding", () => {
    const paths = [{ path: "/", backend: STORE }];
    const object = ingress({ rules: [UNKNOWN, { http: { paths } }] });
    expect(findingsOf(withIngress(object), p4Rule8)).toMatchObject([
      { cause: "undecided", field: "spec.rules[0]" },
      { cause: "violation", field: "spec.rules[1].http.paths[0]" },
    ]);
    const known = ingress({ rules: [{ http: { paths } }] });
    expect(findingsOf(withIngress(known, UNKNOWN), p4Rule8)).toMatchObject([
      { cause: "undecided", object: OBJECT },
    ]);
  });

  test.each(HOSTILE.filter((value) => value !== null))("does not crash for %s", (value) => {
    for (const spec of [
      { rules: value },
      { rules: [{ http: value }] },
      { defaultBackend: value },
    ]) {
      const causes = findingsOf(withIngress(ingress(spec)), p4Rule8).map(({ cause }) => cause);
      expect(causes).not.toContain("error");
    }
  });
});
