import { carriesPod, isLongRunning } from "../../kubernetes/pod-template";
import type { Subject } from "../evaluation/rule";
import type {
  ChartNode,
  MetricsNode,
  MirrorNode,
  PlaybookNode,
  ReleaseNode,
  ReplicaNode,
  ResourceGraph,
  Scope,
  StackReferenceNode,
  TenantNode,
  VaultPolicyNode,
  VaultRoleNode,
} from "../graph/graph";
import { scopeKey } from "../graph/graph";
import { podsIn } from "../graph/home";
import { perGraph } from "../graph/per-graph";
import { guardUnknown } from "../reading/unknown";
import { listed, objects, objectsOfKind } from "./subjects";
import type { ObjectSubject, Part, PodSubject } from "./subjects";

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
export type MetricsSubject = FactSubject<MetricsNode>;
export type MirrorSubject = FactSubject<MirrorNode>;
export type ReplicaSubject = FactSubject<ReplicaNode>;
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
export const scrapes = (graph: ResourceGraph): MetricsSubject[] => graph.metrics.map(factSubject);
export const mirrors = (graph: ResourceGraph): MirrorSubject[] => graph.mirrors.map(factSubject);
export const replicas = (graph: ResourceGraph): ReplicaSubject[] => graph.replicas.map(factSubject);
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
export const daemons = listed((home): readonly PodSubject[] =>
  podsIn(home).filter(({ node: { object } }) => {
    return isLongRunning(object.kind) || !carriesPod(object.kind);
  }),
);

/** Every object that replaces its pods by rolling them out. */
export function rollouts(part: Part): ObjectSubject[] {
  return ROLLOUTS.flatMap((kind) => objectsOfKind(part, kind));
}

const ROLLOUTS = ["Deployment", "StatefulSet", "DaemonSet", "Rollout"];

/** Whether a scope has a chart. */
export const hasChart = someIn((graph) => graph.charts);

/** Whether a scope has a release. */
export const hasRelease = someIn((graph) => graph.releases);

/** Whether anything of a scope runs pods. */
export const hasWorkloads = someIn((graph) =>
  objects(graph).filter(({ node }) => carriesPod(node.object.kind)),
);

/** Whether one of some nodes is a scope's own. */
function someIn(nodesOf: (graph: ResourceGraph) => readonly { readonly scope: Scope }[]) {
  const scopes = perGraph((graph) => new Set(nodesOf(graph).map(({ scope }) => scopeKey(scope))));
  return (graph: ResourceGraph, scope: Scope) => scopes(graph).has(scopeKey(scope));
}
