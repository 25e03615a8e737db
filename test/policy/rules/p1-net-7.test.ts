import { describe, expect, test } from "vitest";

import { objectNode } from "../../../lib/policy/graph/graph";
import { evaluate } from "../../../lib/policy/evaluation/evaluate";
import { p1Net1 } from "../../../lib/policy/rules/p1-net-1";
import { p1Net7 } from "../../../lib/policy/rules/p1-net-7";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { changed, set } from "../change";
import { compliantTenant, graphOf, scopeOfTenant } from "../compliant-objects";
import { describeObjectCases, findingsOf, workload } from "../rule-cases";

const DENY = "NetworkPolicy tenant-acme/default-deny";
const DNS = "NetworkPolicy tenant-acme/allow-dns";
const API = "Service tenant-acme/api";
const DEPLOYMENT = "Deployment tenant-acme/api";
const LABELS = ["spec", "template", "metadata", "labels"];
const SELECTOR = ["spec", "podSelector", "matchLabels"];

const NO_DEFAULT_DENY = {
  rule: p1Net1,
  object: "Namespace tenant-acme",
  field: "",
  message: "no NetworkPolicy denies all ingress and egress of every pod",
};
const unguarded = (object: string, field: string) => ({
  object,
  field,
  message: "no NetworkPolicy of the namespace selects the pod",
});
const dangling = {
  object: DNS,
  field: "spec.podSelector",
  message: "selects no pod of the namespace",
};
const nowhere = { object: API, field: "spec.selector", message: "selects no pod of the namespace" };

describeObjectCases(p1Net7, [
  { title: "passes the compliant tenant", changes: [], findings: [] },
  {
    title: "fails a pod without labels where nothing denies by default",
    changes: [
      ...[DENY, API, "Ingress tenant-acme/api"].map((remove) => ({ remove })),
      set(DEPLOYMENT, LABELS, undefined),
    ],
    findings: [NO_DEFAULT_DENY, unguarded(DEPLOYMENT, "spec.template.metadata.labels")],
    unknownPasses: true,
  },
  {
    title: "fails the pods of a CronJob and a Pod where nothing denies by default",
    changes: [
      { remove: DENY },
      { add: workload("CronJob", [], []) },
      { add: { ...workload("Pod", [], []), metadata: { name: "y", namespace: "tenant-acme" } } },
    ],
    findings: [
      NO_DEFAULT_DENY,
      unguarded("CronJob tenant-acme/x", "spec.jobTemplate.spec.template.metadata.labels"),
      unguarded("Pod tenant-acme/y", "metadata.labels"),
    ],
  },
  {
    title: "passes policies for all that is exposed, without a pod that is",
    changes: [set(DNS, [...SELECTOR, "atom.cloud/exposed"], "true")],
    findings: [],
  },
  {
    title: "passes a policy for one service",
    changes: [set(DNS, SELECTOR, { app: "api" })],
    findings: [],
  },
  {
    title: "fails a policy with a typo",
    changes: [set(DNS, SELECTOR, { app: "apj" })],
    findings: [dangling],
  },
  {
    title: "fails a policy for another tenant's pods",
    changes: [set(DNS, SELECTOR, { "atom.cloud/tenant": "globex" })],
    findings: [dangling],
  },
  {
    title: "fails a Service with a typo",
    changes: [set(API, ["spec", "selector"], { app: "apj" })],
    findings: [nowhere],
  },
  {
    title: "fails a Service that asks for one label too many",
    changes: [set(API, ["spec", "selector", "tier"], "web")],
    findings: [nowhere],
  },
  {
    title: "passes a Service without a selector",
    changes: [set(API, ["spec", "selector"], {})],
    findings: [],
  },
  {
    title: "fails a Service that selects what says it is another tenant's",
    changes: [set(DEPLOYMENT, [...LABELS, "atom.cloud/tenant"], "globex")],
    findings: [
      {
        object: API,
        field: "spec.selector",
        message: `selects ${DEPLOYMENT}, which is another tenant's`,
      },
    ],
  },
]);

describe("P1-NET-7 over one namespace", () => {
  const own = (objects = compliantTenant(), others: ReturnType<typeof objectNode>[] = []) =>
    evaluate(graphOf(objects, "acme", { objects: others }), [p1Net7]).flatMap(({ findings }) =>
      findings.map(({ object, field, message, cause }) => [object, field, message, cause]),
    );

  test("says nothing of selectors where the graph holds no pod", () => {
    const changes = [
      set(DNS, SELECTOR, { app: "apj" }),
      set(API, ["spec", "selector"], { app: "apj" }),
      { remove: DEPLOYMENT },
    ];
    expect(own(changed(compliantTenant(), changes))).toEqual([]);
  });

  test("fails a Service that selects a pod which another tenant brought", () => {
    const pod = workload("Pod", [], []);
    expect(own(compliantTenant(), [objectNode(pod, scopeOfTenant("globex"))])).toEqual([
      [API, "spec.selector", "selects Pod tenant-acme/x, which is another tenant's", "violation"],
    ]);
  });

  test("fails a pod without policies where the graph does not hold the Namespace", () => {
    expect(own([workload("Pod", [], [])])).toEqual([
      [
        "Pod tenant-acme/x",
        "metadata.labels",
        "no NetworkPolicy of the namespace selects the pod",
        "violation",
      ],
    ]);
  });

  test("leaves to another rule what a tenant brings into a namespace that is not its own", () => {
    const pod = { ...workload("Pod", [], []), metadata: { name: "x", namespace: "default" } };
    expect(own([...compliantTenant(), pod])).toEqual([]);
  });

  test("passes the platform's own pods and policies", () => {
    const pod = { ...workload("Pod", [], []), metadata: { name: "x", namespace: "atom-platform" } };
    expect(findingsOf(graphOf([pod]))).toEqual([]);
  });

  test("S6 labels that are not known yet are no pass", () => {
    const objects = changed(compliantTenant(), [set(DNS, SELECTOR, { app: "apj" })]);
    const deployment = objects.find(({ kind }) => kind === "Deployment")!;
    (deployment["spec"] as { template: { metadata: object } }).template.metadata = {
      labels: UNKNOWN,
    };
    const unknown = `cannot be decided: spec.template.metadata.labels of ${DEPLOYMENT} is not known`;
    expect(own(objects)).toEqual([
      [
        DEPLOYMENT,
        "spec.template.metadata.labels",
        "cannot be decided: spec.template.metadata.labels is not known yet",
        "undecided",
      ],
      [DNS, "", unknown, "undecided"],
      [API, "", unknown, "undecided"],
    ]);
  });

  test("S6 a policy that is not known yet undoes no other, and stands in for none", () => {
    const objects = compliantTenant().filter(({ metadata }) => metadata.name !== "allow-dns");
    const deny = objects.find(({ metadata }) => metadata.name === "default-deny")!;
    const spare = { ...deny, metadata: { ...deny.metadata, name: "spare" }, spec: UNKNOWN };
    const causes = (...policies: typeof objects) =>
      own([...objects.filter((object) => object !== deny), ...policies]).map(
        ([object, , , cause]) => [object, cause],
      );
    const itself = ["NetworkPolicy tenant-acme/spare", "undecided"];
    expect(causes(deny, spare)).toEqual([itself]);
    expect(causes(spare)).toEqual([[DEPLOYMENT, "undecided"], itself]);
  });
});
