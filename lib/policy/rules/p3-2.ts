import type { Report } from "../evaluation/rule";
import { defineRule } from "../evaluation/rule";
import { isFalse, isTrue } from "../playbooks/ansible-boolean";
import { playbookDocuments } from "../playbooks/playbook-documents";
import { moduleNamed } from "../playbooks/playbook-module";
import type { PlaybookMap } from "../playbooks/playbook-walk";
import { walkPlaybook } from "../playbooks/playbook-walk";
import { isRecord, recordOf } from "../reading/shape";
import { UndecidedError } from "../reading/unknown";

/** Nothing in a playbook opts out of check mode. */
export const p3Rule2 = defineRule({
  id: "P3-2",
  policy: "P3",
  severity: "critical",
  title: "no play, block, task or role of a playbook sets check_mode to false",
  why: "such a task changes the machine even under --check",
  remediation:
    "remove check_mode; keep it only on stat, or on a command with changed_when: false and creates, and write imported tasks out",
  source: "docs.ansible.com: Validating tasks, check mode; ansible/ansible pull request 48873",
  subjects: playbookDocuments,
  check({ document }, report) {
    if (Array.isArray(document) && !document.every(isRecord)) {
      report(".document", "is no list of plays");
    }
    const { maps, unknown } = walkPlaybook(document, ".document");
    if (unknown.length === 0 && !Array.isArray(document)) {
      report(".document", "is no list of plays");
    }
    for (const place of maps) {
      checkOptOut(place, report);
      checkForeignTasks(place, report);
    }
    if (unknown[0] !== undefined) throw new UndecidedError(unknown[0].slice(1));
  },
});

function checkOptOut({ path, map }: PlaybookMap, report: Report): void {
  // Without a value the keyword is inherited.
  const state = map["check_mode"] ?? true;
  if (isTrue(state) || isReadOnly(map)) return;
  // What is neither true nor false is a template or a mistake; it may well come out false.
  const found = isFalse(state) ? "is false" : "is not plainly true";
  report(`${path}.check_mode`, `check_mode ${found}`);
}

const FOREIGN = /^(import|include)(_(playbook|tasks|role))?$/;

/** Tasks that come from elsewhere were not looked at, and so may opt out. */
function checkForeignTasks({ path, map }: PlaybookMap, report: Report): void {
  // In a play "roles" is a keyword, elsewhere a variable's name.
  const keys = Object.keys(map).filter(
    (key) => FOREIGN.test(moduleNamed(key, map)) || (key === "roles" && "hosts" in map),
  );
  for (const key of keys) {
    report(
      `${path}.${key}`,
      "reads tasks from another file, which is not part of the audited playbook",
    );
  }
}

/** A task that Ansible may run for real because it only reads. */
function isReadOnly(task: Readonly<Record<string, unknown>>): boolean {
  const module = (name: string): unknown => task[name] ?? task[`ansible.builtin.${name}`];
  if ("block" in task) return false;
  if (module("stat") !== undefined) return true;
  const command = module("command");
  if (command === undefined || !isFalse(task["changed_when"])) return false;
  return [command, task["args"]].some((args) => typeof recordOf(args)["creates"] === "string");
}
