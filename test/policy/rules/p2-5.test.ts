import { describe, expect, test } from "vitest";
import { graphFromManifests } from "../../../lib/policy/graph/graph-from-resources";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p2Rule5 } from "../../../lib/policy/rules/p2-5";
import { findingsOf, HOSTILE } from "../rule-harness";

const GOOD = {
  issuer: "https://token.actions.githubusercontent.com",
  subject: "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main",
};
const SECOND = "spec.authorities[1].keyless.identities";

function policy(identities: unknown, apiVersion: unknown = "policy.sigstore.dev/v1beta1") {
  const authorities = [{ key: { data: "" } }, { keyless: { identities } }];
  const metadata = { name: "signed" };
  return { apiVersion, kind: "ClusterImagePolicy", metadata, spec: { authorities } };
}

function found(identities: unknown, apiVersion?: unknown) {
  const items = [policy(identities, apiVersion)];
  const graph = graphFromManifests([{ apiVersion: "v1", kind: "List", items }]);
  return findingsOf(graph, p2Rule5).map(({ field, message }) => [field, message]);
}

describe("P2-5", () => {
  test.each([
    GOOD,
    { issuerRegExp: "^https://accounts\\.example/$", subject: "release@example.com" },
    { issuer: "x", subjectRegExp: "^https://github\\.com/acme/(app|web)/.+$" },
  ])("passes %j", (identity) => {
    expect(found([identity])).toEqual([]);
  });

  test("does not apply without such a policy, nor to a kind of that name", () => {
    expect(found([{}], "example.com/v1")).toEqual([]);
  });

  test("fails for no identity at all", () => {
    for (const none of [undefined, []]) {
      expect(found(none)).toEqual([[SECOND, "is empty, which takes everybody's signature"]]);
    }
  });

  test.each(["issuer", "subject"])(
    "fails for an identity without %s, behind a good one",
    (part) => {
      expect(found([GOOD, { ...GOOD, [part]: undefined }])).toEqual([
        [`${SECOND}[1].${part}`, "is not set; name one"],
      ]);
    },
  );

  test.each([
    ".*",
    "^.*$",
    "^.+@.+$",
    "^[a-z]+@[a-z.]+$",
    "https://github\\.com/acme/.*",
    "^https://github\\.com/acme/.*",
    "^https://github\\.com/acme\\$",
    "^https://github\\.com/acme/.*$|.*",
    "^https://github\\.com/acme/x$|^.*$",
    "^(https://github\\.com/acme/x|.*)$",
    "",
  ])("fails for the expression %j", (subjectRegExp) => {
    expect(found([{ ...GOOD, subjectRegExp }])).toEqual([
      [
        `${SECOND}[0].subjectRegExp`,
        `is ${JSON.stringify(subjectRegExp)}; allowed is ^…$ around what nobody else has`,
      ],
    ]);
  });

  test("S6 fails for what is not known yet", () => {
    for (const identities of [UNKNOWN, [UNKNOWN], [{ ...GOOD, subject: UNKNOWN }]]) {
      expect(found(identities)).toEqual([
        [expect.stringContaining(SECOND), expect.stringMatching("not known yet")],
      ]);
    }
    expect(found([], UNKNOWN)).toHaveLength(1);
  });

  test.each(HOSTILE)("does not crash for %s", (value) => {
    for (const identities of [value, [value], [{ issuer: value, subjectRegExp: value }]]) {
      const graph = graphFromManifests([policy(identities)]);
      expect(findingsOf(graph, p2Rule5).map(({ cause }) => cause)).not.toContain("error");
    }
  });
});
