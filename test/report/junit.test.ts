import { expect, test } from "vitest";
import { junitPieces } from "../../lib/report/junit";
import { smallReport } from "./small-report";

const emptySuites = (cluster: string, names: readonly string[]) =>
  names.map(
    (name) =>
      `<testsuite name="${cluster} ${name}" tests="0" failures="0" errors="0" skipped="0" time="0"/>`,
  );
const LATER = [
  "P4: /metrics on each daemon",
  "P5: one namespace per tenant",
  "P6: provisioned in under two minutes",
  "P7: automatic rollback",
];
const NOTHING = '<skipped message="not applicable: there is nothing to look at"/></testcase>';
const TITLE = "every pod is &lt;good&gt;";

test("a suite for each policy on each cluster, a case for each rule and scope", () => {
  expect([...junitPieces(smallReport())].join("")).toBe(
    [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<testsuites name="atom audit" tests="9" failures="1" errors="1" time="0">',
      '<testsuite name="eu P1: tenant data isolated per namespace" tests="3" failures="1" errors="1" skipped="0" time="0">',
      `<testcase classname="eu.P1-A" name="P1-A: ${TITLE}" time="0">`,
      "<system-out>1 thing looked at",
      "</system-out>",
      "</testcase>",
      `<testcase classname="eu.P1-A" name="P1-A [tenant acme]: ${TITLE}" time="0">`,
      '<failure message="Pod eu/bad-twice spec.good: is &quot;no&quot;?[2J (and 2 more)" type="violation">',
      'manifests/a b.yaml:3: Pod eu/bad-twice spec.good: is "no"?[2J (critical)',
      "    to mend it: make it good (docs/rules.md#p1-a)",
      "manifests/a b.yaml:3: Pod eu/bad-twice spec.good: is no again (critical)",
      "    to mend it: make it good (docs/rules.md#p1-a)",
      "Pod eu/unknown spec.good: cannot be decided: spec.good is not known yet (critical)",
      "    to mend it: make it good (docs/rules.md#p1-a)",
      "</failure>",
      "<system-out>2 things looked at",
      "</system-out>",
      "</testcase>",
      `<testcase classname="eu.P1-B" name="P1-B [tenant acme]: ${TITLE}" time="0">`,
      '<error message="Pod eu/broken spec: the rule failed (TypeError)" type="error">',
      "Pod eu/broken spec: the rule failed (TypeError) (medium)",
      "    to mend it: make it good (docs/rules.md#p1-b)",
      "</error>",
      "<system-out>1 thing looked at",
      "</system-out>",
      "</testcase>",
      "</testsuite>",
      '<testsuite name="eu P2: charts and secrets cosign-signed" tests="1" failures="0" errors="0" skipped="1" time="0">',
      `<testcase classname="eu.P2-A" name="P2-A: ${TITLE}" time="0">${NOTHING}`,
      "</testsuite>",
      '<testsuite name="eu P3: playbooks dry-run by default" tests="1" failures="0" errors="0" skipped="1" time="0">',
      `<testcase classname="eu.P3-A" name="P3-A [tenant acme]: ${TITLE}" time="0">`,
      '<skipped message="waived: until the move (owner: platform, expires: 2027-01-31)"/>',
      "<system-out>1 thing looked at",
      'waived: Pod eu/waived spec.good: is "no"?[2J (high)',
      "    to mend it: make it good (docs/rules.md#p3-a)",
      "</system-out>",
      "</testcase>",
      "</testsuite>",
      ...emptySuites("eu", LATER),
      '<testsuite name="us P1: tenant data isolated per namespace" tests="2" failures="0" errors="0" skipped="1" time="0">',
      `<testcase classname="us.P1-A" name="P1-A [tenant acme]: ${TITLE}" time="0">`,
      "<system-out>1 thing looked at",
      "</system-out>",
      "</testcase>",
      `<testcase classname="us.P1-B" name="P1-B: ${TITLE}" time="0">${NOTHING}`,
      "</testsuite>",
      '<testsuite name="us P2: charts and secrets cosign-signed" tests="1" failures="0" errors="0" skipped="1" time="0">',
      `<testcase classname="us.P2-A" name="P2-A: ${TITLE}" time="0">${NOTHING}`,
      "</testsuite>",
      '<testsuite name="us P3: playbooks dry-run by default" tests="1" failures="0" errors="0" skipped="1" time="0">',
      `<testcase classname="us.P3-A" name="P3-A: ${TITLE}" time="0">${NOTHING}`,
      "</testsuite>",
      ...emptySuites("us", LATER),
      "</testsuites>",
      "",
    ].join("\n"),
  );
});
