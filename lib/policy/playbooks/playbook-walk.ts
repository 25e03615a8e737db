import { UNKNOWN } from "../reading/unknown";

/** One map somewhere in a parsed playbook: a play, a block, a task, a role, some vars. */
export interface PlaybookMap {
  /** `.document[0].tasks[2]` */
  readonly path: string;
  readonly map: Readonly<Record<string, unknown>>;
}

/** Everything in a playbook that may carry a keyword, and where it could not be looked into. */
export interface PlaybookContent {
  readonly maps: readonly PlaybookMap[];
  readonly unknown: readonly string[];
}

/**
 * Walks a parsed playbook, however deep, in document order. Iterative, and each node once: a
 * document of 10⁴ levels or with aliases of aliases is as good as any other.
 */
export function walkPlaybook(document: unknown, root: string): PlaybookContent {
  const maps: PlaybookMap[] = [];
  const unknown: string[] = [];
  const seen = new Set<object>();
  const open: { value: unknown; path: string }[] = [{ value: document, path: root }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path } = next;
    if (value === UNKNOWN) unknown.push(path);
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    if (!Array.isArray(value)) maps.push({ path, map: value as Record<string, unknown> });
    open.push(...children(value, path).reverse());
  }
  return { maps, unknown };
}

function children(value: object, path: string): { value: unknown; path: string }[] {
  if (Array.isArray(value)) {
    return value.map((member: unknown, index) => ({ value: member, path: `${path}[${index}]` }));
  }
  return Object.entries(value).map(([key, member]: [string, unknown]) => ({
    value: member,
    path: /^[\w.-]+$/.test(key) ? `${path}.${key}` : `${path}[…]`,
  }));
}
