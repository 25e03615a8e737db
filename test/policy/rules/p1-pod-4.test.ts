import { p1Pod4 } from "../../../lib/policy/rules/p1-pod-4";
import { describeContainerCases, describePodCases } from "../rule-cases";

const CAPABILITIES = ["securityContext", "capabilities"];
const DROP = { field: ".securityContext.capabilities.drop", message: "does not drop ALL" };

describeContainerCases(p1Pod4, [
  {
    title: "passes ALL among others, and nothing added",
    set: [[CAPABILITIES, { drop: ["NET_RAW", "ALL"], add: null }]],
    findings: [],
  },
  {
    title: "fails where the drop is missing",
    set: [[[...CAPABILITIES, "drop"], undefined]],
    findings: [DROP],
  },
  { title: "fails where nothing is said", set: [[CAPABILITIES, undefined]], findings: [DROP] },
  {
    title: "fails a drop of some",
    set: [
      [
        [...CAPABILITIES, "drop"],
        ["NET_RAW", "all"],
      ],
    ],
    findings: [DROP],
  },
  {
    title: "fails each capability added beyond NET_BIND_SERVICE",
    set: [
      [
        [...CAPABILITIES, "add"],
        ["NET_BIND_SERVICE", "SYS_ADMIN", "ALL"],
      ],
    ],
    findings: [
      {
        field: ".securityContext.capabilities.add[1]",
        message: 'adds "SYS_ADMIN"; allowed is NET_BIND_SERVICE',
      },
      {
        field: ".securityContext.capabilities.add[2]",
        message: 'adds "ALL"; allowed is NET_BIND_SERVICE',
      },
    ],
  },
  {
    title: "fails a drop that is a text: it cannot be read",
    set: [[[...CAPABILITIES, "drop"], "ALL"]],
    findings: [
      {
        field: ".securityContext.capabilities.drop",
        message: "cannot be decided: it is no list",
        cause: "undecided",
      },
    ],
  },
]);

describePodCases(p1Pod4, [
  {
    title: "passes a Windows pod, which has no capabilities",
    set: [
      [["spec", "os"], { name: "windows" }],
      [["spec", "containers", 0, ...CAPABILITIES], undefined],
    ],
    findings: [],
  },
  {
    title: "fails a Linux pod that says so",
    set: [
      [["spec", "os"], { name: "linux" }],
      [["spec", "containers", 0, ...CAPABILITIES], undefined],
    ],
    findings: [{ ...DROP, field: `.spec.containers[0]${DROP.field}` }],
  },
]);
