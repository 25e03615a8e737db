import { TENANT_LABEL } from "../../kubernetes/labels";
import type { KubernetesObject } from "../../kubernetes/object";
import type { AdmissionRule } from "./admission-rule";
import type { AdmissionScope } from "./admission-scope";
import { literal } from "./cel";

/** What the API server does with an object that breaks a rule. */
export const ADMISSION_ACTIONS = ["Deny", "Warn", "Audit"] as const;
export type AdmissionAction = (typeof ADMISSION_ACTIONS)[number];

const API_VERSION = "admissionregistration.k8s.io/v1";

/**
 * A ValidatingAdmissionPolicy and its binding for each rule, in the order of the rules. They refuse
 * what they cannot evaluate, and hold for every tenant's namespace, those to come among them.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 *
 * @param actions of the bindings. @default Deny
 */
export function admissionObjects(
  rules: readonly AdmissionRule[],
  actions: readonly AdmissionAction[] = ["Deny"],
): KubernetesObject[] {
  return rules.flatMap((rule) => [policyOf(rule), bindingOf(rule, actions)]);
}

/** The name of a rule's policy and of its binding: `atom-p1-pod-3`. */
export function policyName({ rule }: AdmissionRule): string {
  return `atom-${rule.id.toLowerCase()}`;
}

function policyOf(admission: AdmissionRule): KubernetesObject {
  const { rule, scope, variables, faults } = admission;
  const mend = `To mend it, ${rule.remediation}`;
  return {
    apiVersion: API_VERSION,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: policyName(admission) },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        resourceRules: scope.resources.map((resources) => ({
          ...resources,
          operations: ["CREATE", "UPDATE"],
        })),
      },
      matchConditions: matchConditions(scope),
      variables: Object.entries({
        ...scope.variables,
        ...variables,
        faults: faults.join(" + "),
      }).map(([name, expression]) => ({ name, expression })),
      validations: [
        {
          expression: "variables.faults.size() == 0",
          messageExpression: `${literal(`${rule.id}: `)} + variables.faults.join("; ") + ${literal(`. ${mend}.`)}`,
          // Where there are more faults than a message may hold.
          message: `${rule.id}: ${rule.title}. ${mend}.`,
          reason: "Forbidden",
        },
      ],
    },
  };
}

function matchConditions({ reads, applies }: AdmissionScope) {
  const differs = reads.map(
    (path) => `${optional("object", path)} != ${optional("oldObject", path)}`,
  );
  return [
    {
      name: "changes-what-the-rule-reads",
      expression: `request.operation == "CREATE" || ${differs.join(" || ")}`,
    },
    ...(applies === undefined ? [] : [{ name: "is-a-tenants", expression: applies }]),
  ];
}

/** What is at a path, if anything: `dyn(object).?metadata.?labels`. */
function optional(root: string, path: string): string {
  return `dyn(${root}).?${path.split(".").join(".?")}`;
}

function bindingOf(
  admission: AdmissionRule,
  actions: readonly AdmissionAction[],
): KubernetesObject {
  const name = policyName(admission);
  const namespaceSelector = { matchExpressions: [{ key: TENANT_LABEL, operator: "Exists" }] };
  return {
    apiVersion: API_VERSION,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name },
    spec: {
      policyName: name,
      validationActions: actions,
      ...(admission.scope.applies === undefined && { matchResources: { namespaceSelector } }),
    },
  };
}
