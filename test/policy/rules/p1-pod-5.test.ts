import { p1Pod5 } from "../../../lib/policy/rules/p1-pod-5";
import { describeContainerCases, describePodCases } from "../rule-cases";

const FIELD = ["securityContext", "allowPrivilegeEscalation"];
const field = `.${FIELD.join(".")}`;
const finding = (value: string) => ({
  field,
  message: `allowPrivilegeEscalation is ${value}; allowed is false`,
});

describeContainerCases(p1Pod5, [
  {
    title: "fails where nothing is said",
    set: [[FIELD, undefined]],
    findings: [finding("not set")],
  },
  { title: "fails null", set: [[FIELD, null]], findings: [finding("not set")] },
  { title: "fails true", set: [[FIELD, true]], findings: [finding("true")] },
  { title: "fails a text", set: [[FIELD, "false"]], findings: [finding('"false"')] },
]);

describePodCases(p1Pod5, [
  {
    title: "passes a Windows pod, which has no such field",
    set: [
      [["spec", "os"], { name: "windows" }],
      [["spec", "containers", 0, ...FIELD], undefined],
    ],
    findings: [],
  },
  {
    title: "fails where only the pod says it, which has no such field",
    besides: [[["spec", ...FIELD], false]],
    set: [[["spec", "containers", 0, ...FIELD], undefined]],
    findings: [{ ...finding("not set"), field: `.spec.containers[0]${field}` }],
  },
]);
