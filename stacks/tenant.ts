import * as pulumi from "@pulumi/pulumi";
import { AtomChart } from "../components/atom-chart";
import { connectCluster } from "../components/cluster-reference";
import { connectMirror } from "../components/mirror-reference";
import { Tenant } from "../components/tenant";
import { checked } from "../components/usage";
import { connectVault } from "../components/vault-replica";
import type { PlatformOutputs } from "./platform";
import { regionOf, secretsIn, tenantOf } from "./stack-inputs";
import type { StackInputs } from "./stack-inputs";
import { stackName } from "./stack-name";
import { configuredToken } from "./vault-token";

/** One tenant in one region, on the platform that the region's own stack has made. */
export function tenantStack(
  inputs: StackInputs,
  tenantName: string,
  regionName: string,
): { namespace: pulumi.Input<string>; chart: string } {
  const { fleet, images, signing } = inputs;
  const { region, cluster: declared } = checked(() => regionOf(fleet, regionName));
  const declaration = checked(() => tenantOf(fleet, tenantName, regionName));
  const platform = new pulumi.StackReference(platformName(regionName));
  const output = (name: keyof PlatformOutputs) =>
    platform.requireOutput(name) as pulumi.Output<string>;

  const cluster = connectCluster(declared.name, {
    clusterName: declared.name,
    region: region.name,
    domain: region.domain,
    source: declared.source,
  });
  const vault = connectVault("vault", {
    server: { address: fleet.vault.secondary, ...configuredToken("vaultSecondaryToken") },
    cluster,
    mount: fleet.vault.mount,
    authPath: output("vaultAuthPath"),
    secrets: secretsIn(fleet, region.name),
  });
  const tenant = new Tenant(tenantName, { cluster, quota: declaration.quota });
  const chart = new AtomChart(tenantName, {
    tenant,
    mirror: connectMirror({ target: fleet.registry.target, images, signing }),
    vault,
    release: fleet.release,
    values: { region: region.values, tenant: { services: declaration.services ?? {} } },
  });
  return { namespace: tenant.namespace, chart: chart.reference };
}

function platformName(region: string): string {
  const platform = stackName({ kind: "platform", region });
  return `${pulumi.getOrganization()}/${pulumi.getProject()}/${platform}`;
}
