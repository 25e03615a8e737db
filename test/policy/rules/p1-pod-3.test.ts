import { p1Pod3 } from "../../../lib/policy/rules/p1-pod-3";
import { describeContainerCases, describePodCases } from "../rule-cases";

const CONTEXT = "securityContext";

describeContainerCases(p1Pod3, [
  {
    title: "passes false, Default, null and nothing at all",
    set: [
      [[CONTEXT, "privileged"], null],
      [[CONTEXT, "procMount"], "Default"],
      [[CONTEXT, "windowsOptions"], { hostProcess: false }],
    ],
    findings: [],
  },
  {
    title: "fails a privileged container",
    set: [[[CONTEXT, "privileged"], true]],
    findings: [
      { field: ".securityContext.privileged", message: "privileged is true; allowed is false" },
    ],
  },
  {
    title: "fails a value of another type, which nobody can read for a no",
    set: [[[CONTEXT, "privileged"], "false"]],
    findings: [
      { field: ".securityContext.privileged", message: 'privileged is "false"; allowed is false' },
    ],
  },
  {
    title: "fails an unmasked /proc",
    set: [[[CONTEXT, "procMount"], "Unmasked"]],
    findings: [
      {
        field: ".securityContext.procMount",
        message: 'procMount is "Unmasked"; allowed is "Default"',
      },
    ],
  },
  {
    title: "fails a host process of Windows",
    set: [[[CONTEXT, "windowsOptions", "hostProcess"], true]],
    findings: [
      {
        field: ".securityContext.windowsOptions.hostProcess",
        message: "hostProcess is true; allowed is false",
      },
    ],
  },
]);

describePodCases(p1Pod3, [
  {
    title: "fails a host process of Windows that the whole pod asks for",
    set: [[["spec", CONTEXT, "windowsOptions", "hostProcess"], true]],
    findings: [
      {
        field: ".spec.securityContext.windowsOptions.hostProcess",
        message: "hostProcess is true; allowed is false",
      },
    ],
  },
]);
