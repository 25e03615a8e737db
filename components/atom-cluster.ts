import type * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { nameProblem, PLATFORM_NAMESPACE } from "../lib/kubernetes/names";
import { planPlatformNamespace } from "../lib/platform/namespace-plan";
import type { PlaybookRun } from "../lib/support/playbook-run";
import { Problems } from "../lib/support/problem";
import { planBootstrap } from "../lib/topology/bootstrap";
import { discoverTopology, discoverTopologyFromContext } from "../lib/topology/discover";
import { checkClusterSource } from "../lib/topology/topology";
import type { ClusterSource, Topology } from "../lib/topology/topology";
import { createClusterProvider, defaultDomain } from "./cluster-reference";
import type { ClusterReference } from "./cluster-reference";
import { createObjects } from "./kubernetes-objects";
import { createPlaybookRun } from "./playbook-command";
import { checked, checkedLater } from "./usage";

export interface AtomClusterArgs {
  /** Region that the cluster serves: an RFC 1123 label. */
  readonly region: string;
  /**
   * Where the cluster is: `{ context: "prod-eu" }`, `{ inventory: "hosts.ini" }` or
   * `{ simulate: { masters: 1, workers: 2 } }`.
   */
  readonly source: ClusterSource;
  /**
   * Name of the cluster in reports, labels and Vault roles.
   * @default - the component's name
   */
  readonly clusterName?: string;
  /**
   * Public DNS name below which tenants' services get their hosts, `<service>.<tenant>.<domain>`.
   * @default "<region>.atom.internal"
   */
  readonly domain?: string;
  /**
   * Folder that an inventory's path is relative to.
   * @default - the working directory
   */
  readonly baseDir?: string;
}

/**
 * A cluster to run ATOM on: where it is, who its nodes are, the platform's namespace on it, and,
 * for an inventory, a dry run of the bootstrap playbook.
 *
 * ```ts
 * const cluster = new AtomCluster("eu", { region: "eu-west", source: { context: "prod-eu" } });
 * ```
 *
 * Type token `atom:index:AtomCluster`.
 */
export class AtomCluster extends pulumi.ComponentResource implements ClusterReference {
  readonly clusterName: string;
  readonly region: string;
  readonly domain: string;
  readonly provider: kubernetes.Provider;
  /** Masters, workers and where each fact came from. */
  readonly topology: pulumi.Output<Topology>;
  /** Name of the platform's namespace, known once it and its network boundary are there. */
  readonly platformNamespace: pulumi.Output<string>;

  constructor(name: string, args: AtomClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    const { clusterName, topology, bootstrap } = checked(() => planCluster(name, args));
    super(
      "atom:index:AtomCluster",
      name,
      { cluster: clusterName, region: args.region, source: args.source, bootstrap },
      opts,
    );
    this.clusterName = clusterName;
    this.region = args.region;
    this.domain = args.domain ?? defaultDomain(args.region);
    this.topology = pulumi.output(topology);
    this.provider = createClusterProvider(
      name,
      { clusterName, source: args.source },
      { parent: this },
    );
    const platform = createObjects(name, planPlatformNamespace(), {
      parent: this,
      provider: this.provider,
    });
    this.platformNamespace = pulumi
      .all(platform.map(({ urn }) => urn))
      .apply(() => PLATFORM_NAMESPACE);
    if (bootstrap) createPlaybookRun(`${name}-bootstrap`, bootstrap, { parent: this });
    this.registerOutputs({
      clusterName: this.clusterName,
      region: this.region,
      topology: this.topology,
      platformNamespace: this.platformNamespace,
    });
  }
}

interface ClusterPlan {
  readonly clusterName: string;
  readonly topology: Topology | Promise<Topology>;
  readonly bootstrap?: PlaybookRun;
}

function planCluster(name: string, args: AtomClusterArgs): ClusterPlan {
  const clusterName = args.clusterName ?? name;
  const problems = new Problems();
  for (const [path, value] of [
    ["clusterName", clusterName],
    ["region", args.region],
  ] as const) {
    const problem = nameProblem(value);
    if (problem !== undefined) problems.add(path, problem);
  }
  problems.throwIfAny(`AtomCluster '${name}'`);
  checkClusterSource(args.source);
  const place = {
    cluster: clusterName,
    region: args.region,
    baseDir: args.baseDir ?? process.cwd(),
  };
  if ("context" in args.source) {
    return {
      clusterName,
      topology: checkedLater(discoverTopologyFromContext(args.source, place)),
    };
  }
  const topology = discoverTopology(args.source, place);
  if (!("inventory" in args.source)) return { clusterName, topology };
  return {
    clusterName,
    topology,
    bootstrap: planBootstrap(topology, { inventory: args.source.inventory }),
  };
}
