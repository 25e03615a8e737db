import { p1Quo1 } from "../../../lib/policy/rules/p1-quo-1";
import { set } from "../change";
import { describeObjectCases } from "../rule-cases";

const QUOTA = "ResourceQuota tenant-acme/quota";
const HARD = ["spec", "hard"];
const ALL = ["limits.cpu", "limits.memory", "requests.cpu", "requests.memory", "requests.storage"];

const unlimited = (resource: string) => ({
  object: "Namespace tenant-acme",
  field: "",
  message: `no ResourceQuota limits ${resource} of all pods`,
});
const second = (hard: Record<string, unknown>, version = "v1") => ({
  add: {
    apiVersion: version,
    kind: "ResourceQuota",
    metadata: { name: "second", namespace: "tenant-acme" },
    spec: { hard },
  },
});

describeObjectCases(p1Quo1, [
  {
    title: "passes the short names, numbers and the containers' own disks",
    changes: [
      set(QUOTA, HARD, {
        cpu: 8,
        memory: "16Gi",
        "limits.cpu": "8",
        "limits.memory": "16Gi",
        "limits.ephemeral-storage": "10Gi",
      }),
    ],
    findings: [],
  },
  {
    title: "passes two quotas that together limit everything",
    changes: [
      set(QUOTA, [...HARD, "requests.storage"], undefined),
      second({ "requests.storage": "1Ti" }),
    ],
    findings: [],
  },
  { title: "fails without a quota", changes: [{ remove: QUOTA }], findings: ALL.map(unlimited) },
  ...ALL.map((resource) => ({
    title: `fails without ${resource}`,
    changes: [set(QUOTA, [...HARD, resource], undefined)],
    findings: [unlimited(resource)],
  })),
  {
    title: "fails an amount that is none",
    changes: [set(QUOTA, [...HARD, "limits.cpu"], "lots")],
    findings: [unlimited("limits.cpu")],
  },
  {
    title: "fails a quota on some pods only",
    changes: [set(QUOTA, ["spec", "scopes"], ["BestEffort"])],
    findings: ALL.map(unlimited),
  },
  {
    title: "fails a quota on one priority only",
    changes: [set(QUOTA, ["spec", "scopeSelector"], { matchExpressions: [] })],
    findings: ALL.map(unlimited),
  },
  {
    title: "fails a quota of another namespace",
    changes: [set(QUOTA, ["metadata", "namespace"], "tenant-globex")],
    findings: ALL.map(unlimited),
  },
]);
