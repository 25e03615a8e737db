import { p1Data5, PREFIX, SHARED } from "../../rules/p1-data-5";
import { admissionRule } from "../admission-rule";
import { literal } from "../cel";
import { inContainers, inVolumes, PODS } from "../pods";
import { TENANT } from "../tenant";

/** CEL: whether a reference names neither the shared project nor the tenant's own before any other. */
const isElsewhere = (image: string) =>
  `(!${image}.split("/")[0].matches("[.:]") || ` +
  `!(${image}.find(${literal(`/(${SHARED}|${PREFIX}[^/]*)/`)}) in [${literal(`/${SHARED}/`)}, ${literal(`/${PREFIX}`)} + variables.tenant + "/"]))`;

const FAULT = `image is neither of the project ${SHARED} nor of the tenant's own`;

export const admitP1Data5 = admissionRule(p1Data5, {
  rest: "which registry is the cluster's mirror is known by its charts; any registry will do here",
  scope: PODS,
  variables: { tenant: TENANT },
  faults: [
    inContainers(isElsewhere(`c.?image.orValue("")`), FAULT),
    inVolumes(`v.?image.hasValue() && ${isElsewhere(`v.image.?reference.orValue("")`)}`, FAULT),
  ],
});
