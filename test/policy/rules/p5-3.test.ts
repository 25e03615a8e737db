import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p5Rule3 } from "../../../lib/policy/rules/p5-3";
import { looksReserved } from "../../../lib/policy/tenants/look-alike";
import { ACME, PLATFORM } from "../compliant-facts";
import { expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { AT, graphWithObject } from "../small-objects";

const withName = (name: unknown, at: number = AT.namespace) =>
  graphWithObject(at, (object) => {
    object["metadata"]!["name"] = name as never;
  });

describe("P5-3", () => {
  test("looks at each namespace", () => {
    expectPass(p5Rule3, [
      { scope: PLATFORM, examined: 1 },
      { scope: ACME, examined: 1 },
    ]);
  });

  test.each([
    ["kube-system", '"kube-system" is reserved'],
    ["default", '"default" is reserved'],
    ["openshift-monitoring", '"openshift-monitoring" is reserved'],
    ["istio-system", '"istio-system" is reserved'],
    ["atom-platform", '"atom-platform" is reserved'],
    ["Kube-System", '"Kube-System" looks like a reserved name'],
    ["kube-systeм", '"kube-syste\\u043c" looks like a reserved name'],
    ["ｋｕｂｅ-system", '"\\uff4b\\uff55\\uff42\\uff45-system" looks like a reserved name'],
    ["kube\u200b-system", '"kube\\u200b-system" looks like a reserved name'],
    ["défault", '"d\\u00e9fault" looks like a reserved name'],
    ["defau1t", '"defau1t" looks like a reserved name'],
    ["at0m-platform", '"at0m-platform" looks like a reserved name'],
    ["atorn-platform", '"atorn-platform" looks like a reserved name'],
    ["kubеrnetes", '"kub\\u0435rnetes" looks like a reserved name'],
    ["kube_system", '"kube_system" looks like a reserved name'],
    ["a/b", '"a/b" is no RFC 1123 label'],
    ["..", '".." is no RFC 1123 label'],
    ["", '"" is no RFC 1123 label'],
    ["tenant-", '"tenant-" is no RFC 1123 label'],
    ["a\nkind: ClusterRoleBinding", '"a\\nkind: ClusterRoleBinding" is no RFC 1123 label'],
    ["x".repeat(64), `"${"x".repeat(64)}" is no RFC 1123 label`],
    [7, "is 7"],
    [undefined, "is not set"],
  ])("fails for the name %j", (name, message) => {
    expect(findingsOf(withName(name), p5Rule3)).toMatchObject([
      { field: "metadata.name", cause: "violation", message },
    ]);
  });

  test.each(["tenant-t1", "internal", "cubernetes", "system", "x".repeat(63)])(
    "takes %s",
    (name) => {
      expect(looksReserved(name)).toBe(false);
      expect(findingsOf(withName(name), p5Rule3)).toEqual([]);
    },
  );

  test("S6 fails for a name that is not known yet", () => {
    expect(findingsOf(withName(UNKNOWN), p5Rule3)).toMatchObject([
      { field: "metadata.name", cause: "undecided" },
    ]);
  });

  test.each(HOSTILE.filter((value) => value !== "text"))(
    "fails, and does not crash, for %s",
    (name) => {
      expect(findingsOf(withName(name), p5Rule3)).toHaveLength(1);
    },
  );
});
