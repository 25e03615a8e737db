import { PLATFORM_NAMESPACE } from "../../../kubernetes/names";
import { p1Rbac1 } from "../../rules/p1-rbac-1";
import { admissionRule } from "../admission-rule";
import { namespaced } from "../admission-scope";
import { faultEach, literal } from "../cel";

const SUBJECTS = `dyn(object).?subjects.orValue([])`;
const WHERE = `s.kind + " " + s.name`;

export const admitP1Rbac1 = admissionRule(p1Rbac1, {
  scope: namespaced("rbac.authorization.k8s.io/v1", ["rolebindings"], ["subjects"]),
  faults: [
    faultEach(SUBJECTS, "s", {
      when: `s.kind == "ServiceAccount" && !(s.?namespace.orValue("") in [request.namespace, ${literal(PLATFORM_NAMESPACE)}])`,
      where: WHERE,
      says: `is of another namespace; allowed are the binding's own and ${PLATFORM_NAMESPACE}`,
    }),
    faultEach(SUBJECTS, "s", {
      when: `s.kind in ["User", "Group"] && (s.name == "" || s.name.startsWith("system:"))`,
      where: WHERE,
      says: "no name of Kubernetes' own is allowed",
    }),
    faultEach(SUBJECTS, "s", {
      when: `!(s.kind in ["ServiceAccount", "User", "Group"])`,
      where: WHERE,
      says: "allowed are ServiceAccount, User and Group",
    }),
  ],
});
