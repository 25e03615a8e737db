import { p1Quo1 } from "../../../lib/policy/rules/p1-quo-1";
import { p1Quo2 } from "../../../lib/policy/rules/p1-quo-2";
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
/** Object counts, which another rule asks for. */
const COUNTS = {
  pods: "30",
  services: "30",
  secrets: "60",
  configmaps: "60",
  persistentvolumeclaims: "30",
  "services.loadbalancers": "0",
};
const NOTHING_LIMITED = [
  ...ALL.map(unlimited),
  ...[
    ...Object.keys(COUNTS).map((key) => `no ResourceQuota limits the number of ${key}`),
    "no ResourceQuota sets services.nodeports to 0",
  ].map((message) => ({ rule: p1Quo2, object: "Namespace tenant-acme", field: "", message })),
];
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
        ...COUNTS,
        "services.nodeports": "0",
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
  { title: "fails without a quota", changes: [{ remove: QUOTA }], findings: NOTHING_LIMITED },
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
    findings: NOTHING_LIMITED,
  },
  {
    title: "fails a quota on one priority only",
    changes: [set(QUOTA, ["spec", "scopeSelector"], { matchExpressions: [] })],
    findings: NOTHING_LIMITED,
  },
  {
    title: "fails a quota of another namespace",
    changes: [set(QUOTA, ["metadata", "namespace"], "tenant-globex")],
    findings: NOTHING_LIMITED,
  },
]);
