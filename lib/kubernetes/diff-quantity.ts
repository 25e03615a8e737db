import type { Path, Step } from "./diff-path";
import { isQuantity, parseQuantity } from "./quantity";

/** Maps whose values are quantities, by the name of the field that holds them. */
const MAPS = ["requests", "limits", "hard", "capacity", "default", "defaultRequest", "max", "min"];
/** Fields that are quantities themselves. */
const FIELDS = ["sizeLimit", "averageValue"];
/** Where keys and texts are the user's own. */
const FREE = ["data", "binaryData", "stringData", "metadata"];

/**
 * Whether the field at a path of an object is a quantity, which an API server writes in its own way.
 * Source: the uses of resource.Quantity in k8s.io/api.
 */
export function isQuantityPlace(path: Path): boolean {
  if (path.some((step) => typeof step === "string" && FREE.includes(step))) return false;
  const [above, field] = path.slice(-2);
  return isOneOf(FIELDS, field) || (isOneOf(MAPS, above) && typeof field === "string");
}

function isOneOf(names: readonly string[], step: Step | undefined): boolean {
  return typeof step === "string" && names.includes(step);
}

/** Whether two values are quantities worth the same: `1000m` and `1`, `1Gi` and `1024Mi`. */
export function sameQuantity(before: unknown, after: unknown): boolean {
  const [old, now] = [worth(before), worth(after)];
  return old !== undefined && old === now;
}

function worth(value: unknown): number | undefined {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && isQuantity(text) ? parseQuantity(text) : undefined;
}
