import { selects } from "../../kubernetes/label-selector";
import type { Labels, LabelSelector } from "../../kubernetes/label-selector";
import { RESTRICTED_POD_SECURITY, ROLE_LABEL, TENANT_LABEL } from "../../kubernetes/labels";
import { printable, tenantNamespace } from "../../kubernetes/names";
import { groupBy } from "../../support/group-by";
import type { ResourceGraph, Scope } from "../graph/graph";
import { perGraph } from "../graph/per-graph";
import { recordAt } from "../reading/read";
import { UndecidedError } from "../reading/unknown";
import { nameOf } from "../subjects/subjects";
import { tenantNamespaces } from "../tenants/tenant-namespaces";

/** The label that the API server itself sets on every namespace. */
export const NAME_LABEL = "kubernetes.io/metadata.name";

interface TenantName {
  readonly tenant: string;
  readonly name: string;
}

interface TenantLabels extends TenantName {
  readonly labels: Labels;
}

/**
 * How a message calls the namespace of another tenant that a selector selects; undefined if it
 * selects none. Besides the tenants of the graph it tries one that is not there: a selector is to
 * keep out the tenants of other stacks and of next year as well.
 *
 * @throws UndecidedError if that hangs on labels that cannot be read.
 */
export function otherTenantSelected(
  graph: ResourceGraph,
  { cluster, tenant }: Scope,
  selector: LabelSelector,
): string | undefined {
  const any = tenant === "other" ? ANOTHER : OTHER;
  if (selects(selector, any)) return "the namespace of any other tenant";
  const index = labelIndex(graph).get(cluster);
  for (const other of index ? candidates(index, selector) : []) {
    if (other.tenant !== tenant && selects(selector, other.labels)) {
      return `namespace ${other.name} of another tenant`;
    }
  }
  for (const other of tenantsNamed(selector)) {
    if (other !== tenant && selects(selector, labelsOf(other))) {
      return `the namespace of tenant ${printable(other)}`;
    }
  }
  requireUnselected(index?.unreadable ?? [], tenant, selector);
  return undefined;
}

/** Tenants that a selector names, by their label or their namespace, whether they are in the graph or not. */
function tenantsNamed(selector: LabelSelector): string[] {
  return selector.flatMap((requirement) => {
    if (requirement.operator !== "In") return [];
    if (requirement.key === TENANT_LABEL) return requirement.values;
    if (requirement.key !== NAME_LABEL) return [];
    const prefix = tenantNamespace("");
    return requirement.values.flatMap((name) =>
      name.startsWith(prefix) ? [name.slice(prefix.length)] : [],
    );
  });
}

/** The namespaces among which a selector chooses, by their names; undefined if it names none. */
export function namespacesNamed(selector: LabelSelector): readonly string[] | undefined {
  const byName = selector.find(({ key, operator }) => key === NAME_LABEL && operator === "In");
  return byName?.operator === "In" ? byName.values : undefined;
}

/** @throws UndecidedError if a namespace may be selected, by labels that cannot be read. */
function requireUnselected(
  unreadable: readonly TenantName[],
  tenant: string | undefined,
  selector: LabelSelector,
): void {
  const byName = selector.filter(({ key }) => key === NAME_LABEL);
  for (const { tenant: owner, name } of unreadable) {
    if (owner !== tenant && selects(byName, { [NAME_LABEL]: name })) {
      throw new UndecidedError("", `labels of Namespace ${name} are not known`);
    }
  }
}

const ANOTHER = labelsOf("another");
const OTHER = labelsOf("other");

/** The labels of a tenant's namespace, of a tenant that need not exist. */
export function labelsOf(tenant: string): Labels {
  return {
    ...RESTRICTED_POD_SECURITY,
    [ROLE_LABEL]: "tenant",
    [TENANT_LABEL]: tenant,
    [NAME_LABEL]: tenantNamespace(tenant),
  };
}

/** The tenants' namespaces of one cluster, those whose labels cannot be read apart. */
interface LabelIndex {
  readonly known: TenantLabels[];
  readonly unreadable: TenantName[];
  /** Those that are known by the value of one label, for the labels that were asked for. */
  readonly byLabel: Map<string, ReadonlyMap<string | undefined, TenantLabels[]>>;
}

/** Those that a selector may select; by its first label with given values if it has one. */
function candidates(index: LabelIndex, selector: LabelSelector): readonly TenantLabels[] {
  const given = selector.find((requirement) => requirement.operator === "In");
  if (given?.operator !== "In") return index.known;
  const { key, values } = given;
  let byValue = index.byLabel.get(key);
  if (!byValue) {
    byValue = groupBy(index.known, ({ labels }) =>
      Object.hasOwn(labels, key) ? labels[key] : undefined,
    );
    index.byLabel.set(key, byValue);
  }
  return values.flatMap((value) => byValue.get(value) ?? []);
}

const labelIndex = perGraph((graph): ReadonlyMap<string, LabelIndex> => {
  const clusters = new Map<string, LabelIndex>();
  for (const namespace of tenantNamespaces(graph)) {
    const { cluster, tenant } = namespace.scope;
    const name = nameOf(namespace);
    if (name === undefined) continue;
    let index = clusters.get(cluster);
    if (!index) clusters.set(cluster, (index = { known: [], unreadable: [], byLabel: new Map() }));
    const labels = readLabels(namespace.node.object, name);
    if (labels === undefined) index.unreadable.push({ tenant: tenant!, name });
    else index.known.push({ tenant: tenant!, name, labels });
  }
  return clusters;
});

function readLabels(namespace: unknown, name: string): Labels | undefined {
  try {
    const labels = Object.entries(recordAt(namespace, "metadata", "labels") ?? {});
    if (!labels.every(([, value]) => typeof value === "string")) return undefined;
    return { ...(Object.fromEntries(labels) as Labels), [NAME_LABEL]: name };
  } catch {
    return undefined;
  }
}
