import type * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { AtomCluster } from "../components/atom-cluster";
import { AtomDaemons } from "../components/atom-daemons";
import { NodePool } from "../components/node-pool";
import { RegistryMirror } from "../components/registry-mirror";
import { checked } from "../components/usage";
import { VaultReplica } from "../components/vault-replica";
import type { Fleet } from "../lib/fleet/schema";
import { refuseSimulatedUpdate } from "./refuse-simulated-update";
import { regionOf, secretsIn } from "./stack-inputs";
import type { StackInputs } from "./stack-inputs";
import { configuredToken } from "./vault-token";

/** What a tenant's stack reads from its region's platform. */
export interface PlatformOutputs {
  readonly cluster: pulumi.Input<string>;
  readonly platformNamespace: pulumi.Input<string>;
  readonly registry: pulumi.Input<string>;
  readonly vaultAuthPath: pulumi.Input<string>;
}

/** The platform of one region: cluster, mirror, node pool, Vault replica and the daemons. */
export function platformStack(inputs: StackInputs, regionName: string): PlatformOutputs {
  const { fleet, folder, images, signing, upstreamKeys = {}, replicas = [] } = inputs;
  refuseSimulatedUpdate(inputs);
  const { region, cluster: declared } = checked(() => regionOf(fleet, regionName));
  const cluster = new AtomCluster(declared.name, {
    region: region.name,
    source: declared.source,
    domain: region.domain,
    baseDir: folder,
  });
  const mirror = new RegistryMirror("images", {
    cluster,
    target: fleet.registry.target,
    images,
    signing,
    upstreamKeys,
  });
  new NodePool(declared.nodePool.name, {
    cluster,
    nodes: declared.nodePool.nodes,
    join: declared.nodePool.join,
  });
  const vault = new VaultReplica("vault", {
    cluster,
    primary: { address: fleet.vault.primary, ...configuredToken("vaultPrimaryToken") },
    secondary: { address: fleet.vault.secondary, ...configuredToken("vaultSecondaryToken") },
    mount: fleet.vault.mount,
    secrets: secretsIn(fleet, region.name),
    replicas,
  });
  new AtomDaemons("daemons", { cluster, mirror, fleet: stringify(asDaemonsReadIt(fleet)) });
  return {
    cluster: cluster.clusterName,
    platformNamespace: cluster.platformNamespace,
    registry: mirror.target,
    vaultAuthPath: vault.authPath,
  };
}

/** Without the private key's place: that is one on the machine that deploys, and differs from one to the next. */
function asDaemonsReadIt({ signing: { publicKey } = {}, ...fleet }: Fleet): Fleet {
  return publicKey === undefined ? fleet : { ...fleet, signing: { publicKey } };
}
