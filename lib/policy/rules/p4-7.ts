import { looksSecret } from "../../support/secret-text";
import { defineRule } from "../evaluation/rule";
import { shown } from "../reading/shown";
import { MOST_BYTES, readExposition } from "../scraping/exposition-format";
import type { Exposition, ExpositionFormat, MetricFamily } from "../scraping/exposition-format";
import { namesSecret } from "../scraping/secret-looking";
import { scrapes } from "../subjects/fact-subjects";

/** What a monitor of ours takes of one daemon, and a tenth of that for one metric. */
const MOST_SAMPLES = 10_000;
const MOST_SERIES = 1_000;
/** Of the faults that a daemon repeats in every line. */
const MOST_FAULTS = 10;

/** A daemon was asked for its metrics, and what it answered is what Prometheus expects. */
export const p4Rule7 = defineRule({
  id: "P4-7",
  policy: "P4",
  severity: "medium",
  title:
    "every daemon of the platform answers a scrape with well-formed metrics, few and without secrets",
  why: "one line that Prometheus cannot read costs it all of them, a label without an end its memory, and a secret in a label is told to everybody who may look",
  remediation:
    "serve /metrics with a client library, as text/plain; version=0.0.4 or application/openmetrics-text; end counters in _total, give each metric one HELP and one TYPE, and label by what there are few of",
  source:
    "prometheus.io/docs/instrumenting/exposition_formats; OpenMetrics 1.0; promtool check metrics; prometheus.io/docs/practices/naming",
  subjects: scrapes,
  check({ fact: { status, contentType, body } }, report) {
    if (status !== 200) {
      report(
        ".status",
        status === undefined ? "nothing answered" : `is ${shown(status)}; allowed is 200`,
      );
      return;
    }
    const format = formatOf(contentType);
    if (format === undefined) {
      const allowed = "text/plain; version=0.0.4 and application/openmetrics-text";
      report(".contentType", `is ${shown(contentType)}; allowed are ${allowed}`);
    }
    if (typeof body !== "string" || body.length > MOST_BYTES) {
      report(".body", `is no text of at most ${MOST_BYTES} bytes`);
      return;
    }
    const faults = faultsOf(readExposition(body, format ?? "text"), format ?? "text");
    for (const fault of faults.slice(0, MOST_FAULTS)) report(".body", fault);
    if (faults.length > MOST_FAULTS)
      report(".body", `has ${faults.length - MOST_FAULTS} more faults`);
  },
});

function formatOf(contentType: unknown): ExpositionFormat | undefined {
  if (typeof contentType !== "string") return undefined;
  const [type, ...parameters] = contentType
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const version = parameters.find((parameter) => parameter.startsWith("version="))?.slice(8);
  if (type === "text/plain" && version === "0.0.4") return "text";
  const isOpen = type === "application/openmetrics-text";
  return isOpen && /^(0\.0\.1|1\.0\.\d)$/.test(version ?? "") ? "openmetrics" : undefined;
}

function faultsOf(exposition: Exposition, format: ExpositionFormat): string[] {
  const { families, samples, faults } = exposition;
  return [
    ...faults.map(({ line, message }) => `line ${line} ${message}`),
    ...(samples.length === 0 ? ["has no sample"] : []),
    ...(samples.length > MOST_SAMPLES
      ? [`has ${samples.length} samples; at most ${MOST_SAMPLES} are allowed`]
      : []),
    ...[...families].flatMap(([name, family]) => familyFaults(name, family, format)),
    ...labelFaults(samples),
  ];
}

function familyFaults(name: string, family: MetricFamily, format: ExpositionFormat): string[] {
  const { type, hasHelp, series } = family;
  // In OpenMetrics the ending is the sample's, and the reader has no other for a counter's.
  const endsInTotal = name.endsWith("_total");
  const isMisnamed = format === "text" ? (type === "counter") !== endsInTotal : endsInTotal;
  const ending = type === "counter" && format === "text" ? "does not end" : "ends";
  return [
    ...(hasHelp ? [] : [`${name} has no HELP`]),
    ...(type === undefined ? [`${name} has no TYPE`] : []),
    ...(type !== undefined && isMisnamed ? [`${name} is a ${type} and ${ending} in _total`] : []),
    ...(series > MOST_SERIES
      ? [`${name} has ${series} series; at most ${MOST_SERIES} are allowed`]
      : []),
  ];
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

/** Once a label of a metric: what is wrong with it stands in every series. */
function labelFaults(samples: Exposition["samples"]): string[] {
  const faults = new Map<string, string>();
  for (const { name, labels } of samples) {
    for (const [label, value] of labels) {
      const fault = labelFault(label, value);
      if (fault !== undefined) faults.set(`${name} ${label}`, `label ${label} of ${name} ${fault}`);
    }
  }
  return [...faults.values()];
}

function labelFault(label: string, value: string): string | undefined {
  if (namesSecret(label)) return "is called like a secret";
  if (looksSecret(value)) return "looks like a secret";
  return UUID.test(value) ? "has a UUID in it, of which there is no end" : undefined;
}
