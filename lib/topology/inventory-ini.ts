import { isIPv6 } from "node:net";
import type { Inventory } from "./inventory-builder";
import { InventoryBuilder } from "./inventory-builder";
import { shellWords } from "./shell-words";

const SECTION = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/;
const GROUP_NAME = /^([^:\]\s]+)\s*(?:#.*)?$/;
const KINDS = ["hosts", "children", "vars"] as const;
type Kind = (typeof KINDS)[number];

/**
 * Reads an Ansible inventory in INI format: groups, `:children`, `:vars`, host ranges, ports and
 * quoted host variables. Only named fields are kept.
 * Source: ansible-core, lib/ansible/plugins/inventory/ini.py.
 *
 * @param path named in problems and in the result, never opened.
 * @throws UsageError with every problem and its line; a message repeats no variable's value.
 */
export function parseIniInventory(text: string, path: string): Inventory {
  const reader = new IniReader(path);
  text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .forEach((line, index) => reader.line(line.trim(), index + 1));
  return reader.finish();
}

class IniReader {
  readonly #builder: InventoryBuilder;
  readonly #declared = new Set(["all", "ungrouped"]);
  /** Groups that a section speaks of and that must be declared somewhere, with the line. */
  readonly #wanted = new Map<string, { readonly line: number; readonly by: string }>();
  #group = "ungrouped";
  #kind: Kind | "unknown" = "hosts";

  constructor(path: string) {
    this.#builder = new InventoryBuilder(path);
    this.#builder.addGroup("all");
  }

  line(line: string, number: number): void {
    if (line === "" || line.startsWith("#") || line.startsWith(";")) return;
    const section = SECTION.exec(line);
    if (section) return this.#section(section[1]!, section[2] ?? "hosts", number);
    if (line.startsWith("[") && line.endsWith("]") && !line.slice(1, -1).includes("[")) {
      // The line is not repeated: one that begins with a host range may end in a secret.
      this.#builder.problem(
        number,
        "a line in brackets is no section; sections are [NAME] or [NAME:KIND], without blanks",
      );
      return;
    }
    switch (this.#kind) {
      case "hosts":
        return this.#host(line, number);
      case "children":
        return this.#child(line, number);
      case "vars":
        return this.#variable(line, number);
      case "unknown":
        return;
    }
  }

  finish(): Inventory {
    for (const [group, { line, by }] of this.#wanted) {
      if (this.#declared.has(group)) continue;
      this.#builder.problem(
        line,
        `section [${by}] speaks of the undefined group '${group}'`,
        `add a section [${group}]`,
      );
    }
    return this.#builder.build();
  }

  #section(group: string, kind: string, number: number): void {
    this.#group = group;
    this.#kind = KINDS.find((known) => known === kind) ?? "unknown";
    if (this.#kind === "unknown") {
      this.#builder.problem(
        number,
        `section [${group}:${kind}] has an unknown kind`,
        `use [${group}], [${group}:children] or [${group}:vars]`,
      );
    } else if (this.#kind === "vars") {
      this.#want(group, number, `${group}:vars`);
    } else {
      this.#declared.add(group);
      this.#builder.addGroup(group);
    }
  }

  #want(group: string, line: number, by: string): void {
    if (!this.#wanted.has(group)) this.#wanted.set(group, { line, by });
  }

  #host(line: string, number: number): void {
    const words = this.#words(line, number);
    const [pattern, ...assignments] = words;
    if (pattern === undefined) return;
    if (pattern === "---") {
      this.#builder.problem(number, "the file looks like YAML", "name it with the ending .yml");
      return;
    }
    const hosts = this.#builder.addHosts(this.#group, withoutPort(pattern), number);
    for (const assignment of assignments) {
      const equals = assignment.indexOf("=");
      if (equals < 1) {
        // What stands here may be the rest of a password with a blank in it: not repeated.
        this.#builder.problem(
          number,
          "a host variable is not KEY=VALUE",
          "put a value with blanks or '#' in quotes",
        );
        continue;
      }
      const value = unquoted(assignment.slice(equals + 1));
      for (const host of hosts) {
        this.#builder.setHostVariable(host, assignment.slice(0, equals), value, number);
      }
    }
  }

  #words(line: string, number: number): string[] {
    try {
      return shellWords(line);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#builder.problem(number, error.message, "close it, or escape it with a backslash");
      return [];
    }
  }

  #child(line: string, number: number): void {
    const child = GROUP_NAME.exec(line)?.[1];
    if (child === undefined || child.includes("=")) {
      this.#builder.problem(number, `section [${this.#group}:children] lists no group name here`);
      return;
    }
    this.#want(child, number, `${this.#group}:children`);
    this.#builder.addChild(this.#group, child);
  }

  #variable(line: string, number: number): void {
    const equals = line.indexOf("=");
    if (equals < 1) {
      this.#builder.problem(number, `section [${this.#group}:vars] takes KEY=VALUE lines only`);
      return;
    }
    const name = line.slice(0, equals).trim();
    this.#builder.setGroupVariable(
      this.#group,
      name,
      unquoted(line.slice(equals + 1).trim()),
      number,
    );
  }
}

/** `host:2222` and `[2001:db8::1]:22` name a port; a range's colons stand in brackets. */
function withoutPort(pattern: string): string {
  const bracketed = /^\[([^\]]+)\](?::[0-9]+)?$/.exec(pattern)?.[1];
  if (bracketed !== undefined && isIPv6(bracketed)) return bracketed;
  if (isIPv6(pattern)) return pattern;
  return pattern.replace(/:[0-9]+$/, "");
}

/** Ansible evaluates a value as a Python literal; of those a quoted string is the one named fields use. */
function unquoted(value: string): string {
  const match = /^(['"])([^'"\\]*)\1(?:\s*#.*)?$/.exec(value);
  return match ? match[2]! : value;
}
