import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { planNodePool } from "../lib/join/plan";
import type { PlannedNode } from "../lib/join/plan";
import { PLATFORM_NAMESPACE } from "../lib/kubernetes/names";
import type { AtomCluster } from "./atom-cluster";
import { appliedByStack } from "./field-manager";
import { checked } from "./usage";

export interface NodePoolArgs {
  readonly cluster: AtomCluster;
  /** How many nodes are to join. */
  readonly nodes: number;
  readonly join?: {
    /**
     * Life time of each node's one-time token: `15m`, at most `24h`.
     * @default "15m"
     */
    readonly ttl?: string;
  };
  /**
   * Name of the pool.
   * @default - the component's name
   */
  readonly poolName?: string;
  /**
   * The one tenant whose pods may run on these nodes.
   * @default - all tenants share the pool
   */
  readonly tenant?: string;
}

/**
 * Nodes that may join a cluster: their names, labels and taints, which the join gateway sets, not
 * the nodes. The plan lands in the platform's namespace, where the gateway reads it. Tokens are
 * issued one at a time with `atom join token` and are in no state.
 *
 * ```ts
 * const pool = new NodePool("workers", { cluster, nodes: 2, join: { ttl: "15m" } });
 * ```
 *
 * Type token `atom:index:NodePool`.
 */
export class NodePool extends pulumi.ComponentResource {
  readonly nodes: readonly PlannedNode[];

  constructor(name: string, args: NodePoolArgs, opts?: pulumi.ComponentResourceOptions) {
    const { clusterName, provider } = args.cluster;
    const plan = checked(() =>
      planNodePool({
        cluster: clusterName,
        pool: args.poolName ?? name,
        nodes: args.nodes,
        ...(args.join?.ttl === undefined ? {} : { ttl: args.join.ttl }),
        ...(args.tenant === undefined ? {} : { tenant: args.tenant }),
      }),
    );
    super("atom:index:NodePool", name, { cluster: clusterName, pool: plan.pool }, opts);
    this.nodes = plan.nodes;
    new kubernetes.core.v1.ConfigMap(
      name,
      {
        metadata: {
          name: `atom-pool-${plan.pool}`,
          namespace: PLATFORM_NAMESPACE,
          annotations: appliedByStack(),
        },
        data: { "pool.json": JSON.stringify(plan) },
      },
      { parent: this, provider, dependsOn: [args.cluster] },
    );
    this.registerOutputs({ nodes: this.nodes });
  }
}
