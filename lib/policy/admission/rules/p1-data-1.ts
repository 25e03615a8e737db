import {
  ACCESS_MODES,
  CLASS_ANNOTATION,
  LEADS_OUT,
  p1Data1,
  PATH_ANNOTATION,
} from "../../rules/p1-data-1";
import { admissionRule } from "../admission-rule";
import { namespaced, together } from "../admission-scope";
import { faultIf, literal, pattern } from "../cel";
import { POD_KINDS, PODS } from "../pods";

const inClaims = (condition: string) => `variables.claims.exists(c, ${condition})`;
const PATH = `c.?metadata.?annotations[?${literal(PATH_ANNOTATION)}]`;
/** It overrules the field, and cannot be changed later. */
const CLASS = `c.?metadata.?annotations[?${literal(CLASS_ANNOTATION)}].or(c.spec.?storageClassName)`;

export const admitP1Data1 = admissionRule(p1Data1, {
  rest: "who else uses a volume, and which StorageClasses there are, is in other objects",
  scope: together(
    PODS,
    namespaced("v1", ["persistentvolumeclaims"], ["spec", "metadata.annotations"]),
  ),
  variables: {
    ephemeral: `request.kind.kind in ${literal(POD_KINDS)} ? variables.volumes.filter(v, v.?ephemeral.?volumeClaimTemplate.hasValue()).map(v, v.ephemeral.volumeClaimTemplate) : []`,
    templates: `request.kind.kind == "StatefulSet" ? dyn(object).spec.?volumeClaimTemplates.orValue([]) : []`,
    claims: `variables.ephemeral + variables.templates + (request.kind.kind == "PersistentVolumeClaim" ? [dyn(object)] : [])`,
  },
  faults: [
    faultIf(
      inClaims(`c.spec.?accessModes.orValue([]).exists(m, !(m in ${literal(ACCESS_MODES)}))`),
      `a claim has an access mode other than ${ACCESS_MODES.join(" and ")}`,
    ),
    faultIf(
      inClaims(
        `${CLASS}.hasValue() && ${CLASS}.value() == "" && c.spec.?volumeName.orValue("") == ""`,
      ),
      "a claim's class is empty, which takes any volume that has no class",
    ),
    faultIf(
      inClaims(`${PATH}.hasValue() && ${PATH}.value().matches(${pattern(LEADS_OUT)})`),
      `${PATH_ANNOTATION} leads out of a claim's own folder`,
    ),
    faultIf(
      inClaims(`c.spec.?selector.hasValue()`),
      "a claim's selector chooses among volumes that are there already",
    ),
    faultIf(
      inClaims(`!(c.spec.?dataSourceRef.?namespace.orValue("") in ["", request.namespace])`),
      "a claim's data comes from another namespace",
    ),
  ],
});
