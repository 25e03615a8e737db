import type { Report } from "../evaluation/rule";
import { defineRule } from "../evaluation/rule";
import { isFalse, isTrue } from "../playbooks/ansible-boolean";
import { playbookDocuments } from "../playbooks/playbook-documents";
import { modulesOf } from "../playbooks/playbook-module";
import type { PlaybookTask } from "../playbooks/playbook-tasks";
import { playbookTasks } from "../playbooks/playbook-tasks";
import { walkPlaybook } from "../playbooks/playbook-walk";
import type { Fields } from "../reading/read";
import { listOf } from "../reading/shape";
import { shown } from "../reading/shown";
import { UndecidedError } from "../reading/unknown";

/** A playbook verifies what it fetches and stops where it fails. */
export const p3Rule5 = defineRule({
  id: "P3-5",
  policy: "P3",
  severity: "high",
  title: "no task turns off verification or ignores its errors, and every block has a rescue",
  why: "what was not verified may be anybody's, and a machine left half changed looks done",
  remediation:
    "remove the switch, fetch by https, trust your own CA or key on the machine instead, and say in a block's rescue how it is left behind",
  source:
    "checkov UriValidateCerts, GetUrlValidateCerts, GetUrlHttpsOnly, AptAllowUnauthenticated, DnfDisableGpgCheck, BlockErrorHandling; ansible-lint ignore-errors",
  subjects: playbookDocuments,
  check({ document }, report) {
    // Everywhere: a variable or a module's defaults turn verification off, too.
    const { maps, unknown } = walkPlaybook(document, ".document");
    for (const { path, map } of maps) checkSwitches(map, path, report);
    const { tasks, failure } = playbookTasks(document, ".document");
    for (const task of tasks) checkTask(task, report);
    if (failure !== undefined) throw failure;
    if (unknown[0] !== undefined) throw new UndecidedError(unknown[0].slice(1));
  },
});

/** Switches that have to be what they are by default, where somebody sets them. */
const SWITCHES = new Map([
  ["validate_certs", true],
  ["gpgcheck", true],
  ["sslverify", true],
  ["disable_gpg_check", false],
  ["allow_unauthenticated", false],
  ["ignore_errors", false],
]);

function checkSwitches(map: Fields, path: string, report: Report): void {
  for (const [key, allowed] of SWITCHES) {
    const value = map[key] ?? undefined;
    if (value === undefined || (allowed ? isTrue(value) : isFalse(value))) continue;
    // A value that is not known yet is reported as such.
    if (typeof value === "symbol") continue;
    report(`${path}.${key}`, `is ${shown(value)}; allowed is ${String(allowed)}`);
  }
}

function checkTask(task: PlaybookTask, report: Report): void {
  if (task.isBlock) {
    if (listOf(task.task["rescue"]).length === 0) report(task.path, "the block has no rescue");
    return;
  }
  for (const { name, key, parameters } of modulesOf(task)) {
    const place = `${task.path}.${key}`;
    // In a map they have been seen.
    if (typeof task.task[key] === "string") checkSwitches(parameters, place, report);
    const { url } = parameters;
    if (FETCHES.has(name) && typeof url === "string" && PLAIN.test(url)) {
      report(place, "fetches without TLS; allowed is https");
    }
  }
}

/** Without TLS, from another machine. */
const PLAIN = /^\s*(http|ftp):\/\/(?!(localhost|127\.0\.0\.1|\[::1\])([:/]|$))/i;
const FETCHES = new Set(["get_url", "uri", "win_get_url", "win_uri"]);
