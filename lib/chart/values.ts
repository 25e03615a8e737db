import type { ServiceLayer, ServiceValues } from "./service";

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

/**
 * What one layer (region, tenant or stack) says: any part of {@link ChartValues}. Where it says null,
 * it is as if no layer below had said anything; a service that is null is gone.
 */
export interface ValuesLayer {
  readonly ingress?: { readonly issuer?: string | null | undefined } | null | undefined;
  readonly services?: Readonly<Record<string, ServiceLayer | null>> | undefined;
}

/** On a map that a layer wrote over a null: it takes nothing from below, as if it stood at the bottom. */
const ANEW = Symbol("anew");

/**
 * Lays values over each other, the last one on top: maps merge deep, scalars and lists replace, and
 * `null` stays, so that it still removes what lies below when the result is a layer itself. So does
 * a null that a map was written over, which only {@link layerValues} and `resolveValues` can tell:
 * JSON has no word for it. For layers of {@link valuesLayerSchema} this is associative and
 * idempotent.
 */
export function layerValues(...layers: readonly ValuesLayer[]): ValuesLayer {
  return layers.reduce<unknown>(overlay, {}) as ValuesLayer;
}

/** One value over another: maps key by key, anything else replaces. */
export function overlay(below: unknown, above: unknown): unknown {
  if (above === undefined) return below;
  if (!isMap(above) || below === undefined || ANEW in above) return above;
  if (!isMap(below)) return anew({ ...above });
  // fromEntries and hasOwn: a key such as "constructor" is a key like any other.
  const keys = new Set([...Object.keys(below), ...Object.keys(above)]);
  const merged = Object.fromEntries(
    [...keys].map((key) => [
      key,
      overlay(
        Object.hasOwn(below, key) ? below[key] : undefined,
        Object.hasOwn(above, key) ? above[key] : undefined,
      ),
    ]),
  );
  return ANEW in below ? anew(merged) : merged;
}

/** Not enumerable, so that nobody takes the mark for a key of the map. */
function anew(map: object): object {
  return Object.defineProperty(map, ANEW, { value: true });
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
