import { ROLE_LABEL, TENANT_LABEL } from "../../../kubernetes/labels";
import { PLATFORM_NAMESPACE } from "../../../kubernetes/names";
import { p5Rule1 } from "../../rules/p5-1";
import { admissionRule } from "../admission-rule";
import { faultIf, literal } from "../cel";
import { label, NAMESPACES } from "../namespaces";

const ROLE = label(ROLE_LABEL);
const NAMES_TENANT = `${literal(TENANT_LABEL)} in variables.labels`;
const IS_PLATFORM = `dyn(object).metadata.name == ${literal(PLATFORM_NAMESPACE)}`;

export const admitP5Rule1 = admissionRule(p5Rule1, {
  rest: "whether a tenant has one namespace and no other hangs on all namespaces",
  scope: NAMESPACES,
  faults: [
    faultIf(
      `${ROLE} == "platform" && ${NAMES_TENANT}`,
      `${TENANT_LABEL} is set on a namespace of the platform`,
    ),
    faultIf(
      `!(${ROLE} in ["tenant", "platform"]) || ${ROLE} == "tenant" && ${IS_PLATFORM}`,
      `${ROLE_LABEL} is neither tenant nor platform, or the other one`,
    ),
    faultIf(
      `${ROLE} == "tenant" && ${label(TENANT_LABEL)} == ""`,
      `${TENANT_LABEL} names no tenant`,
    ),
  ],
});
