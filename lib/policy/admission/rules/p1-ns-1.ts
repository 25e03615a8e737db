import { TENANT_LABEL } from "../../../kubernetes/labels";
import { tenantNamespace } from "../../../kubernetes/names";
import { MODES, p1Ns1, PINNED } from "../../rules/p1-ns-1";
import { admissionRule } from "../admission-rule";
import { faultIf, literal, pattern } from "../cel";
import { label, NAMESPACES } from "../namespaces";

const PREFIX = tenantNamespace("");

export const admitP1Ns1 = admissionRule(p1Ns1, {
  rest: "of which tenant's stack a namespace is, is told by its name, where that begins as all do that this library makes",
  scope: NAMESPACES,
  faults: [
    faultIf(
      `dyn(object).metadata.name.startsWith(${literal(PREFIX)}) && ` +
        `dyn(object).metadata.name != ${literal(PREFIX)} + ${label(TENANT_LABEL)}`,
      `${TENANT_LABEL} is not the tenant that the name says`,
    ),
    ...MODES.map((mode) => `pod-security.kubernetes.io/${mode}`).flatMap((key) => [
      faultIf(`${label(key)} != "restricted"`, `${key} is not restricted`),
      faultIf(
        `!${label(`${key}-version`)}.matches(${pattern(PINNED)})`,
        `${key}-version is not pinned to a version such as v1.29`,
      ),
    ]),
  ],
});
