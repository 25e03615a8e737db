import type { KubernetesObject } from "../kubernetes/object";
import { parseStrict } from "../support/strict-schema";
import type { ChartPlace } from "./chart-service";
import { checkPlace } from "./check-place";
import { ServicesChart } from "./services-chart";
import { chartValuesSchema } from "./values";
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
  const checked = parseStrict(chartValuesSchema, values, "chart values");
  checkPlace(place, checked, images);
  return new ServicesChart({ place, values: checked, images }).toJson() as KubernetesObject[];
}
