import type { Report } from "../evaluation/rule";
import { defineRule } from "../evaluation/rule";
import type { Fields } from "../reading/read";
import { valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import { monitorParts, MONITORS } from "../scraping/monitors";
import { objectsOfKind } from "../subjects/subjects";

/**
 * What a monitor asks for is well-formed and bounded. The annotations' path is P4-1's; an interval
 * that is left out is Prometheus' own.
 */
export const p4Rule3 = defineRule({
  id: "P4-3",
  policy: "P4",
  severity: "medium",
  title:
    "every monitor has a sampleLimit, and endpoints with a path, http or https, and at least 5 s between scrapes",
  why: "one daemon that grows a million series, or is asked every moment, takes everybody's monitoring down",
  remediation:
    'set spec.sampleLimit, begin path with "/" (default /metrics), and use scheme http or https and an interval of 5s or more',
  source: "monitoring.coreos.com/v1 ServiceMonitor and PodMonitor: sampleLimit, endpoints[]",
  inHome: (home) =>
    [...MONITORS.keys()].flatMap((kind) => objectsOfKind(home, kind).flatMap(monitorParts)),
  check({ node, endpoint }, report) {
    if (endpoint === undefined) checkLimit(node.object, report);
    else checkEndpoint(endpoint, report);
  },
});

function checkLimit(monitor: unknown, report: Report): void {
  const limit = valueAt(monitor, "spec", "sampleLimit");
  if (typeof limit === "number" && Number.isInteger(limit) && limit > 0) return;
  report(".spec.sampleLimit", `is ${shown(limit)}; allowed is a number of samples from 1`);
}

function checkEndpoint(endpoint: Fields, report: Report): void {
  const path = valueAt(endpoint, "path") ?? "/metrics";
  if (typeof path !== "string" || !path.startsWith("/")) {
    report(".path", `is ${shown(path)}; allowed is a path such as /metrics`);
  }
  const scheme = valueAt(endpoint, "scheme") ?? "http";
  if (typeof scheme !== "string" || !/^https?$/i.test(scheme)) {
    report(".scheme", `is ${shown(scheme)}; allowed is http or https`);
  }
  const interval = valueAt(endpoint, "interval") ?? "30s";
  const milliseconds = readInterval(interval);
  if (milliseconds === undefined) {
    report(".interval", `is ${shown(interval)}; allowed is a length of time such as 30s`);
  } else if (milliseconds < LEAST_MILLISECONDS) {
    report(".interval", `is ${shown(interval)}; at least 5s is allowed`);
  }
}

export const LEAST_MILLISECONDS = 5_000;
export const UNITS = [31_536_000_000, 604_800_000, 86_400_000, 3_600_000, 60_000, 1_000, 1];
/** Source: prometheus/common model.ParseDuration. */
export const INTERVAL =
  /^(?:(\d{1,9})y)?(?:(\d{1,9})w)?(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?$/;

/** Milliseconds in a length of time as Prometheus writes it, such as `1m30s`. */
function readInterval(text: unknown): number | undefined {
  const match = typeof text === "string" && text !== "" ? INTERVAL.exec(text) : null;
  return match?.slice(1).reduce((sum, amount, at) => sum + Number(amount ?? 0) * UNITS[at]!, 0);
}
