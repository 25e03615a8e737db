import { p1Img1 } from "../../rules/p1-img-1";
import { admissionRule } from "../admission-rule";
import { inContainers, inVolumes, PODS } from "../pods";

export const admitP1Img1 = admissionRule(p1Img1, {
  scope: PODS,
  faults: [
    inContainers(`c.?imagePullPolicy.orValue("") != "Always"`, "imagePullPolicy is not Always"),
    inVolumes(
      `v.?image.hasValue() && v.image.?pullPolicy.orValue("") != "Always"`,
      "pullPolicy is not Always",
    ),
  ],
});
