import { renderChart } from "../chart/render";
import type { ChartInput } from "../chart/render";
import { resolveValues } from "../chart/resolve-values";
import { tenantNamespace } from "../kubernetes/names";
import type { KubernetesObject } from "../kubernetes/object";
import type { ImageLock } from "../registry/mirror/image";
import { planMirror } from "../registry/mirror/plan";
import { regionWithCluster, replicaMount, tenantIn } from "./fleet-parts";
import type { Fleet } from "./schema";
import { planServicesAccess, vaultAccessOf } from "./services-access";

/** A tenant in one of the regions that it is placed in, both by name. */
export interface TenantPlace {
  readonly tenant: string;
  readonly region: string;
}

/**
 * Renders the services of one tenant in one region, as the tenant's stack does.
 *
 * @throws UsageError as {@link tenantChartInput}.
 */
export function renderTenantChart(
  fleet: Fleet,
  lock: ImageLock,
  place: TenantPlace,
): KubernetesObject[] {
  return renderChart(tenantChartInput(fleet, lock, place));
}

/**
 * All that the chart is told of one tenant in one region: the values of all layers, images by digest in
 * the mirror, and the Vault role.
 *
 * @throws UsageError for a tenant that is not placed there, or values that are not allowed.
 */
export function tenantChartInput(fleet: Fleet, lock: ImageLock, place: TenantPlace): ChartInput {
  const { region, cluster } = regionWithCluster(fleet, place.region);
  const tenant = tenantIn(fleet, place.tenant, place.region);
  const values = resolveValues({
    region: region.values,
    tenant: { services: tenant.services ?? {} },
  });
  const mount = replicaMount(fleet, cluster);
  const namespace = tenantNamespace(tenant.name);
  const access = planServicesAccess(values, {
    tenant: tenant.name,
    cluster: cluster.name,
    namespace,
    mount,
  });
  const vault = { address: fleet.vault.secondary, mount, secrets: tenant.secrets ?? [] };
  return {
    tenant: tenant.name,
    namespace,
    region: region.name,
    domain: region.domain,
    release: fleet.release,
    values,
    images: mirroredImages(fleet, lock),
    ...(access && { vault: vaultAccessOf(access, vault) }),
  };
}

/** Every locked image at the fleet's mirror by digest, by its name. */
export function mirroredImages(fleet: Fleet, lock: ImageLock): Readonly<Record<string, string>> {
  const { images } = planMirror(lock, { target: fleet.registry.target });
  return Object.fromEntries(images.map(({ name, to }) => [name, to]));
}
