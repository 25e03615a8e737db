import { z } from "zod";

import { parseQuantity } from "../kubernetes/quantity";
import { quantityProblem } from "../kubernetes/quantity-problem";
import { secretPathProblem } from "../kubernetes/secret-path";
import { checkedString, strictObject } from "../support/strict-schema";
import {
  cidrProblem,
  envNameProblem,
  envValueProblem,
  imageNameProblem,
  ingressPathProblem,
  labelKeyAllowed,
  labelValueAllowed,
} from "./service-checks";

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
  /** Where the service listens for HTTP, `/health` included; 1024 to 65535. */
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

/** Where a layer may say `null`: the name is taken out of the map. */
type Removable = Readonly<Record<string, string | null>>;
type Partly<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** What one layer says about a service: any part of {@link ServiceValues}. */
export type ServiceLayer = Partly<
  Omit<ServiceValues, "resources" | "env" | "labels" | "ingress" | "autoscaling">
> & {
  readonly resources?:
    Partly<{ requests: Partly<ResourceAmounts>; limits: Partly<ResourceAmounts> }> | undefined;
  readonly env?: Removable | undefined;
  readonly labels?: Removable | undefined;
  readonly ingress?: Partly<ServiceValues["ingress"]> | undefined;
  readonly autoscaling?: Partly<ServiceValues["autoscaling"]> | undefined;
};

const replicas = z.int().min(1).max(100);
const port = z.int().min(1024).max(65535);
const quantity = checkedString(quantityProblem, {
  pattern: "^[0-9]+(\\.[0-9]*)?([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,3})?$",
});
const envName = checkedString(envNameProblem, { pattern: "^[A-Za-z_][A-Za-z0-9_]*$" });
const envValue = checkedString(envValueProblem);
const labelKey = checkedString(labelKeyAllowed);
const labelValue = checkedString(labelValueAllowed);

const amounts = strictObject({ cpu: quantity, memory: quantity, "ephemeral-storage": quantity });
const ingress = strictObject({ enabled: z.boolean(), path: checkedString(ingressPathProblem) });
const autoscaling = strictObject({
  enabled: z.boolean(),
  maxReplicas: replicas,
  targetCpuPercent: z.int().min(10).max(100),
});
const egressRule = strictObject({
  cidr: checkedString(cidrProblem),
  ports: z.array(z.int().min(1).max(65535)).min(1).max(20),
});

const fields = {
  enabled: z.boolean(),
  image: checkedString(imageNameProblem),
  replicas,
  port,
  metricsPort: port,
  secrets: z.array(checkedString(secretPathProblem)).max(50),
  egress: z.array(egressRule).max(50),
};

/** A service as a layer may write it. */
export const serviceLayerSchema: z.ZodType<ServiceLayer> = strictObject({
  ...z.strictObject(fields).partial().shape,
  resources: strictObject({
    requests: amounts.partial().optional(),
    limits: amounts.partial().optional(),
  }).optional(),
  env: z.record(envName, envValue.nullable()).optional(),
  labels: z.record(labelKey, labelValue.nullable()).optional(),
  ingress: ingress.partial().optional(),
  autoscaling: autoscaling.partial().optional(),
});

/** A service with every field set, checked as a whole. */
export const serviceValuesSchema: z.ZodType<ServiceValues> = strictObject({
  ...fields,
  resources: strictObject({ requests: amounts, limits: amounts }),
  env: z.record(envName, envValue),
  labels: z.record(labelKey, labelValue),
  ingress,
  autoscaling,
}).superRefine((service, context) => {
  for (const { path, message } of contradictions(service)) {
    context.addIssue({ code: "custom", path: [...path], message });
  }
});

/** Some 1 MiB is what etcd holds in one ConfigMap; this leaves room for the chart's own entries. */
const MOST_ENV_BYTES = 1_000_000;

function contradictions(service: ServiceValues): { path: string[]; message: string }[] {
  const found: { path: string[]; message: string }[] = [];
  const { port, metricsPort, replicas, autoscaling, resources, env } = service;
  if (port === metricsPort) {
    const message = `port ${port} is used twice, for http and for metrics; choose two ports`;
    found.push({ path: ["metricsPort"], message });
  }
  if (autoscaling.enabled && autoscaling.maxReplicas < replicas) {
    const message = `'maxReplicas' (${autoscaling.maxReplicas}) must be at least 'replicas' (${replicas})`;
    found.push({ path: ["autoscaling", "maxReplicas"], message });
  }
  for (const name of ["cpu", "memory", "ephemeral-storage"] as const) {
    const request = resources.requests[name];
    const limit = resources.limits[name];
    if (parseQuantity(request) > parseQuantity(limit)) {
      const message = `the request (${request}) must not exceed the limit (${limit})`;
      found.push({ path: ["resources", "requests", name], message });
    }
  }
  const bytes = Object.entries(env).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (bytes > MOST_ENV_BYTES) {
    const message = `the variables take ${bytes} bytes; at most ${MOST_ENV_BYTES} fit`;
    found.push({ path: ["env"], message });
  }
  return found;
}
