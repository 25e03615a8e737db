import { z } from "zod";

import { isDnsLabel, printable } from "../kubernetes/names";
import { checkedString, strictObject } from "../support/strict-schema";
import { serviceLayerSchema, serviceValuesSchema } from "./service";
import type { ServiceLayer, ServiceValues } from "./service";
import { serviceNameProblem } from "./service-checks";

/** Everything that can be set about a tenant's services. */
export interface ChartValues {
  readonly ingress: {
    /**
     * The cert-manager ClusterIssuer that makes the certificates; without one the Secrets
     * `<service>-tls` have to be there already.
     *
     * @default "atom"
     */
    readonly issuer?: string | undefined;
  };
  /** By name. @default api, console, scheduler, worker */
  readonly services: Readonly<Record<string, ServiceValues>>;
}

/** What one layer (region, tenant or stack) says: any part of {@link ChartValues}; null removes. */
export interface ValuesLayer {
  readonly ingress?: { readonly issuer?: string | null | undefined } | undefined;
  readonly services?: Readonly<Record<string, ServiceLayer>> | undefined;
}

const serviceName = checkedString(serviceNameProblem, { pattern: "^[a-z]([-a-z0-9]*[a-z0-9])?$" });
const issuer = checkedString((name) =>
  isDnsLabel(name) ? undefined : `issuer ${printable(name)} is no name of a ClusterIssuer`,
);

/** The services of one layer: what a fleet file writes under a tenant's `services`. */
export const servicesLayerSchema = z.record(serviceName, serviceLayerSchema);

/** One layer: what a fleet file writes under a region's `values`. */
export const valuesLayerSchema: z.ZodType<ValuesLayer> = strictObject({
  ingress: strictObject({ issuer: issuer.nullable().optional() }).optional(),
  services: servicesLayerSchema.optional(),
});

/** All layers together. */
export const chartValuesSchema: z.ZodType<ChartValues> = strictObject({
  ingress: strictObject({ issuer: issuer.optional() }),
  services: z.record(serviceName, serviceValuesSchema),
});

/**
 * Lays values over each other, the last one on top: maps merge deep, scalars and lists replace, and
 * `null` stays, so that it still removes what lies below when the result is a layer itself. For
 * layers of {@link valuesLayerSchema} this is associative and idempotent.
 */
export function layerValues(...layers: readonly ValuesLayer[]): ValuesLayer {
  return layers.reduce<unknown>(overlay, {}) as ValuesLayer;
}

/** One value over another: maps key by key, anything else replaces. */
export function overlay(below: unknown, above: unknown): unknown {
  if (above === undefined) return below;
  if (!isMap(below) || !isMap(above)) return above;
  // fromEntries and hasOwn: a key such as "constructor" is a key like any other.
  const keys = new Set([...Object.keys(below), ...Object.keys(above)]);
  return Object.fromEntries(
    [...keys].map((key) => [
      key,
      overlay(
        Object.hasOwn(below, key) ? below[key] : undefined,
        Object.hasOwn(above, key) ? above[key] : undefined,
      ),
    ]),
  );
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
