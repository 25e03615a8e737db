import { describe, expect, test } from "vitest";

import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { objectNode } from "../../../lib/policy/graph/graph";
import { p1Rbac3 } from "../../../lib/policy/rules/p1-rbac-3";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { changed, set } from "../change";
import { compliantTenant, graphOf, scopeOfTenant } from "../compliant-objects";
import { describeObjectCases, findingsOf } from "../rule-cases";

const ROLE = "Role tenant-acme/operator";
const BINDING = "RoleBinding tenant-acme/operator";
const RULE = ["rules", 0];

const role = (title: string, path: string, value: unknown, message: string, at = 0) => ({
  title,
  changes: [set(ROLE, [...RULE, path, at], value)],
  findings: [{ object: ROLE, field: `rules[0].${path}[${at}]`, message }],
});

describeObjectCases(p1Rbac3, [
  {
    title: "passes a secret that is got by its name",
    changes: [
      set(ROLE, ["rules", 1], {
        apiGroups: [""],
        resources: ["secrets"],
        resourceNames: ["tls"],
        verbs: ["get"],
      }),
    ],
    findings: [],
  },
  {
    title: "passes changes of a secret that is named",
    changes: [
      set(ROLE, ["rules", 1], {
        apiGroups: [""],
        resources: ["secrets"],
        resourceNames: ["tls"],
        verbs: ["get", "update", "patch", "delete"],
      }),
    ],
    findings: [],
  },
  {
    title: "passes Kubernetes' own view",
    changes: [set(BINDING, ["roleRef"], { kind: "ClusterRole", name: "view" })],
    findings: [],
  },
  role("fails a wildcard group", "apiGroups", "*", '"*" is a wildcard'),
  role("fails a wildcard resource", "resources", "*", '"*" is a wildcard'),
  role("fails a wildcard subresource", "resources", "*/scale", '"*/scale" is a wildcard'),
  role("fails a wildcard verb", "verbs", "*", '"*" is a wildcard'),
  ...[
    "escalate",
    "bind",
    "impersonate",
    "impersonate:serviceaccount",
    "impersonate-on:user-info:get",
  ].map((verb) =>
    role(`fails ${verb}`, "verbs", verb, `"${verb}" lets its holder take other rights`, 1),
  ),
  ...Object.entries({
    "pods/exec": "runs commands",
    "pods/attach": "runs commands",
    "pods/ephemeralcontainers": "runs commands",
    "nodes/proxy": "runs commands",
    "serviceaccounts/token": "hands out tokens",
    "pods/portforward": "reaches pods around the network policies",
    "pods/proxy": "reaches pods around the network policies",
    "services/proxy": "reaches pods around the network policies",
  }).map(([resource, what]) =>
    role(`fails ${resource}`, "resources", resource, `${resource} ${what}`, 1),
  ),
  ...["bindings", "pods/binding"].map((resource) => ({
    title: `fails create of ${resource}`,
    changes: [
      set(ROLE, ["rules", 1], { apiGroups: [""], resources: [resource], verbs: ["create"] }),
    ],
    findings: [
      {
        object: ROLE,
        field: "rules[1].resources[0]",
        message: `create of ${resource} puts pods on any node`,
      },
    ],
  })),
  {
    title: "passes a look at bindings, which the role view allows",
    changes: [
      set(ROLE, ["rules", 1], { apiGroups: [""], resources: ["bindings"], verbs: ["get", "list"] }),
    ],
    findings: [],
  },
  role(
    "fails a list of secrets",
    "resources",
    "secrets",
    "secrets may be got by name only, not listed, watched or deleted as a collection",
    1,
  ),
  ...["watch", "deletecollection"].map((verb) => ({
    title: `fails a ${verb} of secrets`,
    changes: [set(ROLE, ["rules", 1], { apiGroups: [""], resources: ["secrets"], verbs: [verb] })],
    findings: [
      {
        object: ROLE,
        field: "rules[1].resources[0]",
        message: "secrets may be got by name only, not listed, watched or deleted as a collection",
      },
    ],
  })),
  ...["update", "patch", "delete"].map((verb) => ({
    title: `fails ${verb} of any secret, whose answer holds it`,
    changes: [set(ROLE, ["rules", 1], { apiGroups: [""], resources: ["secrets"], verbs: [verb] })],
    findings: [
      {
        object: ROLE,
        field: "rules[1].resources[0]",
        message: `${verb} shows any secret in its answer; allowed is that of resourceNames`,
      },
    ],
  })),
  ...["cluster-admin", "admin", "edit"].map((name) => ({
    title: `fails a binding to ${name}`,
    changes: [set(BINDING, ["roleRef"], { kind: "ClusterRole", name })],
    findings: [
      {
        object: BINDING,
        field: "roleRef.name",
        message: `role "${name}" rules over the whole namespace, secrets included`,
      },
    ],
  })),
  {
    title: "passes a Role of its own that is named edit",
    changes: [
      set(ROLE, ["metadata", "name"], "edit"),
      set(BINDING, ["roleRef"], { kind: "Role", name: "edit" }),
    ],
    findings: [],
  },
  {
    title: "fails a binding to a cluster role that is not there",
    changes: [set(BINDING, ["roleRef"], { kind: "ClusterRole", name: "operator" })],
    findings: [
      {
        object: BINDING,
        field: "roleRef.name",
        message: 'ClusterRole "operator" is not there, so its rights are not known',
      },
    ],
  },
  {
    title: "fails a binding to something else",
    changes: [set(BINDING, ["roleRef", "kind"], "role")],
    findings: [
      {
        object: BINDING,
        field: "roleRef.kind",
        message: 'kind is "role"; allowed are Role and ClusterRole',
      },
    ],
  },
]);

describe("P1-RBAC-3 on the platform's cluster roles", () => {
  const bound = (...roles: readonly Record<string, unknown>[]) => {
    const platform = roles.map((more) => {
      const clusterRole = {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name: "tenant-reader" },
        ...more,
      } as KubernetesObject;
      return objectNode(clusterRole, scopeOfTenant());
    });
    const objects = changed(compliantTenant(), [
      set(BINDING, ["roleRef"], { kind: "ClusterRole", name: "tenant-reader" }),
    ]);
    // What is not known of it, P1-RBAC-6 reports, too.
    return findingsOf(graphOf(objects, "acme", { objects: platform }))
      .filter(({ rule }) => rule === "P1-RBAC-3")
      .map(({ rule, object, message, cause }) => [rule, object, message, cause]);
  };
  const reads = { apiGroups: [""], resources: ["pods"], verbs: ["get"] };

  test("passes one that only reads", () => {
    expect(bound({ rules: [reads] })).toEqual([]);
  });

  test("fails one with too many rights, where a tenant is bound to it", () => {
    expect(bound({ rules: [reads, { ...reads, verbs: ["*"] }] })).toEqual([
      [
        "P1-RBAC-3",
        BINDING,
        'ClusterRole tenant-reader at rules[1].verbs[0]: "*" is a wildcard',
        "violation",
      ],
    ]);
  });

  test("fails one that gathers its rights by label", () => {
    expect(bound({ aggregationRule: { clusterRoleSelectors: [] } })).toEqual([
      [
        "P1-RBAC-3",
        BINDING,
        "ClusterRole tenant-reader gathers its rights by label, so they are not known",
        "violation",
      ],
    ]);
  });

  const STRONG = { rules: [{ ...reads, verbs: ["*"] }] };
  const WILDCARD = [
    "P1-RBAC-3",
    BINDING,
    'ClusterRole tenant-reader at rules[0].verbs[0]: "*" is a wildcard',
    "violation",
  ];

  test.each([
    ["one of another API group", { apiVersion: "example.com/v1", rules: [] }],
    ["a second one with fewer rights", { rules: [reads] }],
  ])("fails one with too many rights beside %s, in any order", (_, other) => {
    expect(bound(STRONG, other)).toEqual([WILDCARD]);
    expect(bound(other, STRONG)).toEqual([WILDCARD]);
  });

  test("fails where only another API group has one of that name", () => {
    expect(bound({ apiVersion: "example.com/v1", rules: [] })).toEqual([
      [
        "P1-RBAC-3",
        BINDING,
        'ClusterRole "tenant-reader" is not there, so its rights are not known',
        "violation",
      ],
    ]);
  });

  test("fails what any of two of one name gathers, in any order", () => {
    const gathers = (matchLabels: object) => ({
      aggregationRule: { clusterRoleSelectors: [{ matchLabels }] },
    });
    const addon = { metadata: { name: "addon", labels: { add: "1" } }, ...STRONG };
    for (const both of [
      [gathers({ add: "1" }), gathers({ add: "2" })],
      [gathers({ add: "2" }), gathers({ add: "1" })],
    ]) {
      expect(bound(...both, addon).map(([, , message]) => message)).toContain(
        'ClusterRole addon, which ClusterRole tenant-reader gathers, at rules[0].verbs[0]: "*" is a wildcard',
      );
    }
  });

  test("S6 fails one whose API group is not known", () => {
    expect(bound({ apiVersion: UNKNOWN, rules: [] })).toEqual([
      [
        "P1-RBAC-3",
        BINDING,
        "cannot be decided: apiVersion of ClusterRole tenant-reader is not known",
        "undecided",
      ],
    ]);
  });

  test("S6 fails one whose rules are not known", () => {
    expect(bound({ rules: UNKNOWN })).toEqual([
      [
        "P1-RBAC-3",
        BINDING,
        "cannot be decided: rules of ClusterRole tenant-reader is not known",
        "undecided",
      ],
    ]);
  });
});

describe("P1-RBAC-3 on what a label adds to a cluster role", () => {
  const role = (name: string, labels: unknown, more: object): KubernetesObject => {
    const metadata = { name, labels } as KubernetesObject["metadata"];
    return { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata, ...more };
  };
  const boundTo = (name: string, ...roles: readonly KubernetesObject[]) => {
    const objects = changed(compliantTenant(), [
      set(BINDING, ["roleRef"], { kind: "ClusterRole", name }),
    ]);
    const platform = roles.map((one) => objectNode(one, scopeOfTenant()));
    return findingsOf(graphOf(objects, "acme", { objects: platform }))
      .filter(({ rule }) => rule === "P1-RBAC-3")
      .map(({ message }) => message)
      .sort();
  };
  const ADDED = { "rbac.authorization.k8s.io/aggregate-to-view": "true" };
  const reads = { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] };
  const secrets = { rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["list"] }] };
  const gathering = (matchLabels: object) => ({
    aggregationRule: { clusterRoleSelectors: [{ matchLabels }] },
    // As the controller writes them.
    rules: secrets.rules,
  });
  const LISTS =
    "at rules[0].resources[0]: secrets may be got by name only, not listed, watched or deleted as a collection";

  test("passes view with what only reads, and what is added to another role", () => {
    expect(
      boundTo(
        "view",
        role("reader", ADDED, reads),
        role("editor", { "rbac.authorization.k8s.io/aggregate-to-edit": "true" }, secrets),
        role("nothing", { "rbac.authorization.k8s.io/aggregate-to-view": "false" }, secrets),
      ),
    ).toEqual([]);
  });

  test("fails view where somebody adds the secrets to it, whether it is in the graph or not", () => {
    const fault = `ClusterRole addon, which ClusterRole view gathers, ${LISTS}`;
    const addon = role("addon", ADDED, secrets);
    expect(boundTo("view", addon)).toEqual([fault]);
    expect(boundTo("view", role("view", {}, gathering(ADDED)), addon)).toEqual([fault]);
    expect(boundTo("view", role("view", {}, reads), addon)).toEqual([fault]);
  });

  test("fails view of other rules than Kubernetes gives it", () => {
    expect(boundTo("view", role("view", {}, secrets))).toEqual([`ClusterRole view ${LISTS}`]);
  });

  test("fails what is added by way of others, which may add each other", () => {
    const first = role("first", { ...ADDED, more: "2" }, gathering({ more: "1" }));
    const second = role("second", { more: "1" }, gathering({ more: "2" }));
    const third = role("third", { more: "2" }, secrets);
    const by = "which ClusterRole view gathers,";
    expect(boundTo("view", third, second, first)).toEqual([
      `ClusterRole first, ${by} gathers its rights by label, so they are not known`,
      `ClusterRole second, ${by} gathers its rights by label, so they are not known`,
      `ClusterRole third, ${by} ${LISTS}`,
    ]);
  });

  test("fails another role by what it gathers", () => {
    const own = { "example.com/aggregate-to-reader": "true" };
    expect(
      boundTo("reader", role("reader", {}, gathering(own)), role("addon", own, secrets)),
    ).toEqual([
      `ClusterRole addon, which ClusterRole reader gathers, ${LISTS}`,
      "ClusterRole reader gathers its rights by label, so they are not known",
    ]);
  });

  test("S6 fails where it is not known what is added, and hides nothing that is", () => {
    const addon = role("addon", ADDED, secrets);
    const fault = `ClusterRole addon, which ClusterRole view gathers, ${LISTS}`;
    for (const [unknown, what] of [
      [role("dark", UNKNOWN, reads), "metadata.labels of ClusterRole dark"],
      [role("dark", { [Object.keys(ADDED)[0]!]: UNKNOWN }, reads), /labels.* of ClusterRole dark/],
      [role("dark", ADDED, { rules: UNKNOWN }), "rules of ClusterRole dark"],
      [role("view", {}, { aggregationRule: UNKNOWN }), "aggregationRule of ClusterRole view"],
    ] as const) {
      expect(boundTo("view", unknown, addon)).toEqual([
        fault,
        expect.stringMatching(what instanceof RegExp ? what : `cannot be decided: ${what}`),
      ]);
    }
  });
});
