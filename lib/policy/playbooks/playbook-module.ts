import type { Fields } from "../reading/read";
import { isRecord, recordOf } from "../reading/shape";
import type { PlaybookTask } from "./playbook-tasks";

/** A module that a task runs. */
export interface PlaybookModule {
  /** Without ansible.builtin or ansible.legacy; a template stays as it is. */
  readonly name: string;
  /** The task's key that names it. */
  readonly key: string;
  /** Its parameters, wherever they are written: a map, `key=value` words or the task's `args`. */
  readonly parameters: Fields;
}

/** Keywords of a task that name a module in their value. */
const ACTIONS = ["action", "local_action"];

/** The modules that a task names, of which Ansible takes one. */
export function modulesOf({ task }: PlaybookTask): PlaybookModule[] {
  return Object.keys(task)
    .filter((key) => !KEYWORDS.has(key) && !key.startsWith("with_"))
    .map((key) => {
      return { name: moduleNamed(key, task), key, parameters: parametersOf(task[key], task) };
    });
}

/** The module that a key of a task stands for, without ansible.builtin or ansible.legacy. */
export function moduleNamed(key: string, task: Fields): string {
  if (!ACTIONS.includes(key)) return shortName(key);
  const value = task[key];
  const name = isRecord(value) ? value["module"] : /^\s*(\S*)/.exec(textOf(value))?.[1];
  return shortName(textOf(name));
}

function parametersOf(value: unknown, task: Fields): Fields {
  const own = isRecord(value) ? value : wordsOf(textOf(value));
  return { ...recordOf(task["args"]), ...own };
}

/** `creates=/x` in free text, quoted or not. */
function wordsOf(text: string): Fields {
  const words = text.matchAll(/(?:^|\s)([a-z_]+)=("[^"]*"|'[^']*'|\S*)/g);
  return Object.fromEntries(
    [...words].map(([, key, value]) => [key!, value!.replace(/^["']|["']$/g, "")]),
  );
}

function shortName(name: string): string {
  return name.replace(/^ansible\.(builtin|legacy)\./, "");
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** What a task may say besides its module. Source: docs.ansible.com, playbook keywords of a task. */
const KEYWORDS = new Set(
  `any_errors_fatal args async become become_exe become_flags become_method become_user
  changed_when check_mode collections connection debugger delay delegate_facts delegate_to diff
  environment failed_when ignore_errors ignore_unreachable listen loop loop_control module_defaults
  name no_log notify poll port register remote_user retries run_once tags throttle timeout until
  vars when block rescue always`.split(/\s+/),
);
