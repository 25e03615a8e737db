import { valueAt } from "../reading/read";
import { UndecidedError } from "../reading/unknown";

/** Source: helm.sh/docs/topics/charts_hooks. */
export const HOOK = "helm.sh/hook";

/** The events of a release at which Helm applies an object, such as `pre-upgrade`; none for most. */
export function hookEvents(object: unknown): readonly string[] {
  const value = valueAt(object, "metadata", "annotations", HOOK);
  if (value === undefined) return [];
  if (typeof value !== "string") {
    throw new UndecidedError(`metadata.annotations["${HOOK}"]`, "helm.sh/hook is no text");
  }
  return value.split(",").map((event) => event.trim());
}
