import * as pulumi from "@pulumi/pulumi";
import { PLATFORM_NAMESPACE } from "../lib/kubernetes/names";
import type { TenantQuota } from "../lib/tenant/declaration";
import { planTenant } from "../lib/tenant/plan";
import type { ClusterReference } from "./cluster-reference";
import { createObjects } from "./kubernetes-objects";
import { checked } from "./usage";

export interface TenantArgs {
  readonly cluster: ClusterReference;
  /** Compute, memory, storage and pods that the tenant may use, as Kubernetes quantities. */
  readonly quota: TenantQuota;
  /**
   * Name of the tenant: an RFC 1123 label. Its namespace is `tenant-<name>`.
   * @default - the component's name
   */
  readonly tenantName?: string;
}

/**
 * The boundary of one tenant on one cluster: exactly one namespace under the restricted Pod Security
 * profile, default-deny network policy, quota, limits and an operator's role. What its services may
 * read from Vault comes with `AtomChart`, which knows the services.
 *
 * The engine refuses to delete or to replace the namespace, for every volume in it goes with it. To
 * remove a tenant, run `pulumi state unprotect --all` on its stack first, or `pulumi up` with the
 * option `protect: false`.
 *
 * ```ts
 * const acme = new Tenant("acme", { cluster, quota: { cpu: "8", memory: "16Gi" } });
 * ```
 *
 * Type token `atom:index:Tenant`.
 */
export class Tenant extends pulumi.ComponentResource {
  readonly tenantName: string;
  readonly cluster: ClusterReference;
  /** Name of the namespace, for plans. */
  readonly namespaceName: string;
  /** Name of the namespace, known once the whole boundary is there. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: TenantArgs, opts?: pulumi.ComponentResourceOptions) {
    const tenantName = args.tenantName ?? name;
    const { clusterName, region, provider } = args.cluster;
    const plan = checked(() =>
      planTenant({
        name: tenantName,
        region,
        cluster: clusterName,
        quota: args.quota,
        platformNamespace: PLATFORM_NAMESPACE,
      }),
    );
    super("atom:index:Tenant", name, { tenant: tenantName, cluster: clusterName }, opts);
    this.tenantName = tenantName;
    this.cluster = args.cluster;
    this.namespaceName = plan.namespace;
    const kept = opts?.protect === false ? [] : ["Namespace"];
    const boundary = createObjects(name, plan.objects, { parent: this, provider }, kept);
    this.namespace = pulumi.all(boundary.map(({ urn }) => urn)).apply(() => plan.namespace);
    this.registerOutputs({ namespace: this.namespace });
  }
}
