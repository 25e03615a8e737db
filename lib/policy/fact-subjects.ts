import { carriesPod, isLongRunning } from "../kubernetes/pod-template";
import type {
  ChartNode,
  MirrorNode,
  PlaybookNode,
  ReleaseNode,
  ResourceGraph,
  Scope,
  StackReferenceNode,
  TenantNode,
  VaultPolicyNode,
  VaultRoleNode,
} from "./graph";
import { kindOf, scopeKey } from "./graph";
import { perGraph } from "./per-graph";
import type { Subject } from "./rule";
import type { ObjectSubject, PodSubject } from "./subjects";
import { objectsOfKind, pods } from "./subjects";
import { guardUnknown } from "./unknown";

/** A fact that is no Kubernetes object: a chart, a release, a playbook, a tenant. */
export interface FactSubject<N> extends Subject {
  /** Unknown values in it throw when they are read. */
  readonly fact: N;
}

export type ChartSubject = FactSubject<ChartNode>;
export type ReleaseSubject = FactSubject<ReleaseNode>;
export type PlaybookSubject = FactSubject<PlaybookNode>;
export type TenantSubject = FactSubject<TenantNode>;
export type VaultPolicySubject = FactSubject<VaultPolicyNode>;
export type VaultRoleSubject = FactSubject<VaultRoleNode>;
export type MirrorSubject = FactSubject<MirrorNode>;
export type StackReferenceSubject = FactSubject<StackReferenceNode>;

export const charts = (graph: ResourceGraph): ChartSubject[] => graph.charts.map(factSubject);
export const releases = (graph: ResourceGraph): ReleaseSubject[] => graph.releases.map(factSubject);
export const playbooks = (graph: ResourceGraph): PlaybookSubject[] =>
  graph.playbooks.map(factSubject);
export const tenants = (graph: ResourceGraph): TenantSubject[] => graph.tenants.map(factSubject);
export const vaultPolicies = (graph: ResourceGraph): VaultPolicySubject[] =>
  graph.vaultPolicies.map(factSubject);
export const vaultRoles = (graph: ResourceGraph): VaultRoleSubject[] =>
  graph.vaultRoles.map(factSubject);
export const mirrors = (graph: ResourceGraph): MirrorSubject[] => graph.mirrors.map(factSubject);
export const stackReferences = (graph: ResourceGraph): StackReferenceSubject[] =>
  graph.stackReferences.map(factSubject);

function factSubject<N extends { readonly id: string; readonly scope: Scope }>(
  node: N,
): FactSubject<N> {
  return { scope: node.scope, object: node.id, field: "", fact: guardUnknown(node) };
}

/**
 * Every pod that is meant to run for ever: what P4 calls a daemon. An object that cannot be read is
 * one until somebody knows better.
 */
export const daemons = perGraph((graph): readonly PodSubject[] =>
  pods(graph).filter(({ node: { object } }) => {
    return isLongRunning(object.kind) || !carriesPod(object.kind);
  }),
);

/** Every object that replaces its pods by rolling them out. */
export function rollouts(graph: ResourceGraph): ObjectSubject[] {
  return ROLLOUTS.flatMap((kind) => objectsOfKind(graph, kind));
}

const ROLLOUTS = ["Deployment", "StatefulSet", "DaemonSet", "Rollout"];

/** Whether a scope has a chart. */
export const hasChart = someIn((graph) => graph.charts);

/** Whether a scope has a release. */
export const hasRelease = someIn((graph) => graph.releases);

/** Whether anything of a scope runs pods. */
export const hasWorkloads = someIn((graph) =>
  graph.objects.filter(({ object }) => carriesPod(kindOf(object) ?? "")),
);

/** Whether one of some nodes is a scope's own. */
function someIn(nodesOf: (graph: ResourceGraph) => readonly { readonly scope: Scope }[]) {
  const scopes = perGraph((graph) => new Set(nodesOf(graph).map(({ scope }) => scopeKey(scope))));
  return (graph: ResourceGraph, scope: Scope) => scopes(graph).has(scopeKey(scope));
}
