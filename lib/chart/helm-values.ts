import { tenantNamespace } from "../kubernetes/names";
import type { KubernetesObject } from "../kubernetes/object";
import { parseStrict } from "../support/strict-schema";
import { ATOM_RELEASE } from "../support/versions";
import { chartDefaults } from "./defaults";
import { renderChart } from "./render";
import type { ChartInput } from "./render";
import { resolveValues, withoutNulls } from "./resolve-values";
import { isMap, overlay } from "./values";
import { helmValuesSchema } from "./values-schema";

/** What `values.yaml` of the Helm chart holds. */
export const helmDefaults = { release: ATOM_RELEASE, ...chartDefaults };

/**
 * The values with which Helm makes of the chart what {@link renderChart} makes of this input: a document
 * for `helm install --values`.
 */
export function helmValuesOf(input: ChartInput): Record<string, unknown> {
  const { tenant, region, domain, release, vault, images, values } = input;
  const used = new Set(Object.values(values.services).map(({ image }) => image));
  return {
    ...{ tenant, region, domain, release },
    ...(vault === undefined ? {} : { vault }),
    images: Object.fromEntries(Object.entries(images).filter(([name]) => used.has(name))),
    ...(withRemovals(values, chartDefaults) as object),
  };
}

/**
 * What Helm makes of the chart with these values, in process.
 *
 * @param document what a user gives to Helm beside the chart's own values.
 * @throws UsageError with every problem of the values.
 */
export function renderHelmValues(document: unknown): KubernetesObject[] {
  const whole = withoutNulls(overlay(helmDefaults, document));
  const checked = parseStrict(helmValuesSchema, whole, "values");
  const { tenant, region, domain, release, vault, images, ingress, services } = checked;
  return renderChart({
    ...{ tenant, region, domain, release, images },
    namespace: tenantNamespace(tenant),
    ...(vault ? { vault } : {}),
    values: resolveValues({ stack: { ingress, services } }, { ingress: {}, services: {} }),
  });
}

/** A value with a null for each key that only the other one has, so that it takes the key out. */
function withRemovals(value: unknown, below: unknown): unknown {
  if (!isMap(value) || !isMap(below)) return value;
  const removed = Object.keys(below).filter((key) => !Object.hasOwn(value, key));
  return Object.fromEntries([
    ...Object.entries(value).map(([key, member]) => [key, withRemovals(member, below[key])]),
    ...removed.map((key) => [key, null]),
  ]) as unknown;
}
