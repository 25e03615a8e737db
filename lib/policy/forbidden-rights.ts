import { textsAt } from "./read";
import type { Violation } from "./rule";
import { shown } from "./shown";

/** Verbs with which a role gives itself, or becomes, another. */
const ESCALATING = new Set(["escalate", "bind", "impersonate"]);
/** What runs commands in a pod or hands out tokens, whatever the verb: exec is a GET, too. */
const BACK_DOORS = new Set(["pods/exec", "pods/attach", "nodes/proxy", "serviceaccounts/token"]);
/** A list or watch of secrets shows their values, those that nobody named included. */
const WHOLESALE = new Set(["list", "watch"]);

/**
 * What one rule of a Role or ClusterRole grants that no tenant may hold.
 * Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
 */
export function* forbiddenRights(rule: unknown): Iterable<Violation> {
  for (const list of ["apiGroups", "resources", "verbs"]) {
    for (const [index, value] of textsAt(rule, list).entries()) {
      if (!value.includes("*")) continue;
      // `*/scale` and `pods/*` are wildcards as well.
      yield { field: `.${list}[${index}]`, message: `${shown(value)} is a wildcard` };
    }
  }
  const verbs = textsAt(rule, "verbs");
  for (const [index, verb] of verbs.entries()) {
    if (!ESCALATING.has(verb)) continue;
    yield { field: `.verbs[${index}]`, message: `${verb} lets its holder take other rights` };
  }
  for (const [index, resource] of textsAt(rule, "resources").entries()) {
    const field = `.resources[${index}]`;
    if (BACK_DOORS.has(resource)) {
      yield { field, message: `${resource} runs commands or hands out tokens` };
    }
    if (resource === "secrets" && verbs.some((verb) => WHOLESALE.has(verb))) {
      yield { field, message: "secrets may be got by name only, not listed or watched" };
    }
  }
}
