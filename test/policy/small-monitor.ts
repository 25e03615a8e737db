import { AT, graphWithObject } from "./small-objects";

export const MONITOR = "ServiceMonitor tenant-acme/store";

/** The small graph with some fields of its monitor's spec changed. */
export function withSpec(fields: Record<string, unknown>) {
  return graphWithObject(AT.serviceMonitor, (object) => {
    object["spec"] = { ...object["spec"], ...fields } as never;
  });
}

/** The same with one endpoint, which has these fields besides its port. */
export function withEndpoint(fields: Record<string, unknown>) {
  return withSpec({ endpoints: [{ port: "http-metrics", ...fields }] });
}
