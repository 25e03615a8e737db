/** Amounts of one container, as Kubernetes quantities: cores, bytes, bytes. */
export interface ResourceAmounts {
  readonly cpu: string;
  readonly memory: string;
  readonly "ephemeral-storage": string;
}

/** Addresses outside the namespace that a service may call. */
export interface EgressRule {
  /** An address range such as `10.20.0.0/16`, never the whole internet nor a metadata address. */
  readonly cidr: string;
  /** TCP ports. */
  readonly ports: readonly number[];
}

/** One service of a tenant, every field set. */
export interface ServiceValues {
  /** @default true */
  readonly enabled: boolean;
  /** A name in the fleet's image list; the mirror turns it into a digest. */
  readonly image: string;
  /** Pods, and the fewest pods where autoscaling is enabled. @default 1 */
  readonly replicas: number;
  /** Where the service listens for HTTP, its probes included; 1024 to 65535. */
  readonly port: number;
  /** Where the service serves `/metrics`; 1024 to 65535 and not `port`. @default 9090 */
  readonly metricsPort: number;
  /** @default 100m to 200m cores, 128Mi to 256Mi memory, 64Mi to 256Mi of disk */
  readonly resources: { readonly requests: ResourceAmounts; readonly limits: ResourceAmounts };
  /** Environment variables, strings only and never secrets. @default {} */
  readonly env: Readonly<Record<string, string>>;
  /** Further labels of the pods. @default {} */
  readonly labels: Readonly<Record<string, string>>;
  /** Secrets below `tenants/<tenant>/` that the pods find as files. @default [] */
  readonly secrets: readonly string[];
  /**
   * Where `port` answers with a success while the service is well, asked by the readiness and the
   * liveness probe. @default "/health"
   */
  readonly probes: { readonly path: string };
  /**
   * Folders to write to, `/var/lib/atom/<name>`, and how much fits into each, as a Kubernetes quantity of
   * bytes. They are a pod's own and go with it, like `/tmp`; all else is read-only. @default {}
   */
  readonly volumes: Readonly<Record<string, string>>;
  /** @default [] - nothing outside the tenant's namespace */
  readonly egress: readonly EgressRule[];
  /** The public address `<service>.<tenant>.<domain>`. @default not enabled, path "/" */
  readonly ingress: { readonly enabled: boolean; readonly path: string };
  /** @default not enabled, up to 5 replicas at 80 percent of the requested cpu */
  readonly autoscaling: {
    readonly enabled: boolean;
    readonly maxReplicas: number;
    readonly targetCpuPercent: number;
  };
}

/** Where a layer says `null`, it is as if no layer below had said anything. */
type Partly<T> = { readonly [K in keyof T]?: T[K] | null | undefined };

/** What one layer says about a service: any part of {@link ServiceValues}. */
export type ServiceLayer = Partly<
  Omit<
    ServiceValues,
    "resources" | "env" | "labels" | "probes" | "volumes" | "ingress" | "autoscaling"
  > & {
    readonly resources: Partly<{
      readonly requests: Partly<ResourceAmounts>;
      readonly limits: Partly<ResourceAmounts>;
    }>;
    readonly env: Readonly<Record<string, string | null>>;
    readonly labels: Readonly<Record<string, string | null>>;
    readonly probes: Partly<ServiceValues["probes"]>;
    readonly volumes: Readonly<Record<string, string | null>>;
    readonly ingress: Partly<ServiceValues["ingress"]>;
    readonly autoscaling: Partly<ServiceValues["autoscaling"]>;
  }
>;
