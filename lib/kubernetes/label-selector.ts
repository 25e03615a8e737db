import { labelKeyProblem, labelValueProblem } from "./label-syntax";
import { printable } from "./names";

export type Labels = Readonly<Record<string, string>>;

/** One condition of a selector. */
export type LabelRequirement =
  | { readonly key: string; readonly operator: "In" | "NotIn"; readonly values: readonly string[] }
  | { readonly key: string; readonly operator: "Exists" | "DoesNotExist" };

/**
 * The conditions of a label selector, all of which have to hold; none at all selects everything.
 * `matchLabels` are read as `In` with one value.
 */
export type LabelSelector = readonly LabelRequirement[];

/**
 * Reads a `metav1.LabelSelector` of anybody's manifest.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/label-selector/
 *
 * @throws RangeError if it is no selector that the API server would take.
 */
export function parseLabelSelector(selector: unknown): LabelSelector {
  const fields = recordOf(selector, "selector");
  for (const field of Object.keys(fields)) {
    if (field === "matchLabels" || field === "matchExpressions") continue;
    throw problem(`selector has no field ${printable(field)}`);
  }
  const { matchLabels, matchExpressions } = fields;
  const labels = parseLabels(matchLabels ?? NOTHING);
  return matchExpressions === undefined || matchExpressions === null
    ? labels
    : [...labels, ...parseExpressions(matchExpressions)];
}

const NOTHING = {};

/** Whether a selector selects what bears some labels. */
export function selects(selector: LabelSelector, labels: Labels): boolean {
  for (let index = 0; index < selector.length; index += 1) {
    if (!holds(selector[index]!, labels)) return false;
  }
  return true;
}

function holds(requirement: LabelRequirement, labels: Labels): boolean {
  const { key } = requirement;
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (requirement.operator) {
    case "In":
      return value !== undefined && requirement.values.includes(value);
    case "NotIn":
      // What does not bear the label at all is selected, too.
      return value === undefined || !requirement.values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
  }
}

function parseLabels(matchLabels: unknown): LabelSelector {
  const labels = recordOf(matchLabels, "matchLabels");
  return Object.keys(labels).map((key) => {
    return { key: keyOf(key), operator: "In", values: [valueOf(labels[key])] };
  });
}

function parseExpressions(expressions: unknown): LabelSelector {
  if (!Array.isArray(expressions)) throw problem("matchExpressions is no list");
  return (expressions as unknown[]).map((expression) => {
    const { key, operator, values } = recordOf(expression, "expression");
    return parseExpression(keyOf(key), operator, values ?? []);
  });
}

function parseExpression(key: string, operator: unknown, values: unknown): LabelRequirement {
  if (!Array.isArray(values)) throw problem("values is no list");
  const texts = (values as unknown[]).map(valueOf);
  if (operator === "In" || operator === "NotIn") {
    if (texts.length === 0) throw problem(`${operator} has no values; give it at least one`);
    return { key, operator, values: texts };
  }
  if (operator === "Exists" || operator === "DoesNotExist") {
    if (texts.length > 0) throw problem(`${operator} has values; it takes none`);
    return { key, operator };
  }
  const found = typeof operator === "string" ? printable(operator) : "missing";
  throw problem(`operator is ${found}; use In, NotIn, Exists or DoesNotExist`);
}

function keyOf(key: unknown): string {
  if (typeof key !== "string") throw problem("a label's key is no text");
  const wrong = labelKeyProblem(key);
  if (wrong !== undefined) throw problem(wrong);
  return key;
}

function valueOf(value: unknown): string {
  if (typeof value !== "string") throw problem("a label's value is no text");
  const wrong = labelValueProblem(value);
  if (wrong !== undefined) throw problem(wrong);
  return value;
}

function recordOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw problem(`${what} is no object`);
}

function problem(message: string): RangeError {
  return new RangeError(message);
}
