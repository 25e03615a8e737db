import { expect, test } from "vitest";

import { objectNode } from "../../../lib/policy/graph/graph";
import { p1Net5 } from "../../../lib/policy/rules/p1-net-5";
import { changed, set } from "../change";
import { compliantTenant, graphOf, scopeOfTenant } from "../compliant-objects";
import { describeObjectCases, findingsOf } from "../rule-cases";
import type { ObjectCase } from "../rule-cases";

const API = "Service tenant-acme/api";
const TYPE = ["spec", "type"];
const NAME = ["spec", "externalName"];

const external = (name: unknown) => [set(API, TYPE, "ExternalName"), set(API, NAME, name)];
const passes = (name: string): ObjectCase => ({
  title: `passes the name ${name}`,
  changes: external(name),
  findings: [],
});
const leads = (name: string, namespace: string): ObjectCase => ({
  title: `fails the name ${name}`,
  changes: external(name),
  findings: [
    {
      object: API,
      field: "spec.externalName",
      message: `leads to namespace "${namespace}"; allowed is the Service's own`,
    },
  ],
});

describeObjectCases(p1Net5, [
  { title: "passes the compliant tenant", changes: [], findings: [] },
  {
    title: "passes a type and addresses that are written out",
    changes: [set(API, TYPE, "ClusterIP"), set(API, ["spec", "externalIPs"], [])],
    findings: [],
  },
  ...["NodePort", "LoadBalancer", "nodeport"].map((type) => ({
    title: `fails the type ${type}`,
    changes: [set(API, TYPE, type)],
    findings: [{ object: API, field: "spec.type", message: `is "${type}"; allowed is ClusterIP` }],
  })),
  {
    title: "fails external addresses",
    changes: [set(API, ["spec", "externalIPs"], ["192.0.2.1", "192.0.2.2"])],
    findings: [{ object: API, field: "spec.externalIPs", message: "takes 2; allowed is none" }],
  },
  ...["db.example.com", "api.tenant-acme.svc.cluster.local", "api.svc.example.com"].map(passes),
  leads("db.tenant-globex.svc.cluster.local", "tenant-globex"),
  leads("db.tenant-globex.svc", "tenant-globex"),
  leads("DB.Tenant-Globex.SVC.cluster.local.", "tenant-globex"),
  leads("store-0.store.tenant-globex.svc.corp.example", "tenant-globex"),
  leads("10-1-2-3.tenant-globex.pod.cluster.local", "tenant-globex"),
  leads("svc.svc.tenant-globex.svc.cluster.local", "tenant-globex"),
  leads("kubernetes.default.svc", "default"),
  ...[
    { kind: "Endpoints", apiVersion: "v1", subsets: [{ addresses: [{ ip: "10.1.2.3" }] }] },
    {
      kind: "EndpointSlice",
      apiVersion: "discovery.k8s.io/v1",
      addressType: "IPv4",
      endpoints: [{ addresses: ["10.1.2.3"] }],
      ports: [],
    },
  ].map((fields): ObjectCase => ({
    title: `fails ${fields.kind} that a manifest brings`,
    changes: [{ add: { ...fields, metadata: { name: "api", namespace: "tenant-acme" } } }],
    findings: [
      {
        object: `${fields.kind} tenant-acme/api`,
        field: "kind",
        message: "leads a Service to any address; allowed is the Service's own selector",
      },
    ],
  })),
  {
    title: "fails a missing name",
    changes: [set(API, TYPE, "ExternalName")],
    findings: [
      {
        object: API,
        field: "spec.externalName",
        message: "is not set; allowed is a host's name",
      },
    ],
  },
]);

test("looks into tenants' namespaces, whoever brings the Service, and at none elsewhere", () => {
  const [open] = changed(compliantTenant(), [set(API, TYPE, "NodePort")]).filter(
    ({ kind }) => kind === "Service",
  );
  const own = { ...open!, metadata: { name: "api", namespace: "atom-platform" } };
  const objects = [open!, own].map((object) => objectNode(object, scopeOfTenant()));
  expect(
    findingsOf(graphOf(compliantTenant(), "acme", { objects })).map(({ rule, scope, object }) => [
      rule,
      scope,
      object,
    ]),
  ).toEqual([["P1-NET-5", { cluster: "eu-prod" }, API]]);
});

test("leaves another group's Service alone", () => {
  const knative = {
    apiVersion: "serving.knative.dev/v1",
    kind: "Service",
    metadata: { name: "x", namespace: "tenant-acme" },
    spec: { type: "NodePort" },
  };
  const findings = findingsOf(graphOf([...compliantTenant(), knative], "acme"));
  expect(findings.map(({ rule }) => rule)).toEqual(["P1-RBAC-2"]);
});
