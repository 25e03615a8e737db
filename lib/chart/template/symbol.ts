import type { Expression } from "./expression";
import { expressionFor, placeholder, variable } from "./placeholder";
import type { Amount, Condition, Part, Symbolic, Symbols, Template } from "./placeholder";

/** Strings and placeholders as one string; a number is written in decimal. */
export function text(
  ...parts: readonly (string | Symbolic<string> | Symbolic<number> | Amount)[]
): Symbolic<string> {
  return placeholder({
    kind: "text",
    parts: parts.map((part) => (typeof part === "string" ? part : expressionFor(part))),
  });
}

/** A string with every `from` in it replaced. */
export function replaced(of: Symbolic<string>, from: string, to: string): Symbolic<string> {
  return placeholder({ kind: "replace", of: expressionFor(of), from, to });
}

/** A string in double quotes, as JSON and YAML have it. */
export function quoted(of: Symbolic<string>): Symbolic<string> {
  return placeholder({ kind: "quoted", of: expressionFor(of) });
}

/** A map's value under a key. */
export function lookup<T>(of: Symbolic<Readonly<Record<string, T>>>, key: Symbolic<string>) {
  return placeholder<Symbolic<T>>({
    kind: "lookup",
    of: expressionFor(of),
    key: expressionFor(key),
  });
}

/** Holds where the other does not: not true, empty, or not there. */
export function not(of: Symbolic<unknown> | Condition): Condition {
  return placeholder({ kind: "not", of: expressionFor(of) });
}

export function all(...of: readonly (Symbolic<unknown> | Condition)[]): Condition {
  return placeholder({ kind: "all", of: of.map(expressionFor) });
}

export function any(...of: readonly (Symbolic<unknown> | Condition)[]): Condition {
  return placeholder({ kind: "any", of: of.map(expressionFor) });
}

type Comparable = Symbolic<number> | Amount | number;

export function equal(of: Comparable, than: Comparable): Condition {
  return placeholder({ kind: "equal", of: amount(of), than: amount(than) });
}

/** Holds if the first number is greater than the second one. */
export function exceeds(of: Comparable, than: Comparable): Condition {
  return placeholder({ kind: "exceeds", of: amount(of), than: amount(than) });
}

function amount(of: Comparable): Expression {
  return typeof of === "number" ? { kind: "number", value: of } : expressionFor(of);
}

/** The number that a Kubernetes quantity stands for. */
export function quantityOf(of: Symbolic<string>): Amount {
  return placeholder({ kind: "quantity", of: expressionFor(of) });
}

/** Bytes of UTF-8 in a string. */
export function bytesOf(of: Symbolic<string>): Amount {
  return placeholder({ kind: "bytes", of: expressionFor(of) });
}

/** Bytes of UTF-8 in a map's keys and values. */
export function mapBytesOf(of: Symbolic<Readonly<Record<string, string>>>): Amount {
  return placeholder({ kind: "bytes", of: expressionFor(of) });
}

/** Bytes of UTF-8 in a map's longest value. */
export function longestOf(of: Symbolic<Readonly<Record<string, string>>>): Amount {
  return placeholder({ kind: "longest", of: expressionFor(of) });
}

export function has(of: Symbolic<object>, key: Symbolic<string> | string): Condition {
  const name = typeof key === "string" ? text(key) : key;
  return placeholder({ kind: "has", of: expressionFor(of), key: expressionFor(name) });
}

/** The first of a list's strings that is not in the other list; empty if there is none. */
export function unlisted(of: Symbolic<readonly string[]>, list: Symbolic<readonly string[]>) {
  return placeholder<Symbolic<string>>({
    kind: "unlisted",
    of: expressionFor(of),
    in: expressionFor(list),
  });
}

/**
 * A part that is there only if a condition holds: true, or neither empty nor missing. Where it does not,
 * the key, the element or the whole object is left out.
 */
export function when<Of>(condition: Symbolic<unknown> | Condition, part: Of): Part<Of> {
  return placeholder({ kind: "when", condition: expressionFor(condition), part });
}

/**
 * The elements that a list's items make. The list must not be empty.
 *
 * @param item a name for the item, which no `each` around it has.
 */
export function each<Item, Of>(
  list: Symbolic<readonly Item[]>,
  item: string,
  part: (item: Symbols<Item>) => Of,
): Part<Of> {
  const made = part(variable<Item>(item));
  return placeholder({ kind: "each", list: expressionFor(list), variable: item, part: made });
}

/**
 * The elements that a map's entries make, by key.
 *
 * @param variables names for the key and the value, which no `each` around them has.
 */
export function eachEntry<Value, Of>(
  map: Symbolic<Readonly<Record<string, Value>>>,
  [key, value]: readonly [string, string],
  part: (key: Symbolic<string>, value: Symbols<Value>) => Of,
): Part<Of> {
  const made = part(variable<string>(key), variable<Value>(value));
  return placeholder({ kind: "entries", map: expressionFor(map), key, value, part: made });
}

/** One text made of a list's items, one after the other. */
export function joined<Item>(
  name: string,
  list: Symbolic<readonly Item[]>,
  item: string,
  part: (item: Symbols<Item>) => Symbolic<string>,
): Symbolic<string> {
  const line = expressionFor(part(variable<Item>(item)));
  return placeholder({
    kind: "joined",
    name,
    list: expressionFor(list),
    variable: item,
    text: line,
  });
}

/** A map of strings that is known or not. */
type StringMap = Template<Readonly<Record<string, string>>>;

/** Maps laid together. No key may be in two of them. */
export function merged(...maps: readonly StringMap[]): Symbolic<Readonly<Record<string, string>>> {
  return placeholder({ kind: "merged", maps });
}

/** A part that several objects have. One name stands for one part. */
export function shared<Of>(name: string, part: Of): Part<Of> {
  return placeholder({ kind: "shared", name, part });
}

/** `sha256:` and the hex digest of a shared map of strings, as JSON with sorted keys. */
export function digestOf(map: Part<StringMap>): Symbolic<string> {
  return placeholder({ kind: "digest", of: expressionFor(map) });
}

/** A placeholder for an object of known keys, as one for a map. */
export function asMap<T extends object>(of: Symbolic<T>) {
  return of as unknown as Symbolic<Readonly<Record<string, T[keyof T]>>>;
}
