import { parseQuantity } from "../../kubernetes/quantity";
import { sha256 } from "../../support/digest";
import type { Expression } from "./expression";
import { goJson } from "./go-json";
import { expressionOf } from "./placeholder";
import type { Condition, Symbolic } from "./placeholder";

/** What the variables of a template stand for. */
export type Scope = Readonly<Record<string | typeof SHARED, unknown>>;

/** Where a scope keeps what its objects share, so that it is made once. */
const SHARED = Symbol("shared");

/** The scope of several templates that share parts. */
export function scopeOf(variables: Readonly<Record<string, unknown>>): Scope {
  return { ...variables, [SHARED]: new Map<string, unknown>() };
}

/** What a template becomes in a scope; {@link ABSENT} if a condition leaves it out. */
export type Instantiate = (scope: Scope) => unknown;

/** Not a value: the key or the element that has it is left out. */
export const ABSENT = Symbol("absent");

/** Several elements of a list, made by one placeholder. */
class Elements {
  constructor(readonly items: readonly unknown[]) {}
}

/**
 * Turns a template into a function that makes instances. Placeholders become values in the object tree,
 * never in text, so a value cannot be more than a value. Parts without placeholders are the same, frozen
 * object in every instance.
 */
export function compileTemplate(template: unknown): Instantiate {
  const known = constantOf(template);
  if (known !== undefined) return () => known.value;
  const expression = expressionOf(template);
  if (expression !== undefined) return compileExpression(expression);
  if (Array.isArray(template)) return compileList(template);
  return compileMap(template as Readonly<Record<string, unknown>>);
}

/** A part without a placeholder in it, frozen. */
function constantOf(template: unknown): { readonly value: unknown } | undefined {
  if (typeof template !== "object" || template === null) return { value: template };
  if (expressionOf(template) !== undefined) return undefined;
  const members = Object.values(template).map(constantOf);
  if (members.includes(undefined)) return undefined;
  return { value: Object.freeze(template) };
}

function compileList(templates: readonly unknown[]): Instantiate {
  const parts = templates.map(compileTemplate);
  return (scope) => {
    const list: unknown[] = [];
    for (const part of parts) push(list, part(scope));
    return list;
  };
}

/** Adds what a part of a list has become: an element, several, or none. */
function push(list: unknown[], value: unknown): void {
  if (value instanceof Elements) list.push(...value.items);
  else if (value !== ABSENT) list.push(value);
}

function compileMap(template: Readonly<Record<string, unknown>>): Instantiate {
  const keys = Object.keys(template).filter((key) => constantOf(template[key]) === undefined);
  const parts = keys.map((key) => compileTemplate(template[key]));
  // A copy that has every key already is made faster than one that gets key after key.
  const fixed: Record<string, unknown> = { ...template };
  for (const key of keys) fixed[key] = undefined;
  return (scope) => {
    const map = { ...fixed };
    for (let index = 0; index < keys.length; index += 1) {
      const value = parts[index]!(scope);
      if (value === ABSENT) delete map[keys[index]!];
      else map[keys[index]!] = value;
    }
    return map;
  };
}

function compileExpression(expression: Expression): Instantiate {
  switch (expression.kind) {
    case "variable": {
      const { name } = expression;
      return (scope) => scope[name];
    }
    case "member": {
      const { key } = expression;
      const of = compileExpression(expression.of);
      return (scope) => memberOf(of(scope), key);
    }
    case "lookup": {
      const of = compileExpression(expression.of);
      const key = compileExpression(expression.key);
      return (scope) => memberOf(of(scope), key(scope) as string);
    }
    case "text": {
      const parts = expression.parts.map((part) =>
        typeof part === "string" ? () => part : compileExpression(part),
      );
      return (scope) => {
        let text = "";
        for (const part of parts) text += String(part(scope));
        return text;
      };
    }
    case "replace": {
      const of = compileExpression(expression.of);
      const { from, to } = expression;
      return (scope) => (of(scope) as string).replaceAll(from, to);
    }
    case "quoted": {
      const of = compileExpression(expression.of);
      return (scope) => goJson(of(scope) as string);
    }
    case "not":
    case "all":
    case "any":
      return compileTruth(expression);
    case "equal": {
      const [of, than] = [compileExpression(expression.of), compileExpression(expression.than)];
      return (scope) => of(scope) === than(scope);
    }
    case "exceeds": {
      const [of, than] = [compileExpression(expression.of), compileExpression(expression.than)];
      return (scope) => (of(scope) as number) > (than(scope) as number);
    }
    case "number": {
      const { value } = expression;
      return () => value;
    }
    case "quantity": {
      const of = compileExpression(expression.of);
      return (scope) => parseQuantity(of(scope) as string);
    }
    case "bytes": {
      const of = compileExpression(expression.of);
      return (scope) => {
        const texts = of(scope) as string | Readonly<Record<string, string>>;
        const parts = typeof texts === "string" ? [texts] : Object.entries(texts).flat();
        return parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
      };
    }
    case "longest": {
      const of = compileExpression(expression.of);
      return (scope) => {
        const texts = Object.values(of(scope) as Readonly<Record<string, string>>);
        return texts.reduce((most, part) => Math.max(most, Buffer.byteLength(part)), 0);
      };
    }
    case "has": {
      const [of, key] = [compileExpression(expression.of), compileExpression(expression.key)];
      return (scope) => Object.hasOwn(of(scope) as object, key(scope) as string);
    }
    case "unlisted": {
      const [of, list] = [compileExpression(expression.of), compileExpression(expression.in)];
      return (scope) => {
        const known = new Set(list(scope) as readonly string[]);
        return (of(scope) as readonly string[]).find((item) => !known.has(item)) ?? "";
      };
    }
    case "joined": {
      const list = compileExpression(expression.list);
      const line = compileExpression(expression.text);
      const { variable } = expression;
      return (scope) => {
        const lines = list(scope) as readonly unknown[];
        return lines.map((item) => line({ ...scope, [variable]: item })).join("");
      };
    }
    case "digest": {
      const of = compileExpression(expression.of);
      return (scope) => sha256(goJson(of(scope) as Readonly<Record<string, string>>));
    }
    case "shared":
      return compileShared(expression.name, expression.part);
    case "when": {
      const condition = compileTruth(expression.condition);
      const part = compileTemplate(expression.part);
      return (scope) => (condition(scope) ? part(scope) : ABSENT);
    }
    case "each": {
      const list = compileExpression(expression.list);
      const part = compileTemplate(expression.part);
      const { variable } = expression;
      return (scope) => {
        const made: unknown[] = [];
        for (const item of list(scope) as readonly unknown[]) {
          push(made, part({ ...scope, [variable]: item }));
        }
        return new Elements(made);
      };
    }
    case "entries": {
      const map = compileExpression(expression.map);
      const part = compileTemplate(expression.part);
      const { key, value } = expression;
      return (scope) => {
        const entries = Object.entries(map(scope) as object).sort(([a], [b]) => (a < b ? -1 : 1));
        const made: unknown[] = [];
        for (const [name, member] of entries) {
          push(made, part({ ...scope, [key]: name, [value]: member as unknown }));
        }
        return new Elements(made);
      };
    }
    case "merged": {
      const maps = expression.maps.map(compileTemplate);
      return (scope) => {
        const merged = {};
        for (const map of maps) Object.assign(merged, map(scope));
        return merged;
      };
    }
  }
}

function compileShared(name: string, part: unknown): Instantiate {
  const instantiate = compileTemplate(part);
  return (scope) => {
    const known = scope[SHARED] as Map<string, unknown>;
    let value = known.get(name);
    if (value === undefined) known.set(name, (value = Object.freeze(instantiate(scope))));
    return value;
  };
}

/** Turns a condition into a function that tells whether it holds; no condition always does. */
export function compileCondition(
  condition: Symbolic<unknown> | Condition | undefined,
): (scope: Scope) => boolean {
  const expression = expressionOf(condition);
  return expression === undefined ? () => true : compileTruth(expression);
}

/** What is true, or neither empty nor missing, as Helm's `if` has it. */
function compileTruth(expression: Expression): (scope: Scope) => boolean {
  if (expression.kind === "not") {
    const of = compileTruth(expression.of);
    return (scope) => !of(scope);
  }
  if (expression.kind === "all" || expression.kind === "any") {
    const of = expression.of.map(compileTruth);
    return expression.kind === "all"
      ? (scope) => of.every((condition) => condition(scope))
      : (scope) => of.some((condition) => condition(scope));
  }
  const of = compileExpression(expression);
  return (scope) => isTruth(of(scope));
}

function isTruth(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}
