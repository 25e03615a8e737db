import { z } from "zod";

import { strictObject } from "../support/strict-schema";
import { ruledString } from "../support/string-rule";
import { serviceLayerSchema, serviceValuesSchema } from "./service-schema";
import { ISSUER, SERVICE_NAME } from "./service-rules";
import type { ChartValues, ValuesLayer } from "./values";

/** A service's name. */
export const serviceName = ruledString(
  SERVICE_NAME,
  "name of a service, an RFC 1035 label; its objects bear it",
);
const issuer = ruledString(
  ISSUER,
  "cert-manager ClusterIssuer that makes the certificates (default atom); without one the Secrets <service>-tls have to be there already",
);
const ABOUT_INGRESS = "what holds for the public addresses of all services";
const ABOUT_SERVICES = "the services by name";

/** What a layer says of the public addresses of all services. */
export const ingressLayerSchema = strictObject({ issuer: issuer.nullable().optional() })
  .describe(ABOUT_INGRESS)
  .nullable();

/** The services of one layer: what a fleet file writes under a tenant's `services`. */
export const servicesLayerSchema = z
  .record(serviceName, serviceLayerSchema.nullable())
  .describe(ABOUT_SERVICES);

/** One layer: what a fleet file writes under a region's `values`. */
export const valuesLayerSchema: z.ZodType<ValuesLayer> = strictObject({
  ingress: ingressLayerSchema.optional(),
  services: servicesLayerSchema.optional(),
});

/** All layers together. */
export const chartValuesSchema: z.ZodType<ChartValues> = strictObject({
  ingress: strictObject({ issuer: issuer.optional() }).describe(ABOUT_INGRESS),
  services: z.record(serviceName, serviceValuesSchema).describe(ABOUT_SERVICES),
});
