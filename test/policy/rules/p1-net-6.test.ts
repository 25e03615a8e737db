import { describe, expect, test } from "vitest";

import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { objectNode } from "../../../lib/policy/graph/graph";
import type { ObjectNode } from "../../../lib/policy/graph/graph";
import { p1Data2 } from "../../../lib/policy/rules/p1-data-2";
import { p1Net6 } from "../../../lib/policy/rules/p1-net-6";
import { p1Rbac2 } from "../../../lib/policy/rules/p1-rbac-2";
import { changed, set } from "../change";
import { compliantTenant, graphOf, scopeOfTenant } from "../compliant-objects";
import { describeObjectCases, findingsOf } from "../rule-cases";
import type { ObjectCase } from "../rule-cases";

const SITE = "Ingress tenant-acme/site";
const HOST = ["spec", "rules", 0, "host"];
const TLS = ["spec", "tls", 0, "hosts"];

function ingress(host: string, namespace = "tenant-acme"): KubernetesObject {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "site", namespace },
    spec: { rules: [{ host }], tls: [{ hosts: [host] }] },
  };
}

function httpRoute(hostnames: readonly string[] | undefined): KubernetesObject {
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name: "site", namespace: "tenant-acme" },
    spec: { hostnames },
  };
}

const own = { add: ingress("acme.example.com") };
const found = (field: string, message: string) => ({ object: SITE, field, message });
const host = (title: string, value: unknown, message: string): ObjectCase => ({
  title: `fails ${title}`,
  changes: [own, set(SITE, HOST, value), set(SITE, TLS, ["*.acme.example.com"])],
  findings: [
    found("spec.rules[0].host", message),
    found("spec.tls[0].hosts[0]", '"*.acme.example.com" is a wildcard; name each host'),
    found(
      "spec.rules[0].host",
      `${typeof value === "string" ? `"${value}"` : "not set"} is not among the hosts of spec.tls`,
    ),
  ],
});
const route = (title: string, hostnames: string[] | undefined, field: string, message: string) => ({
  title: `fails ${title}`,
  changes: [{ add: httpRoute(hostnames) }],
  findings: [
    { object: "HTTPRoute tenant-acme/site", field, message },
    {
      rule: p1Rbac2,
      object: "HTTPRoute tenant-acme/site",
      field: "kind",
      message:
        '"gateway.networking.k8s.io/HTTPRoute" is no kind that the rules know, so none has looked into it',
    },
  ],
});
const annotation = (key: string, message: string): ObjectCase => ({
  title: `fails the annotation ${key}`,
  changes: [own, set(SITE, ["metadata", "annotations", key], "return 200;")],
  findings: [found(`metadata.annotations["${key}"]`, message)],
});
const SNIPPET = "puts its text into the configuration that all tenants share";

describeObjectCases(p1Net6, [
  { title: "passes an Ingress with TLS", changes: [own], findings: [] },
  {
    title: "passes another case, other annotations, and a certificate for more hosts",
    changes: [
      own,
      set(SITE, TLS, ["Acme.Example.com.", "www.acme.example.com"]),
      set(SITE, ["metadata", "annotations"], { "cert-manager.io/cluster-issuer": "ca" }),
    ],
    findings: [],
  },
  host("a wildcard", "*.example.com", '"*.example.com" is a wildcard; name each host'),
  host("an empty host", "", "is empty, which takes every host"),
  host("a missing host", undefined, "is empty, which takes every host"),
  {
    title: "fails without TLS",
    changes: [own, set(SITE, ["spec", "tls"], undefined)],
    findings: [
      found("spec.rules[0].host", '"acme.example.com" is not among the hosts of spec.tls'),
    ],
  },
  {
    title: "fails with TLS for another host",
    changes: [own, set(SITE, TLS, ["www.acme.example.com"])],
    findings: [
      found("spec.rules[0].host", '"acme.example.com" is not among the hosts of spec.tls'),
    ],
  },
  {
    title: "fails a backend for whatever nobody names",
    changes: [own, set(SITE, ["spec", "defaultBackend"], { service: { name: "api" } })],
    findings: [found("spec.defaultBackend", "takes the requests for every host that nobody names")],
  },
  annotation("nginx.ingress.kubernetes.io/configuration-snippet", SNIPPET),
  annotation("nginx.ingress.kubernetes.io/auth-snippet", SNIPPET),
  annotation("nginx.org/location-snippets", SNIPPET),
  annotation(
    "nginx.ingress.kubernetes.io/server-alias",
    "takes hosts that no rule names; write a rule for each",
  ),
  route(
    "a route without hosts",
    undefined,
    "spec.hostnames",
    "is empty, which takes every host of the gateway",
  ),
  route(
    "a route with a wildcard",
    ["*.example.com"],
    "spec.hostnames[0]",
    '"*.example.com" is a wildcard; name each host',
  ),
  {
    title: "fails, undecided, hosts that are none",
    changes: [own, set(SITE, ["spec", "rules"], "acme.example.com")],
    findings: [
      {
        ...found("spec.rules", "cannot be decided: it is no list"),
        cause: "undecided",
      },
      {
        ...found("spec.rules", "cannot be decided: it is no list"),
        cause: "undecided",
        rule: p1Data2,
      },
    ],
  },
]);

describe("P1-NET-6 between tenants", () => {
  const found = (others: readonly ObjectNode[], acme = [ingress("acme.example.com")]) =>
    findingsOf(graphOf([...compliantTenant(), ...acme], "acme", { objects: others }))
      .filter(({ rule }) => rule === p1Net6.id)
      .map(({ scope, object, field, message }) => [scope.tenant, object, field, message]);
  const globex = (object: KubernetesObject, cluster = "eu-prod") => [
    ...compliantTenant("globex").map((one) => objectNode(one, scopeOfTenant("globex"))),
    objectNode(object, { cluster, tenant: "globex" }),
  ];
  const GLOBEX = "Ingress tenant-globex/site";

  test.each(["eu-prod", "us-prod"])("fails both who name one host, on cluster %s", (cluster) => {
    const theirs = ingress("ACME.example.com.", "tenant-globex");
    expect(found(globex(theirs, cluster))).toEqual([
      ["acme", SITE, "spec.rules[0].host", `"acme.example.com" is also a host of ${GLOBEX}`],
      ["globex", GLOBEX, "spec.rules[0].host", `"ACME.example.com." is also a host of ${SITE}`],
    ]);
  });

  test("fails a certificate for another tenant's host", () => {
    const [theirs] = changed(
      [ingress("globex.example.com", "tenant-globex")],
      [set(GLOBEX, [...TLS, 1], "acme.example.com")],
    );
    expect(found(globex(theirs!))).toEqual([
      ["acme", SITE, "spec.rules[0].host", `"acme.example.com" is also a host of ${GLOBEX}`],
      ["globex", GLOBEX, "spec.tls[0].hosts[1]", `"acme.example.com" is also a host of ${SITE}`],
    ]);
  });

  test("fails a host of the platform's", () => {
    const platform = objectNode(ingress("acme.example.com", "atom-platform"), scopeOfTenant());
    expect(found([platform]).map(([tenant, object]) => [tenant, object])).toEqual([
      [undefined, "Ingress atom-platform/site"],
      ["acme", SITE],
    ]);
  });

  test("passes one tenant's host on two objects and two clusters, and two tenants' hosts", () => {
    const second = { ...ingress("acme.example.com") };
    const elsewhere = objectNode(second, { cluster: "us-prod", tenant: "acme" });
    const theirs = globex(ingress("globex.example.com", "tenant-globex"));
    const more = { ...second, metadata: { ...second.metadata, name: "more" } };
    const acme = [ingress("acme.example.com"), more];
    const findings = findingsOf(
      graphOf([...compliantTenant(), ...acme], "acme", { objects: [...theirs, elsewhere] }),
    );
    expect(findings).toEqual([]);
  });

  test("an Ingress that cannot be read hides no other", () => {
    const odd = { ...ingress("x"), spec: "none" } as KubernetesObject;
    const theirs = ingress("acme.example.com", "tenant-globex");
    expect(
      found([...globex(theirs), objectNode(odd, scopeOfTenant("globex"))]).map(
        ([tenant, , field]) => [tenant, field],
      ),
    ).toEqual([
      ["globex", "spec"],
      ["acme", "spec.rules[0].host"],
      ["globex", "spec.rules[0].host"],
    ]);
  });
});
