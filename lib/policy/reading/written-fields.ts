import { recordOf } from "./shape";

/**
 * Whether an entry of an object's `managedFields` says that its writer set a field, such as
 * `spec.nodeName`. The scheduler's binding is no such writer: the API server notes none for it.
 * Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
export function hasWritten(entry: unknown, ...path: readonly string[]): boolean {
  let fields = recordOf(entry)["fieldsV1"];
  for (const key of path) fields = recordOf(fields)[`f:${key}`];
  return fields !== undefined;
}
