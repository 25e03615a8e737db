import { describe, expect, test } from "vitest";
import { evaluate } from "../../../lib/policy/evaluation/evaluate";
import { ResourceGraph } from "../../../lib/policy/graph/graph";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p2Rule7 } from "../../../lib/policy/rules/p2-7";
import { ACME } from "../compliant-facts";
import { expectFindings, findingsOf, HOSTILE } from "../rule-harness";
import { graphWith, smallContent } from "../small-objects";

const OBJECT = "secret atom-eu-prod/tenants/acme/database";
const PLACE = { mount: "atom-eu-prod", path: "tenants/acme/database", version: 3 };
const STATEMENT = { ...PLACE, tenant: "acme", expires: "2026-02-01T00:00:00.000Z" };

function graph(fields: Readonly<Record<string, unknown>> = {}): ResourceGraph {
  const node = { id: OBJECT, scope: ACME, ...PLACE, statement: STATEMENT, ...fields };
  return new ResourceGraph({ ...smallContent(), replicas: [node] });
}
const bound = (fields: object) => graph({ statement: { ...STATEMENT, ...fields } });

describe("P2-7", () => {
  test("looks at each replica, and does not apply without one", () => {
    expect(evaluate(graph(), [p2Rule7])).toEqual([
      { rule: "P2-7", scope: ACME, examined: 1, findings: [] },
    ]);
    expect(evaluate(graphWith(), [p2Rule7])).toEqual([]);
  });

  test.each<[string, ResourceGraph, string, string]>([
    [
      "a signature that does not verify",
      graph({ fault: "its signature expired at 2026-01-01" }),
      "",
      'its signature does not verify: "its signature expired at 2026-01-01"',
    ],
    [
      "a signature that binds nothing",
      graph({ statement: undefined }),
      "statement",
      "nothing says what its signature binds it to",
    ],
    [
      "another tenant's secret",
      bound({ tenant: "globex" }),
      "statement.tenant",
      'is "globex"; here it is "acme"',
    ],
    [
      "a secret of no tenant's",
      bound({ tenant: null }),
      "statement.tenant",
      'is not set; here it is "acme"',
    ],
    [
      "another cluster's secret",
      bound({ mount: "atom-us-prod" }),
      "statement.mount",
      'is "atom-us-prod"; here it is "atom-eu-prod"',
    ],
    [
      "another secret's signature",
      bound({ path: "tenants/acme/other" }),
      "statement.path",
      'is "tenants/acme/other"; here it is "tenants/acme/database"',
    ],
    ["an older version's", bound({ version: 2 }), "statement.version", "is 2; here it is 3"],
    [
      "a signature for ever",
      bound({ expires: undefined }),
      "statement.expires",
      "is not set; a signature counts until a time",
    ],
  ])("fails for %s", (_, changed, field, message) => {
    expectFindings(changed, p2Rule7, [{ object: OBJECT, field, message }]);
  });

  test("S6 fails for what is not known yet", () => {
    for (const unknown of [
      graph({ fault: UNKNOWN }),
      graph({ statement: UNKNOWN }),
      graph({ version: UNKNOWN }),
      bound({ expires: UNKNOWN }),
    ]) {
      expect(findingsOf(unknown, p2Rule7)).toMatchObject([{ cause: "undecided" }]);
    }
  });

  test.each(HOSTILE)("fails, and does not crash, for %s", (value) => {
    for (const field of ["mount", "path", "version", "statement"]) {
      const found = findingsOf(graph({ [field]: value }), p2Rule7);
      expect(found.length).toBeGreaterThan(0);
      expect(found.map(({ cause }) => cause)).not.toContain("error");
    }
  });
});
