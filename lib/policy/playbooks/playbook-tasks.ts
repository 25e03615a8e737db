import { MalformedError } from "../reading/read";
import type { Fields } from "../reading/read";
import { isRecord } from "../reading/shape";
import { UndecidedError, UNKNOWN } from "../reading/unknown";

/** A task or a block of a playbook, with what it inherits. */
export interface PlaybookTask {
  /** `.document[0].tasks[2]` */
  readonly path: string;
  readonly task: Fields;
  readonly isBlock: boolean;
  /** The keywords of {@link INHERITED} as they hold for the task: its own, else the nearest block's. */
  readonly keywords: Fields;
}

export interface PlaybookTasks {
  readonly tasks: readonly PlaybookTask[];
  /** Set where some part could not be looked into; to be thrown after what was found is reported. */
  readonly failure?: Error;
}

/** Keywords that a task takes over from its blocks and its play. Source: ansible playbook keywords. */
const INHERITED = ["no_log", "diff", "ignore_errors"];
const PLAY_SECTIONS = ["pre_tasks", "tasks", "post_tasks", "handlers"];
const BLOCK_SECTIONS = ["block", "rescue", "always"];

interface Open {
  readonly value: unknown;
  readonly path: string;
  readonly keywords: Fields;
  readonly sections: readonly string[];
}

/**
 * The tasks of a parsed playbook in document order, blocks before what is in them. Iterative, and
 * each node once for each set of inherited keywords: depth and aliases of aliases cost nothing.
 * What an import or a role brings is not among them; P3-2 reports those.
 */
export function playbookTasks(document: unknown, root: string): PlaybookTasks {
  const tasks: PlaybookTask[] = [];
  const failures: Error[] = [];
  const seen = new Map<object, Set<string>>();
  const open: Open[] = [];
  const push = (list: unknown, path: string, keywords: Fields, sections: readonly string[]) => {
    if (list === undefined || (list === null && path !== root)) return;
    if (!Array.isArray(list)) {
      failures.push(failureAt(list, path, "is no list"));
      return;
    }
    const members = list.map((value: unknown, index) => {
      return { value, path: `${path}[${index}]`, keywords, sections };
    });
    open.push(...members.reverse());
  };

  push(document, root, {}, PLAY_SECTIONS);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path, sections } = next;
    if (!isRecord(value)) {
      failures.push(failureAt(value, path, "is no object"));
      continue;
    }
    const keywords = inherit(next.keywords, value);
    if (!isNew(seen, value, keywords)) continue;
    const isBlock = sections === BLOCK_SECTIONS && "block" in value;
    if (sections === BLOCK_SECTIONS) tasks.push({ path, task: value, isBlock, keywords });
    if (sections === BLOCK_SECTIONS && !isBlock) continue;
    for (const section of [...sections].reverse()) {
      push(value[section], `${path}.${section}`, keywords, BLOCK_SECTIONS);
    }
  }
  return { tasks, ...(failures[0] === undefined ? {} : { failure: failures[0] }) };
}

function inherit(from: Fields, own: Fields): Fields {
  const set = INHERITED.filter((key) => (own[key] ?? undefined) !== undefined);
  return set.length === 0 ? from : { ...from, ...Object.fromEntries(set.map((k) => [k, own[k]])) };
}

function isNew(seen: Map<object, Set<string>>, node: object, keywords: Fields): boolean {
  const states = seen.get(node) ?? new Set<string>();
  const state = INHERITED.map((key) => String(keywords[key])).join("\n");
  if (states.has(state)) return false;
  seen.set(node, states.add(state));
  return true;
}

function failureAt(value: unknown, path: string, reason: string): Error {
  return value === UNKNOWN ? new UndecidedError(path.slice(1)) : new MalformedError(path, reason);
}
