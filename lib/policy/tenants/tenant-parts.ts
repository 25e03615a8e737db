import type { Home } from "../graph/home";
import type { Path } from "../reading/read";
import { elements, listed } from "../subjects/subjects";
import type { ElementSubject } from "../subjects/subjects";
import { tenantObjects } from "./tenant-namespaces";

/** Every rule of the tenants' Roles. */
export const tenantRoleRules = partsOf("Role", "rules");

/** Every subject of the tenants' RoleBindings. */
export const tenantBindingSubjects = partsOf("RoleBinding", "subjects");

/** Every rule of the tenants' NetworkPolicies on what comes in. */
export const tenantIngressRules = partsOf("NetworkPolicy", "spec", "ingress");

/** Every rule of the tenants' NetworkPolicies on what goes out. */
export const tenantEgressRules = partsOf("NetworkPolicy", "spec", "egress");

/** The elements of a list in the tenants' objects of a kind; an object that cannot be read stands for its own. */
function partsOf(kind: string, ...path: Path) {
  return listed((home: Home): readonly ElementSubject[] => {
    const found: ElementSubject[] = [];
    for (const subject of tenantObjects(home, kind)) {
      for (const part of elements(subject, subject.node.object, ...path)) found.push(part);
    }
    return found;
  });
}
