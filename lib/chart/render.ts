import type { KubernetesObject } from "../kubernetes/object";
import { parseStrict } from "../support/strict-schema";
import type { ChartPlace, PlacedValues } from "./chart-service";
import { checkPlace } from "./check-place";
import { synthesizeServices } from "./services-chart";
import { compileCondition, compileTemplate, scopeOf } from "./template/instantiate";
import type { Instantiate, Scope } from "./template/instantiate";
import { isResolved } from "./resolve-values";
import { chartValuesSchema } from "./chart-values-schema";
import type { ChartValues } from "./values";

export interface ChartInput extends ChartPlace {
  /** From {@link resolveValues}. */
  readonly values: ChartValues;
  /** Repository and digest of each image, by its name in the fleet's image list. */
  readonly images: Readonly<Record<string, string>>;
}

/**
 * The objects of a tenant's services as plain data, in the order in which a cluster needs them:
 * ServiceAccounts and NetworkPolicies, ConfigMaps and SecretProviderClasses, Deployments, Services,
 * PodDisruptionBudgets and HorizontalPodAutoscalers, Ingresses. The Namespace is the tenant's.
 *
 * @throws UsageError with every problem of the input, before anything is rendered.
 */
export function renderChart({ values, images, ...place }: ChartInput): KubernetesObject[] {
  const checked = isResolved(values)
    ? values
    : parseStrict(chartValuesSchema, values, "chart values");
  checkPlace(place, checked, images);
  return renderServices({ ...place, ...checked, images });
}

/** What {@link renderChart} makes of input that was checked. */
function renderServices(values: PlacedValues): KubernetesObject[] {
  // By name, so that the order in which layers name services shows nowhere.
  const scopes = Object.entries(values.services)
    .filter(([, { enabled }]) => enabled)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, service]) => scopeOf({ values, name, service }));
  return objectTemplates().flatMap(({ isMade, instantiate }) =>
    scopes.filter(isMade).map((scope) => instantiate(scope) as KubernetesObject),
  );
}

interface CompiledObject {
  readonly isMade: (scope: Scope) => boolean;
  readonly instantiate: Instantiate;
}

function objectTemplates(): readonly CompiledObject[] {
  compiled ??= synthesizeServices().map(({ object, condition }) => ({
    isMade: compileCondition(condition),
    instantiate: compileTemplate(object),
  }));
  return compiled;
}

let compiled: readonly CompiledObject[] | undefined;
