import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p4Rule2 } from "../../../lib/policy/rules/p4-2";
import { ACME } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import type { Tree } from "../small-objects";
import { AT, graphWithObject } from "../small-objects";

const API = "Deployment tenant-acme/api";
const STORE = "StatefulSet tenant-acme/store";

function withPorts(ports: unknown) {
  return graphWithObject(AT.deployment, (object) => {
    object["spec"]!["template"]!["spec"]!["containers"]![0]!["ports"] = ports as never;
  });
}

describe("P4-2", () => {
  test("looks at each route to each daemon", () => {
    expectPass(p4Rule2, [{ scope: ACME, examined: 2 }]);
  });

  test.each([
    ["undeclared", [{ containerPort: 8080 }]],
    ["UDP", [{ containerPort: 9090, protocol: "UDP" }]],
    ["missing", []],
  ])("fails for an annotated port that is %s", (_, ports) => {
    expectFindings(withPorts(ports), p4Rule2, [
      {
        object: API,
        field: "spec.template",
        message: "annotations scrapes 9090, which is no declared TCP port",
      },
    ]);
  });

  test.each<[string, number, (object: Tree) => unknown, string]>([
    [
      "has no such port",
      AT.service,
      (o) => (o["spec"]!["ports"]![0]!["name"] = text("web")),
      "not set",
    ],
    [
      "leads nowhere",
      AT.service,
      (o) => (o["spec"]!["ports"]![0]!["targetPort"] = text("admin")),
      '"admin"',
    ],
  ])("fails for a monitored service that %s", (_, index, change, port) => {
    expectFindings(graphWithObject(index, change), p4Rule2, [
      {
        object: STORE,
        field: "spec.template",
        message: `ServiceMonitor tenant-acme/store scrapes ${port}, which is no declared TCP port`,
      },
    ]);
  });

  test("fails for a monitor without endpoints", () => {
    const graph = graphWithObject(AT.serviceMonitor, (o) => delete o["spec"]!["endpoints"]);
    expectFindings(graph, p4Rule2, [
      {
        object: STORE,
        field: "spec.template",
        message: "ServiceMonitor tenant-acme/store scrapes no port, which is no declared TCP port",
      },
    ]);
  });

  test("S6 fails for ports that are not known yet", () => {
    expect(findingsOf(withPorts(UNKNOWN), p4Rule2)).toMatchObject([
      { object: API, cause: "undecided" },
    ]);
  });

  test.each(HOSTILE)("fails, and does not crash, for the ports %s", (ports) => {
    expect(findingsOf(withPorts(ports), p4Rule2)).toHaveLength(1);
    expect(findingsOf(withPorts([ports]), p4Rule2)).toHaveLength(1);
  });
});

function text(value: string) {
  return value as never;
}
