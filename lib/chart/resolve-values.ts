import { UsageError } from "../support/problem";
import { checkStrict, parseStrict } from "../support/strict-schema";
import { chartDefaults, serviceDefaults } from "./defaults";
import { isMap, layerValues, overlay } from "./values";
import { chartValuesSchema, valuesLayerSchema } from "./chart-values-schema";
import type { ChartValues } from "./values";
import { placedLayers } from "./values-layers";
import type { Layers } from "./values-layers";

/**
 * The values that hold for one tenant: chart defaults, then region, tenant and stack. Whatever a
 * layer sets to null is as if no layer below had said it, down to the defaults of any service.
 *
 * @throws UsageError naming the layer and the field of each problem.
 */
export function resolveValues(
  layers: Layers = {},
  defaults: ChartValues = chartDefaults,
): ChartValues {
  const placed = placedLayers(layers);
  const problems = placed.flatMap(({ at, layer }) => {
    const result = checkStrict(valuesLayerSchema, layer, at);
    return "problems" in result ? result.problems : [];
  });
  if (problems.length > 0) throw new UsageError("chart values", problems);
  // Not what was parsed: a copy has lost what layerValues knows of nulls.
  const above = placed.map(({ layer }) => layer);
  const said = withoutNulls(layerValues(defaults, ...above)) as Partial<ChartValues>;
  const services = Object.entries(said.services ?? {});
  const whole = {
    ingress: {},
    ...said,
    services: Object.fromEntries(
      services.map(([name, service]) => [name, overlay(serviceDefaults, service)]),
    ),
  };
  const resolved = parseStrict(chartValuesSchema, whole, "chart values");
  RESOLVED.add(deepFreeze(resolved));
  return resolved;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}

/** What was checked once is not checked again by each render. */
const RESOLVED = new WeakSet<ChartValues>();

/** Whether values are what {@link resolveValues} gave. */
export function isResolved(values: ChartValues): boolean {
  return RESOLVED.has(values);
}

/** Without what is null, as if nobody had said it. */
function withoutNulls(value: unknown): unknown {
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null && member !== undefined)
      .map(([key, member]) => [key, withoutNulls(member)]),
  );
}
