/** Kubernetes' IntOrString where it counts pods: `2` or `"25%"`. */
export type IntOrPercent =
  | { readonly unit: "pods"; readonly amount: number }
  | { readonly unit: "percent"; readonly amount: number };

/**
 * Reads a count of pods or a percentage; undefined if a value is neither.
 * Source: k8s.io/apimachinery/pkg/util/intstr, ValidatePositiveIntOrPercent.
 */
export function readIntOrPercent(value: unknown): IntOrPercent | undefined {
  if (typeof value === "number") {
    return Number.isInteger(value) && value >= 0 ? { unit: "pods", amount: value } : undefined;
  }
  if (typeof value !== "string" || !/^[0-9]{1,9}%$/.test(value)) return undefined;
  return { unit: "percent", amount: Number(value.slice(0, -1)) };
}
