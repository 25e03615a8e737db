/**
 * What stands in a template for a value that is known only when the template is used. Nothing in it is
 * text of a template language: the same expression is evaluated in process and written for Helm.
 */
export type Expression =
  /** `values`, `name`, `service`, or what an `each` goes through. */
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "member"; readonly of: Expression; readonly key: string }
  | { readonly kind: "lookup"; readonly of: Expression; readonly key: Expression }
  | { readonly kind: "text"; readonly parts: readonly (string | Expression)[] }
  | {
      readonly kind: "replace";
      readonly of: Expression;
      readonly from: string;
      readonly to: string;
    }
  /** A string in double quotes, as JSON and YAML have it. */
  | { readonly kind: "quoted"; readonly of: Expression }
  | { readonly kind: "not"; readonly of: Expression }
  | { readonly kind: "all" | "any"; readonly of: readonly Expression[] }
  /** Numbers. */
  | { readonly kind: "equal" | "exceeds"; readonly of: Expression; readonly than: Expression }
  | { readonly kind: "number"; readonly value: number }
  /** The number that a Kubernetes quantity stands for. */
  | { readonly kind: "quantity"; readonly of: Expression }
  /** Bytes of UTF-8: of a string, of a map's keys and values, of a map's longest value. */
  | { readonly kind: "bytes" | "longest"; readonly of: Expression }
  | { readonly kind: "has"; readonly of: Expression; readonly key: Expression }
  /** The first of a list's strings that is not in the other list; empty if there is none. */
  | { readonly kind: "unlisted"; readonly of: Expression; readonly in: Expression }
  /** One text for each item of a list, one after the other. */
  | {
      readonly kind: "joined";
      readonly name: string;
      readonly list: Expression;
      readonly variable: string;
      readonly text: Expression;
    }
  /** The digest of a map of strings. */
  | { readonly kind: "digest"; readonly of: Expression }
  /** A part that several objects have, under a name that Helm's helpers give it. */
  | { readonly kind: "shared"; readonly name: string; readonly part: unknown }
  /** There if the condition holds; else its key or its place in a list is left out. */
  | { readonly kind: "when"; readonly condition: Expression; readonly part: unknown }
  /** In a list: one element for each item of another list, which must not be empty. */
  | {
      readonly kind: "each";
      readonly list: Expression;
      readonly variable: string;
      readonly part: unknown;
    }
  /** In a list: one element for each entry of a map, by key. */
  | {
      readonly kind: "entries";
      readonly map: Expression;
      readonly key: string;
      readonly value: string;
      readonly part: unknown;
    }
  /** Maps laid together; no key is in two of them. */
  | { readonly kind: "merged"; readonly maps: readonly unknown[] };
