import type { KubernetesObject } from "../../../lib/kubernetes/object";
import type { PodTemplate } from "../../../lib/kubernetes/pod-template";
import { violationsOf } from "../../../lib/policy/evaluation/evaluate";
import { objectNode, ResourceGraph } from "../../../lib/policy/graph/graph";
import { podSecurityViolations } from "../../../lib/policy/pod-security/violations";
import { P1_RULES } from "../../../lib/policy/rules/p1";
import { CHECKS } from "./admission";
import type { Standard, Verdict } from "./admission";

/** Our rules that follow the standards. */
const RULES = P1_RULES.filter(({ id }) => /^P1-(POD-[1-7]|NS-2)$/.test(id));

/** What came out of a comparison, check by check. */
export class Tally {
  compared = 0;
  readonly disagreements: object[] = [];
  /** What the API server refused for another reason, in its words. */
  readonly refused: string[] = [];
  readonly #broken = new Map<string, number>();

  compare(standard: Standard, pod: PodTemplate, theirs: Verdict, object: object): void {
    const { checks, words } = theirs;
    if (checks === undefined) {
      this.refused.push(words);
      return;
    }
    this.compared += 1;
    for (const check of checks) this.#broken.set(check, (this.#broken.get(check) ?? 0) + 1);
    const violations = podSecurityViolations(pod, standard);
    const ours = [...new Set(violations.map(({ check }) => asReason(check)))].sort();
    if (JSON.stringify(ours) === JSON.stringify(checks)) return;
    this.disagreements.push({ standard, ours, theirs: checks, words, object });
  }

  /**
   * Our rules hold a pod to what its namespace pins and to the newest version, so they find something
   * where PodSecurity does at either.
   */
  compareRules(minor: number, object: KubernetesObject, verdicts: readonly Verdict[]): void {
    if (verdicts.some(({ checks }) => checks === undefined)) return;
    this.compared += 1;
    const theirs = verdicts.flatMap(({ words }) => (words === "" ? [] : [words]));
    const found = violationsOf(graphOf(minor, object), RULES);
    const ours = found.map(({ rule, field, message }) => `${rule} ${field}: ${message}`);
    if (ours.length > 0 === theirs.length > 0) return;
    this.disagreements.push({ pinned: minor, ours, theirs, object });
  }

  /** The checks that no pod broke: nothing is known of them then. */
  get unbroken(): string[] {
    return CHECKS.filter((check) => !this.#broken.has(check));
  }

  print(what: string): void {
    const lines = [
      `${what}: ${this.compared} comparisons, ${this.disagreements.length} disagreements`,
      `  refused for other reasons: ${this.refused.length}`,
      ...[...this.#broken].sort().map(([check, count]) => `  ${check}: broken ${count} times`),
    ];
    process.stderr.write(`${lines.join("\n")}\n`);
  }
}

/** What PodSecurity's words tell apart: of two levels of one check, some have the same name. */
function asReason(check: string): string {
  return check.replace(/^(procMount|seccompProfile)_.*$/, "$1");
}

function graphOf(minor: number, object: KubernetesObject): ResourceGraph {
  const scope = { cluster: "bed" };
  const name = "ns";
  const labels = { "pod-security.kubernetes.io/enforce-version": `v1.${minor}` };
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
  const inside = { ...object, metadata: { ...object.metadata, namespace: name } };
  return new ResourceGraph({ objects: [namespace, inside].map((each) => objectNode(each, scope)) });
}
