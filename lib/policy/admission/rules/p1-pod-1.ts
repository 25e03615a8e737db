import { RESTRICTED_VOLUMES } from "../../pod-security/volumes";
import { p1Pod1 } from "../../rules/p1-pod-1";
import { admissionRule } from "../admission-rule";
import { literal } from "../cel";
import { inVolumes, PODS } from "../pods";

export const admitP1Pod1 = admissionRule(p1Pod1, {
  scope: PODS,
  faults: [
    inVolumes(
      `v.exists(kind, kind != "name" && !(kind in ${literal(RESTRICTED_VOLUMES)}))`,
      "is of a kind that is not allowed",
    ),
  ],
});
