import * as pulumi from "@pulumi/pulumi";
import { AtomChart } from "../components/atom-chart";
import { connectCluster } from "../components/cluster-reference";
import { connectMirror } from "../components/mirror-reference";
import { Tenant } from "../components/tenant";
import { checked } from "../components/usage";
import { connectVault } from "../components/vault-replica";
import type { PlatformOutputs } from "./platform";
import { refuseSimulatedUpdate } from "./refuse-simulated-update";
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
  refuseSimulatedUpdate(inputs);
  const { region, cluster: declared } = checked(() => regionOf(fleet, regionName));
  const declaration = checked(() => tenantOf(fleet, tenantName, regionName));
  const output = platformOutputs(stackName({ kind: "platform", region: regionName }));

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

/** Reads what a region's platform has put out. */
function platformOutputs(platform: string): (name: keyof PlatformOutputs) => pulumi.Output<string> {
  const reference = new pulumi.StackReference(
    `${pulumi.getOrganization()}/${pulumi.getProject()}/${platform}`,
  );
  return (name) =>
    reference.getOutput(name).apply((value: string | undefined) => deployedOutput(platform, value));
}

/**
 * What a platform's stack has put out.
 *
 * @throws RunError, which Pulumi prints without a stack trace, if that stack was never deployed.
 */
export function deployedOutput(platform: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw new pulumi.RunError(
    `the stack ${platform} has not been deployed, and its tenants stand on it; ` +
      `deploy it first: pulumi up --stack ${platform}`,
  );
}
