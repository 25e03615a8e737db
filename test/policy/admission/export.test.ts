import { expect, test } from "vitest";
import { admissionRule } from "../../../lib/policy/admission/admission-rule";
import { namespaced } from "../../../lib/policy/admission/admission-scope";
import { faultIf } from "../../../lib/policy/admission/cel";
import { admissionObjects } from "../../../lib/policy/admission/export";
import { admitP1Ns1 } from "../../../lib/policy/admission/rules/p1-ns-1";
import { p1Net2 } from "../../../lib/policy/rules/p1-net-2";

const RULE = admissionRule(
  { ...p1Net2, title: "no door is open", remediation: 'shut the "door"' },
  {
    scope: namespaced("example.com/v1", ["doors"], ["spec", "metadata.labels"]),
    variables: { door: `dyn(object).spec.door` },
    faults: [faultIf(`variables.door == "open"`, "a door is open"), `["another"]`],
  },
);

test("a rule becomes a policy and a binding to tenants' namespaces", () => {
  expect(admissionObjects([RULE])).toEqual([
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name: "atom-p1-net-2" },
      spec: {
        failurePolicy: "Fail",
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: ["example.com"],
              apiVersions: ["v1"],
              resources: ["doors"],
              operations: ["CREATE", "UPDATE"],
            },
          ],
        },
        matchConditions: [
          {
            name: "changes-what-the-rule-reads",
            expression:
              'request.operation == "CREATE" || dyn(object).?spec != dyn(oldObject).?spec || dyn(object).?metadata.?labels != dyn(oldObject).?metadata.?labels',
          },
        ],
        variables: [
          { name: "door", expression: "dyn(object).spec.door" },
          {
            name: "faults",
            expression: '(variables.door == "open" ? ["a door is open"] : []) + ["another"]',
          },
        ],
        validations: [
          {
            expression: "variables.faults.size() == 0",
            messageExpression:
              '"P1-NET-2: " + variables.faults.join("; ") + ". To mend it, shut the \\"door\\"."',
            message: 'P1-NET-2: no door is open. To mend it, shut the "door".',
            reason: "Forbidden",
          },
        ],
      },
    },
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: "atom-p1-net-2" },
      spec: {
        policyName: "atom-p1-net-2",
        validationActions: ["Deny"],
        matchResources: {
          namespaceSelector: {
            matchExpressions: [{ key: "atom.cloud/tenant", operator: "Exists" }],
          },
        },
      },
    },
  ]);
});

test("a rule on Namespaces says itself which ones, so that none gets out by losing its label", () => {
  const [policy, binding] = admissionObjects([admitP1Ns1], ["Warn", "Audit"]);
  expect(policy).toMatchObject({
    spec: { matchConditions: [{}, { name: "is-a-tenants", expression: admitP1Ns1.scope.applies }] },
  });
  expect(binding?.["spec"]).toEqual({
    policyName: "atom-p1-ns-1",
    validationActions: ["Warn", "Audit"],
  });
});
