import { expect, test } from "vitest";

import { p1Ns1 } from "../../../lib/policy/rules/p1-ns-1";
import { set } from "../change";
import { compliantTenant, graphOf } from "../compliant-objects";
import { describeObjectCases, findingsOf } from "../rule-cases";

const NAMESPACE = "Namespace tenant-acme";
const LABELS = ["metadata", "labels"];
const PREFIX = "pod-security.kubernetes.io/";
const MODES = ["enforce", "audit", "warn"];

const found = (label: string, message: string) => ({
  object: NAMESPACE,
  field: `metadata.labels["${label}"]`,
  message,
});

describeObjectCases(p1Ns1, [
  ...MODES.flatMap((mode) => [
    ...["baseline", "privileged", "Restricted"].map((profile) => ({
      title: `fails ${mode} at ${profile}`,
      changes: [set(NAMESPACE, [...LABELS, PREFIX + mode], profile)],
      findings: [found(PREFIX + mode, `${mode} is "${profile}"; allowed is restricted`)],
    })),
    {
      title: `fails without ${mode}`,
      changes: [set(NAMESPACE, [...LABELS, PREFIX + mode], undefined)],
      findings: [found(PREFIX + mode, `${mode} is not set; allowed is restricted`)],
    },
    {
      title: `fails ${mode} at whatever version is the latest`,
      changes: [set(NAMESPACE, [...LABELS, `${PREFIX}${mode}-version`], "latest")],
      findings: [
        found(
          `${PREFIX}${mode}-version`,
          `${mode}-version is "latest"; pin it to a version such as v1.29`,
        ),
      ],
    },
  ]),
  {
    title: "fails another tenant's label",
    changes: [set(NAMESPACE, [...LABELS, "atom.cloud/tenant"], "globex")],
    findings: [found("atom.cloud/tenant", 'tenant is "globex"; allowed is "acme"')],
  },
  {
    title: "fails without the tenant's label",
    changes: [set(NAMESPACE, [...LABELS, "atom.cloud/tenant"], undefined)],
    findings: [found("atom.cloud/tenant", 'tenant is not set; allowed is "acme"')],
  },
]);

test("fails the platform's namespace without labels, but for the tenant's", () => {
  const [namespace] = compliantTenant();
  const bare = { ...namespace!, metadata: { name: "atom-platform" } };
  expect(findingsOf(graphOf([bare])).map(({ field }) => field)).toEqual(
    MODES.flatMap((mode) => [mode, `${mode}-version`])
      .map((label) => `metadata.labels["${PREFIX}${label}"]`)
      .sort(),
  );
});
