import { p1Rbac1 } from "../../../lib/policy/rules/p1-rbac-1";
import { p1Rbac4 } from "../../../lib/policy/rules/p1-rbac-4";
import { set } from "../change";
import { describeObjectCases } from "../rule-cases";

const BINDING = "RoleBinding tenant-acme/operator";
const SUBJECT = ["subjects", 0];

const namespaceIs = (value: string) => [
  {
    object: BINDING,
    field: "subjects[0].namespace",
    message: `namespace is ${value}; allowed are "tenant-acme" and atom-platform`,
  },
];
const nameIs = (value: string) => [
  {
    object: BINDING,
    field: "subjects[0].name",
    message: `name is ${value}; no name of Kubernetes' own is allowed`,
  },
];

describeObjectCases(p1Rbac1, [
  {
    title: "passes people, groups and the platform's service accounts",
    changes: [
      set(
        BINDING,
        ["subjects"],
        [
          { kind: "User", name: "ann@example.com" },
          { kind: "Group", name: "acme-operators" },
          { kind: "ServiceAccount", name: "daemons", namespace: "atom-platform" },
        ],
      ),
    ],
    findings: [],
  },
  {
    title: "passes a binding of nobody",
    changes: [set(BINDING, ["subjects"], undefined)],
    findings: [],
  },
  {
    title: "fails a service account of another tenant",
    changes: [set(BINDING, [...SUBJECT, "namespace"], "tenant-acme2")],
    findings: namespaceIs('"tenant-acme2"'),
  },
  {
    title: "fails a service account without a namespace",
    changes: [set(BINDING, [...SUBJECT, "namespace"], undefined)],
    findings: namespaceIs("not set"),
  },
  ...[
    "system:authenticated",
    "system:serviceaccounts:tenant-b",
    // Its own, too: the catalogue allows no name of Kubernetes' own, and an account can be named by itself.
    "system:serviceaccounts:tenant-acme",
    "system:masters",
  ].map((name) => ({
    title: `fails the group ${name}`,
    changes: [set(BINDING, SUBJECT, { kind: "Group", name })],
    findings: nameIs(`"${name}"`),
  })),
  {
    title: "fails a service account by its user name",
    changes: [
      set(BINDING, SUBJECT, { kind: "User", name: "system:serviceaccount:tenant-b:default" }),
    ],
    findings: nameIs('"system:serviceaccount:tenant-b:default"'),
  },
  {
    title: "fails a kind that does not exist",
    changes: [set(BINDING, [...SUBJECT, "kind"], "serviceaccount")],
    findings: [
      {
        object: BINDING,
        field: "subjects[0].kind",
        message: 'kind is "serviceaccount"; allowed are ServiceAccount, User and Group',
      },
    ],
  },
  {
    title: "fails the second subject behind one that cannot be read",
    changes: [set(BINDING, ["subjects"], [null, { kind: "Group", name: "system:masters" }])],
    findings: [
      {
        object: BINDING,
        field: "subjects[0]",
        message: "cannot be decided: it is no object",
        cause: "undecided",
      },
      {
        object: BINDING,
        field: "subjects[1].name",
        message: `name is "system:masters"; no name of Kubernetes' own is allowed`,
      },
      {
        rule: p1Rbac4,
        object: BINDING,
        field: "subjects[0]",
        message: "cannot be decided: it is no object",
        cause: "undecided",
      },
    ],
  },
]);
