import {
  LONGEST_TENANT_NAME,
  nameProblem,
  printable,
  tenantNamespace,
} from "../../kubernetes/names";
import { defineRule } from "../evaluation/rule";
import { valueAt } from "../reading/read";
import { objectsOfKind } from "../subjects/subjects";
import type { ObjectSubject } from "../subjects/subjects";
import { endsInHash, FEWEST_DIGITS, hashSuffix } from "../tenants/hashed-name";
import { namespaceLabels } from "../tenants/namespace-index";

const PREFIX = tenantNamespace("");

/**
 * Where a tenant's id does not fit a namespace's name, a hash of it keeps it apart from others that
 * shorten or fold alike: `a.b` and `a-b`, `Acme` and `acme`, two of 60 letters. A proper id may stand
 * in its namespace's name whole, or have a name that was picked by hand, which P5-1 holds to one tenant.
 */
export const p5Rule4 = defineRule({
  id: "P5-4",
  policy: "P5",
  severity: "high",
  title: "no tenant's namespace is named by a short form of its id that another id may share",
  why: "two ids that are cut, folded or escaped to one name end up in one namespace",
  remediation: `name the namespace ${PREFIX}<id>; for an id that is no RFC 1123 label of at most ${LONGEST_TENANT_NAME} characters end it in '-' and ${FEWEST_DIGITS} or more hexadecimal digits of the id's SHA-256`,
  source: "RFC 1123; Unicode Standard Annex 15; cdk8s: ids a/b and a\\nb both write a--b.k8s.yaml",
  inHome: (home) => objectsOfKind(home, "Namespace").filter(isTenants),
  check({ node, scope }, report) {
    const name = valueAt(node.object, "metadata", "name");
    const id = scope.tenant ?? namespaceLabels(node.object).tenant;
    // P5-1 and P5-3 speak of what is no text.
    if (typeof name !== "string" || typeof id !== "string" || keepsWhole(name, id)) return;
    const message = `${printable(name)} is a short form of ${printable(id)}; allowed is a name that ends in ${hashSuffix(id)}`;
    report(".metadata.name", message);
  },
});

/** A tenant's own, or one that the platform made for a tenant. */
function isTenants({ scope, node, failure }: ObjectSubject): boolean {
  if (scope.tenant !== undefined || failure !== undefined) return true;
  try {
    return namespaceLabels(node.object).tenant !== undefined;
  } catch {
    // The check says why it cannot be read.
    return true;
  }
}

function keepsWhole(name: string, id: string): boolean {
  const short = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
  if (name === id || short === id) return true;
  if (endsInHash(name, id)) return true;
  return nameProblem(id, LONGEST_TENANT_NAME) === undefined && !id.startsWith(short);
}
