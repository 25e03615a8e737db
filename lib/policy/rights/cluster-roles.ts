import { selects } from "../../kubernetes/label-selector";
import type { Labels, LabelSelector } from "../../kubernetes/label-selector";
import { groupBy } from "../../support/group-by";
import type { Report } from "../evaluation/rule";
import type { ResourceGraph } from "../graph/graph";
import { perGraph } from "../graph/per-graph";
import { selectorAt } from "../network/selector-at";
import { eachElement, listAt, recordAt } from "../reading/read";
import type { UndecidedError } from "../reading/unknown";
import { isOfGroup, undecidedBy } from "../subjects/candidates";
import { clusterObjects, nameKey } from "../subjects/cluster-objects";
import { nameOf } from "../subjects/subjects";
import type { ObjectSubject } from "../subjects/subjects";

/** Another group's kind of the name gives no right. */
const GROUP = "rbac.authorization.k8s.io";

/**
 * Kubernetes' own role that reads no secret and changes nothing. It is trusted by its name, also where
 * the graph does not hold it; what anybody adds to it by a label is not.
 */
const HARMLESS_ROLE = "view";
/**
 * Whose rights it has besides.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
 */
const ADDED_TO_HARMLESS: LabelSelector = [
  { key: "rbac.authorization.k8s.io/aggregate-to-view", operator: "In", values: ["true"] },
];

/**
 * Tells what is wrong with the ClusterRole of a name, as a tenant is bound to it: with its own rules, and
 * with those of each ClusterRole that it gathers by label.
 *
 * @param check reports the rights in one rule that no tenant may hold.
 * @param found takes each fault as a message.
 * @returns whether the role is known; what is not there has no fault.
 * @throws UndecidedError if a role, or whether it is gathered, cannot be read; all else is told before.
 */
export function checkClusterRole(
  graph: ResourceGraph,
  { cluster, name }: { readonly cluster: string; readonly name: unknown },
  check: (rule: unknown, report: Report) => void,
  found: (message: string) => void,
): boolean {
  const roles = clusterRoles.named(graph, cluster, name);
  if (roles.length === 0 && name !== HARMLESS_ROLE) return false;
  const gathered = gatheredRoles(graph).get(nameKey(cluster, name));
  let failure = gathered?.failure;
  const into = roles[0]?.object ?? `ClusterRole ${HARMLESS_ROLE}`;
  for (const one of [...roles, ...(gathered?.roles ?? [])]) {
    const called = roles.includes(one) ? into : `${one.object}, which ${into} gathers,`;
    try {
      // Throws where its group is not known.
      if (isOfGroup(one, GROUP)) checkRole(one, called, check, found);
    } catch (error) {
      failure ??= undecidedBy(one, error);
    }
  }
  if (failure !== undefined) throw failure;
  return true;
}

function checkRole(
  role: ObjectSubject,
  called: string,
  check: (rule: unknown, report: Report) => void,
  found: (message: string) => void,
): void {
  const { object } = role.node;
  if (gathers(role)) {
    if (nameOf(role) !== HARMLESS_ROLE) {
      found(`${called} gathers its rights by label, so they are not known`);
    }
    // Kubernetes writes into its own rules what it gathers: each is looked at where it comes from.
    return;
  }
  eachElement(object, ["rules"], (rule, at) => {
    check(rule, (field, message) => {
      found(`${called} at ${at.slice(1)}${field}: ${message}`);
    });
  });
}

const clusterRoles = clusterObjects("ClusterRole", GROUP);

interface Gathered {
  readonly roles: readonly ObjectSubject[];
  /** Why it is not known whether there are more. */
  readonly failure: UndecidedError | undefined;
}

/** The ClusterRoles that each one gathers, by the other's cluster and name. */
const gatheredRoles = perGraph((graph): ReadonlyMap<string, Gathered> => {
  const gathered = new Map<string, Gathered>();
  const byCluster = groupBy(clusterRoles.all(graph), ({ scope }) => scope.cluster);
  for (const [cluster, roles] of byCluster) {
    gathered.set(nameKey(cluster, HARMLESS_ROLE), gather(roles, [ADDED_TO_HARMLESS]));
    for (const [name, namesakes] of groupBy(roles.filter(mayGather), nameOf)) {
      const added = name === HARMLESS_ROLE ? [ADDED_TO_HARMLESS] : [];
      gathered.set(nameKey(cluster, name), gather(roles, added, namesakes));
    }
  }
  return gathered;
});

/** What some selectors, and those of some roles, choose of all roles, and what is gathered into these. */
function gather(
  all: readonly ObjectSubject[],
  selectors: readonly LabelSelector[],
  into: readonly ObjectSubject[] = [],
): Gathered {
  const roles = new Set<ObjectSubject>();
  let failure: UndecidedError | undefined;
  const reading = <T>(role: ObjectSubject, read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      failure ??= undecidedBy(role, error);
      return undefined;
    }
  };
  const choose = (selector: LabelSelector) => {
    for (const role of all) {
      if (into.includes(role)) continue;
      if (reading(role, () => selects(selector, labelsOf(role)))) roles.add(role);
    }
  };
  selectors.forEach(choose);
  for (const role of into) reading(role, () => selectorsOf(role))?.forEach(choose);
  // A set's iteration also visits what is added to it on the way.
  for (const role of roles) reading(role, () => selectorsOf(role))?.forEach(choose);
  return { roles: [...roles], failure };
}

function labelsOf({ node }: ObjectSubject): Labels {
  return (recordAt(node.object, "metadata", "labels") ?? {}) as Labels;
}

function selectorsOf({ node }: ObjectSubject): LabelSelector[] {
  const path = ["aggregationRule", "clusterRoleSelectors"];
  return listAt(node.object, ...path).map((_, index) => selectorAt(node.object, ...path, index));
}

function gathers({ node }: ObjectSubject): boolean {
  return recordAt(node.object, "aggregationRule") !== undefined;
}

/** Without a throw: what one role gathers that cannot be read is for those to know who are bound to it. */
function mayGather(role: ObjectSubject): boolean {
  try {
    return gathers(role);
  } catch {
    return true;
  }
}
