import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p4Rule6 } from "../../../lib/policy/rules/p4-6";
import { ACME } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import type { Tree } from "../small-objects";
import { AT, graphWith, graphWithObject, IMAGE } from "../small-objects";

const API = "Deployment tenant-acme/api";
const PLACE = "spec.template.spec";
const MESSAGE = "no scrape leads to a port of this container";

const sidecar = (port: number) => {
  return {
    name: "proxy",
    image: IMAGE,
    ports: [{ name: "proxy", containerPort: port }],
    readinessProbe: { httpGet: { port }, periodSeconds: 5 },
  };
};

/** The deployment with one more container in a list. */
function withContainer(list: string, container: unknown) {
  return graphWithObject(AT.deployment, (object) => {
    const spec = object["spec"]!["template"]!["spec"]! as unknown as Record<string, unknown[]>;
    spec[list] = [...(spec[list] ?? []), container];
  });
}

describe("P4-6", () => {
  test("looks at each container that runs for ever", () => {
    expectPass(p4Rule6, [{ scope: ACME, examined: 2 }]);
  });

  test("fails for a second container that nobody scrapes", () => {
    expectFindings(withContainer("containers", sidecar(9901)), p4Rule6, [
      { object: API, field: `${PLACE}.containers[1]`, message: MESSAGE },
    ]);
  });

  test("fails for a sidecar among the init containers, and for no other of them", () => {
    const endless = { ...sidecar(9901), restartPolicy: "Always" };
    expect(findingsOf(withContainer("initContainers", endless), p4Rule6)).toMatchObject([
      { object: API, field: `${PLACE}.initContainers[0]`, message: MESSAGE },
    ]);
    expect(findingsOf(withContainer("initContainers", sidecar(9901)), p4Rule6)).toEqual([]);
  });

  test("fails for a port that is scraped by another protocol", () => {
    const proxy = { ...sidecar(9090), ports: [{ containerPort: 9090, protocol: "UDP" }] };
    expect(findingsOf(withContainer("containers", proxy), p4Rule6)).toMatchObject([
      { field: `${PLACE}.containers[1]`, message: MESSAGE },
    ]);
  });

  test("takes two containers that one monitor scrapes", () => {
    const graph = graphWith(({ objects }) => {
      const api = objects[AT.deployment]!.object as unknown as Tree;
      const template = api["spec"]!["template"]!;
      delete template["metadata"]!["annotations"];
      (template["spec"]!["containers"] as unknown as unknown[]).push(sidecar(9901));
      const spec = {
        selector: { matchLabels: { app: "api" } },
        podMetricsEndpoints: [{ port: "metrics" }, { port: "proxy" }],
      };
      const { object } = objects[AT.serviceMonitor]!;
      const id = "PodMonitor tenant-acme/api";
      objects.push({ id, scope: ACME, object: { ...object, kind: "PodMonitor", spec } });
    });
    expect(findingsOf(graph, p4Rule6)).toEqual([]);
  });

  test("leaves a pod without a route to P4-1, and a route to nowhere to P4-2", () => {
    for (const [key, value] of [
      ["scrape", "false"],
      ["port", "9999"],
    ] as const) {
      const graph = graphWithObject(AT.deployment, (object) => {
        const annotations = object["spec"]!["template"]!["metadata"]!["annotations"]!;
        annotations[`prometheus.io/${key}`] = value as never;
      });
      expect(findingsOf(graph, p4Rule6)).toEqual([]);
    }
  });

  test("S6 fails for ports that are not known yet", () => {
    const findings = findingsOf(withContainer("containers", { ports: UNKNOWN }), p4Rule6);
    expect(findings).toContainEqual(expect.objectContaining({ object: API, cause: "undecided" }));
  });

  test.each(HOSTILE)("fails, and does not crash, for the container %s", (container) => {
    const findings = findingsOf(withContainer("containers", container), p4Rule6);
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.map(({ cause }) => cause)).not.toContain("error");
  });
});
