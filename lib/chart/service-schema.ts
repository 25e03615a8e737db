import { z } from "zod";

import { LABEL_VALUE } from "../kubernetes/label-syntax";
import { QUANTITY } from "../kubernetes/quantity-problem";
import { SECRET_PATH } from "../kubernetes/secret-path";
import { strictObject } from "../support/strict-schema";
import { ruledString } from "../support/string-rule";
import { CIDR } from "./cidr-rule";
import { SERVICE_CONTRADICTIONS } from "./contradictions";
import {
  ENV_NAME,
  ENV_VALUE,
  IMAGE_NAME,
  INGRESS_PATH,
  LABEL_KEY,
  VOLUME_NAME,
  LONGEST_ENV_BYTES,
  envValueBytesProblem,
} from "./service-rules";
import { compileCondition, compileTemplate, scopeOf } from "./template/instantiate";
import type { ServiceValues } from "./service";

const amounts = {
  cpu: ruledString(QUANTITY, "cores, as a Kubernetes quantity: 100m or 2"),
  memory: ruledString(QUANTITY, "bytes of memory, as a Kubernetes quantity: 256Mi"),
  "ephemeral-storage": ruledString(QUANTITY, "bytes of disk, as a Kubernetes quantity: 64Mi"),
};
const requests =
  "what a pod is sure of (default 100m cpu, 128Mi memory, 64Mi ephemeral-storage); at most the limits";
const limits = "what a pod uses at most (default 200m cpu, 256Mi memory, 256Mi ephemeral-storage)";
const ingress = {
  enabled: z.boolean().describe("whether the service has a public address (default false)"),
  path: ruledString(INGRESS_PATH, "path below which the service is public (default /)"),
};
const probes = {
  path: ruledString(INGRESS_PATH, "path that answers while the service is well (default /health)"),
};
const volumeName = ruledString(VOLUME_NAME, "name of the folder below /var/lib/atom");
const volumeSize = ruledString(QUANTITY, "bytes that fit, as a Kubernetes quantity: 64Mi");
const autoscaling = {
  enabled: z.boolean().describe("whether pods come and go with the load (default false)"),
  maxReplicas: z.int().min(1).max(100).describe("the most pods, at least replicas (default 5)"),
  targetCpuPercent: z
    .int()
    .min(10)
    .max(100)
    .describe("percent of the requested cpu that is aimed at (default 80)"),
};
const egressRule = strictObject({
  cidr: ruledString(CIDR, "address range, never one that holds metadata addresses: 10.20.0.0/16"),
  ports: z
    .array(z.int().min(1).max(65535).describe("a TCP port"))
    .min(1)
    .max(20)
    .describe("TCP ports, 1 to 20 of them"),
}).describe("addresses that the service may call");
const envName = ruledString(ENV_NAME, "name of a variable that the chart does not set itself");
const envValue = ruledString(
  ENV_VALUE,
  `text of at most ${LONGEST_ENV_BYTES} bytes, never a secret`,
  envValueBytesProblem,
);
const labelKey = ruledString(
  LABEL_KEY,
  "key of a label that neither Kubernetes nor the chart keeps",
);
const labelValue = ruledString(LABEL_VALUE, "value of the label, at most 63 characters");

const fields = {
  enabled: z.boolean().describe("whether the service runs at all (default true)"),
  image: ruledString(IMAGE_NAME, "name of an image in the fleet's image list (required)"),
  replicas: z
    .int()
    .min(1)
    .max(100)
    .describe("pods, and the fewest pods where autoscaling is enabled (default 1)"),
  port: z
    .int()
    .min(1024)
    .max(65535)
    .describe("port where the service listens for HTTP, its probes included (required)"),
  metricsPort: z
    .int()
    .min(1024)
    .max(65535)
    .describe("port where the service serves /metrics, not that for HTTP (default 9090)"),
  secrets: z
    .array(ruledString(SECRET_PATH, "path below tenants/<tenant>/: database"))
    .max(50)
    .describe("secrets that the pods find as files (default none)"),
  egress: z
    .array(egressRule)
    .max(50)
    .describe("addresses outside the namespace that the service may call (default none)"),
};
const about = {
  resources: "what one container asks for, and what it uses at most",
  env: "environment variables (default none)",
  labels: "further labels of the pods (default none)",
  probes: "how Kubernetes asks whether the service is well",
  volumes: "folders to write to, a pod's own, by name (default none)",
  ingress: "the public address <service>.<tenant>.<domain>",
  autoscaling: "how the number of pods follows the load",
};

const CONTRADICTIONS = SERVICE_CONTRADICTIONS.map(({ path, when, message }) => ({
  path,
  holds: compileCondition(when),
  message: compileTemplate(message),
}));

/** A service as a layer may write it. */
export const serviceLayerSchema = strictObject({
  ...partly(fields),
  resources: strictObject({
    requests: strictObject(partly(amounts)).describe(requests).nullable().optional(),
    limits: strictObject(partly(amounts)).describe(limits).nullable().optional(),
  })
    .describe(about.resources)
    .nullable()
    .optional(),
  env: z.record(envName, envValue.nullable()).describe(about.env).nullable().optional(),
  labels: z.record(labelKey, labelValue.nullable()).describe(about.labels).nullable().optional(),
  probes: strictObject(partly(probes)).describe(about.probes).nullable().optional(),
  volumes: z
    .record(volumeName, volumeSize.nullable())
    .describe(about.volumes)
    .nullable()
    .optional(),
  ingress: strictObject(partly(ingress)).describe(about.ingress).nullable().optional(),
  autoscaling: strictObject(partly(autoscaling)).describe(about.autoscaling).nullable().optional(),
}).describe("a service: any part of it, null for what is to be as if no lower layer had said it");

/** A service with every field set, checked as a whole. */
export const serviceValuesSchema: z.ZodType<ServiceValues> = strictObject({
  ...fields,
  resources: strictObject({
    requests: strictObject(amounts).describe(requests),
    limits: strictObject(amounts).describe(limits),
  }).describe(about.resources),
  env: z.record(envName, envValue).describe(about.env),
  labels: z.record(labelKey, labelValue).describe(about.labels),
  probes: strictObject(probes).describe(about.probes),
  volumes: z.record(volumeName, volumeSize).describe(about.volumes),
  ingress: strictObject(ingress).describe(about.ingress),
  autoscaling: strictObject(autoscaling).describe(about.autoscaling),
})
  .superRefine((service, context) => {
    const scope = scopeOf({ service });
    for (const { path, holds, message } of CONTRADICTIONS) {
      if (holds(scope)) {
        context.addIssue({ code: "custom", path: [...path], message: message(scope) as string });
      }
    }
  })
  .describe("a service");

/** Fields of which each may be missing, or null. */
function partly<Shape extends Record<string, z.ZodType>>(
  shape: Shape,
): { [K in keyof Shape]: z.ZodOptional<z.ZodNullable<Shape[K]>> } {
  return Object.fromEntries(
    Object.entries(shape).map(([name, field]) => [name, field.nullable().optional()]),
  ) as { [K in keyof Shape]: z.ZodOptional<z.ZodNullable<Shape[K]>> };
}
