import { EXPOSED_LABEL, REGION_LABEL, TENANT_LABEL } from "../kubernetes/labels";
import type { ServiceValues } from "./service";

/** How a tenant's pods get at its secrets. */
export interface VaultAccess {
  /** `https://vault.example:8200` */
  readonly address: string;
  /** The KV version 2 mount. */
  readonly mount: string;
  /** The role that the pods' service accounts may take. */
  readonly role: string;
  /** The audience of the pods' tokens. @default - the provider's own */
  readonly audience?: string | undefined;
  /** The secrets that the tenant opted into; a service may name no other. @default - not checked */
  readonly secrets?: readonly string[] | undefined;
}

/** Where the services of one tenant run. */
export interface ChartPlace {
  readonly tenant: string;
  readonly namespace: string;
  readonly region: string;
  /** Hosts are `<service>.<tenant>.<domain>`. */
  readonly domain: string;
  /** The release of ATOM, a semantic version. */
  readonly release: string;
  readonly vault?: VaultAccess | undefined;
}

/** One service of the chart with all that its objects are made of. */
export interface ChartService {
  readonly name: string;
  /** Repository and digest. */
  readonly image: string;
  readonly values: ServiceValues;
  readonly place: ChartPlace;
  /** The cert-manager ClusterIssuer, if certificates are to be made. */
  readonly issuer?: string | undefined;
}

/** What a selector says: never more, for a Deployment's selector cannot be changed. */
export function selectorLabels({ name, place }: ChartService): Record<string, string> {
  return { "app.kubernetes.io/name": name, "app.kubernetes.io/instance": place.tenant };
}

/** What every object of a service bears. */
export function objectLabels(service: ChartService): Record<string, string> {
  const { tenant, region, release } = service.place;
  return {
    ...selectorLabels(service),
    "app.kubernetes.io/part-of": "atom",
    "app.kubernetes.io/managed-by": "atom-selfhost",
    // A label holds no "+"; Helm writes "_" in its place, too.
    "app.kubernetes.io/version": release.replaceAll("+", "_"),
    [TENANT_LABEL]: tenant,
    [REGION_LABEL]: region,
  };
}

export function podLabels(service: ChartService): Record<string, string> {
  return {
    ...service.values.labels,
    ...objectLabels(service),
    ...(service.values.ingress.enabled ? { [EXPOSED_LABEL]: "true" } : {}),
  };
}

/** The metadata of the service's object of any kind: they all bear its name. */
export function objectMeta(service: ChartService) {
  return {
    name: service.name,
    namespace: service.place.namespace,
    labels: objectLabels(service),
  };
}

/** The public host of a service. */
export function serviceHost(
  service: string,
  { tenant, domain }: Pick<ChartPlace, "tenant" | "domain">,
) {
  return `${service}.${tenant}.${domain}`;
}

/** Whether there may be more than one pod at a time. */
export function isReplicated({ values }: ChartService): boolean {
  return values.replicas > 1 || values.autoscaling.enabled;
}
