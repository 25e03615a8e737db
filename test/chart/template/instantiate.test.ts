import { describe, expect, test } from "vitest";
import { ABSENT, compileTemplate, scopeOf } from "../../../lib/chart/template/instantiate";
import { variable } from "../../../lib/chart/template/placeholder";
import {
  all,
  any,
  bytesOf,
  digestOf,
  each,
  eachEntry,
  equal,
  exceeds,
  has,
  joined,
  longestOf,
  lookup,
  mapBytesOf,
  merged,
  not,
  quantityOf,
  quoted,
  replaced,
  shared,
  text,
  unlisted,
  when,
} from "../../../lib/chart/template/symbol";
import type { Template } from "../../../lib/chart/template/placeholder";
import { sha256 } from "../../../lib/support/digest";

interface Values {
  readonly name: string;
  readonly count: number;
  readonly on: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly list: readonly string[];
  readonly none: readonly string[];
  readonly rules: readonly { readonly to: string; readonly ports: readonly number[] }[];
  readonly vault?: { readonly address: string };
}

const values = variable<Values>("values");
const given: { readonly values: Values } = {
  values: {
    name: "a: {{ .b }}",
    count: 3,
    on: false,
    labels: { b: "<\u00e9>", a: "2" },
    list: ["x/y", "z"],
    none: [],
    rules: [{ to: "m", ports: [1, 2] }],
  },
};

const scope = scopeOf(given);

const made = (template: unknown) => compileTemplate(template)(scope);

describe("an instance", () => {
  test("has values in its tree as they are, of their own types", () => {
    const { name, count, on, labels } = values;
    const template = {
      name,
      count,
      on,
      labels,
      a: lookup(labels, text("a")),
      text: text(name, count),
    };
    expect(made(template)).toEqual({
      ...given.values,
      list: undefined,
      none: undefined,
      rules: undefined,
      a: "2",
      text: "a: {{ .b }}3",
    });
  });

  test("leaves out keys and elements whose condition does not hold", () => {
    const { on, count, name, none, vault } = values;
    expect(
      made({
        off: when(on, 1),
        empty: when(none, 1),
        missing: when(vault, vault.address),
        not: when(not(on), 1),
        list: [when(on, "a"), when(name, "b"), "c"],
        all: when(all(name, exceeds(count, 2)), 1),
        any: when(any(on, equal(count, 4)), 1),
      }),
    ).toEqual({ not: 1, list: ["b", "c"], all: 1 });
    expect(made(when(on, { a: 1 }))).toBe(ABSENT);
  });

  test("has an element for each item, also of a list in a list", () => {
    const template = [
      each(values.rules, "rule", ({ to, ports }) => ({
        to,
        ports: [each(ports, "port", (port) => ({ port }))],
      })),
      "last",
    ];
    expect(made(template)).toEqual([{ to: "m", ports: [{ port: 1 }, { port: 2 }] }, "last"]);
  });

  test("flattens lists in lists, and leaves out items whose condition does not hold", () => {
    const nested = each(values.rules, "rule", ({ ports }) =>
      each(ports, "port", (port) => when(equal(port, 2), { port })),
    );
    expect(made([nested])).toEqual([{ port: 2 }]);
  });

  test("has an element for each entry of a map, by key", () => {
    const template = [eachEntry(values.labels, ["key", "value"], (key, value) => ({ key, value }))];
    expect(made(template)).toEqual([
      { key: "a", value: "2" },
      { key: "b", value: "<\u00e9>" },
    ]);
  });

  test("lays maps together", () => {
    const { labels, on, name } = values;
    expect(made(merged(labels, { c: name, d: when(on, "e") }))).toEqual({
      a: "2",
      b: "<\u00e9>",
      c: "a: {{ .b }}",
    });
  });

  test("makes one text of a list", () => {
    expect(
      made(joined("lines", values.list, "item", (item) => text(replaced(item, "/", "."), "\n"))),
    ).toBe("x.y\nz\n");
  });

  test("quotes a text as JSON has it", () => {
    expect(made(quoted(text('a"<')))).toBe('"a\\"\\u003c"');
  });

  test("digests a map as Go's JSON has it", () => {
    expect(made(digestOf(shared("map", merged(values.labels))))).toBe(
      sha256('{"a":"2","b":"\\u003c\u00e9\\u003e"}'),
    );
  });

  test("counts, compares and looks up", () => {
    const { name, labels, list, none } = values;
    expect(
      made([
        bytesOf(text("\u00e9")),
        mapBytesOf(labels),
        longestOf(labels),
        quantityOf(text("1.5Ki")),
        has(labels, "a"),
        has(labels, "constructor"),
        unlisted(list, none),
        unlisted(none, list),
        has(labels, name),
      ]),
    ).toEqual([2, 7, 4, 1536, true, false, "x/y", "", false]);
  });

  test("shares what has no placeholder in it, frozen", () => {
    const instantiate = compileTemplate({ same: { drop: ["ALL"] }, name: values.name });
    const [one, other] = [instantiate(scope), instantiate(scope)] as { same: object }[];
    expect(one!.same).toBe(other!.same);
    expect(Object.isFrozen(one!.same)).toBe(true);
    expect(one).not.toBe(other);
  });
});

test("a template is checked against the type of what it makes", () => {
  interface Made {
    readonly name: string;
    readonly replicas?: number;
    readonly ports: { readonly port: number }[];
  }
  const good: Template<Made> = {
    name: text(values.name, "-x"),
    replicas: when(values.on, values.count),
    ports: [each(values.rules, "rule", () => ({ port: values.count }))],
  };
  // @ts-expect-error a number for a string
  const wrongType: Template<Made> = { ...good, name: values.count };
  // @ts-expect-error a string for a number, within a condition
  const wrongPart: Template<Made> = { ...good, replicas: when(values.on, values.name) };
  // @ts-expect-error an unknown field
  const unknownField: Template<Made> = { name: values.name, ports: [], replica: values.count };
  expect([good, wrongType, wrongPart, unknownField]).toHaveLength(4);
});
