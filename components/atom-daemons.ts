import * as pulumi from "@pulumi/pulumi";
import { scanRights } from "../lib/monitor/scan-role";
import { DAEMONS } from "../lib/platform/daemon";
import { planDaemons } from "../lib/platform/daemon-plan";
import type { AtomCluster } from "./atom-cluster";
import { createObjects } from "./kubernetes-objects";
import type { RegistryMirror } from "./registry-mirror";
import { checked } from "./usage";

export interface AtomDaemonsArgs {
  readonly cluster: AtomCluster;
  /** Mirror that holds the daemons' image. */
  readonly mirror: RegistryMirror;
  /** The fleet file's text, which the daemons read. It holds no secret. */
  readonly fleet: string;
  /**
   * Name of the daemons' image in the mirror.
   * @default "selfhost"
   */
  readonly image?: string;
}

/**
 * The platform's own daemons on a cluster: bootstrap, mirror, vault sync, chart, node join and policy
 * monitor, one Deployment each, all with `/health` and `/metrics`.
 *
 * Type token `atom:index:AtomDaemons`.
 */
export class AtomDaemons extends pulumi.ComponentResource {
  /** Names of the daemons' Deployments. */
  readonly names: readonly string[];

  constructor(name: string, args: AtomDaemonsArgs, opts?: pulumi.ComponentResourceOptions) {
    const image = checked(() => args.mirror.reference(args.image ?? "selfhost"));
    super("atom:index:AtomDaemons", name, { cluster: args.cluster.clusterName, image }, opts);
    this.names = DAEMONS.map((daemon) => daemon.name);
    const daemons = planDaemons({
      image,
      fleet: args.fleet,
      cluster: args.cluster.clusterName,
      monitorRights: scanRights(),
    });
    createObjects(name, daemons, {
      parent: this,
      provider: args.cluster.provider,
      dependsOn: [args.cluster, args.mirror],
    });
    this.registerOutputs({ names: this.names });
  }
}
