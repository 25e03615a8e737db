import { EXPOSED_LABEL, REGION_LABEL, TENANT_LABEL } from "../kubernetes/labels";
import { tenantNamespace } from "../kubernetes/names";
import type { ServiceValues } from "./service";
import { variable } from "./template/placeholder";
import { any, exceeds, lookup, merged, replaced, shared, text, when } from "./template/symbol";
import type { ChartValues } from "./values";

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

/** All that a tenant's services in one region are made from: the values of the Helm chart. */
export interface PlacedValues extends Omit<ChartPlace, "namespace">, ChartValues {
  /** Repository and digest of each image, by its name in the fleet's image list. */
  readonly images: Readonly<Record<string, string>>;
}

/** Placeholders for the tenant's values, and for one of its services. */
export const values = variable<PlacedValues>("values");
export const service = variable<ServiceValues>("service");
/** The service's name, which all its objects bear. */
export const name = variable<string>("name");

export const image = lookup(values.images, service.image);

/** Whether there may be more than one pod at a time. */
export const isReplicated = any(exceeds(service.replicas, 1), service.autoscaling.enabled);

/** The public host of the service. */
export const host = text(name, ".", values.tenant, ".", values.domain);

/** What a selector says: never more, for a Deployment's selector cannot be changed. */
export const selectorLabels = shared("selector-labels", {
  "app.kubernetes.io/name": name,
  "app.kubernetes.io/instance": values.tenant,
});

/** What every object of a service bears. */
const objectLabels = shared(
  "labels",
  merged(selectorLabels, {
    "app.kubernetes.io/part-of": "atom",
    "app.kubernetes.io/managed-by": "atom-selfhost",
    // A label holds no "+"; Helm writes "_" in its place, too.
    "app.kubernetes.io/version": replaced(values.release, "+", "_"),
    [TENANT_LABEL]: values.tenant,
    [REGION_LABEL]: values.region,
  }),
);

export const podLabels = merged(objectLabels, service.labels, {
  [EXPOSED_LABEL]: when(service.ingress.enabled, "true"),
});

/** The metadata of the service's object of any kind. */
export const objectMeta = {
  name,
  // The prefix before a name.
  namespace: text(tenantNamespace(""), values.tenant),
  labels: objectLabels,
};
