import { undecidedBy } from "./candidates";
import type { ResourceGraph } from "./graph";
import { perGraph } from "./per-graph";
import { eachElement, recordAt } from "./read";
import type { Report } from "./rule";
import { objectsOfKind } from "./subjects";
import type { ObjectSubject } from "./subjects";
import { nameOf } from "./subjects";

/**
 * Kubernetes' own role that reads no secret and changes nothing. It gathers its rights by label, and
 * is trusted by its name.
 */
export const HARMLESS_ROLE = "view";

/** The ClusterRole of a name on one cluster. */
export function clusterRole(
  graph: ResourceGraph,
  cluster: string,
  name: unknown,
): ObjectSubject | undefined {
  return clusterRoles(graph).get(roleKey(cluster, name));
}

/**
 * What is wrong with a ClusterRole that a tenant is bound to, rule by rule, as messages.
 *
 * @param check reports the rights in one rule of it that no tenant may hold.
 * @throws UndecidedError if the role cannot be read.
 */
export function clusterRoleFaults(
  role: ObjectSubject,
  check: (rule: unknown, report: Report) => void,
): string[] {
  const { object } = role.node;
  const found: string[] = [];
  try {
    if (recordAt(object, "aggregationRule") !== undefined) {
      found.push(`${role.object} gathers its rights by label, so they are not known`);
    }
    eachElement(object, ["rules"], (rule, at) => {
      check(rule, (field, message) => {
        found.push(`${role.object} at ${at.slice(1)}${field}: ${message}`);
      });
    });
  } catch (error) {
    throw undecidedBy(role, error);
  }
  return found;
}

const clusterRoles = perGraph((graph): ReadonlyMap<string, ObjectSubject> => {
  const roles = objectsOfKind(graph, "ClusterRole");
  return new Map(roles.map((role) => [roleKey(role.scope.cluster, nameOf(role)), role]));
});

function roleKey(...parts: readonly unknown[]): string {
  return JSON.stringify(parts.map((part) => part ?? null));
}
