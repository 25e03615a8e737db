import * as pulumi from "@pulumi/pulumi";
import type { ReleasePolicy } from "../lib/chart/release";
import { releasePolicySchema } from "../lib/chart/release";
import { renderChart } from "../lib/chart/render";
import { resolveValues } from "../lib/chart/resolve-values";
import { namingLayers } from "../lib/chart/values-layers";
import type { Layers } from "../lib/chart/values-layers";
import { planServicesAccess, vaultAccessOf } from "../lib/fleet/services-access";
import { parseStrict } from "../lib/support/strict-schema";
import { ATOM_RELEASE } from "../lib/support/versions";
import { checkImages, imageSignatures } from "./check-images";
import { createObjects } from "./kubernetes-objects";
import type { MirrorReference } from "./mirror-reference";
import { recordRender } from "./record-render";
import { signedChart } from "./signed-chart";
import type { Tenant } from "./tenant";
import { checked } from "./usage";
import { createVaultAccess } from "./vault-access";
import type { VaultReference } from "./vault-reference";

export interface AtomChartArgs {
  /** Whose services they are, and where. */
  readonly tenant: Tenant;
  /** Mirror with the services' images and the signed chart. */
  readonly mirror: MirrorReference;
  /**
   * Vault from which the services read their secrets.
   * @default - no service may name a secret
   */
  readonly vault?: VaultReference;
  /**
   * What differs from the chart's defaults: one layer, or several by name (`region`, `tenant`, `stack`,
   * each above the one before).
   * @default - the chart's defaults
   */
  readonly values?: Layers;
  /**
   * Version of ATOM that the services report.
   * @default - the version that this library was made for
   */
  readonly release?: string;
  /**
   * What happens when a deploy fails.
   * @default - the last good revision comes back, 5 are kept, 120 seconds are allowed
   */
  readonly releasePolicy?: Partial<ReleasePolicy>;
}

/**
 * ATOM's services for one tenant. The values are checked first, then the chart's digest and signature,
 * then that each image an enabled service uses is in the mirror and signed, then that what is rendered
 * is what was signed, where somebody signed a render. Whatever fails is an error before anything is
 * registered.
 *
 * ```ts
 * new AtomChart("acme", { tenant: acme, mirror, values: { services: { api: { replicas: 3 } } } });
 * ```
 *
 * Type token `atom:index:AtomChart`.
 */
export class AtomChart extends pulumi.ComponentResource {
  /** The chart by digest. */
  readonly reference: string;

  constructor(name: string, args: AtomChartArgs, opts?: pulumi.ComponentResourceOptions) {
    const { tenant, mirror } = args;
    const { objects, chart, release, access } = checked(() =>
      namingLayers(args.values ?? {}, () => planChart(args)),
    );
    super(
      "atom:index:AtomChart",
      name,
      { tenant: tenant.tenantName, cluster: tenant.cluster.clusterName, chart, release },
      opts,
    );
    this.reference = chart.reference;
    const role =
      args.vault && access ? createVaultAccess(name, args.vault, access, { parent: this }) : [];
    // The mirror of another stack has done its copying before this one starts.
    const copied = pulumi.Resource.isInstance(mirror) ? [mirror] : [];
    createObjects(name, objects, {
      parent: this,
      provider: tenant.cluster.provider,
      dependsOn: [tenant, ...copied, ...role],
    });
    this.registerOutputs({ reference: this.reference });
  }
}

function planChart({ tenant, mirror, vault, values, release, releasePolicy }: AtomChartArgs) {
  const resolved = resolveValues(values ?? {});
  const chart = signedChart(mirror);
  checkImages(resolved, mirror);
  const { cluster } = tenant;
  const access =
    vault &&
    planServicesAccess(resolved, {
      tenant: tenant.tenantName,
      cluster: cluster.clusterName,
      namespace: tenant.namespaceName,
      mount: vault.mount,
    });
  const objects = renderChart({
    tenant: tenant.tenantName,
    namespace: tenant.namespaceName,
    region: cluster.region,
    domain: cluster.domain,
    release: release ?? ATOM_RELEASE,
    values: resolved,
    images: mirror.images,
    ...(vault &&
      access && {
        vault: vaultAccessOf(access, {
          address: vault.address,
          mount: vault.mount,
          secrets: vault.secrets[tenant.tenantName] ?? [],
        }),
      }),
  });
  const render = recordRender(objects, {
    place: { target: mirror.target, cluster: cluster.clusterName, tenant: tenant.tenantName },
    signing: mirror.signing,
  });
  return {
    objects,
    chart: { ...chart, imageSignatures: imageSignatures(resolved, mirror), render },
    access,
    release: parseStrict(releasePolicySchema, releasePolicy ?? {}, "release policy"),
  };
}
