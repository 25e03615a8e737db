import { p1Data5, PREFIX, SHARED } from "../../rules/p1-data-5";
import { admissionRule } from "../admission-rule";
import { literal } from "../cel";
import { inContainers, PODS } from "../pods";
import { TENANT } from "../tenant";

/** The first project that is the shared one or a tenant's. */
const PROJECT = `c.?image.orValue("").find(${literal(`/(${SHARED}|${PREFIX}[^/]*)/`)})`;

export const admitP1Data5 = admissionRule(p1Data5, {
  rest: "which registry is the cluster's mirror is known by its charts; any registry will do here",
  scope: PODS,
  variables: { tenant: TENANT },
  faults: [
    inContainers(
      `!c.?image.orValue("").split("/")[0].matches("[.:]") || ` +
        `!(${PROJECT} in [${literal(`/${SHARED}/`)}, ${literal(`/${PREFIX}`)} + variables.tenant + "/"])`,
      `image is neither of the project ${SHARED} nor of the tenant's own`,
    ),
  ],
});
