import type { Report } from "../evaluation/rule";
import { textsAt } from "../reading/read";
import { shown } from "../reading/shown";

/** Verbs with which a role gives itself, or becomes, another. */
export const ESCALATING = new Set(["escalate", "bind", "impersonate"]);
/** What runs commands in a pod or hands out tokens, whatever the verb: exec is a GET, too. */
export const BACK_DOORS = new Set([
  "pods/exec",
  "pods/attach",
  "nodes/proxy",
  "serviceaccounts/token",
]);
/**
 * Each of these shows the values of secrets that nobody named: the API server answers a
 * `deletecollection`, and a dry run of one, with all that it deletes.
 */
export const WHOLESALE = new Set(["list", "watch", "deletecollection"]);
/**
 * Each of these shows the value of the secret that it is about, without `get`: the API server answers
 * an update, a patch, and a delete that waits for dependents, and a dry run of one, with the secret.
 */
export const SHOWING = new Set(["update", "patch", "delete"]);

/**
 * What one rule of a Role or ClusterRole grants that no tenant may hold.
 * Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
 */
export function checkRights(rule: unknown, report: Report): void {
  for (const list of ["apiGroups", "resources", "verbs"]) {
    textsAt(rule, list).forEach((value, index) => {
      // `*/scale` and `pods/*` are wildcards as well.
      if (value.includes("*")) report(`.${list}[${index}]`, `${shown(value)} is a wildcard`);
    });
  }
  const verbs = textsAt(rule, "verbs");
  verbs.forEach((verb, index) => {
    if (!ESCALATING.has(verb)) return;
    report(`.verbs[${index}]`, `${verb} lets its holder take other rights`);
  });
  const wholesale = verbs.some((verb) => WHOLESALE.has(verb));
  const showing = verbs.find((verb) => SHOWING.has(verb));
  textsAt(rule, "resources").forEach((resource, index) => {
    if (BACK_DOORS.has(resource)) {
      report(`.resources[${index}]`, `${resource} runs commands or hands out tokens`);
    }
    if (resource === "secrets" && wholesale) {
      const message =
        "secrets may be got by name only, not listed, watched or deleted as a collection";
      report(`.resources[${index}]`, message);
    } else if (resource === "secrets" && showing !== undefined && namesNone(rule)) {
      const message = `${showing} shows any secret in its answer; allowed is that of resourceNames`;
      report(`.resources[${index}]`, message);
    }
  });
}

/** A rule without names is about every object of its resources. */
function namesNone(rule: unknown): boolean {
  return textsAt(rule, "resourceNames").length === 0;
}
