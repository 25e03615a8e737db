import { createHash } from "node:crypto";
import type { PolicyId } from "../policy/evaluation/rule";
import { POLICIES, POLICY_TITLES } from "../policy/evaluation/rule";
import type { ClusterAudit, Outcome, PolicyCell } from "../policy/matrix";
import { oneLine } from "../support/one-line";
import { uuidOf } from "../support/uuid";
import { findingsOf, rulePage, waiverText } from "./audit-report";
import type { AuditReport, PlacedFinding } from "./audit-report";
import { jsonPieces } from "./json-pieces";
import { count } from "./markdown";

const OSCAL_VERSION = "1.1.3";
/** Of the UUIDs that an audit makes. Chosen once, at random. */
const NAMESPACE = "5d7d0c0b-3f2e-4c3a-9f64-6d6e0a5c8b11";
/** Of the properties' names, which are none of NIST's own. */
const PROPERTIES = "https://atom.cloud/ns/oscal";

/**
 * An audit in the shape of OSCAL assessment results (NIST, 1.1): one result a cluster, with P1 to P7 as its
 * controls. A control is satisfied if its rules looked at something and every finding is waived. UUIDs
 * are made of the content: the same audit gives the same bytes. Observations are made while they are asked
 * for, once.
 */
export function oscalResults(report: AuditReport): unknown {
  const { matrix, version } = report;
  const date = report.date.toISOString();
  const uuid = uuidOf(NAMESPACE, contentHash({ matrix, date, version }));
  const rules = uuidOf(uuid, "rules");
  return {
    "assessment-results": {
      uuid,
      metadata: {
        title: "Audit of P1 to P7",
        "last-modified": date,
        version,
        "oscal-version": OSCAL_VERSION,
      },
      "import-ap": { href: `#${rules}` },
      results: matrix.clusters.map((cluster) => new ClusterResult(report, uuid, cluster).result()),
      "back-matter": {
        resources: [
          {
            uuid: rules,
            title: "The rules of P1 to P7",
            rlinks: [{ href: "docs/rules.md", "media-type": "text/markdown" }],
          },
        ],
      },
    },
  };
}

/** A matrix is the same bytes for the same audit as it is. */
function contentHash(content: object): string {
  const hash = createHash("sha256");
  for (const piece of jsonPieces(content)) hash.update(piece);
  return hash.digest("hex");
}

interface Observation {
  readonly uuid: string;
  readonly policy: PolicyId;
  readonly content: () => object;
}

class ClusterResult {
  readonly #report: AuditReport;
  readonly #cluster: ClusterAudit;
  readonly #date: string;
  readonly #uuid: string;
  readonly #component: string;

  constructor(report: AuditReport, document: string, cluster: ClusterAudit) {
    this.#report = report;
    this.#cluster = cluster;
    this.#date = report.date.toISOString();
    this.#uuid = uuidOf(document, `cluster ${cluster.cluster}`);
    this.#component = uuidOf(this.#uuid, "component");
  }

  result(): object {
    const title = oneLine(`Cluster ${this.#cluster.cluster}`);
    const observations = [...this.#ruleObservations(), ...this.#findingObservations()];
    return {
      uuid: this.#uuid,
      title,
      description: "What the rules of P1 to P7 found in the cluster's objects.",
      start: this.#date,
      "local-definitions": {
        components: [
          {
            uuid: this.#component,
            type: "service",
            title,
            description: "A Kubernetes cluster with its platform and its tenants.",
            status: { state: "operational" },
          },
        ],
      },
      "reviewed-controls": {
        "control-selections": [
          { "include-controls": POLICIES.map((policy) => ({ "control-id": policy })) },
        ],
      },
      ...(observations.length === 0 ? {} : { observations: contentOf(observations) }),
      findings: POLICIES.map((policy) => this.#finding(policy, observations)),
    };
  }

  #finding(policy: PolicyId, observations: readonly Observation[]): object {
    const cell = this.#cluster.cells[policy];
    const own = observations.filter((observation) => observation.policy === policy);
    return {
      uuid: uuidOf(this.#uuid, policy),
      title: `${policy}: ${POLICY_TITLES[policy]}`,
      description: describeCell(cell),
      target: {
        type: "objective-id",
        "target-id": policy,
        status: STATUS[cell.outcome],
        ...(cell.outcome === "not applicable"
          ? { "implementation-status": { state: "not-applicable" } }
          : {}),
      },
      ...(own.length === 0
        ? {}
        : { "related-observations": own.map(({ uuid }) => ({ "observation-uuid": uuid })) }),
    };
  }

  /** That a rule looked, also where it found nothing. */
  #ruleObservations(): Observation[] {
    return POLICIES.flatMap((policy) =>
      this.#cluster.cells[policy].rules
        .filter(({ examined, violations }) => examined + violations > 0)
        .map(({ id, title, examined, violations, waived }) => ({
          uuid: uuidOf(this.#uuid, id),
          policy,
          content: () =>
            this.#observation(`${id}: ${title}`, `${count(examined, "thing")} looked at.`, {
              rule: id,
              examined,
              violations,
              waived,
            }),
        })),
    );
  }

  #findingObservations(): Observation[] {
    const seen = new Map<string, number>();
    return findingsOf(this.#report)
      .filter(({ cluster }) => cluster === this.#cluster.cluster)
      .map((finding) => {
        const what = [finding.rule, finding.object, finding.field].join("\n");
        const which = (seen.get(what) ?? 0) + 1;
        seen.set(what, which);
        const uuid = uuidOf(this.#uuid, `${what}\n${which}`);
        return { uuid, policy: finding.policy, content: () => this.#foundAt(finding) };
      });
  }

  #foundAt(finding: PlacedFinding): object {
    const { rule, severity, cause, tenant, object, field, message, remediation } = finding;
    const [place] = this.#report.placesOf(finding);
    const waiver = waiverText(finding);
    return {
      ...this.#observation(`${rule}: ${object}`, `${message}.`, {
        rule,
        severity,
        cause,
        tenant,
        object,
        field,
        file: place?.file,
        line: place?.first,
        waiver,
      }),
      remarks: oneLine(`To mend it: ${remediation} (${rulePage(rule)}).`),
    };
  }

  #observation(title: string, description: string, properties: Properties): object {
    return {
      title: oneLine(title),
      description: oneLine(description),
      props: Object.entries(properties).flatMap(([name, value]) => property(name, value)),
      methods: ["TEST"],
      subjects: [{ "subject-uuid": this.#component, type: "component" }],
      collected: this.#date,
    };
  }
}

function* contentOf(observations: readonly Observation[]): Generator<object> {
  for (const { uuid, content } of observations) yield { uuid, ...content() };
}

type Properties = Readonly<Record<string, string | number | undefined>>;

/** A property's value may be neither empty nor begin or end with a blank. */
function property(name: string, value: string | number | undefined): object[] {
  const text = oneLine(String(value ?? "")).trim();
  return text === "" ? [] : [{ name, ns: PROPERTIES, value: text }];
}

const STATUS: Readonly<Record<Outcome, object>> = {
  pass: { state: "satisfied", reason: "pass" },
  violation: { state: "not-satisfied", reason: "fail" },
  "not applicable": {
    state: "not-satisfied",
    reason: "other",
    remarks: "No rule had anything to look at, which is no pass.",
  },
};

function describeCell({ rules }: PolicyCell): string {
  const sum = (key: "examined" | "violations" | "waived") =>
    rules.reduce((total, rule) => total + rule[key], 0);
  return `${count(sum("examined"), "thing")} looked at, ${count(sum("violations"), "violation")}, ${sum("waived")} waived.`;
}
