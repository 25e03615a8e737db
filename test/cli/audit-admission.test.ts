import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { ADMISSION_RULES } from "../../lib/policy/admission/admission-rules";
import { admissionObjects } from "../../lib/policy/admission/export";
import { atom } from "./atom";

const documentsIn = (yaml: string): unknown[] =>
  parseAllDocuments(yaml).map((document) => document.toJS() as unknown);

describe("atom audit admission", () => {
  test("prints what a reader of YAML reads back to the same objects", async () => {
    const { code, out } = await atom(["audit", "admission"]);
    expect(code).toBe(0);
    expect(documentsIn(out)).toEqual(admissionObjects(ADMISSION_RULES));
  });

  test("prints some rules, with other actions", async () => {
    const argv = ["--rule", "P1-POD-3", "P2-1", "--action", "Warn", "Audit"];
    const { out } = await atom(["audit", "admission", ...argv]);
    const rules = ADMISSION_RULES.filter(({ rule }) => ["P1-POD-3", "P2-1"].includes(rule.id));
    expect(documentsIn(out)).toEqual(admissionObjects(rules, ["Warn", "Audit"]));
  });

  test("fails for Deny and Warn together, which the API server refuses", async () => {
    const { code, out, error } = await atom(["audit", "admission", "--action", "Deny", "Warn"]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(error).toContain("--action: Deny and Warn exclude each other");
  });

  test("fails for a rule without a policy, with the reason, and for one that is not there", async () => {
    const { code, error } = await atom(["audit", "admission", "--rule", "P2-2", "P1-POD-33"]);
    expect(code).toBe(2);
    expect(error).toContain("P2-2: has no policy: what it looks at is no object of the API server");
    expect(error).toContain("P1-POD-33");
  });
});
