import { tenantNamespace } from "../kubernetes/names";
import type { KubernetesObject } from "../kubernetes/object";
import { parseStrict } from "../support/strict-schema";
import { ATOM_RELEASE } from "../support/versions";
import { chartDefaults } from "./defaults";
import { renderChart } from "./render";
import type { ChartInput } from "./render";
import { resolveValues } from "./resolve-values";
import { isMap } from "./values";
import type { ChartValues } from "./values";
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
    ingress: withRemovals(values.ingress, chartDefaults.ingress),
    services: { ...servicesLeftOut(values), ...values.services },
  };
}

/**
 * What Helm makes of the chart with these values, in process.
 *
 * @param document what a user gives to Helm beside the chart's own values.
 * @throws UsageError with every problem of the values.
 */
export function renderHelmValues(document: unknown): KubernetesObject[] {
  const checked = parseStrict(helmValuesSchema, coalesced(helmDefaults, document), "values");
  const { tenant, region, domain, release, vault, images, ingress, services } = checked;
  return renderChart({
    ...{ tenant, region, domain, release, images },
    namespace: tenantNamespace(tenant),
    ...(vault ? { vault } : {}),
    values: resolveValues({ stack: { ingress, services } }, { ingress: {}, services: {} }),
  });
}

/**
 * A user's values over a chart's, as Helm lays them: a null takes out a key that the chart has, and stays
 * where the chart has none, for the schema to judge.
 * Source: helm.sh/helm/v4/pkg/chart/common/util/coalesce.go
 */
function coalesced(below: unknown, above: unknown): unknown {
  if (!isMap(below) || !isMap(above)) return above;
  const kept = Object.entries(below).filter(([key]) => !Object.hasOwn(above, key));
  const said = Object.entries(above).filter(
    ([key, value]) => value !== null || !Object.hasOwn(below, key),
  );
  return Object.fromEntries([
    ...kept,
    ...said.map(([key, value]) => [
      key,
      Object.hasOwn(below, key) ? coalesced(below[key], value) : value,
    ]),
  ]);
}

/** Services of the chart that these values do not have: a null would not take them out of a subchart. */
function servicesLeftOut({ services }: ChartValues): Record<string, unknown> {
  const names = Object.keys(chartDefaults.services).filter(
    (name) => !Object.hasOwn(services, name),
  );
  return Object.fromEntries(names.map((name) => [name, { enabled: false }]));
}

/** A map with a null for each key that only the other one has, so that it takes the key out. */
function withRemovals(map: object, below: object): object {
  const removed = Object.keys(below).filter((key) => !Object.hasOwn(map, key));
  return { ...map, ...Object.fromEntries(removed.map((key) => [key, null])) };
}
