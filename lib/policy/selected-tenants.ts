import { selects } from "../kubernetes/label-selector";
import type { Labels, LabelSelector } from "../kubernetes/label-selector";
import { RESTRICTED_POD_SECURITY, ROLE_LABEL, TENANT_LABEL } from "../kubernetes/labels";
import { tenantNamespace } from "../kubernetes/names";
import type { ResourceGraph, Scope } from "./graph";
import { perGraph } from "./per-graph";
import { recordAt } from "./read";
import { nameOf, tenantNamespaces } from "./tenant-namespaces";
import { UndecidedError } from "./unknown";

/** The label that the API server itself sets on every namespace. */
const NAME_LABEL = "kubernetes.io/metadata.name";

interface TenantLabels {
  readonly tenant: string;
  readonly name: string;
  /** Undefined where they cannot be read. */
  readonly labels: Labels | undefined;
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
  const { known, unreadable } = labelIndex(graph).get(cluster) ?? NOBODY;
  for (const other of candidates(known, selector)) {
    if (other.tenant !== tenant && selects(selector, other.labels!)) {
      return `namespace ${other.name} of another tenant`;
    }
  }
  const byName = selector.filter(({ key }) => key === NAME_LABEL);
  for (const { tenant: owner, name } of unreadable) {
    if (owner !== tenant && selects(byName, { [NAME_LABEL]: name })) {
      throw new UndecidedError("", `labels of Namespace ${name} are not known`);
    }
  }
  return undefined;
}

const ANOTHER = labelsOf("another");
const OTHER = labelsOf("other");

/** The labels of a tenant's namespace, of a tenant that need not exist. */
function labelsOf(tenant: string): Labels {
  return {
    ...RESTRICTED_POD_SECURITY,
    [ROLE_LABEL]: "tenant",
    [TENANT_LABEL]: tenant,
    [NAME_LABEL]: tenantNamespace(tenant),
  };
}

interface LabelIndex {
  /** By one label, and under the empty key all of them. */
  readonly known: ReadonlyMap<string, readonly TenantLabels[]>;
  readonly unreadable: readonly TenantLabels[];
}

interface GrowingIndex extends LabelIndex {
  readonly known: Map<string, TenantLabels[]>;
  readonly unreadable: TenantLabels[];
}

const NOBODY: LabelIndex = { known: new Map(), unreadable: [] };
const ALL = "";

/** Those that a selector may select; by its first label with given values if it has one. */
function candidates(known: LabelIndex["known"], selector: LabelSelector): TenantLabels[] {
  const given = selector.find((requirement) => requirement.operator === "In");
  const keys = given?.operator === "In" ? given.values.map((v) => pair(given.key, v)) : [ALL];
  return keys.flatMap((key) => known.get(key) ?? []);
}

const labelIndex = perGraph((graph): ReadonlyMap<string, LabelIndex> => {
  const clusters = new Map<string, GrowingIndex>();
  for (const namespace of tenantNamespaces(graph)) {
    const { cluster, tenant } = namespace.scope;
    const name = nameOf(namespace);
    if (name === undefined) continue;
    const index: GrowingIndex = clusters.get(cluster) ?? { known: new Map(), unreadable: [] };
    clusters.set(cluster, index);
    const labels = readLabels(namespace.node.object, name);
    const entry = { tenant: tenant!, name, labels };
    if (labels === undefined) {
      index.unreadable.push(entry);
      continue;
    }
    for (const key of [ALL, ...Object.entries(labels).map(([k, v]) => pair(k, v))]) {
      const list = index.known.get(key);
      if (list) list.push(entry);
      else index.known.set(key, [entry]);
    }
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

function pair(key: string, value: string): string {
  return `${key}=${value}`;
}
