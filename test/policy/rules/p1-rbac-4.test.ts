import { p1Rbac2 } from "../../../lib/policy/rules/p1-rbac-2";
import { p1Rbac4 } from "../../../lib/policy/rules/p1-rbac-4";
import { set } from "../change";
import { describeObjectCases, describePodCases } from "../rule-cases";

const BINDING = "RoleBinding tenant-acme/operator";
const ROLE = "Role tenant-acme/operator";
const ACCOUNT = "ServiceAccount tenant-acme/api";
const DEPLOYMENT = "Deployment tenant-acme/api";

const absentRole = (name: string) => [
  {
    object: BINDING,
    field: "roleRef.name",
    message: `there is no Role ${name} in the namespace`,
  },
];
const absentSubject = {
  object: BINDING,
  field: "subjects[0].name",
  message: 'there is no ServiceAccount "nobody" in the namespace',
};
const absentAccount = [
  {
    object: DEPLOYMENT,
    field: "spec.template.spec.serviceAccountName",
    message: 'there is no ServiceAccount "api" in the namespace',
  },
];

describeObjectCases(p1Rbac4, [
  {
    title: "passes the account that Kubernetes makes, and what lies elsewhere",
    changes: [
      set(
        BINDING,
        ["subjects"],
        [
          { kind: "ServiceAccount", name: "default", namespace: "tenant-acme" },
          { kind: "ServiceAccount", name: "daemons", namespace: "atom-platform" },
          { kind: "User", name: "ann@example.com" },
        ],
      ),
    ],
    findings: [],
  },
  {
    title: "fails a binding to a role that was deleted",
    changes: [{ remove: ROLE }],
    findings: absentRole('"operator"'),
  },
  {
    title: "fails a binding to a role of another name",
    changes: [set(BINDING, ["roleRef", "name"], "constructor")],
    findings: absentRole('"constructor"'),
  },
  {
    title: "fails a binding without a role's name",
    changes: [set(BINDING, ["roleRef", "name"], undefined)],
    findings: absentRole("not set"),
  },
  {
    title: "fails a role of another namespace",
    changes: [set(ROLE, ["metadata", "namespace"], "tenant-globex")],
    findings: absentRole('"operator"'),
  },
  {
    title: "fails a Role of another API group",
    changes: [set(ROLE, ["apiVersion"], "example.com/v1")],
    findings: [
      ...absentRole('"operator"'),
      {
        rule: p1Rbac2,
        object: ROLE,
        field: "kind",
        message: '"example.com/Role" is no kind that the rules know, so none has looked into it',
      },
    ],
  },
  {
    title: "fails a binding of an account that is not there, and says so beside others",
    changes: [set(BINDING, ["subjects", 0, "name"], "nobody"), { remove: ROLE }],
    findings: [absentSubject, ...absentRole('"operator"')],
  },
  {
    title: "fails a pod whose account was deleted",
    changes: [{ remove: ACCOUNT }],
    findings: absentAccount,
  },
  {
    title: "fails a pod whose account lives in another namespace",
    changes: [set(ACCOUNT, ["metadata", "namespace"], "tenant-globex")],
    findings: absentAccount,
  },
]);

describePodCases(
  p1Rbac4,
  [
    {
      title: "passes the account by its old field",
      set: [
        [["spec", "serviceAccountName"], ""],
        [["spec", "serviceAccount"], "api"],
      ],
      findings: [],
    },
    {
      title: "fails an account that is not there",
      set: [[["spec", "serviceAccountName"], "nobody"]],
      findings: [
        {
          field: ".spec.serviceAccountName",
          message: 'there is no ServiceAccount "nobody" in the namespace',
        },
      ],
    },
    {
      title: "fails one by its old field",
      set: [[["spec", "serviceAccount"], "nobody"]],
      besides: [[["spec", "serviceAccountName"], undefined]],
      findings: [
        {
          field: ".spec.serviceAccount",
          message: 'there is no ServiceAccount "nobody" in the namespace',
        },
      ],
    },
  ],
  ["acme"],
);
