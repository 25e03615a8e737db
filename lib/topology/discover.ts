import { resolve } from "node:path";
import { isDnsSubdomain } from "../kubernetes/names";
import { UsageError } from "../support/problem";
import { readInventory } from "./inventory";
import { topologyOfInventory } from "./inventory-topology";
import { readKubeContext } from "./kube-context";
import { simulatedTopology } from "./simulated-nodes";
import type { ContextSource, InventorySource, SimulatedSource, Topology } from "./topology";
import { checkClusterSource } from "./topology";

/** The cluster that a topology is made for. */
export interface DiscoverOptions {
  readonly cluster: string;
  readonly region: string;
  /** Folder that a relative inventory path starts from. @default the working directory */
  readonly baseDir?: string;
}

/**
 * Finds the nodes of a cluster from an inventory or a simulation.
 *
 * @throws UsageError
 */
export function discoverTopology(
  source: InventorySource | SimulatedSource,
  options: DiscoverOptions,
): Topology {
  checkClusterSource(source);
  if ("simulate" in source) return simulatedTopology(source, options);
  const path = resolve(options.baseDir ?? ".", source.inventory);
  return topologyOfInventory(readInventory(path, source.inventory), options);
}

/** A node as the API server lists it. */
export interface ClusterNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly address?: string;
  /** `v1.31.2`, from the node's status. */
  readonly kubeletVersion?: string;
}

/** Lists the nodes of the cluster behind a context; the one thing here that needs a network. */
export type ListNodes = () => Promise<readonly ClusterNode[]>;

/**
 * Finds a cluster through the user's kubeconfig. Without `listNodes` no API server is asked, and the
 * topology names the context but no nodes.
 *
 * @throws UsageError for an unknown context.
 */
export async function discoverTopologyFromContext(
  source: ContextSource,
  options: DiscoverOptions & { readonly kubeconfig?: string; readonly listNodes?: ListNodes },
): Promise<Topology> {
  checkClusterSource(source);
  const { context } = await readKubeContext(
    source.context,
    options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig },
  );
  const nodes = [...((await options.listNodes?.()) ?? [])].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  refuseOddNames(nodes);
  const masters = nodes.filter(isControlPlane);
  const version = masters[0]?.kubeletVersion?.replace(/^v/, "");
  return {
    version: 1,
    cluster: options.cluster,
    region: options.region,
    source: { kind: "context", detail: context },
    ...(version === undefined ? {} : { kubernetesVersion: version }),
    masters: masters.map((node) => nodeOf(node, context)),
    workers: nodes.filter((node) => !isControlPlane(node)).map((node) => nodeOf(node, context)),
  };
}

function isControlPlane({ labels }: ClusterNode): boolean {
  return "node-role.kubernetes.io/control-plane" in labels;
}

function nodeOf({ name, address }: ClusterNode, context: string) {
  return { name, ...(address === undefined ? {} : { address }), from: `kube context ${context}` };
}

function refuseOddNames(nodes: readonly ClusterNode[]): void {
  const odd = nodes.filter(({ name }) => !isDnsSubdomain(name));
  if (odd.length === 0) return;
  throw new UsageError("cluster", [
    { path: "nodes", message: `${odd.length} node name(s) are no RFC 1123 subdomains` },
  ]);
}
