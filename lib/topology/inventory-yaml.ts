import type { Document } from "yaml";
import { LineCounter, Parser, isNode, parseDocument } from "yaml";
import { printable } from "../kubernetes/names";
import { nearestWord } from "../support/nearest";
import { yamlFault } from "../support/yaml-fault";
import type { Inventory } from "./inventory-builder";
import { InventoryBuilder } from "./inventory-builder";
import { fieldOfVariable } from "./named-variables";

const SECTIONS = ["hosts", "children", "vars"];
const DEEPEST_NESTING = 50;

/**
 * Reads an Ansible inventory in YAML format: nested groups with `hosts`, `children` and `vars`, host
 * ranges, anchors and merge keys. Only named fields are kept.
 * Source: ansible-core, lib/ansible/plugins/inventory/yaml.py.
 *
 * @param path named in problems and in the result, never opened.
 * @throws UsageError with every problem and its line; a message repeats no variable's value.
 */
export function parseYamlInventory(text: string, path: string): Inventory {
  const reader = new YamlReader(text, path);
  return reader.read();
}

type Place = readonly unknown[];

class YamlReader {
  readonly #builder: InventoryBuilder;
  readonly #lines = new LineCounter();
  readonly #document: Document;

  constructor(
    private readonly text: string,
    path: string,
  ) {
    this.#builder = new InventoryBuilder(path);
    this.#builder.addGroup("all");
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      merge: true,
      prettyErrors: false,
      logLevel: "silent",
    });
  }

  read(): Inventory {
    const [fault] = this.#document.errors;
    if (fault !== undefined) {
      const tokens = [...new Parser().parse(this.text)];
      const parsed = { text: this.text, tokens, lines: this.#lines };
      const { line = 1, message, mend } = yamlFault(fault, true, parsed);
      this.#builder.problem(line, message, mend);
      return this.#builder.build();
    }
    const root = this.#plain();
    if (!(root instanceof Map)) {
      this.#builder.problem(1, "an inventory is a mapping of groups", "begin it with 'all:'");
    } else if (root.has("plugin")) {
      this.#builder.problem(
        this.#line(["plugin"]),
        "the file configures an inventory plugin, which only Ansible can run",
        "write its hosts into a static inventory",
      );
    } else {
      for (const [name, data] of root) this.#group(String(name), data, [name]);
    }
    return this.#builder.build();
  }

  #plain(): unknown {
    try {
      return this.#document.toJS({ mapAsMap: true, maxAliasCount: 100 });
    } catch {
      this.#builder.problem(1, "the YAML's aliases cannot be resolved, or there are too many");
      return this.#builder.build();
    }
  }

  #group(name: string, data: unknown, place: Place): void {
    this.#builder.addGroup(name);
    if (data === null || data === undefined) return;
    if (!(data instanceof Map) || place.length > DEEPEST_NESTING) {
      this.#builder.problem(
        this.#line(place),
        `group ${printable(name)} is no mapping of hosts, children and vars`,
      );
      return;
    }
    for (const [key, section] of data as Map<unknown, unknown>) {
      this.#section(name, String(key), section, [...place, key]);
    }
  }

  #section(group: string, key: string, section: unknown, place: Place): void {
    if (!SECTIONS.includes(key)) {
      const meant = nearestWord(key, SECTIONS);
      this.#builder.problem(
        this.#line(place),
        `group ${printable(group)} has the unknown key ${printable(key)}; it takes hosts, children and vars`,
        meant === undefined ? undefined : `write '${meant}'`,
      );
      return;
    }
    for (const [member, value] of this.#members(section, place)) {
      const inner = [...place, member];
      if (key === "hosts") this.#host(group, String(member), value, inner);
      else if (key === "vars") this.#variable(String(member), value, inner, [{ group }]);
      else {
        this.#group(String(member), value, inner);
        this.#builder.addChild(group, String(member));
      }
    }
  }

  /** A section is a mapping; one bare word stands for a mapping with that one key. */
  #members(section: unknown, place: Place): [unknown, unknown][] {
    if (section === null || section === undefined) return [];
    if (section instanceof Map) return [...(section as Map<unknown, unknown>)];
    if (typeof section === "string") return [[section, null]];
    this.#builder.problem(this.#line(place), `'${String(place.at(-1))}' is no mapping`);
    return [];
  }

  #host(group: string, pattern: string, variables: unknown, place: Place): void {
    const hosts = this.#builder.addHosts(group, pattern, this.#line(place));
    if (variables === null || variables === undefined) return;
    if (!(variables instanceof Map)) {
      this.#builder.problem(
        this.#line(place),
        `host ${printable(pattern)} has no mapping of variables`,
      );
      return;
    }
    for (const [name, value] of variables as Map<unknown, unknown>) {
      const targets = hosts.map((host) => ({ host }));
      this.#variable(String(name), value, [...place, name], targets);
    }
  }

  #variable(
    name: string,
    value: unknown,
    place: Place,
    targets: readonly ({ readonly host: string } | { readonly group: string })[],
  ): void {
    const field = fieldOfVariable(name);
    if (field === undefined) return;
    const line = this.#line(place);
    if (typeof value !== "string") {
      this.#builder.problem(line, `variable '${name}' is no text`, "put its value in quotes");
      return;
    }
    for (const target of targets) {
      if ("host" in target) this.#builder.setHostVariable(target.host, name, value, line);
      else this.#builder.setGroupVariable(target.group, name, value, line);
    }
  }

  /** The line of a key's value; of the nearest place above it where aliases hide it. */
  #line(place: Place): number {
    for (let length = place.length; length > 0; length -= 1) {
      const parent: unknown =
        length === 1
          ? this.#document.contents
          : this.#document.getIn(place.slice(0, length - 1), true);
      const line = this.#keyLine(parent, place[length - 1]);
      if (line !== undefined) return line;
    }
    return 1;
  }

  #keyLine(parent: unknown, key: unknown): number | undefined {
    if (typeof parent !== "object" || parent === null || !("items" in parent)) return undefined;
    for (const pair of parent.items as Iterable<{ readonly key: unknown }>) {
      const node = pair.key;
      if (isNode(node) && "value" in node && node.value === key && node.range) {
        return this.#lineAt(node.range[0]);
      }
    }
    return undefined;
  }

  #lineAt(offset: number): number {
    return this.#lines.linePos(offset).line || 1;
  }
}
