import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p4Rule5 } from "../../../lib/policy/rules/p4-5";
import { ACME, PLATFORM } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { MONITOR, withEndpoint, withSpec } from "../small-monitor";
import { AT, graphWith } from "../small-objects";

const FILE = "names a file of Prometheus";
const LITERAL = "is a literal; allowed is a reference to a Secret's key";
const LABELS = "lets a pod set its own namespace's label; allowed is false";

describe("P4-5", () => {
  test("looks at each monitor of a tenant and at each endpoint", () => {
    expectPass(p4Rule5, [{ scope: ACME, examined: 2 }]);
  });

  test.each([true, "true", 1])("fails for a monitor of any namespace: %j", (any) => {
    const finding = {
      object: MONITOR,
      field: "spec.namespaceSelector.any",
      message: "selects every namespace; allowed is the tenant's own",
    };
    expect(findingsOf(withSpec({ namespaceSelector: { any } }), p4Rule5)).toMatchObject([finding]);
  });

  test.each([
    ["honorLabels", { honorLabels: true }, LABELS],
    ["bearerTokenFile", { bearerTokenFile: "/var/run/secrets/token" }, FILE],
    ["authorization.credentialsFile", { authorization: { credentialsFile: "/x" } }, FILE],
    ["tlsConfig.keyFile", { tlsConfig: { keyFile: "/x" } }, FILE],
    ["basicAuth.password", { basicAuth: { password: "hunter2" } }, LITERAL],
    ["oauth2.clientSecret", { oauth2: { clientSecret: "hunter2" } }, LITERAL],
  ])("fails for %s", (field, endpoint, message) => {
    const graph = withEndpoint(endpoint);
    expectFindings(graph, p4Rule5, [
      { object: MONITOR, field: `spec.endpoints[0].${field}`, message },
    ]);
    expect(JSON.stringify(findingsOf(graph, p4Rule5))).not.toContain("hunter2");
  });

  test.each([
    { honorLabels: false, basicAuth: { password: { name: "x", key: "y" } }, bearerTokenFile: "" },
    { tlsConfig: { ca: { secret: { name: "x", key: "ca.crt" } } } },
  ])("takes %j", (fields) => {
    expect(findingsOf(withEndpoint(fields), p4Rule5)).toEqual([]);
  });

  test("leaves the platform's monitors of every namespace alone", () => {
    const graph = graphWith(({ objects }) => {
      const { object } = objects[AT.serviceMonitor]!;
      const metadata = { name: "all", namespace: "atom-platform" };
      const spec = { namespaceSelector: { any: true } };
      objects.push({
        id: "ServiceMonitor all",
        scope: PLATFORM,
        object: { ...object, metadata, spec },
      });
    });
    expect(findingsOf(graph, p4Rule5)).toEqual([]);
  });

  test("S6 fails for what is not known, and hides no other finding", () => {
    const fields = { namespaceSelector: UNKNOWN, endpoints: [UNKNOWN, { honorLabels: true }] };
    expect(findingsOf(withSpec(fields), p4Rule5)).toMatchObject([
      { cause: "undecided", field: "spec.namespaceSelector" },
      { cause: "undecided", field: "spec.endpoints[0]" },
      { cause: "violation", field: "spec.endpoints[1].honorLabels" },
    ]);
  });

  test.each(HOSTILE.filter((value) => value !== null && !Array.isArray(value)))(
    "fails, and does not crash, for the endpoints %s",
    (endpoints) => {
      expect(findingsOf(withSpec({ endpoints }), p4Rule5)).toMatchObject([{ cause: "undecided" }]);
    },
  );
});
