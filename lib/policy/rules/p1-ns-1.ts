import { TENANT_LABEL } from "../../kubernetes/labels";
import { defineRule } from "../evaluation/rule";
import { fieldOf, valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import { objectsOfKind } from "../subjects/subjects";

const LABELS = ["metadata", "labels"];
export const MODES = ["enforce", "audit", "warn"];
export const PINNED = /^v1\.(0|[1-9][0-9]*)$/;

/** Every namespace enforces the restricted Pod Security profile at a pinned version. */
export const p1Ns1 = defineRule({
  id: "P1-NS-1",
  policy: "P1",
  severity: "high",
  title: "every namespace has the restricted Pod Security profile, pinned, and its tenant's label",
  why: "the labels are what holds the pod rules when somebody changes a pod past this library",
  remediation:
    "set pod-security.kubernetes.io/{enforce,audit,warn} to restricted, each with a -version such as v1.29, and atom.cloud/tenant to the tenant",
  source: "Pod Security Standards; kyverno psa/deny-privileged-profile, psa/add-psa-labels",
  inHome: (home) => objectsOfKind(home, "Namespace"),
  check({ node: { object, scope } }, report) {
    for (const mode of MODES) {
      const label = `pod-security.kubernetes.io/${mode}`;
      const profile = valueAt(object, ...LABELS, label);
      if (profile !== "restricted") {
        const message = `${mode} is ${shown(profile)}; allowed is restricted`;
        report(fieldOf([...LABELS, label]), message);
      }
      const version = valueAt(object, ...LABELS, `${label}-version`);
      if (typeof version !== "string" || !PINNED.test(version)) {
        const message = `${mode}-version is ${shown(version)}; pin it to a version such as v1.29`;
        report(fieldOf([...LABELS, `${label}-version`]), message);
      }
    }
    if (scope.tenant === undefined) return;
    const tenant = valueAt(object, ...LABELS, TENANT_LABEL);
    if (tenant !== scope.tenant) {
      const message = `tenant is ${shown(tenant)}; allowed is ${shown(scope.tenant)}`;
      report(fieldOf([...LABELS, TENANT_LABEL]), message);
    }
  },
});
