import { printable } from "../../kubernetes/names";
import type { Report } from "../evaluation/rule";
import { textsAt } from "../reading/read";
import { shown } from "../reading/shown";

/**
 * Verbs with which a role gives itself, or becomes, another; also where it may become only some, or
 * only for some requests: `impersonate:serviceaccount`, `impersonate-on:user-info:list`.
 * Source: KEP-5284, constrained impersonation.
 */
export const ESCALATING = /^(escalate|bind|impersonate)$|^impersonate(-on)?:/;

const SHELL = "runs commands";
const AROUND = "reaches pods around the network policies";
/**
 * What gives its holder more than its name says, and what that is; whatever the verb: exec is a GET, too.
 * Source: kubernetes/kubernetes, bootstrappolicy, "escalating resources"; kubescape C-0063.
 */
export const BACK_DOORS: Readonly<Record<string, string>> = {
  "pods/exec": SHELL,
  "pods/attach": SHELL,
  "pods/ephemeralcontainers": SHELL,
  "nodes/proxy": SHELL,
  "serviceaccounts/token": "hands out tokens",
  "pods/portforward": AROUND,
  "pods/proxy": AROUND,
  "services/proxy": AROUND,
};
/** Who creates one of these puts a pod on any node; who reads them, as `view` may, is told nothing. */
export const BINDINGS = new Set(["pods/binding", "bindings"]);
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
    if (!ESCALATING.test(verb)) return;
    report(`.verbs[${index}]`, `${printable(verb)} lets its holder take other rights`);
  });
  const wholesale = verbs.some((verb) => WHOLESALE.has(verb));
  const placing = verbs.includes("create");
  const showing = verbs.find((verb) => SHOWING.has(verb));
  textsAt(rule, "resources").forEach((resource, index) => {
    if (Object.hasOwn(BACK_DOORS, resource)) {
      report(`.resources[${index}]`, `${resource} ${BACK_DOORS[resource]}`);
    }
    if (BINDINGS.has(resource) && placing) {
      report(`.resources[${index}]`, `create of ${resource} puts pods on any node`);
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
