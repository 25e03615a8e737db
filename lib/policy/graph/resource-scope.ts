import type { Scope } from "./graph";
import { stackOf, tenantOfStack } from "./stack-references";
import type { StackResource } from "./stack-resource";

/** The components that this library's stacks are made of. */
export const COMPONENTS = {
  cluster: "atom:index:AtomCluster",
  mirror: "atom:index:RegistryMirror",
  nodePool: "atom:index:NodePool",
  tenant: "atom:index:Tenant",
  chart: "atom:index:AtomChart",
  vault: "atom:index:VaultReplica",
} as const;

const OF_A_TENANT: readonly string[] = [COMPONENTS.tenant, COMPONENTS.chart];

/**
 * Tells whose a resource is: the cluster from the nearest component around it that names a cluster, the
 * tenant from the name of its stack, so that a tenant's stack brings nothing in the platform's name or
 * in another tenant's. In any other stack it is the tenant's of the nearest Tenant or AtomChart.
 *
 * @param otherwise the cluster of what stands in no component.
 */
export function scopesOf(
  resources: readonly StackResource[],
  otherwise: string,
): (resource: StackResource) => Scope {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const ofChildren = new Map<string, Scope>();
  return (resource) => {
    const line = () => lineage(resource, byUrn).filter(isComponent);
    const scopeNow = () => scopeOfLine(line(), otherwise, tenantOfStack(stackOf(resource)));
    if (isComponent(resource) || resource.parent === undefined) return scopeNow();
    // Everything else is its parent's, and so are its sisters.
    let scope = ofChildren.get(resource.parent);
    if (!scope) ofChildren.set(resource.parent, (scope = scopeNow()));
    return scope;
  };
}

function isComponent({ type }: StackResource): boolean {
  return type.startsWith("atom:index:");
}

function scopeOfLine(
  line: readonly StackResource[],
  otherwise: string,
  ofStack: string | undefined,
): Scope {
  const clusters = line.map(({ inputs }) => inputs["cluster"]);
  const cluster = clusters.find((name) => typeof name === "string") ?? otherwise;
  const owner = line.find(({ type }) => OF_A_TENANT.includes(type));
  const tenant = ofStack ?? (owner && tenantOf(owner));
  return tenant === undefined ? { cluster } : { cluster, tenant };
}

/** A resource and its ancestors, nearest first. */
function lineage(
  resource: StackResource,
  byUrn: ReadonlyMap<string, StackResource>,
): StackResource[] {
  const line = new Set<StackResource>();
  let next: StackResource | undefined = resource;
  // What is its own ancestor comes from no engine, but must not hang an audit.
  while (next !== undefined && !line.has(next)) {
    line.add(next);
    next = next.parent === undefined ? undefined : byUrn.get(next.parent);
  }
  return [...line];
}

/** A tenant whose name is not known yet is known by its resource's. */
function tenantOf({ inputs, name }: StackResource): string {
  const { tenant } = inputs;
  return typeof tenant === "string" ? tenant : name;
}
