import { isDnsLabel, isReservedName, PLATFORM_NAMESPACE, printable } from "../../kubernetes/names";
import { defineRule } from "../evaluation/rule";
import { valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import type { ObjectSubject } from "../subjects/subjects";
import { objectsOfKind } from "../subjects/subjects";
import { looksReserved } from "../tenants/look-alike";
import { namespaceLabels } from "../tenants/namespace-index";

/** No namespace bears a name that is, or reads like, one of Kubernetes' or the platform's own. */
export const p5Rule3 = defineRule<ObjectSubject>({
  id: "P5-3",
  policy: "P5",
  severity: "high",
  title: "every namespace has a proper name that is not, and does not look, reserved",
  why: "what runs in kube-system, or in what a reader takes for it, is trusted by people and by tools",
  remediation:
    "name a tenant's namespace tenant-<name>, of a-z, 0-9 and '-', at most 63 characters",
  source: "RFC 1123; Unicode Technical Standard 39; starboard NSA 1.12",
  inHome: (home) => objectsOfKind(home, "Namespace"),
  check({ node: { object } }, report) {
    const name = valueAt(object, "metadata", "name");
    const message = typeof name === "string" ? nameFault(name, isPlatform) : `is ${shown(name)}`;
    if (message !== undefined) report(".metadata.name", message);

    function isPlatform(): boolean {
      return name === PLATFORM_NAMESPACE && namespaceLabels(object).tenant === undefined;
    }
  },
});

function nameFault(name: string, isPlatform: () => boolean): string | undefined {
  const proper = isDnsLabel(name);
  if (proper && isReservedName(name)) {
    return isPlatform() ? undefined : `${printable(name)} is reserved`;
  }
  if (looksReserved(name)) return `${printable(name)} looks like a reserved name`;
  return proper ? undefined : `${printable(name)} is no RFC 1123 label`;
}
