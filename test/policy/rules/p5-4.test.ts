import { describe, expect, test } from "vitest";
import { ROLE_LABEL, TENANT_LABEL } from "../../../lib/kubernetes/labels";
import { graphFromManifests } from "../../../lib/policy/graph/graph-from-resources";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p5Rule4 } from "../../../lib/policy/rules/p5-4";
import { sha256 } from "../../../lib/support/digest";
import { ACME } from "../compliant-facts";
import { expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { AT, graphWithObject, namespace } from "../small-objects";

const LONG = "a".repeat(56);

const hashOf = (id: string, length = 8) => sha256(id).slice("sha256:".length).slice(0, length);

function found(id: string, name: string) {
  const labels = { [ROLE_LABEL]: "tenant", [TENANT_LABEL]: id };
  const list = { apiVersion: "v1", kind: "List", items: [namespace(name, labels)] };
  return findingsOf(graphFromManifests([list]), p5Rule4).map(({ field, message }) => [
    field,
    message,
  ]);
}

describe("P5-4", () => {
  test("looks at each tenant's namespace", () => {
    expectPass(p5Rule4, [{ scope: ACME, examined: 1 }]);
  });

  test.each([
    ["acme", "tenant-acme"],
    ["acme", "acme"],
    ["acme", "picked-by-hand"],
    ["a--b", "tenant-a--b"],
    [LONG, `tenant-${LONG}`],
    [`${LONG}bc`, `tenant-${LONG.slice(9)}-${hashOf(`${LONG}bc`)}`],
    ["a.b", `tenant-a-b-${hashOf("a.b", 12)}`],
    ["Äcme", `tenant-acme-${hashOf("Äcme")}`],
  ])("passes %s in %s", (id, name) => {
    expect(found(id, name)).toEqual([]);
  });

  test.each([
    ["a.b", "tenant-a-b"],
    ["a/b", "tenant-a--b"],
    ["Acme", "tenant-acme"],
    ["acmé", "tenant-acme"],
    ["acme", "tenant-acm"],
    [`${LONG}bc`, `tenant-${LONG}`],
    [`${LONG}bc`, LONG],
    ["a.b", `tenant-a-b-${hashOf("a-b")}`],
    ["a.b", `tenant-a-b-${hashOf("a.b", 7)}`],
  ])("V12 fails for %j in %s", (id, name) => {
    const received = JSON.stringify(id).replace("é", "\\u00e9");
    expect(found(id, name)).toEqual([
      [
        "metadata.name",
        `"${name}" is a short form of ${received}; allowed is a name that ends in -${hashOf(id)}`,
      ],
    ]);
  });

  const withName = (name: unknown) =>
    graphWithObject(AT.namespace, (object) => (object["metadata"]!["name"] = name as never));

  test("S6 fails for an unknown name", () => {
    expect(findingsOf(withName(UNKNOWN), p5Rule4)).toMatchObject([{ cause: "undecided" }]);
  });

  test.each(HOSTILE)("does not crash for %s", (value) => {
    expect(findingsOf(withName(value), p5Rule4).map(({ cause }) => cause)).not.toContain("error");
  });
});
