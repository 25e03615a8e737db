import { isDigest } from "../../support/digest";
import { defineRule } from "../evaluation/rule";
import { listOf } from "../reading/shape";
import { playbooks } from "../subjects/fact-subjects";

const DRY_RUN = ["--check", "--diff"];

/** A playbook only previews, unless somebody confirmed exactly this plan. */
export const p3Rule1 = defineRule({
  id: "P3-1",
  policy: "P3",
  severity: "critical",
  title: "every playbook runs with --check --diff, or its plan was confirmed by hash",
  why: "Ansible applies by default; a run that nobody looked at changes machines",
  remediation:
    "pass --check and --diff, or apply with the hash that the last preview of this plan printed; run a playbook of your own with atom playbook, and hand a command what is not known yet in its environment or stdin",
  source: "ansible/ansible#80582: Ansible has no switch that makes check mode the default",
  subjects: playbooks,
  check({ fact }, report) {
    const missing = missingFlags(listOf(fact.argv));
    if (missing.length === 0) return;
    // Two empty hashes are equal and confirm nothing.
    if (isDigest(fact.planHash) && fact.confirmed === fact.planHash) return;
    const confirmation =
      fact.confirmed === undefined
        ? "no plan was confirmed"
        : "what was confirmed is not this plan's hash";
    report(".argv", `lacks ${missing.join(" and ")}, and ${confirmation}`);
  },
});

function missingFlags(argv: readonly unknown[]): string[] {
  // What follows "--" are no flags to Ansible.
  const end = argv.indexOf("--");
  const flags = end < 0 ? argv : argv.slice(0, end);
  return DRY_RUN.filter((flag) => !flags.includes(flag));
}
