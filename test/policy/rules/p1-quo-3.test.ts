import { p1Quo3 } from "../../../lib/policy/rules/p1-quo-3";
import { set } from "../change";
import { describeObjectCases } from "../rule-cases";

const RANGE = "LimitRange tenant-acme/limits";
const CONTAINER = ["spec", "limits", 0];
const CLAIM = ["spec", "limits", 1];

const missing = (...fields: readonly string[]) =>
  fields.map((field) => ({
    object: "Namespace tenant-acme",
    field: "",
    message: `no LimitRange has ${field}`,
  }));
const EVERYTHING = missing(
  "default of cpu for a Container",
  "default of memory for a Container",
  "defaultRequest of cpu for a Container",
  "defaultRequest of memory for a Container",
  "max of cpu for a Container",
  "max of memory for a Container",
  "max of storage for a PersistentVolumeClaim",
);

describeObjectCases(p1Quo3, [
  {
    title: "passes a maximum alone, which Kubernetes takes for the defaults, too",
    changes: [set(RANGE, CONTAINER, { type: "Container", max: { cpu: 8, memory: "16Gi" } })],
    findings: [],
  },
  {
    title: "passes two ranges that together say everything",
    changes: [
      set(RANGE, ["spec", "limits"], [{ type: "Container", max: { cpu: "8", memory: "16Gi" } }]),
      {
        add: {
          apiVersion: "v1",
          kind: "LimitRange",
          metadata: { name: "claims", namespace: "tenant-acme" },
          spec: { limits: [{ type: "PersistentVolumeClaim", max: { storage: "100Gi" } }] },
        },
      },
    ],
    findings: [],
  },
  { title: "fails without a range", changes: [{ remove: RANGE }], findings: EVERYTHING },
  {
    title: "fails a range of another namespace",
    changes: [set(RANGE, ["metadata", "namespace"], "tenant-globex")],
    findings: EVERYTHING,
  },
  {
    title: "fails a container without a maximum",
    changes: [set(RANGE, [...CONTAINER, "max"], undefined)],
    findings: missing("max of cpu for a Container", "max of memory for a Container"),
  },
  {
    title: "fails a container's minimum alone",
    changes: [set(RANGE, CONTAINER, { type: "Container", min: { cpu: "1", memory: "1Gi" } })],
    findings: missing(
      "default of cpu for a Container",
      "default of memory for a Container",
      "max of cpu for a Container",
      "max of memory for a Container",
    ),
  },
  {
    title: "fails what is said for a pod and not for a container",
    changes: [set(RANGE, [...CONTAINER, "type"], "Pod")],
    findings: EVERYTHING.slice(0, -1),
  },
  {
    title: "fails claims of any size",
    changes: [set(RANGE, [...CLAIM, "max", "storage"], "lots")],
    findings: EVERYTHING.slice(-1),
  },
]);
