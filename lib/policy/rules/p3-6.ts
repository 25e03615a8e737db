import { isDigest } from "../../support/digest";
import type { Report } from "../evaluation/rule";
import { defineRule } from "../evaluation/rule";
import { listAt, valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import { playbooks } from "../subjects/fact-subjects";

/**
 * What a dry run may write all the same: the plan that `apt-get --simulate` logs. Nothing reads it,
 * and no module can keep apt from it.
 */
const HARMLESS = new Set(["/var/log/apt/eipp.log.xz"]);

/**
 * Check mode is each module's promise. So each playbook was run where it could be watched: twice in
 * check mode, which wrote nothing, and twice for real, of which the second changed nothing.
 */
export const p3Rule6 = defineRule({
  id: "P3-6",
  policy: "P3",
  severity: "medium",
  title:
    "every playbook, as it is, was seen to preview without a write and to change nothing twice",
  why: "a module that writes in check mode turns the preview into the change, and a playbook that always changes something hides what it changed",
  remediation:
    "run a playbook of the package's through its proof again, and commit playbooks/proofs.json; give a playbook of your own, which nobody has watched, a waiver",
  source:
    "molecule idempotence; ansible/ansible#80582; Linux overlayfs: the upper layer is what was written",
  subjects: playbooks,
  check({ fact }, report) {
    const proof: unknown = fact.proof ?? undefined;
    if (proof === undefined) {
      report(".proof", "is not there: nobody has watched what this playbook writes");
      return;
    }
    if (!isDigest(fact.digest) || valueAt(proof, "digest") !== fact.digest) {
      report(".proof.digest", "is that of another playbook, or of this one before it was changed");
    }
    checkPreviews(proof, report);
    checkRuns(proof, report);
  },
});

function checkPreviews(proof: unknown, report: Report): void {
  // Without a list, nobody has looked.
  if (valueAt(proof, "previewWrites") === undefined) report(".proof.previewWrites", "is not set");
  listAt(proof, "previewWrites").forEach((path, at) => {
    if (typeof path === "string" && HARMLESS.has(path)) return;
    report(`.proof.previewWrites[${at}]`, `${shown(path)} was written by a dry run`);
  });
}

function checkRuns(proof: unknown, report: Report): void {
  const [first, second] = listAt(proof, "changed");
  if (typeof first !== "number" || !(first > 0)) {
    report(
      ".proof.changed[0]",
      `is ${shown(first)}: a first run that changes nothing proves nothing`,
    );
  }
  if (second !== 0) {
    report(".proof.changed[1]", `is ${shown(second)}: the second run changed something again`);
  }
}
