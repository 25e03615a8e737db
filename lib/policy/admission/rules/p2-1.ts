import { BY_DIGEST, p2Rule1 } from "../../rules/p2-1";
import { admissionRule } from "../admission-rule";
import { pattern } from "../cel";
import { inContainers, inVolumes, PODS } from "../pods";

export const admitP2Rule1 = admissionRule(p2Rule1, {
  scope: PODS,
  faults: [
    inContainers(
      `!c.?image.orValue("").matches(${pattern(BY_DIGEST)})`,
      "image is not named by digest",
    ),
    inVolumes(
      `v.?image.hasValue() && !v.image.?reference.orValue("").matches(${pattern(BY_DIGEST)})`,
      "image is not named by digest",
    ),
  ],
});
