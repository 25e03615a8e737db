import type { Report } from "../evaluation/rule";
import { defineRule } from "../evaluation/rule";
import { playbookDocuments } from "../playbooks/playbook-documents";
import type { PlaybookModule } from "../playbooks/playbook-module";
import { modulesOf } from "../playbooks/playbook-module";
import type { PlaybookTask } from "../playbooks/playbook-tasks";
import { playbookTasks } from "../playbooks/playbook-tasks";

/** No task runs a command that a preview can say nothing of. */
export const p3Rule3 = defineRule({
  id: "P3-3",
  policy: "P3",
  severity: "high",
  title:
    "every command of a playbook says what it creates or removes, and when it changed something",
  why: "--check skips a command, so what it would do is missing from the preview that somebody confirms",
  remediation:
    "use a module that knows check mode, or give the command creates or removes, and changed_when; raw takes neither",
  source: "ansible-lint no-changed-when, command-instead-of-module; ansible.builtin.command",
  subjects: playbookDocuments,
  check({ document }, report) {
    const { tasks, failure } = playbookTasks(document, ".document");
    for (const task of tasks) {
      for (const module of modulesOf(task)) checkModule(task, module, report);
    }
    if (failure !== undefined) throw failure;
  },
});

/** Run for what their text says, on Linux and on Windows. */
const COMMAND = /^([a-z_]+\.)*(win_)?(command|shell|raw|script|powershell|expect|telnet)$/;

function checkModule({ path, task }: PlaybookTask, module: PlaybookModule, report: Report): void {
  const { name, key, parameters } = module;
  if (name === "" || name.includes("{{")) {
    report(`${path}.${key}`, "names no module that can be known, so it may run any command");
    return;
  }
  if (!COMMAND.test(name)) return;
  const guard = ["creates", "removes"].some((guards) => isPath(parameters[guards]));
  const missing = [
    ...(guard && name !== "raw" ? [] : ["creates or removes"]),
    ...((task["changed_when"] ?? undefined) === undefined ? ["changed_when"] : []),
  ];
  if (missing.length > 0) {
    report(`${path}.${key}`, `cannot be previewed: it lacks ${missing.join(" and ")}`);
  }
}

function isPath(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}
