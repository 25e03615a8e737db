import { parseStrict } from "../support/strict-schema";
import { chartDefaults, serviceDefaults } from "./defaults";
import { chartValuesSchema, isMap, layerValues, overlay, valuesLayerSchema } from "./values";
import type { ChartValues, ValuesLayer } from "./values";

/** The layers above the chart's defaults, weakest first. */
export interface ValuesLayers {
  readonly region?: ValuesLayer | undefined;
  readonly tenant?: ValuesLayer | undefined;
  readonly stack?: ValuesLayer | undefined;
}

/**
 * The values that hold for one tenant: chart defaults, then region, tenant and stack.
 *
 * @throws UsageError naming the layer and the field of each problem.
 */
export function resolveValues(
  layers: ValuesLayers = {},
  defaults: ChartValues = chartDefaults,
): ChartValues {
  const checked = (["region", "tenant", "stack"] as const).map((name) =>
    parseStrict(valuesLayerSchema, layers[name] ?? {}, "chart values", [name]),
  );
  const { services = {}, ...rest } = layerValues(defaults, ...checked);
  const whole = {
    ...rest,
    services: Object.fromEntries(
      Object.entries(services).map(([name, service]) => [name, overlay(serviceDefaults, service)]),
    ),
  };
  return parseStrict(chartValuesSchema, withoutNulls(whole), "chart values");
}

function withoutNulls(value: unknown): unknown {
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null && member !== undefined)
      .map(([key, member]) => [key, withoutNulls(member)]),
  );
}
