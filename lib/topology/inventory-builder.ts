import { printable } from "../kubernetes/names";
import type { Problem } from "../support/problem";
import { UsageError } from "../support/problem";
import { expandHostRange } from "./host-range";
import type { NamedFields } from "./named-variables";
import { fieldOfVariable, isTemplate, readField } from "./named-variables";

/** A host with its named fields; every other variable of the inventory is left behind. */
export interface InventoryHost extends Readonly<NamedFields> {
  readonly name: string;
  /** Groups it is in, those of its groups' parents included; sorted, without Ansible's own two. */
  readonly groups: readonly string[];
  /** Line of the file, from 1, that first names it. */
  readonly line: number;
}

export interface Inventory {
  /** The path as it was given. */
  readonly path: string;
  /** Every group but Ansible's own `all` and `ungrouped`, sorted. */
  readonly groups: readonly string[];
  /** In the order of the file. */
  readonly hosts: readonly InventoryHost[];
}

interface Group {
  readonly hosts: Set<string>;
  readonly children: Set<string>;
  readonly fields: NamedFields;
}

const ALL = "all";
const ANSIBLES_OWN = [ALL, "ungrouped"];
const DEEPEST_NESTING = 50;

/** What both inventory formats are read into: groups, hosts and named fields, with the problems found. */
export class InventoryBuilder {
  readonly #path: string;
  readonly #groups = new Map<string, Group>();
  readonly #hosts = new Map<string, { readonly line: number; readonly fields: NamedFields }>();
  readonly #problems: Problem[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  problem(line: number, message: string, mend?: string): void {
    const at = { path: this.#path, line, message };
    this.#problems.push(mend === undefined ? at : { ...at, mend });
  }

  addGroup(name: string): Group {
    const known = this.#groups.get(name);
    if (known) return known;
    const group: Group = { hosts: new Set(), children: new Set(), fields: {} };
    this.#groups.set(name, group);
    return group;
  }

  addChild(parent: string, child: string): void {
    this.addGroup(child);
    this.addGroup(parent).children.add(child);
  }

  /** Adds the hosts of a pattern to a group and gives their names. */
  addHosts(group: string, pattern: string, line: number): string[] {
    if (pattern.includes("=")) {
      // Taken for a host, a stray variable would leave with its value.
      this.problem(
        line,
        "a variable stands where a host's name belongs",
        `put it behind a host, or into the variables of group ${printable(group)}`,
      );
      return [];
    }
    try {
      const names = expandHostRange(pattern);
      for (const name of names) {
        this.addGroup(group).hosts.add(name);
        if (!this.#hosts.has(name)) this.#hosts.set(name, { line, fields: {} });
      }
      return names;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.problem(line, error.message, "write ranges as node[01:20] or node[a:f]");
      return [];
    }
  }

  setGroupVariable(group: string, name: string, value: string, line: number): void {
    this.#setVariable(this.addGroup(group).fields, name, value, line);
  }

  setHostVariable(host: string, name: string, value: string, line: number): void {
    const known = this.#hosts.get(host);
    if (known) this.#setVariable(known.fields, name, value, line);
  }

  #setVariable(fields: NamedFields, name: string, text: string, line: number): void {
    const field = fieldOfVariable(name);
    if (field === undefined || isTemplate(text)) return;
    const read = readField(field, text);
    if ("problem" in read) this.problem(line, `variable '${name}' ${read.problem}`);
    else fields[field] = read.value;
  }

  /** @throws UsageError with every problem found so far. */
  build(): Inventory {
    const ancestors = this.#ancestorsOfGroups();
    if (this.#problems.length > 0) throw new UsageError("inventory", this.#problems);
    const groupsOf = this.#groupsOfHosts(ancestors);
    return {
      path: this.#path,
      groups: [...this.#groups.keys()].filter((name) => !ANSIBLES_OWN.includes(name)).sort(),
      hosts: [...this.#hosts].map(([name, { line, fields }]) => {
        const groups = [...(groupsOf.get(name) ?? [])];
        return {
          name,
          groups: groups.filter((group) => !ANSIBLES_OWN.includes(group)).sort(),
          line,
          ...this.#inherited(groups, ancestors),
          ...fields,
        };
      }),
    };
  }

  /** For each group the groups above it, with the longest way up as its depth. */
  #ancestorsOfGroups(): Map<string, { readonly above: Set<string>; readonly depth: number }> {
    const parents = new Map<string, string[]>();
    for (const [name, { children }] of this.#groups) {
      for (const child of children) parents.set(child, [...(parents.get(child) ?? []), name]);
    }
    const found = new Map<string, { above: Set<string>; depth: number }>();
    const visit = (
      name: string,
      path: readonly string[],
    ): { above: Set<string>; depth: number } => {
      const known = found.get(name);
      if (known) return known;
      if (path.includes(name) || path.length > DEEPEST_NESTING) {
        this.problem(1, `group ${printable(name)} is its own descendant, or nested too deep`);
        return { above: new Set(), depth: 0 };
      }
      const above = new Set<string>();
      let depth = name === ALL ? 0 : 1;
      for (const parent of parents.get(name) ?? []) {
        const upper = visit(parent, [...path, name]);
        above.add(parent);
        for (const group of upper.above) above.add(group);
        depth = Math.max(depth, upper.depth + 1);
      }
      found.set(name, { above, depth });
      return { above, depth };
    };
    for (const name of this.#groups.keys()) visit(name, []);
    return found;
  }

  #groupsOfHosts(ancestors: ReadonlyMap<string, { above: Set<string> }>): Map<string, Set<string>> {
    const groupsOf = new Map<string, Set<string>>();
    for (const [name, { hosts }] of this.#groups) {
      for (const host of hosts) {
        const groups = groupsOf.get(host) ?? new Set([ALL]);
        groups.add(name);
        for (const above of ancestors.get(name)?.above ?? []) groups.add(above);
        groupsOf.set(host, groups);
      }
    }
    return groupsOf;
  }

  /** Ansible's order: a deeper group wins, and of two as deep the later name. */
  #inherited(
    groups: readonly string[],
    ancestors: ReadonlyMap<string, { readonly depth: number }>,
  ): NamedFields {
    const depth = (group: string) => ancestors.get(group)?.depth ?? 0;
    return Object.assign(
      {},
      ...[...groups]
        .sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1))
        .map((group) => this.#groups.get(group)?.fields),
    ) as NamedFields;
  }
}
