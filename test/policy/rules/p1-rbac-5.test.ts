import { p1Rbac5 } from "../../../lib/policy/rules/p1-rbac-5";
import { set } from "../change";
import { describeObjectCases, describePodCases } from "../rule-cases";

const ACCOUNT = "ServiceAccount tenant-acme/api";
const SECOND = ["spec", "volumes", 1];
const TOKEN = ".spec.volumes[1].projected.sources[1].serviceAccountToken.audience";

const account = (name: string, automount: Record<string, unknown>) => ({
  add: {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name, namespace: "tenant-acme" },
    ...automount,
  },
});
const secret = (type: string) => ({
  add: {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s", namespace: "tenant-acme" },
    type,
  },
});
const automountIs = (object: string, value: string) => ({
  object,
  field: "automountServiceAccountToken",
  message: `automountServiceAccountToken is ${value}; allowed is false`,
});

describeObjectCases(p1Rbac5, [
  {
    title: "passes the account that Kubernetes makes in every namespace",
    changes: [account("default", {})],
    findings: [],
  },
  { title: "passes a Secret of another type", changes: [secret("Opaque")], findings: [] },
  ...[true, undefined, "false"].map((value) => ({
    title: `fails an account whose automount is ${value}`,
    changes: [set(ACCOUNT, ["automountServiceAccountToken"], value)],
    findings: [
      automountIs(
        ACCOUNT,
        value === undefined ? "not set" : value === "false" ? '"false"' : "true",
      ),
    ],
  })),
  {
    title: "fails the account default that mounts its token",
    changes: [account("default", { automountServiceAccountToken: true })],
    findings: [automountIs("ServiceAccount tenant-acme/default", "true")],
  },
  {
    title: "fails a Secret that holds a token",
    changes: [
      secret("Opaque"),
      set("Secret tenant-acme/s", ["type"], "kubernetes.io/service-account-token"),
    ],
    findings: [
      {
        object: "Secret tenant-acme/s",
        field: "type",
        message:
          "a Secret of the type kubernetes.io/service-account-token holds a token that never expires",
      },
    ],
  },
]);

const audienceIs = (audience: unknown, text: string) => ({
  title: `fails a projected token for ${text}`,
  set: [
    [
      [...SECOND],
      {
        name: "token",
        projected: {
          sources: [{ configMap: { name: "api" } }, { serviceAccountToken: { audience } }],
        },
      },
    ] as const,
  ],
  findings: [
    {
      field: TOKEN,
      message: `audience is ${text}; allowed is one other than the API server`,
    },
  ],
});

describePodCases(
  p1Rbac5,
  [
    {
      title: "passes a projected token for a Vault",
      set: [
        [
          SECOND,
          { name: "t", projected: { sources: [{ serviceAccountToken: { audience: "vault" } }] } },
        ],
      ],
      findings: [],
    },
    ...[true, undefined].map((value) => ({
      title: `fails a pod whose automount is ${value}, though its account's is false`,
      set: [[["spec", "automountServiceAccountToken"], value] as const],
      findings: [
        {
          field: ".spec.automountServiceAccountToken",
          message: `automountServiceAccountToken is ${value ?? "not set"}; allowed is false`,
        },
      ],
    })),
    ...["default", "", undefined].map((name) => ({
      title: `fails a pod whose account is ${name}`,
      set: [[["spec", "serviceAccountName"], name] as const],
      findings: [
        {
          field: ".spec.serviceAccountName",
          message: "the pod runs as the account default, which all pods without one share",
        },
      ],
    })),
    audienceIs(undefined, "not set"),
    audienceIs("", '""'),
    audienceIs("api", '"api"'),
    audienceIs(
      "https://kubernetes.default.svc.cluster.local",
      '"https://kubernetes.default.svc.cluster.local"',
    ),
  ],
  ["acme"],
);
