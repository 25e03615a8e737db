import { byText } from "../reading/shape";
import type { ObjectNode, Scope } from "./graph";
import { ResourceGraph } from "./graph";
import type { ResourceGraphOptions } from "./graph-options";
import { withoutMarked } from "./marked-secrets";
import { namespaceOwners } from "./namespace-owners";
import { factsOf } from "./resource-facts";
import type { Facts } from "./resource-facts";
import { isKubernetes, objectsOf, safeObjectId } from "./resource-objects";
import { COMPONENTS, scopesOf } from "./resource-scope";
import { isStackReference, stackReferences } from "./stack-references";
import type { StackResource } from "./stack-resource";

export { graphFromManifests } from "./graph-from-manifests";
export type { ResourceGraphOptions } from "./graph-options";
export type { StackResource } from "./stack-resource";

/** A graph that remembers which resources it was made of. */
export interface StackGraph {
  readonly graph: ResourceGraph;
  /** The URN of the resource behind a finding; undefined for a finding about a whole cluster. */
  readonly urnOf: (finding: {
    readonly scope: Scope;
    readonly object: string;
  }) => string | undefined;
}

/**
 * Makes a graph of a Pulumi stack's resources, or of several stacks' together. Values that are marked
 * secret are unknown to it, so that no rule can repeat one. Those of a Kubernetes Secret are not in its
 * object, and a rule may ask whether something holds for one of them. The engine decrypts what it
 * hands to a policy, and marks nothing: there a secret is a value as any other.
 */
export function graphFromResources(
  resources: readonly StackResource[],
  options: ResourceGraphOptions = {},
): ResourceGraph {
  return stackGraph(resources, options).graph;
}

/** {@link graphFromResources}, for a caller that reports findings against resources. */
export function stackGraph(
  resources: readonly StackResource[],
  {
    cluster = "default",
    trustedKeys = [],
    metrics = [],
    replicas = [],
    partial = false,
  }: ResourceGraphOptions = {},
): StackGraph {
  const scopeOf = scopesOf(resources, cluster);
  const placed = resources.map((resource) => ({
    ...withoutMarked(resource),
    scope: scopeOf(resource),
  }));

  const parents = new Set(resources.map(({ parent }) => parent));
  const found = placed.flatMap(({ resource, someSecret, scope }) =>
    objectsOf(resource, partial || parents.has(resource.urn)).map((object) => ({
      resource,
      someSecret,
      scope,
      object,
    })),
  );
  const ownerOf = namespaceOwners(found);
  const charts = new Set<string | undefined>(
    resources.filter(({ type }) => type === COMPONENTS.chart).map(({ urn }) => urn),
  );
  const objects = found.map(({ resource, someSecret, scope, object }) => ({
    urn: resource.urn,
    node: {
      id: safeObjectId(object, resource.name),
      scope: scope.tenant === undefined ? ownerOf(scope, object) : scope,
      object,
      protect: resource.protect,
      ...(charts.has(resource.parent) ? { rendered: true } : {}),
      ...(someSecret === undefined ? {} : { someSecret }),
    },
  }));
  const referenceOf = stackReferences(placed, cluster);
  const facts: { readonly urn: string; readonly facts: Facts }[] = placed
    .filter(({ resource }) => !isKubernetes(resource))
    .map(({ resource, scope }) => ({
      urn: resource.urn,
      facts: isStackReference(resource)
        ? { stackReferences: [referenceOf(resource)] }
        : factsOf(resource, scope),
    }));

  const graph = new ResourceGraph({
    clusters: clustersOf(
      // A provider or a stack reference is nobody's: it brings no cluster into the graph.
      placed.filter(({ resource }) => isPlaced(resource)).map(({ scope }) => scope.cluster),
      cluster,
    ),
    trustedKeys,
    metrics,
    replicas: [...replicas, ...facts.flatMap(({ facts: { replicas: own = [] } }) => own)],
    objects: objects.map(({ node }) => node),
    tenants: facts.flatMap(({ facts: { tenants = [] } }) => tenants),
    charts: facts.flatMap(({ facts: { charts = [] } }) => charts),
    playbooks: facts.flatMap(({ facts: { playbooks = [] } }) => playbooks),
    releases: facts.flatMap(({ facts: { releases = [] } }) => releases),
    vaultPolicies: facts.flatMap(({ facts: { vaultPolicies = [] } }) => vaultPolicies),
    vaultRoles: facts.flatMap(({ facts: { vaultRoles = [] } }) => vaultRoles),
    stackReferences: facts.flatMap(({ facts: { stackReferences = [] } }) => stackReferences),
    mirrors: facts.flatMap(({ facts: { mirrors = [] } }) => mirrors),
  });
  let urns: ReadonlyMap<string, string> | undefined;
  return {
    graph,
    urnOf({ scope, object }) {
      urns ??= urnsByNode(objects, facts);
      return urns.get(`${scope.cluster}\n${object}`);
    },
  };
}

function isPlaced({ type, parent }: StackResource): boolean {
  return parent !== undefined || !type.startsWith("pulumi:");
}

function clustersOf(named: readonly string[], otherwise: string): string[] {
  const clusters = new Set(named);
  if (clusters.size === 0) clusters.add(otherwise);
  return [...clusters].sort(byText);
}

function urnsByNode(
  objects: readonly { readonly urn: string; readonly node: ObjectNode }[],
  facts: readonly { readonly urn: string; readonly facts: Facts }[],
): Map<string, string> {
  const urns = new Map<string, string>();
  const nodes = [
    ...objects,
    ...facts.flatMap(({ urn, facts: lists }) =>
      Object.values(lists).flatMap((list) => list.map((node) => ({ urn, node }))),
    ),
  ];
  for (const { urn, node } of nodes) urns.set(`${node.scope.cluster}\n${node.id}`, urn);
  return urns;
}
