import { defineRule } from "../evaluation/rule";
import { valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import { replicas } from "../subjects/fact-subjects";

/**
 * A secret that was replicated to a tenant is signed as it lies there: by a trusted key, for this
 * mount, path, tenant and version, until a time to come. The statement that is signed holds the
 * values, so the graph has only what the statement binds and what the verification came to.
 */
export const p2Rule7 = defineRule({
  id: "P2-7",
  policy: "P2",
  severity: "critical",
  title:
    "every replicated secret carries a good signature that binds it to its tenant, place, version and expiry",
  why: "a secret that may be another tenant's, or an older one, is as good as one that anybody wrote",
  remediation:
    "sync again (atom vault sync --apply), which signs anew what is equal to the primary; find out who wrote to the replica if it happens again",
  source: "The Update Framework: rollback and freeze attacks; kyverno verify-manifest-integrity",
  subjects: replicas,
  check({ fact, scope }, report) {
    const fault = valueAt(fact, "fault");
    if (fault !== undefined) report("", `its signature does not verify: ${shown(fault)}`);
    const statement = fact.statement;
    if (statement === undefined) {
      report(".statement", "nothing says what its signature binds it to");
      return;
    }
    const bound: readonly (readonly [string, unknown])[] = [
      ["tenant", scope.tenant],
      ["mount", fact.mount],
      ["path", fact.path],
      ["version", fact.version],
    ];
    for (const [field, actual] of bound) {
      const signed = valueAt(statement, field);
      if (signed === undefined || signed !== actual) {
        report(`.statement.${field}`, `is ${shown(signed)}; here it is ${shown(actual)}`);
      }
    }
    const expires = valueAt(statement, "expires");
    if (typeof expires !== "string" || Number.isNaN(Date.parse(expires))) {
      report(".statement.expires", `is ${shown(expires)}; a signature counts until a time`);
    }
  },
});
