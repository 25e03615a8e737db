import { p1Quo1 } from "../../../lib/policy/rules/p1-quo-1";
import { p1Quo2 } from "../../../lib/policy/rules/p1-quo-2";
import { set } from "../change";
import { describeObjectCases } from "../rule-cases";

const QUOTA = "ResourceQuota tenant-acme/quota";
const HARD = ["spec", "hard"];
const COUNTED = [
  "configmaps",
  "persistentvolumeclaims",
  "pods",
  "secrets",
  "services",
  "services.loadbalancers",
];
const REQUIRED = [
  "limits.cpu",
  "limits.memory",
  "requests.cpu",
  "requests.memory",
  "requests.storage",
];

const finding = (message: string) => ({ object: "Namespace tenant-acme", field: "", message });
const uncounted = (resource: string) =>
  finding(`no ResourceQuota limits the number of ${resource}`);
const NODE_PORTS = finding("no ResourceQuota sets services.nodeports to 0");
const EVERYTHING = [
  ...COUNTED.map(uncounted),
  NODE_PORTS,
  ...REQUIRED.map((resource) => ({
    ...finding(`no ResourceQuota limits ${resource} of all pods`),
    rule: p1Quo1,
  })),
];
const second = (hard: Record<string, unknown>) => ({
  add: {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: "second", namespace: "tenant-acme" },
    spec: { hard },
  },
});

describeObjectCases(p1Quo2, [
  {
    title: "passes counts by their general names, numbers and a second quota",
    changes: [
      ...["pods", "secrets", "services.nodeports"].map((key) =>
        set(QUOTA, [...HARD, key], undefined),
      ),
      second({ "count/pods": 30, "count/secrets": "1k", "services.nodeports": 0 }),
    ],
    findings: [],
  },
  ...COUNTED.map((resource) => ({
    title: `fails without ${resource}`,
    changes: [set(QUOTA, [...HARD, resource], undefined)],
    findings: [uncounted(resource)],
  })),
  ...["1", undefined, "none"].map((amount) => ({
    title: `fails services.nodeports: ${amount}`,
    changes: [set(QUOTA, [...HARD, "services.nodeports"], amount)],
    findings: [NODE_PORTS],
  })),
  {
    title: "fails a count that is none",
    changes: [set(QUOTA, [...HARD, "secrets"], "-1")],
    findings: [uncounted("secrets")],
  },
  { title: "fails without a quota", changes: [{ remove: QUOTA }], findings: EVERYTHING },
  {
    title: "fails a quota on some pods only",
    changes: [set(QUOTA, ["spec", "scopes"], ["BestEffort"])],
    findings: EVERYTHING,
  },
  {
    title: "fails a quota of another namespace",
    changes: [set(QUOTA, ["metadata", "namespace"], "tenant-globex")],
    findings: EVERYTHING,
  },
]);
