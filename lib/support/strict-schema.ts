import { z } from "zod";

import { nearestWord } from "./nearest";
import { printable } from "./printable";
import { UsageError } from "./problem";
import type { Problem } from "./problem";

/** An object whose unknown keys are refused, with the nearest known one named. */
export function strictObject<Shape extends z.core.$ZodShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => unknownWord("key", key, known)).join("; ")
        : undefined,
  });
}

/** `unknown key "replica"; did you mean "replicas"?`, or the list of what is known. */
export function unknownWord(what: string, typed: string, known: readonly string[]): string {
  const nearest = nearestWord(typed, known);
  const help =
    nearest === undefined
      ? `known: ${known.map(printable).join(", ") || "none"}`
      : `did you mean ${printable(nearest)}?`;
  return `unknown ${what} ${printable(typed)}; ${help}`;
}

/** A string that `problem` finds nothing wrong with; `json` is what a JSON schema says of it. */
export function checkedString(
  problem: (text: string) => string | undefined,
  json: {
    readonly pattern?: string;
    readonly maxLength?: number;
    readonly not?: object;
    readonly description?: string;
  } = {},
): z.ZodString {
  return z
    .string()
    .superRefine((text, context) => {
      const message = problem(text);
      if (message !== undefined) context.addIssue(message);
    })
    .meta(json);
}

/**
 * Parses a value of unknown origin.
 *
 * @param at the path that the value itself has, if it is part of a greater whole.
 * @throws UsageError with every problem found.
 */
export function parseStrict<T>(
  schema: z.ZodType<T>,
  value: unknown,
  subject: string,
  at: readonly PropertyKey[] = [],
): T {
  const result = checkStrict(schema, value, at);
  if ("problems" in result) throw new UsageError(subject, result.problems);
  return result.data;
}

/** What {@link parseStrict} does, for who gathers the problems of several values. */
export function checkStrict<T>(
  schema: z.ZodType<T>,
  value: unknown,
  at: readonly PropertyKey[] = [],
): { readonly data: T } | { readonly problems: readonly Problem[] } {
  const hidden = prototypeKeys(value).map((path) => ({
    path: fieldPath([...at, ...path]),
    message: 'key "__proto__" is not allowed',
  }));
  if (hidden.length > 0) return { problems: hidden };
  const result = schema.safeParse(value, { reportInput: true });
  return result.success ? { data: result.data } : { problems: schemaProblems(result.error, at) };
}

/** What zod found, in this library's words: never a text that was received, for it may be a secret. */
export function schemaProblems(error: z.ZodError, at: readonly PropertyKey[] = []): Problem[] {
  return error.issues.map((issue) => ({
    path: fieldPath([...at, ...issue.path]),
    message: wording(issue),
  }));
}

/** `services.api.env["a b"]`, in ASCII. */
export function fieldPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => {
      if (typeof part === "number") return `[${part}]`;
      const text = String(part);
      if (!/^[A-Za-z_][-A-Za-z0-9_]*$/.test(text)) return `[${printable(text)}]`;
      return index === 0 ? text : `.${text}`;
    })
    .join("");
}

function wording(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined
        ? `missing; ${article(issue.expected)} is required`
        : `expected ${article(issue.expected)}, received ${received(issue.expected, issue.input)}`;
    case "too_small":
      return `${amount(issue.input)} is too ${small(issue.origin)}; at least ${issue.minimum} allowed`;
    case "too_big":
      return `${amount(issue.input)} is too ${big(issue.origin)}; at most ${issue.maximum} allowed`;
    case "invalid_value":
      return `expected ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}, received ${typeName(issue.input)}`;
    case "invalid_key":
      return issue.issues.map((nested) => nested.message).join("; ");
    case "invalid_format":
    case "not_multiple_of":
    case "unrecognized_keys":
    case "invalid_union":
    case "invalid_element":
    case "custom":
      return issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
  }
}

function small(origin: string): string {
  return origin === "array" || origin === "string" ? "short" : "small";
}

function big(origin: string): string {
  return origin === "array" || origin === "string" ? "long" : "large";
}

/** A number is shown only where a number belongs; elsewhere it may be a secret typed without quotes. */
function received(expected: string, input: unknown): string {
  return expected === "int" ? amount(input) : typeName(input);
}

function amount(input: unknown): string {
  return typeof input === "number" ? String(input) : typeName(input);
}

function article(type: string): string {
  const word = type === "record" ? "map" : type === "int" ? "whole number" : type;
  return `${/^[aeiou]/.test(word) ? "an" : "a"} ${word}`;
}

function typeName(input: unknown): string {
  if (input === undefined) return "nothing";
  if (input === null) return "null";
  return Array.isArray(input) ? "a list" : article(typeof input);
}

/** Where `__proto__` stands as a key: zod leaves such a key out without a word. */
function prototypeKeys(value: unknown): PropertyKey[][] {
  const found: PropertyKey[][] = [];
  const seen = new Set<unknown>();
  const open: { value: unknown; path: PropertyKey[] }[] = [{ value, path: [] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next.value !== "object" || next.value === null || seen.has(next.value)) continue;
    seen.add(next.value);
    const keys: PropertyKey[] = Array.isArray(next.value)
      ? [...next.value.keys()]
      : Object.keys(next.value);
    for (const key of keys) {
      const path = [...next.path, key];
      if (key === "__proto__") found.push(path);
      else open.push({ value: (next.value as Record<PropertyKey, unknown>)[key], path });
    }
  }
  return found;
}
