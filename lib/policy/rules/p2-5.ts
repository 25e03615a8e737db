import { apiGroup } from "../../kubernetes/kinds";
import type { Report } from "../evaluation/rule";
import { defineRule } from "../evaluation/rule";
import { eachElement, listAt, recordAt, valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import { elements, objectsOfKind } from "../subjects/subjects";
import type { ElementSubject, ObjectSubject } from "../subjects/subjects";

/** What is left of an expression that says who signed. */
const FEWEST_LETTERS = 5;

/**
 * Who may sign without a key is named exactly, in sigstore's ClusterImagePolicy. An expression is
 * held at both ends, has no alternative outside of brackets, and says more than "anything". It is
 * never run: whoever wrote it could keep an audit busy for ever.
 */
export const p2Rule5 = defineRule<ElementSubject>({
  id: "P2-5",
  policy: "P2",
  severity: "critical",
  title: "every keyless signature is held to an exact issuer and an exact identity",
  why: "anybody gets a certificate for an identity of their own, and signs with it",
  remediation:
    "set issuer and subject, or issuerRegExp and subjectRegExp such as ^https://github\\.com/acme/.+$, on each identity",
  source:
    "sigstore policy-controller: ClusterImagePolicy, testdata invalid/missing-subject.yaml, missing-issuer.yaml",
  inHome: (home) =>
    objectsOfKind(home, "ClusterImagePolicy")
      .filter(isSigstores)
      .flatMap((policy) => elements(policy, policy.node.object, "spec", "authorities")),
  check({ element }, report) {
    const keyless = recordAt(element, "keyless");
    if (keyless === undefined) return;
    if (listAt(keyless, "identities").length === 0) {
      report(".keyless.identities", "is empty, which takes everybody's signature");
    }
    eachElement(element, ["keyless", "identities"], (identity, at) => {
      for (const part of ["issuer", "subject"]) {
        checkPart(identity, part, (field, message) => report(at + field, message));
      }
    });
  },
});

function isSigstores({ node }: ObjectSubject): boolean {
  try {
    const version = valueAt(node.object, "apiVersion");
    return typeof version !== "string" || apiGroup(version) === "policy.sigstore.dev";
  } catch {
    // Of a group that is not known, it may be.
    return true;
  }
}

function checkPart(identity: unknown, part: string, report: Report): void {
  const exact = valueAt(identity, part);
  const pattern = valueAt(identity, `${part}RegExp`);
  if (pattern === undefined) {
    if (typeof exact === "string" && exact !== "") return;
    report(`.${part}`, `is ${shown(exact)}; name one`);
  } else if (typeof pattern !== "string" || !isNarrow(pattern)) {
    report(`.${part}RegExp`, `is ${shown(pattern)}; allowed is ^…$ around what nobody else has`);
  }
}

function isNarrow(pattern: string): boolean {
  if (!/^\^[^]*[^\\]\$$/.test(pattern)) return false;
  const body = pattern.slice(1, -1);
  const outside = body.replace(/\\[^]/g, "x").replace(/\[[^\]]*\]|\([^()]*\)/g, "");
  if (outside.includes("|")) return false;
  const letters = body
    .replace(/\\[a-z]/gi, "")
    .replace(/\\/g, "")
    .replace(/\[[^\]]*\]|\([^)]*\)|\{[^}]*\}|.[*?]|\.\+|[.+]/g, "");
  return letters.length >= FEWEST_LETTERS;
}
