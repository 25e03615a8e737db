import { MONITORS } from "../scraping/monitors";
import type { AdmissionScope } from "./admission-scope";
import { namespaced } from "./admission-scope";
import { faultIf } from "./cel";
import { resourceOf } from "./resource-of";

/** What tells Prometheus what to scrape in a tenant's namespace. */
export const MONITOR_OBJECTS: AdmissionScope = {
  ...namespaced("monitoring.coreos.com/*", [...MONITORS.keys()].map(resourceOf)),
  variables: {
    endpoints: [...MONITORS.values()]
      .map((field) => `dyn(object).?spec.?${field}.orValue([])`)
      .join(" + "),
  },
};

/** A fault where some endpoint, called `e`, is at fault. */
export function inEndpoints(condition: string, says: string): string {
  return faultIf(`variables.endpoints.exists(e, ${condition})`, says);
}
