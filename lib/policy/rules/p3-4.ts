import type { Report } from "../evaluation/rule";
import { defineRule } from "../evaluation/rule";
import { isFalse, isTrue } from "../playbooks/ansible-boolean";
import { playbookDocuments } from "../playbooks/playbook-documents";
import { secretIn } from "../playbooks/playbook-secrets";
import type { PlaybookTask } from "../playbooks/playbook-tasks";
import { playbookTasks } from "../playbooks/playbook-tasks";
import { walkPlaybook } from "../playbooks/playbook-walk";
import { shown } from "../reading/shown";
import { UndecidedError } from "../reading/unknown";

/** What a task does with a secret is neither logged nor shown as a difference. */
export const p3Rule4 = defineRule({
  id: "P3-4",
  policy: "P3",
  severity: "high",
  title: "every task that touches a secret has no_log: true and diff: false",
  why: "a preview prints what a task would write, and a log keeps it: a secret in it is everybody's",
  remediation: "set no_log: true and diff: false on the task, or on its block or play",
  source: "ansible-lint no-log-password; ansible/ansible#6581, #22505, #10194, #18184",
  subjects: playbookDocuments,
  check({ document }, report) {
    const { tasks, failure } = playbookTasks(document, ".document");
    for (const task of tasks) if (!task.isBlock) checkTask(task, report);
    if (failure !== undefined) throw failure;
    // A value that is not known may be a secret.
    const [unknown] = walkPlaybook(document, ".document").unknown;
    if (unknown !== undefined) throw new UndecidedError(unknown.slice(1));
  },
});

function checkTask(task: PlaybookTask, report: Report): void {
  const { no_log: noLog, diff } = task.keywords;
  if (isTrue(noLog) && isFalse(diff)) return;
  const name = secretIn(task);
  if (name === undefined) return;
  const touches = `in a task that touches ${shown(name)}`;
  if (!isTrue(noLog))
    report(`${task.path}.no_log`, `is ${shown(noLog)} ${touches}; allowed is true`);
  if (!isFalse(diff)) report(`${task.path}.diff`, `is ${shown(diff)} ${touches}; allowed is false`);
}
