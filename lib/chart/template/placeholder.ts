import type { Expression } from "./expression";

declare const STANDS_FOR: unique symbol;

/** A placeholder for a value of type T. It is no T: it can be put into an object, and not computed with. */
export interface Symbolic<T> {
  readonly [STANDS_FOR]: T;
}

/** A placeholder for a map or a list, with placeholders for what is in it. */
export type Symbols<T> = Symbolic<T> & {
  readonly [Key in keyof T]-?: Symbols<NonNullable<T[Key]>>;
};

/** A placeholder that has a template in it. */
export interface Part<Of> {
  readonly [STANDS_FOR]: { readonly template: Of };
}

/** What holds or not: for `when`, and never the value of a field. */
export interface Condition {
  readonly [STANDS_FOR]: { readonly holds: boolean };
}

/** A number that is worked out: to compare and to tell, and never the value of a field. */
export interface Amount {
  readonly [STANDS_FOR]: { readonly amount: number };
}

/** Any part of it may be a placeholder. */
export type Template<T> =
  | Symbolic<Plain<T>>
  | Part<Template<NonNullable<T>>>
  | (T extends Union
      ? number | string
      : T extends readonly (infer Item)[]
        ? readonly Template<Item>[]
        : T extends object
          ? { readonly [Key in keyof T]: Template<T[Key]> }
          : T);

/** What cdk8s has for a number or a string: IntOrString, Quantity. */
interface Union {
  readonly value: number | string;
}

type Plain<T> = T extends Union
  ? number | string
  : T extends readonly (infer Item)[]
    ? readonly Plain<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Plain<T[Key]> }
      : T;

class Placeholder {
  readonly #expression: Expression;

  constructor(expression: Expression) {
    this.#expression = expression;
  }

  static expressionOf(value: unknown): Expression | undefined {
    if (typeof value !== "object" || value === null) return undefined;
    const placeholder = PROXIED.get(value) ?? value;
    return placeholder instanceof Placeholder ? placeholder.#expression : undefined;
  }
}

const PROXIED = new WeakMap<object, Placeholder>();

/** A placeholder of whatever type its maker says. */
export function placeholder<P>(expression: Expression): P {
  return new Placeholder(expression) as unknown as P;
}

/** The expression behind a placeholder; undefined for anything else. */
export function expressionOf(value: unknown): Expression | undefined {
  return Placeholder.expressionOf(value);
}

export function isPlaceholder(value: unknown): value is Symbolic<unknown> {
  return expressionOf(value) !== undefined;
}

/** A variable of the template, with placeholders for its members. */
export function variable<T>(name: string): Symbols<T> {
  return members({ kind: "variable", name });
}

/** An expression for a map or a list, with placeholders for what is in it. */
function members<T>(expression: Expression): Symbols<T> {
  const target = new Placeholder(expression);
  const known = new Map<string, unknown>();
  const proxy = new Proxy(target, {
    get: (_, key) => {
      if (typeof key === "symbol" || key === "constructor")
        return Reflect.get(target, key) as unknown;
      if (!known.has(key)) known.set(key, members({ kind: "member", of: expression, key }));
      return known.get(key);
    },
  });
  PROXIED.set(proxy, target);
  return proxy as unknown as Symbols<T>;
}

/** @throws TypeError for what is no placeholder. */
export function expressionFor(
  value: Symbolic<unknown> | Part<unknown> | Condition | Amount,
): Expression {
  const expression = expressionOf(value);
  if (expression === undefined) throw new TypeError("a placeholder is wanted");
  return expression;
}
